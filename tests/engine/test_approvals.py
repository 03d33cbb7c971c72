"""A question and its answers: bound to what was seen, and each ending in one recorded outcome."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import (
    Answer,
    BrokerReported,
    Instruction,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import LinkChanged
from allusedesk.domain.proposals import NamedAmount, ProposalKind
from allusedesk.domain.terms import LotSeen
from allusedesk.engine.approval_card import ApprovalCard, card_of, digest_of
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.clock import SteeredClock
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.reopening import reopened
from allusedesk.engine.state import Ticket
from allusedesk.engine.state_text import read_state, write_state
from tests.acceptance.desks import F1_REV, MONDAY, sound, stage
from tests.acceptance.stage import Stage, at

OUTCOMES = (ev.ProposalDeclined, ev.ProposalLapsed, ev.ProposalVoided, ev.ProposalCompleted)


def asked() -> Stage:
    """A desk whose person has not answered yet."""
    desk = stage()
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "09:46"))
    return desk


def card(desk: Stage) -> ApprovalCard:
    cards = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
    assert len(cards) == 1
    return cards[0]


def yes(of: ApprovalCard, who: str = "anna", **changes: object) -> OperatorDecided:
    wanted = OperatorDecided(of.proposal.id, Answer.APPROVE, who, seen=of.terms)
    return replace(wanted, **changes)  # type: ignore[arg-type]


def no(of: ApprovalCard) -> OperatorDecided:
    return OperatorDecided(of.proposal.id, Answer.REJECT, "ben", "not today", of.terms)


def moved(desk: Stage, card: ApprovalCard, mid: str) -> None:
    desk.special[card.proposal.legs[0].instrument] = {"mid": Decimal(mid)}


def ends(desk: Stage, card: ApprovalCard) -> list[object]:
    """What became of one question: its refusals to the same question do not count."""
    return [
        entry.event
        for entry in desk.record.entries
        if isinstance(entry.event, OUTCOMES) and entry.event.proposal == card.proposal.id
    ]


def test_a_card_shows_what_section_twelve_lists() -> None:
    seen = card(asked())
    one = seen.proposal
    strike = one.legs[0].instrument.strike
    assert one.account == F1_REV
    assert seen.gates
    assert all(gate.passed for gate in seen.gates)
    assert seen.limit is not None
    assert seen.limit_worst is not None
    assert seen.limit_worst < seen.limit
    assert seen.premium.amount == one.credit_net.per_unit * 100 * one.quantity
    assert seen.collateral_after > seen.collateral_before
    assert seen.cash_before - seen.cash_after == seen.collateral_after - seen.collateral_before
    assert [named.name for named in seen.scenarios] == [
        "to zero",
        "-10% overnight",
        "-20% overnight",
    ]
    assert seen.worst_case == seen.scenarios[0].amount
    assert 0 < seen.probability_of_profit < 1
    assert seen.greeks_after.delta - seen.greeks_before.delta > 0
    assert seen.greeks_after.theta > 0
    [assigned] = seen.assignments
    assert (assigned.is_purchase, assigned.shares) == (True, 100 * one.quantity)
    assert assigned.basis.per_unit == strike - one.credit_net.per_unit
    assert "No forecast" in seen.forecast
    assert not seen.blocked


def test_its_alternatives_are_the_neighbouring_strikes_and_doing_nothing() -> None:
    seen = card(asked())
    strike = seen.proposal.legs[0].instrument.strike
    first, lower, higher, nothing = seen.alternatives
    assert first.worst_case == seen.worst_case
    assert lower.legs[0].instrument.strike == strike - 1
    assert higher.legs[0].instrument.strike == strike + 1
    assert lower.premium < first.premium < higher.premium
    assert lower.probability_of_profit > first.probability_of_profit
    assert (nothing.name, nothing.premium.amount, nothing.worst_case.amount) == ("do nothing", 0, 0)
    assert nothing.collateral_after == seen.collateral_before


def test_the_payoff_picture_is_exact_at_strike_spot_and_worst() -> None:
    seen = card(asked())
    points = {point.spot.per_unit: point.profit for point in seen.payoff}
    strike = seen.proposal.legs[0].instrument.strike
    assert strike in points
    assert seen.spot.per_unit in points
    assert max(points.values()) == points[strike]
    assert [*points] == sorted(points)


def test_the_record_alone_gives_the_card_that_was_seen() -> None:
    desk = asked()
    seen = card(desk)
    desk.play(at(MONDAY, "09:48"), yes(seen))

    [answer] = [e.event for e in desk.entries(OperatorDecided)]
    before = [e for e in desk.record.entries if e.sequence <= answer.seen.sequence]
    state, _ = reopened(before)
    ticket = state.tickets[answer.proposal]
    again = card_of(state, ticket, answer.seen.quotes, answer.seen.seen_at)
    assert again == seen
    assert again.digest == answer.seen.digest == digest_of(seen)
    assert digest_of(replace(seen, spot=Price(Decimal(1)))) != seen.digest


def test_an_approval_of_what_still_holds_is_sent() -> None:
    desk = asked()
    seen = card(desk)
    desk.play(at(MONDAY, "09:50"), yes(seen))
    assert len(desk.all(ev.OrderWritten)) == 1
    assert [type(end) for end in ends(desk, seen)] == [ev.ProposalCompleted]
    sound(desk)


@pytest.mark.parametrize("second", ["yes", "no"])
def test_answered_from_two_windows_the_first_one_counts(second: str) -> None:
    desk = asked()
    seen = card(desk)
    other = yes(seen, "ben") if second == "yes" else no(seen)
    desk.play(at(MONDAY, "09:50"), yes(seen), other)
    assert [e.granted_by for e in desk.all(ev.ProposalApproved)] == ["anna"]
    assert len(desk.all(ev.AnswerIgnored)) == 1
    assert len(desk.all(ev.OrderWritten)) == 1
    assert len(ends(desk, seen)) == 1


def test_an_answer_after_the_deadline_finds_the_question_lapsed() -> None:
    desk = asked()
    seen = card(desk)
    desk.play(seen.proposal.expires_at + timedelta(seconds=1))
    desk.play(desk.clock.now() + timedelta(seconds=5), yes(seen))
    assert [type(end) for end in ends(desk, seen)] == [ev.ProposalLapsed]
    assert len(desk.all(ev.AnswerIgnored)) == 1
    assert not desk.all(ev.OrderWritten)


@pytest.mark.parametrize("factor", ["0.8", "1.3"])
def test_quotes_that_left_the_band_void_the_approval_and_it_is_asked_again(factor: str) -> None:
    desk = asked()
    seen = card(desk)
    moved(desk, seen, str(round(seen.terms.price.per_unit * Decimal(factor), 2)))
    desk.play(at(MONDAY, "09:47"), yes(seen))

    [void] = ends(desk, seen)
    assert void.rule == "seen.price"
    assert "you saw" in void.reason
    assert not desk.all(ev.OrderWritten)
    # Asked again at once, on what the market shows now.
    again = card(desk)
    assert again.proposal.id != seen.proposal.id
    assert again.proposal.account == seen.proposal.account
    desk.play(at(MONDAY, "09:50"), yes(again))
    assert len(desk.all(ev.OrderWritten)) == 1
    sound(desk)


def test_a_price_within_the_band_is_sent() -> None:
    desk = asked()
    seen = card(desk)
    moved(desk, seen, str(round(seen.terms.price.per_unit * Decimal("0.97"), 2)))
    desk.play(at(MONDAY, "09:47"), yes(seen))
    assert len(desk.all(ev.OrderWritten)) == 1


def test_a_position_that_is_not_the_one_seen_voids_the_approval() -> None:
    desk = asked()
    seen = card(desk)
    other = replace(seen.terms, lots=(LotSeen(PositionId("another"), -1),))
    desk.play(at(MONDAY, "09:47"), yes(seen, seen=other))
    [void] = ends(desk, seen)
    assert void.rule == "seen.position"


def test_a_margin_that_left_the_band_voids_the_approval() -> None:
    desk = asked()
    seen = card(desk)
    less = replace(seen.terms, margin=seen.terms.margin * Decimal("0.9"))
    desk.play(at(MONDAY, "09:47"), yes(seen, seen=less))
    [void] = ends(desk, seen)
    assert void.rule == "seen.margin"


def test_stale_quotes_block_an_approval_and_the_question_stays_open() -> None:
    desk = asked()
    desk.figures.age_seconds = 45.0
    old = card(desk)
    assert old.is_stale
    assert "older than 30" in old.blocked
    desk.play(at(MONDAY, "09:47"), yes(old))
    assert "answer again once it is fresh" in desk.all(ev.AnswerIgnored)[0].reason
    assert not desk.all(ev.ProposalApproved)

    desk.figures.age_seconds = 0.0
    desk.play(at(MONDAY, "09:50"), yes(card(desk)))
    assert len(desk.all(ev.OrderWritten)) == 1


def test_an_answer_after_a_restart_is_as_good_as_before() -> None:
    desk = asked()
    seen = card(desk)
    desk.stop_and_resume()
    assert card(desk) == seen
    desk.play(at(MONDAY, "09:50"), yes(seen))
    assert len(desk.all(ev.OrderWritten)) == 1
    assert len(ends(desk, seen)) == 1


def test_the_state_as_text_keeps_what_the_card_needs() -> None:
    desk = asked()
    assert read_state(write_state(desk.state)).tickets == desk.state.tickets


def test_an_approval_while_the_broker_is_lost_is_void_and_says_so() -> None:
    desk = asked()
    seen = card(desk)
    desk.play(at(MONDAY, "09:47"), BrokerReported(LinkChanged(is_up=False)), yes(seen))
    [void] = ends(desk, seen)
    assert isinstance(void, ev.ProposalVoided)
    assert "broker" in void.reason
    assert not desk.all(ev.OrderWritten)


def test_fewer_contracts_and_a_better_limit_are_sent_as_edited() -> None:
    desk = asked()
    seen = card(desk)
    least = seen.limit + Price(Decimal("0.01"))
    desk.play(at(MONDAY, "09:47"), yes(seen, quantity=2, limit=least))
    written = desk.all(ev.OrderWritten)[0].order
    assert (written.quantity, written.limit, written.limit_worst) == (2, least, least)
    [approved] = desk.all(ev.ProposalApproved)
    assert (approved.quantity, approved.limit) == (2, least)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"quantity": 0}, "is not between 1 and"),
        ({"quantity": 10_000}, "is not between 1 and"),
        ({"limit": Price(Decimal("0.05"))}, "is outside"),
        ({"limit": Price(Decimal(50))}, "is outside"),
    ],
)
def test_an_edit_beyond_the_rules_is_refused(change: dict[str, object], says: str) -> None:
    desk = asked()
    desk.play(at(MONDAY, "09:47"), yes(card(desk), **change))
    assert says in desk.all(ev.AnswerIgnored)[0].reason
    assert not desk.all(ev.ProposalApproved)


def test_the_kill_switch_ends_a_question_and_an_answer_comes_too_late() -> None:
    desk = asked()
    seen = card(desk)
    kill = OperatorInstructed(Instruction.KILL, "anna", "a test")
    desk.play(at(MONDAY, "09:47"), kill, yes(seen))
    assert [type(end) for end in ends(desk, seen)] == [ev.ProposalVoided]
    assert len(desk.all(ev.AnswerIgnored)) == 1


def test_what_nobody_answers_lapses_within_a_tenth_of_a_second_of_real_time() -> None:
    desk = asked()
    due = card(desk).proposal.expires_at
    desk.play(due - timedelta(milliseconds=400))
    desk.clock = SteeredClock(due - timedelta(milliseconds=400), 1.0)  # type: ignore[assignment]
    desk.engine = desk.desk(desk.state)
    asyncio.run(desk.engine.run(due + timedelta(milliseconds=100)))
    [lapsed] = desk.entries(ev.ProposalLapsed)
    assert timedelta(0) <= lapsed.recorded_at - due <= timedelta(milliseconds=100)


def test_a_card_is_drawn_again_only_when_something_on_it_changed() -> None:
    desk = asked()
    rack, now = CardRack(), desk.clock.now()
    [first] = rack.cards(desk.state, now, desk.quote)
    assert rack.cards(desk.state, now, desk.quote)[0] is first
    desk.spots["AAPL"] += 1
    [second] = rack.cards(desk.state, now, desk.quote)
    assert second is not first
    assert second.digest != first.digest


def test_a_question_without_an_order_has_a_card_too() -> None:
    desk = asked()
    proposal = replace(
        card(desk).proposal,
        kind=ProposalKind.FORK,
        legs=(),
        quantity=1,
        credit_net=None,
        amounts=(NamedAmount("new family", Money(Decimal(50_000))),),
    )
    seen = card_of(desk.state, Ticket(proposal), (), desk.clock.now())
    assert (seen.payoff, seen.alternatives, seen.assignments, seen.limit) == ((), (), (), None)
    assert seen.cash_before == seen.cash_after
    assert not seen.blocked
    assert seen.digest


def test_the_log_keeps_what_became_of_each_question() -> None:
    desk = asked()
    log = QuestionLog()
    desk.engine._observers = (log.observe,)
    seen = card(desk)
    desk.play(at(MONDAY, "09:47"), yes(seen), no(seen))
    assert [(end.kind, end.is_over) for end in log.ends] == [
        ("ProposalApproved", True),
        ("AnswerIgnored", False),
    ]
    assert {end.proposal for end in log.ends} == {seen.proposal.id}
    assert "approved by anna" in log.ends[0].sentence
