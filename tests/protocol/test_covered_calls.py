from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import Quote
from allusedesk.protocol.entry import decide_entries
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import Decision, Freeze, SleeveView
from tests.protocol.examples import (
    FRIDAY,
    GEN,
    MONDAY,
    REV,
    THURSDAY,
    TUESDAY,
    WEEK,
    D,
    at,
    chain,
    classic,
    classic_with,
    constitution,
    market,
    option,
    price,
    quote,
    shares,
    short_call,
    underlying,
    view,
)


def calls(
    *rungs: tuple[str, float], day: date = MONDAY, expiry: date = FRIDAY
) -> tuple[Quote, ...]:
    rungs = rungs or (("95", 70.0), ("100", 50.0), ("105", 25.0))
    return tuple(
        quote(option(strike, expiry, Right.CALL), delta=delta, now=at(day, "10:00"))
        for strike, delta in rungs
    )


def decide(
    seen: SleeveView,
    quotes: tuple[Quote, ...] | None = None,
    day: date = MONDAY,
    spot: str = "100",
    rulebook: Rulebook | None = None,
    **announced: Any,
) -> Decision:
    now = at(day, "10:00")
    listed = calls(day=day) if quotes is None else quotes
    today = WEEK.session_on(day)
    assert today is not None
    return decide_entries(
        seen,
        market(underlying(spot=spot, now=now, **announced), chains=(chain(*listed),), now=now),
        "Green",
        D("0.95"),
        WEEK,
        today,
        now,
        rulebook or classic(),
    )


def rules(decision: Decision) -> list[str]:
    return [item.rule for item in decision.turned_down if item.rule != "assignment.calls_only"]


def test_assigned_shares_get_a_call_at_the_money() -> None:
    (wish,) = decide(view(REV, lots=(shares(250),))).wishes
    assert wish.kind is ProposalKind.COVERED_CALL
    assert (wish.quantity, wish.rule) == (2, "assignment.call_at_the_money")
    assert wish.legs[0].instrument == option(100, FRIDAY, Right.CALL)
    assert wish.legs[0].linked_to == PositionId("shares")
    assert wish.most_earnable == D("0.019935")


def test_at_the_money_ties_go_to_the_higher_strike() -> None:
    quotes = calls(("99", 55.0), ("101", 45.0))
    (wish,) = decide(view(REV, lots=(shares(),)), quotes).wishes
    assert wish.legs[0].instrument == option(101, FRIDAY, Right.CALL)


def test_a_rulebook_may_name_the_band_of_calls() -> None:
    banded = classic_with(
        ("resume_within = 0.05", "resume_within = 0.05\ncall_delta_low = 20\ncall_delta_high = 25")
    )
    (wish,) = decide(view(REV, lots=(shares(),)), rulebook=banded).wishes
    assert (wish.rule, wish.legs[0].instrument.underlying) == ("assignment.call", "AAPL")
    assert wish.legs[0].instrument == option(105, FRIDAY, Right.CALL)


def test_shares_that_were_bought_take_the_tiers_own_band() -> None:
    bought = shares(linked_to=None)
    (wish,) = decide(view(REV, lots=(bought,)), calls(("100", 50.0), ("103", 35.0))).wishes
    assert (wish.rule, wish.legs[0].instrument) == ("entry.delta", option(103, FRIDAY, Right.CALL))
    assert wish.turned_down[0].candidate == "AAPL 2013-02-08 calls"


@pytest.mark.parametrize(("basis", "is_recovery"), [("111.11", False), ("111.12", True)])
def test_more_than_ten_per_cent_under_the_basis_calls_are_sold_further_out(
    basis: str, is_recovery: bool
) -> None:
    (wish,) = decide(view(REV, lots=(shares(basis=price(basis)),))).wishes
    wanted = "assignment.recovery_call" if is_recovery else "assignment.call_at_the_money"
    assert wish.rule == wanted


def test_a_recovery_freezes_puts_and_still_sells_calls() -> None:
    frozen = view(REV, lots=(shares(basis=None),), freezes=(Freeze("recovery.freeze"),))
    (wish,) = decide(frozen).wishes
    assert (wish.rule, wish.legs[0].instrument) == (
        "assignment.recovery_call",
        option(105, FRIDAY, Right.CALL),
    )
    halted = replace(frozen, freezes=(Freeze("breaker.safe"),))
    assert rules(decide(halted))[0] == "freeze.entries"


def test_covered_shares_and_odd_ones_get_no_second_call() -> None:
    covered = view(REV, lots=(shares(199), short_call()))
    assert decide(covered).wishes == ()
    assert rules(decide(view(REV, lots=(shares(),), covered=(PositionId("shares"),)))) == [
        "cycle.entered"
    ]
    assert rules(decide(view(REV, lots=(shares(),), busy=("AAPL",)))) == ["cycle.busy"] * 2
    assert rules(decide(view(REV, lots=(shares(),)), is_halted=True)) == ["underlying.halted"]


@pytest.mark.parametrize(("quantity", "sold"), [(199, 0), (200, 1), (399, 1), (400, 2)])
def test_a12_an_earnings_week_covers_half_the_shares_in_whole_lots(
    quantity: int, sold: int
) -> None:
    decision = decide(view(REV, lots=(shares(quantity),)), earnings_next=FRIDAY)
    assert sum(wish.quantity for wish in decision.wishes) == sold
    assert ("earnings.cover" in rules(decision)) is (sold == 0)


def test_a12_what_is_covered_already_counts_towards_the_half() -> None:
    half = view(REV, lots=(shares(400), short_call(quantity=2)))
    assert rules(decide(half, earnings_next=FRIDAY)) == ["earnings.cover"]


def test_gens_calls_may_widen_where_its_puts_may_not() -> None:
    quotes = calls(day=THURSDAY, expiry=FRIDAY + timedelta(days=3))
    (wish,) = decide(view(GEN, lots=(shares(),)), quotes, THURSDAY).wishes
    assert "expiry.widened" in wish.reason
    late = calls(day=THURSDAY, expiry=FRIDAY + timedelta(days=7))
    assert rules(decide(view(GEN, lots=(shares(),)), late, THURSDAY)) == ["expiry.none"]


def test_a_call_that_fails_the_gates_is_not_sold() -> None:
    thin = tuple(replace(item, open_interest=1) for item in calls())
    assert rules(decide(view(REV, lots=(shares(),)), thin)) == ["liquidity.open_interest"]


def test_calls_on_assigned_shares_take_the_days_of_another_tier_and_bought_ones_their_own() -> None:
    """Under the constitution com sells five days out, gen itself a day at most."""
    tuesday = FRIDAY + timedelta(days=4)
    quotes = (
        *calls(("104", 42.0), ("108", 21.0), day=THURSDAY),
        *calls(("106", 42.0), ("110", 21.0), day=THURSDAY, expiry=tuesday),
    )
    for lot, sold in (
        (shares(), option(110, tuesday, Right.CALL)),
        (shares(linked_to=None), option(104, FRIDAY, Right.CALL)),
    ):
        decision = decide(view(GEN, lots=(lot,)), quotes, THURSDAY, rulebook=constitution())
        [wish] = [one for one in decision.wishes if one.kind is ProposalKind.COVERED_CALL]
        assert wish.legs[0].instrument == sold


@pytest.mark.parametrize(
    ("day", "linked_to", "sold"),
    [(MONDAY, "old put", 1), (MONDAY, None, 0), (TUESDAY, "old put", 0)],
)
def test_in_the_window_of_that_tier_calls_on_assigned_shares_alone_are_looked_for(
    day: date, linked_to: str | None, sold: int
) -> None:
    """Rev enters on Wednesdays, com on Mondays; bought shares wait for their own day."""
    lent = None if linked_to is None else PositionId(linked_to)
    held = (
        shares(linked_to=lent),
        shares(id=PositionId("bought"), linked_to=None),
    )
    quotes = calls(("105", 33.0), ("108", 21.0), day=day)
    decision = decide(view(REV, lots=held), quotes, day, rulebook=constitution())
    covered = [wish.legs[0].linked_to for wish in decision.wishes]
    assert covered == [PositionId("shares")] * sold
    assert ("entry.day" in rules(decision)) is (not sold)
