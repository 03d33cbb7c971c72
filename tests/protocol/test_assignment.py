from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.assignment import decide_closing, expect_assignments
from allusedesk.protocol.views import Decision, Estimate, Freeze
from tests.protocol.examples import (
    FRIDAY,
    REV,
    WEEK,
    D,
    at,
    chain,
    classic,
    dollars,
    lot,
    market,
    option,
    price,
    quote,
    shares,
    short_call,
    underlying,
    view,
)

NOW = at(FRIDAY, "14:30")
LATER = FRIDAY + timedelta(days=7)


def rung(strike: int, bid: str, ask: str, expiry: Any = FRIDAY, right: Right = Right.PUT) -> Quote:
    return quote(option(strike, expiry, right), bid, ask, now=NOW)


def look(spot: str, *quotes: Quote, **seen: Any) -> MarketSnapshot:
    listed = (chain(*quotes),) if quotes else ()
    return market(underlying(spot=spot, now=NOW, **seen), chains=listed, now=NOW)


def decide(
    snapshot: MarketSnapshot, *lots: Position, clock: str = "14:30", **changes: Any
) -> Decision:
    seen = view(REV, lots=lots, **changes)
    now = at(FRIDAY, clock)
    return decide_closing(seen, snapshot, WEEK, WEEK.sessions[-1], now, classic())


ROLL = (rung(100, "8.00", "8.20"), rung(95, "8.40", "8.60", LATER))
NO_ROLL = (rung(100, "8.00", "8.20"), rung(95, "5.00", "5.20", LATER))


@pytest.mark.parametrize(
    ("spot", "quotes", "rule"),
    [
        ("100", ROLL, "outcome.P-EW"), ("95", ROLL, "outcome.P-AWL"),
        ("94.99", NO_ROLL, "outcome.P-AOL"), ("85", NO_ROLL, "outcome.P-AOL"),
    ],
)  # fmt: skip
def test_puts_that_are_kept_say_what_follows(
    spot: str, quotes: tuple[Quote, ...], rule: str
) -> None:
    decision = decide(look(spot, *quotes), lot(option(100)))
    assert decision.wishes == ()
    assert [row.rule for row in decision.turned_down] == [rule]
    assert decision.turned_down[0].reason == classic().outcomes.row(rule.partition(".")[2]).action


@pytest.mark.parametrize("spot", ["94.99", "85"])
def test_a_put_over_the_limit_is_rolled_where_a_roll_is_favourable(spot: str) -> None:
    (wish,) = decide(look(spot, *ROLL), lot(option(100))).wishes
    assert (wish.kind, wish.rule) == (ProposalKind.ROLL, "outcome.P-RO")
    assert str(wish.credit_net) == "0.20"


@pytest.mark.parametrize(
    ("closed", "kept", "rule", "has_legs"),
    [("900", "901", "recovery.close", True), ("900", "900", "recovery.close", True),
     ("901", "900", "recovery.keep", False), ("900", None, "recovery.close", True)],
)  # fmt: skip
def test_a_deep_put_goes_to_gbr4_by_the_smaller_expected_loss(
    closed: str, kept: str | None, rule: str, has_legs: bool
) -> None:
    known = Estimate(
        PositionId("put"), D("0.99"), dollars(closed), None if kept is None else dollars(kept)
    )
    (wish,) = decide(look("84.99", *ROLL), lot(option(100)), estimates=(known,)).wishes
    assert (wish.kind, wish.rule, bool(wish.legs)) == (ProposalKind.RECOVERY, rule, has_legs)
    shown = [item.name for item in wish.amounts if item.name.startswith("expected loss")]
    assert len(shown) == (1 if kept is None else 2)
    assert wish.concerns == (PositionId("put"),)


def test_a_deep_put_without_any_estimate_is_proposed_for_closing() -> None:
    (wish,) = decide(look("84", *ROLL), lot(option(100))).wishes
    assert wish.rule == "recovery.close"
    assert "no estimate" in wish.reason


@pytest.mark.parametrize(
    ("spot", "rule"),
    [("106", "outcome.C-WAP+"), ("104", "outcome.C-WAP"), ("97", "outcome.C-PNO"),
     ("89", "outcome.C-REC")],
)  # fmt: skip
def test_calls_that_end_today_are_let_be_called_or_kept(spot: str, rule: str) -> None:
    decision = decide(look(spot), shares(basis=price(100)), short_call())
    assert decision.wishes == ()
    assert [row.rule for row in decision.turned_down] == [rule]


def test_a_call_is_rolled_down_to_price_where_that_brings_money() -> None:
    quotes = (
        rung(100, "0.04", "0.06", right=Right.CALL),
        rung(94, "1.50", "1.60", LATER, Right.CALL),
    )
    held = (shares(basis=price(100)), short_call())
    (wish,) = decide(look("94", *quotes), *held).wishes
    assert (wish.kind, wish.rule) == (ProposalKind.ROLL, "outcome.C-RO")
    assert wish.legs[1].linked_to == PositionId("shares")
    assert decide(look("94"), *held).turned_down[0].rule == "outcome.C-RO"


def test_deep_shares_propose_gbr4_once_and_are_never_sold() -> None:
    held = shares(basis=price(100))
    (wish,) = decide(look("84.99"), held).wishes
    assert (wish.kind, wish.rule, wish.legs) == (ProposalKind.RECOVERY, "recovery.keep", ())
    assert decide(look("85"), held) == Decision()
    frozen = (Freeze("recovery.freeze"),)
    assert decide(look("80"), held, freezes=frozen) == Decision()
    assert decide(look("80"), held, cash_buffer=D("0.10")) == Decision()
    assert decide(look("80"), held, cash_buffer=D("0.05")) != Decision()
    assert decide(look("80"), shares(basis=None)) == Decision()
    cheaper = Estimate(PositionId("shares"), D(0), dollars(1), dollars(2))
    (kept,) = decide(look("80"), held, estimates=(cheaper,)).wishes
    assert kept.legs == ()


@pytest.mark.parametrize(("clock", "is_open"), [
    ("14:29:59", False), ("14:30", True), ("15:45", True), ("15:45:01", False),
])  # fmt: skip
def test_the_table_acts_inside_the_closing_window_only(clock: str, is_open: bool) -> None:
    decision = decide(look("94", *ROLL), lot(option(100)), clock=clock)
    assert bool(decision.wishes) is is_open


def test_what_cannot_be_judged_is_said() -> None:
    put = lot(option(100))
    assert decide(look("94", *ROLL), put, busy=("AAPL",)).turned_down[0].rule == "cycle.busy"
    assert decide(market(now=NOW), put).turned_down[0].rule == "quote.none"
    silent = look("94", quote=quote(Stock("AAPL"), None, None))
    assert decide(silent, put).turned_down[0].rule == "quote.none"
    assert decide(market(now=NOW), shares()) == Decision()
    assert decide(look("94"), short_call()).turned_down[0].rule == "shares.unknown"
    assert decide(look("94"), short_call(linked_to=None)).turned_down[0].rule == "shares.unknown"
    assert decide(look("94"), lot(option(100, LATER)), lot(option(100), 1)) == Decision()


@pytest.mark.parametrize(("probability", "is_expected"), [("0.95", False), ("0.9501", True)])
def test_assignments_are_prepared_above_ninety_five_per_cent(
    probability: str, is_expected: bool
) -> None:
    known = (
        Estimate(PositionId("put"), D(probability)),
        Estimate(PositionId("shares"), D(1)),
        Estimate(PositionId("later"), D(1)),
    )
    lots = (
        lot(option(100), -2),
        shares(),
        lot(option(90), id=PositionId("unknown")),
        lot(option(90, LATER), id=PositionId("later")),
    )
    found = expect_assignments(
        view(REV, lots=lots, estimates=known), look("94"), WEEK, WEEK.sessions[-1], classic()
    )
    assert bool(found) is is_expected
    if found:
        assert found[0].cash_needed == dollars(20_000)


@pytest.mark.parametrize(
    ("right", "spot", "needed"),
    [(Right.PUT, "94", 1200), (Right.PUT, "101", 0), (Right.CALL, "103", 600)],
)
def test_an_index_option_needs_the_cash_difference_alone(
    right: Right, spot: str, needed: int
) -> None:
    held = lot(option(100, right=right, symbol="SPX"), -2)
    seen = view(REV, lots=(held,), estimates=(Estimate(PositionId("put"), D(1)),))
    index = market(underlying("SPX", spot=spot, now=NOW), now=NOW)
    [found] = expect_assignments(seen, index, WEEK, WEEK.sessions[-1], classic())
    assert found.cash_needed == dollars(needed)


def test_while_a_breaker_on_vix_stands_calls_are_not_rolled_down_for_premium() -> None:
    held = (shares(basis=price(100)), short_call(100, expiry=FRIDAY))
    later = rung(93, "3.00", "3.10", LATER, Right.CALL)
    seen = look("93", rung(100, "0.05", "0.10", right=Right.CALL), later)
    assert [wish.rule for wish in decide(seen, *held).wishes] == ["outcome.C-RO"]
    calm = decide(seen, *held, is_hedged=True)
    assert [item.rule for item in calm.turned_down] == ["breaker.hedged"]
    # A put in danger is rolled all the same: that is defence.
    put = decide(look("94", *ROLL), lot(option(100)), is_hedged=True)
    assert [wish.kind for wish in put.wishes] == [ProposalKind.ROLL]
