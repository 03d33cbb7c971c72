"""A lot as the revaluation wants it."""

from __future__ import annotations

from dataclasses import replace

from allusedesk.engine.what_if.lots import Held, lot_of
from tests.trading import lot, put


def test_an_index_option_is_never_exercised_early_and_a_shares_may_be() -> None:
    own, index = put(100), replace(put(100), underlying="SPX")
    found = [lot_of(Held(lot(one, -2), None, 101.0, 0.1, 0.2)) for one in (own, index)]
    assert [one.is_european for one in found] == [False, True]
    assert {(one.units, one.strike, one.is_put) for one in found} == {(-200, 100.0, True)}
