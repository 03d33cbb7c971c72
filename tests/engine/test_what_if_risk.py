"""The book's risk: limits, issuers, greeks, scenarios and payoffs of a small desk."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from immutables import Map

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.quotes import Greeks, MarketSnapshot, Volatility
from allusedesk.engine.state import DeskState, Sleeve
from allusedesk.engine.what_if.limits import LimitUse, limits_used
from allusedesk.engine.what_if.risk import SCENARIOS, risk_of, watch_of
from allusedesk.engine.what_if.stress import MOVES, VOLATILITY_FACTORS
from tests.trading import (
    COM,
    DAY,
    GEN,
    NOON,
    REV,
    STOCK,
    classic,
    dollars,
    funded_book,
    lot,
    price,
    put,
    quote,
    snapshot,
    with_lots,
)

KNOWN = Greeks(delta=-0.4, gamma=0.05, theta=-0.1, vega=8.0, implied_volatility=0.3)
PUTS = lot(put(100), -5, id=PositionId("puts"))
SHARES = lot(STOCK, 200, id=PositionId("shares"), account=COM)


def desk(*held: object, cash: int = 100_000) -> DeskState:
    book = with_lots(funded_book(cash), *held)  # type: ignore[arg-type]
    sleeves = Map({name: Sleeve(name, base=dollars(cash)) for name in (GEN, REV, COM)})
    return DeskState(
        rulebook=classic(),
        book=book,
        sleeves=sleeves,
        spots=Map({"AAPL": price(101)}),
        today=DAY,
        now=NOON,
    )


def market() -> MarketSnapshot:
    option = replace(quote(put(100)), greeks=KNOWN)
    vix = Volatility(Decimal(52), None, DAY)
    return replace(snapshot(option), volatility=vix)


def of(found: tuple[LimitUse, ...], where: str, name: str) -> LimitUse:
    return next(one for one in found if (one.where, one.name) == (where, name))


def test_each_limit_says_what_is_used_of_it() -> None:
    found = limits_used(desk(PUTS, SHARES), market())
    held = of(found, str(REV), "cash held by short puts")
    assert held.used == pytest.approx(0.5000325)
    assert held.is_kept
    assert of(found, str(GEN), "cash held by short puts").used == 0.0
    issuer = of(found, "desk", "issuer AAPL, all families")
    assert issuer.value == "70,200.00 USD"
    vix = of(found, "desk", "VIX, breaker hedged")
    assert not vix.is_kept
    assert vix.used > 1.0
    assert of(found, "desk", "VIX, breaker kill").is_kept
    assert of(found, str(REV), "margin use").used == 0.0


def test_a_limit_that_is_passed_says_so() -> None:
    found = limits_used(desk(replace(PUTS, quantity_signed=-12)), market())
    held = of(found, str(REV), "cash held by short puts")
    assert held.used > 1.0
    assert not held.is_kept
    assert not of(found, str(REV), "cash kept back").is_kept
    margin = of(found, str(REV), "margin use")
    assert margin.used > 0.0


def test_a_fall_is_held_against_the_tiers_own_limit() -> None:
    state = desk()
    fallen = replace(state.sleeves[REV], drawdown=Decimal("0.05"))
    found = limits_used(state.with_sleeve(fallen), market())
    assert of(found, str(REV), "fall from its high").used == pytest.approx(0.5)


def test_greeks_stand_by_underlying_and_expiry() -> None:
    found = risk_of(desk(PUTS, SHARES), market()).greeks
    shares, puts = found
    assert shares.expiry is None
    assert shares.greeks.delta == 200.0
    assert puts.greeks.delta == pytest.approx(200.0)
    assert puts.greeks.theta == pytest.approx(50.0)
    assert puts.delta_value == pytest.approx(20_200.0)


def test_issuers_count_over_all_families_and_tell_which() -> None:
    [issuer] = risk_of(desk(PUTS, SHARES), market()).issuers
    assert issuer.used == dollars(70_200)
    assert issuer.by_family == (("F1", dollars(70_200)),)
    assert issuer.share == pytest.approx(float(issuer.used.amount / issuer.limit.amount))


def test_gaps_are_cells_of_the_stress_map_and_the_total_is_that_of_its_parts() -> None:
    found = risk_of(desk(PUTS, SHARES), market())
    row = found.stress[VOLATILITY_FACTORS.index(1.0)]
    for scenario, move in zip(found.scenarios[:2], (-0.10, -0.20), strict=True):
        assert scenario.total == pytest.approx(row[MOVES.index(move)])
        assert scenario.total < 0.0
        assert scenario.total == pytest.approx(sum(gain for _, gain in scenario.by_underlying))
    assert row[MOVES.index(0.0)] == pytest.approx(0.0)
    week = next(one for one in found.scenarios if one.scenario.days == 7)
    # Three days are left: the puts end out of the money and keep what they still were worth.
    assert week.total == pytest.approx(1_000.0, rel=0.01)
    assert [one.scenario for one in found.scenarios] == list(SCENARIOS)


def test_the_payoff_counts_from_what_lots_were_opened_at() -> None:
    found = risk_of(desk(PUTS, SHARES), market())
    spot, points = found.payoff_of("AAPL")
    assert spot == 101.0
    at_strike = next(point for point in points if point.spot == 100.0)
    # Five puts sold at 2.00 keep 1,000; two hundred shares bought at 100 are worth the same.
    assert at_strike.at_expiry == pytest.approx(1_000.0)
    assert found.payoff_of("IBM") == (0.0, ())


def test_a_lot_nobody_quotes_counts_at_intrinsic_value_and_is_named() -> None:
    state = desk(lot(put(90), -1))
    found = risk_of(state, market())
    assert found.unpriced == (str(put(90)),)
    assert watch_of(state).held == (put(90),)


def test_an_empty_desk_risks_nothing() -> None:
    found = risk_of(desk(), market())
    assert found.greeks == found.issuers == found.payoffs == ()
    assert {gain for row in found.stress for gain in row} == {0.0}
    assert found.equity == dollars(300_000)
