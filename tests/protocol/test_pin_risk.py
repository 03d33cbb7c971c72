from __future__ import annotations

from typing import Any

import pytest

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.pin_risk import decide_pin_risk
from allusedesk.protocol.views import Decision
from tests.protocol.examples import (
    FRIDAY,
    REV,
    WEEK,
    D,
    at,
    classic,
    dollars,
    indicators,
    lot,
    market,
    option,
    quote,
    shares,
    short_call,
    underlying,
    view,
)

NOW = at(FRIDAY, "15:30")


def look(spot: str, bid: str = "0.10", ask: str = "0.20", **seen: Any) -> MarketSnapshot:
    held = tuple(
        quote(contract, bid, ask, now=NOW)
        for contract in (option(100), option(100, FRIDAY, Right.CALL))
    )
    return market(underlying(spot=spot, now=NOW, **seen), held=held, now=NOW)


def decide(snapshot: MarketSnapshot, *lots: Position, day: int = 4, **changes: Any) -> Decision:
    seen = view(REV, lots=lots, **changes)
    return decide_pin_risk(seen, snapshot, WEEK, WEEK.sessions[day], classic())


@pytest.mark.parametrize(
    ("spot", "rule"),
    [("101.00", "pin.near_strike"), ("99.00", "pin.near_strike"), ("101.01", "pin.keep")],
)
def test_within_a_quarter_range_of_the_strike_it_is_bought_back(spot: str, rule: str) -> None:
    decision = decide(look(spot), lot(option(100)))
    found = [wish.rule for wish in decision.wishes] + [row.rule for row in decision.turned_down]
    assert found == [rule]


@pytest.mark.parametrize(("spot", "is_bought"), [("100.50", True), ("100.51", False)])
def test_half_a_per_cent_of_price_counts_where_it_is_larger(spot: str, is_bought: bool) -> None:
    quiet = indicators(atr_14=D(1))
    decision = decide(look(spot, indicators=quiet), lot(option(100)))
    assert bool(decision.wishes) is is_bought


@pytest.mark.parametrize(("ask", "rule"), [("0.05", "pin.nearly_free"), ("0.06", "pin.keep")])
def test_what_costs_at_most_five_cents_is_bought_back(ask: str, rule: str) -> None:
    decision = decide(look("110", "0.01", ask), lot(option(100)))
    found = [wish.rule for wish in decision.wishes] + [row.rule for row in decision.turned_down]
    assert found == [rule]


def test_what_cash_or_shares_cannot_meet_is_bought_back() -> None:
    short_of_cash = decide(look("110"), lot(option(100)), cash_free=dollars("-0.01"))
    assert short_of_cash.wishes[0].rule == "pin.not_coverable"
    bare = decide(look("90"), short_call())
    assert bare.wishes[0].rule == "pin.not_coverable"
    unlinked = decide(look("90"), short_call(linked_to=None))
    assert unlinked.wishes[0].rule == "pin.not_coverable"
    assert decide(look("90"), shares(100), short_call()).wishes == ()
    assert decide(look("90"), shares(99), short_call()).wishes != ()


def test_only_shorts_of_the_day_that_nobody_works_on_and_that_have_a_price() -> None:
    assert decide(look("100"), lot(option(100)), day=3) == Decision()
    assert decide(look("100"), lot(option(100), 1), shares()) == Decision()
    assert decide(look("100"), lot(option(100)), busy=("AAPL",)).turned_down[0].rule == "cycle.busy"
    silent = look("100", quote=quote(Stock("AAPL"), None, None))
    assert decide(silent, lot(option(100))).turned_down[0].rule == "quote.none"
    unquoted = market(underlying(now=NOW), now=NOW)
    assert decide(unquoted, lot(option(100))).turned_down[0].rule == "quote.none"
    assert decide(market(), lot(option(100))).turned_down[0].rule == "quote.none"
