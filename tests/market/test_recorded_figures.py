"""Figures of bars that have a hole."""

from datetime import date

import numpy as np
import pytest

from allusedesk.market.recorded_figures import KnownBars
from tests.market.made_market import bars_of, rows_of

DAY, MONTH = date(2019, 6, 3), 21


def test_what_happened_in_a_hole_is_no_session_s_return() -> None:
    bars = bars_of("HOLE", 7, 100.0)
    ends = int(np.searchsorted(bars.dates, np.datetime64(DAY)))
    kept = np.ones(len(bars), dtype=np.bool_)
    kept[ends - 60 : ends - 10] = False
    found = KnownBars(rows_of(bars, kept), ()).realised_volatility(DAY, MONTH)

    closes = bars.close[kept][: ends - 50][-MONTH - 1 :]
    returns = np.diff(np.log(closes))
    beside = np.delete(returns, len(returns) - 10)
    assert found == pytest.approx(beside.std(ddof=1) * 252**0.5)
    assert found != pytest.approx(returns.std(ddof=1) * 252**0.5, rel=0.01)


def test_a_skipped_session_is_no_hole() -> None:
    bars = bars_of("SKIP", 7, 100.0)
    ends = int(np.searchsorted(bars.dates, np.datetime64(DAY)))
    kept = np.ones(len(bars), dtype=np.bool_)
    kept[ends - 8] = False
    found = KnownBars(rows_of(bars, kept), ()).realised_volatility(DAY, MONTH)
    returns = np.diff(np.log(bars.close[kept][: ends - 1][-MONTH - 1 :]))
    assert found == pytest.approx(returns.std(ddof=1) * 252**0.5)
