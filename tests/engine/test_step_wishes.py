"""What a person may wish: it becomes an ordinary proposal or booking, or a no that says why."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.inputs import (
    CapitalDeposited,
    CapitalWithdrawn,
    Input,
    Instruction,
    OperatorAsked,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.domain.money import Money
from allusedesk.domain.orders import OrderStatus
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.week_events import RequestDenied
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.journal.words.sentences import describe
from tests.acceptance.desks import F1_GEN, F1_REV, FRIDAY, MONDAY, WEDNESDAY, stage
from tests.acceptance.stage import FAMILY, Stage, at
from tests.engine.test_family_affairs import _with_base


def ask(request: OperatorRequest, subject: str = "") -> OperatorAsked:
    return OperatorAsked(request, subject, "tester", "a wish")


def tell(desk: Stage, instant: datetime, event: Input) -> None:
    """Let a person say something at an instant, and the desk do what follows at once."""
    desk.play(instant)
    desk.play(instant, event)


def denied(desk: Stage) -> list[tuple[str, str]]:
    return [(event.request.value, event.rule) for event in desk.all(RequestDenied)]


def held(desk: Stage) -> Position:
    [lot] = desk.state.book.positions_of(F1_REV)
    return lot


def with_a_put() -> Stage:
    """One put is held by Tuesday noon, and every proposal about it waits for an answer."""
    desk = stage()
    desk.play(at(WEDNESDAY, "12:00"))
    if not desk.state.book.positions_of(F1_REV):
        pytest.fail("the stage entered no put")
    return desk


def asked_for(desk: Stage, rule: str) -> list[Proposal]:
    made = [event.proposal for event in desk.all(ev.ProposalMade)]
    return [proposal for proposal in made if proposal.rule.rule == rule]


def test_a_close_by_hand_is_proposed_approved_and_traded() -> None:
    desk = with_a_put()
    lot = held(desk)
    desk.play(at(WEDNESDAY, "13:30"))
    tell(desk, at(WEDNESDAY, "13:40"), ask(OperatorRequest.CLOSE, lot.id))
    [close] = asked_for(desk, "operator.close")
    assert close.kind is ProposalKind.ADJUSTMENT
    assert close.legs[0].closes == lot.id
    assert close.expires_at <= at(WEDNESDAY, "16:00")
    desk.play(at(WEDNESDAY, "14:30"))
    assert lot.id not in desk.state.book.positions
    assert denied(desk) == []
    desk.watched()


def test_a_close_passes_what_keeps_openings_out() -> None:
    desk = with_a_put()
    lot = held(desk)
    tell(desk, at(WEDNESDAY, "13:30"), OperatorInstructed(Instruction.KILL, "tester", "drill"))
    assert desk.state.halted_by
    tell(desk, at(WEDNESDAY, "14:30"), ask(OperatorRequest.CLOSE, lot.id))
    desk.play(at(WEDNESDAY, "14:40"))
    assert lot.id not in desk.state.book.positions


def test_a_close_is_asked_again_after_it_lapsed() -> None:
    desk = with_a_put()
    lot = held(desk)
    desk.silent = lambda _proposal: True
    desk.play(at(WEDNESDAY, "13:30"))
    tell(desk, at(WEDNESDAY, "13:31"), ask(OperatorRequest.CLOSE, lot.id))
    tell(desk, at(WEDNESDAY, "13:32"), ask(OperatorRequest.CLOSE, lot.id))
    assert denied(desk) == [("close", "proposal.open")]
    [first] = asked_for(desk, "operator.close")
    desk.play(first.expires_at)
    tell(desk, at(WEDNESDAY, "15:30"), ask(OperatorRequest.CLOSE, lot.id))
    assert len(asked_for(desk, "operator.close")) == 2


def test_nothing_is_closed_while_the_market_is_closed() -> None:
    desk = with_a_put()
    tell(desk, at(WEDNESDAY, "20:00"), ask(OperatorRequest.CLOSE, held(desk).id))
    assert denied(desk) == [("close", "market.closed")]
    assert not any(
        getattr(look, "kind", None) is AlarmKind.CLOSE_ASKED for look in desk.state.looks.values()
    )


def test_a_lot_that_is_not_held_cannot_be_closed() -> None:
    desk = with_a_put()
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.CLOSE, "nothing"))
    assert denied(desk) == [("close", "close.lot")]


def test_a_roll_by_hand_is_the_one_the_rules_would_find() -> None:
    desk = with_a_put()
    lot = held(desk)
    option = lot.option
    assert option is not None
    desk.play(at(WEDNESDAY, "13:30"))
    desk.figures.volatility = 0.9
    tell(desk, at(WEDNESDAY, "13:31"), ask(OperatorRequest.ROLL, lot.id))
    [roll] = asked_for(desk, "operator.roll")
    later = roll.legs[1].instrument
    assert roll.kind is ProposalKind.ROLL
    assert roll.legs[0].closes == lot.id
    assert getattr(later, "strike") < option.strike  # noqa: B009 - an option, as the rule has it
    assert roll.credit_net is not None
    assert roll.credit_net.per_unit > 0


def test_a_roll_nobody_offers_is_denied_with_the_nearest() -> None:
    desk = with_a_put()
    desk.play(at(WEDNESDAY, "13:30"))
    desk.spots["AAPL"] = Decimal(70)
    desk.silent = lambda _proposal: True
    lot = held(desk)
    tell(desk, at(WEDNESDAY, "13:30:30"), ask(OperatorRequest.ROLL, lot.id))
    [no] = desk.all(RequestDenied)
    assert no.rule in ("roll.unfavourable", "proposal.open")
    assert no.reason


@pytest.mark.parametrize("is_all", [True, False])
def test_an_order_is_cancelled_by_hand_and_does_not_come_back(*, is_all: bool) -> None:
    desk = stage()
    # Far from the market it rests until its patience ends.
    desk.broker.on_market = lambda *_: None  # type: ignore[method-assign]
    desk.play(at(MONDAY, "08:00"))
    order = None
    for minute in range(60 * 24 * 3):
        desk.play(at(MONDAY, "08:00") + minute * (at(MONDAY, "08:01") - at(MONDAY, "08:00")))
        order = next(iter(desk.state.orders.values()), None)
        if order is not None:
            break
    assert order is not None
    tell(desk, desk.clock.now(), ask(OperatorRequest.CANCEL, "" if is_all else order.id))
    changes = [event for event in desk.all(ev.OrderStatusChanged) if event.order == order.id]
    assert changes[-1].reason == "cancelled by tester" or any(
        change.reason == "cancelled by tester" for change in changes
    )
    [void] = [event for event in desk.all(ev.ProposalVoided) if event.proposal == order.proposal]
    assert void.rule == "operator.cancel"
    desk.play(at(FRIDAY, "09:00"))
    assert desk.state.orders_over[order.id].status is OrderStatus.CANCELLED
    assert order.proposal not in desk.state.tickets
    assert [e.order for e in desk.all(ev.OrderWritten) if e.order.proposal == order.proposal] == [
        desk.all(ev.OrderWritten)[0].order
    ]


def test_what_is_over_cannot_be_cancelled() -> None:
    desk = with_a_put()
    over = next(iter(desk.state.orders_over))
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.CANCEL, over))
    tell(desk, at(WEDNESDAY, "13:31"), ask(OperatorRequest.CANCEL, "unknown"))
    tell(desk, at(WEDNESDAY, "13:32"), ask(OperatorRequest.CANCEL))
    assert denied(desk) == [("cancel", "order.over")] * 3


def test_a_fork_that_is_not_due_is_denied_with_its_figures() -> None:
    desk = with_a_put()
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.FORK, F1_GEN))
    tell(desk, at(WEDNESDAY, "13:31"), ask(OperatorRequest.FORK, "F9.gen"))
    [not_due, unknown] = desk.all(RequestDenied)
    assert not_due.rule == "fork.gen"
    assert "surplus over base" in not_due.reason
    assert unknown.rule == "subject.unknown"


def test_a_fork_that_is_due_is_proposed_and_made() -> None:
    desk = with_a_put()
    _with_base(desk, F1_GEN, "70000.00")
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.FORK, F1_GEN))
    [fork] = desk.all(ev.FamilyForked)
    assert fork.surplus == Money(Decimal("50000.00"))
    assert denied(desk) == []


def test_the_first_family_never_merges() -> None:
    desk = with_a_put()
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.MERGE, FAMILY))
    assert denied(desk) == [("merge", "merge.no_parent")]


def test_money_comes_in_and_goes_out_only_where_it_is_free() -> None:
    desk = with_a_put()
    before = desk.state.book.cash[F1_GEN].settled
    tell(desk, at(WEDNESDAY, "13:30"), CapitalDeposited(FAMILY, Money(Decimal(10_000)), WEDNESDAY))
    assert desk.state.book.cash[F1_GEN].settled > before
    for amount in ("0", "-5", "99000000"):
        tell(
            desk,
            at(WEDNESDAY, "13:31"),
            CapitalWithdrawn(F1_REV, Money(Decimal(amount)), WEDNESDAY),
        )
    tell(desk, at(WEDNESDAY, "13:32"), CapitalDeposited(FAMILY, Money(Decimal(0)), WEDNESDAY))
    assert denied(desk) == [
        ("withdraw", "cash.amount"),
        ("withdraw", "cash.amount"),
        ("withdraw", "cash.secured"),
        ("deposit", "cash.amount"),
    ]


def test_a_no_is_remembered_for_the_day_and_read_in_words() -> None:
    desk = with_a_put()
    tell(desk, at(WEDNESDAY, "13:30"), ask(OperatorRequest.CANCEL, "unknown"))
    [denial] = desk.state.denied
    assert describe(denial.event) == (
        "Asked to cancel unknown: not possible, for it is not known here."
    )
    assert read_state(write_state(desk.state)).denied == desk.state.denied
    desk.play(at(FRIDAY, "20:00"))
    assert desk.state.denied == ()
