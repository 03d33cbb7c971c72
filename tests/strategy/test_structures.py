"""Legs within their bands, whatever the chain; what a spread can lose is its width less credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Side, TurnedDown
from allusedesk.domain.quotes import Quote
from allusedesk.risk.payoff import PayoffLeg, worst_case
from allusedesk.strategy.definition import Part
from allusedesk.strategy.structures import Chosen, Search, choose_legs
from tests.strategy.definitions import EXPIRY, chain, look, quoted, shipped
from tests.trading import DAY, classic, price

SPREAD = shipped("put-credit-spread").parts[0]
CONDOR = shipped("iron-condor").parts[0]


def chosen(part: Part, *quotes: Quote) -> Chosen | TurnedDown:
    return choose_legs(part, Search("AAPL", look(*quotes), price(101), DAY, classic()))


def found(part: Part, *quotes: Quote) -> Chosen:
    legs = chosen(part, *quotes)
    assert isinstance(legs, Chosen), legs
    return legs


def strikes(of: Chosen) -> list[Decimal]:
    options = [leg.instrument for leg in of.legs]
    return [one.strike for one in options if isinstance(one, OptionContract)]


def test_a_spread_is_chosen_at_the_middle_of_its_bands() -> None:
    spread = found(SPREAD, *chain())
    short, long = strikes(spread)
    # 0.40 x 0.88^3 is 27.3, nearest to 27; 3% of 101 below it lies three strikes away.
    assert (short, long) == (98, 95)
    assert [leg.side for leg in spread.legs] == [Side.SELL, Side.BUY]
    assert all(leg.role is PositionRole.STRATEGY for leg in spread.legs)
    assert spread.holds.amount == Decimal("300.65")
    assert spread.at_risk == 3


@given(
    some.lists(
        some.tuples(some.integers(60, 140), some.floats(0.02, 0.98), some.integers(5, 900)),
        min_size=2,
        max_size=30,
        unique_by=lambda row: row[0],
    ),
    some.integers(20, 60),
)
def test_legs_lie_within_their_bands_on_any_chain(
    rows: list[tuple[int, float, int]], days: int
) -> None:
    at = DAY + timedelta(days=days)
    quotes = [
        quoted(right, strike, delta, f"{cents / 100:.2f}", at)
        for strike, delta, cents in rows
        for right in Right
    ]
    by_contract = {each.instrument: each for each in quotes}
    for part in (SPREAD, CONDOR):
        legs = chosen(part, *quotes)
        if isinstance(legs, TurnedDown):
            assert legs.reason
            continue
        before: OptionContract | None = None
        for rule, leg in zip(part.legs, legs.legs, strict=True):
            option = leg.instrument
            assert isinstance(option, OptionContract)
            assert (leg.side, option.right) == (rule.side, rule.right)
            if rule.days is not None:
                assert rule.days.holds(Decimal((option.expiry - DAY).days))
            greeks = by_contract[option].greeks
            if rule.delta is not None:
                assert greeks is not None
                assert rule.delta.holds(Decimal(repr(greeks.delta_quoted)))
            if rule.width is not None:
                assert before is not None
                beyond = before.strike - option.strike
                beyond = beyond if option.right is Right.PUT else -beyond
                assert rule.width.holds((beyond / 101).quantize(Decimal("0.0001")))
            before = option
        loses_as_told(legs)


def loses_as_told(legs: Chosen) -> None:
    """The worst at expiry is the distance less the credit, a share, times a hundred."""
    marks = {quote.instrument: quote.mid for quote in legs.quotes}
    payoff = []
    for leg in legs.legs:
        mid = marks[leg.instrument]
        assert mid is not None
        payoff.append(PayoffLeg(leg.instrument, leg.side.value, mid))
    worst = worst_case(payoff)
    assert worst is not None
    assert -worst.amount == (legs.at_risk - legs.credit_net.per_unit) * 100


def test_what_is_sold_passes_the_gates_and_what_is_bought_may_be_wider() -> None:
    thin = [
        replace(each, open_interest=10)
        if isinstance(each.instrument, OptionContract) and each.instrument.strike == 98
        else each
        for each in chain()
    ]
    assert strikes(found(SPREAD, *thin))[0] != 98
    bare = [replace(each, open_interest=10) for each in chain()]
    refused = chosen(SPREAD, *bare)
    assert isinstance(refused, TurnedDown)
    assert refused.rule == "strategy.untradable"
    wide = [
        replace(each, bid=price("0.80"), ask=price("0.95"))
        if isinstance(each.instrument, OptionContract) and each.instrument.strike == 95
        else each
        for each in chain()
    ]
    assert strikes(found(SPREAD, *wide))[1] == 95


@pytest.mark.parametrize("days", [27, 49])
def test_an_expiry_outside_the_band_is_no_expiry(days: int) -> None:
    refused = chosen(SPREAD, *chain(at=DAY + timedelta(days=days)))
    assert isinstance(refused, TurnedDown)
    assert refused.rule == "strategy.no_contract"


def test_adjusted_contracts_are_never_chosen() -> None:
    odd = [
        replace(each, instrument=replace(each.instrument, multiplier=10))
        for each in chain()
        if isinstance(each.instrument, OptionContract)
    ]
    assert isinstance(chosen(SPREAD, *odd), TurnedDown)


def test_all_legs_share_the_first_ones_expiry() -> None:
    both = (*chain(), *chain(at=EXPIRY - timedelta(days=3)))
    options = [leg.instrument for leg in found(CONDOR, *both).legs]
    assert len({one.expiry for one in options if isinstance(one, OptionContract)}) == 1
