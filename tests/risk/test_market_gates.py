from __future__ import annotations

from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Leg
from allusedesk.risk.market_gates import judge_market
from tests.trading import buy, classic, proposal, put, quote, sell, snapshot


def judged(*legs: Leg) -> tuple[set[str], int]:
    """The rules that refuse legs quoted far too wide, and the number of warnings."""
    wide = [quote(leg.instrument, "1.00", "2.00") for leg in legs]
    findings, warnings = judge_market(proposal(*legs), snapshot(*wide), classic())
    return {found.rule for found in findings if not found.comparison.passed}, len(warnings)


def test_a_spread_too_wide_binds_what_a_strategy_sells_and_warns_of_what_it_buys() -> None:
    role = PositionRole.STRATEGY
    assert judged(sell(put(), role=role)) == ({"liquidity.spread"}, 0)
    assert judged(buy(put(), role=role)) == (set(), 1)
    assert judged(sell(put(100), role=role), buy(put(95), role=role)) == ({"liquidity.spread"}, 1)


def test_a_purchase_of_the_protocols_own_meets_every_gate_but_a_hedge() -> None:
    assert judged(buy(put(), role=PositionRole.WEEKLY_PUT)) == ({"liquidity.spread"}, 0)
    assert judged(buy(put(), role=PositionRole.HEDGE)) == (set(), 1)
