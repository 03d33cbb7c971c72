"""Betas against least squares and empyrical, with the window they were measured over."""

from __future__ import annotations

import numpy as np
import pytest

from allusedesk.risk.betas import BETA_SESSIONS, betas_of
from tests.risk.test_value_at_risk import table


def test_a_beta_is_the_slope_over_the_last_year() -> None:
    returns = table()
    found = betas_of(returns, ["MSFT", "AAPL"])
    assert [one.symbol for one in found] == ["MSFT", "AAPL"]
    own, market = returns.returns[-BETA_SESSIONS:, 1], returns.market[-BETA_SESSIONS:]
    assert found[0].value == pytest.approx(float(np.polyfit(market, own, 1)[0]))
    assert found[0].fit == pytest.approx(float(np.corrcoef(own, market)[0, 1] ** 2))
    assert (found[0].index, found[0].sessions) == ("SPY", BETA_SESSIONS)
    assert (found[0].first, found[0].last) == (returns.dates[-252], returns.dates[-1])


def test_a_beta_is_the_one_empyrical_finds() -> None:
    # Where it is installed: it can be had as source only, so no lock names it.
    empyrical = pytest.importorskip("empyrical")
    returns = table()
    own, market = returns.returns[-BETA_SESSIONS:, 0], returns.market[-BETA_SESSIONS:]
    found = betas_of(returns, ["AAPL"])
    assert found[0].value == pytest.approx(float(empyrical.beta(own, market)))


def test_what_has_no_history_has_no_beta() -> None:
    assert betas_of(table(), ["XYZ"]) == ()
    assert betas_of(table(62), ["AAPL"]) == ()
    assert betas_of(table(0), ["AAPL"]) == ()


def test_vix_has_the_beta_of_its_own_changes() -> None:
    returns = table()
    (found,) = betas_of(returns, ["VIX"])
    own, market = returns.volatility[-BETA_SESSIONS:], returns.market[-BETA_SESSIONS:]
    assert found.value == pytest.approx(float(np.polyfit(market, own, 1)[0]))


def test_a_market_that_never_moved_gives_none_and_a_share_that_never_moved_gives_nothing() -> None:
    still = table()
    still.returns[:, 0] = 0.0
    assert (betas_of(still, ["AAPL"])[0].value, betas_of(still, ["AAPL"])[0].fit) == (0.0, 0.0)
    still.market[:] = 0.0
    assert betas_of(still, ["MSFT"]) == ()
