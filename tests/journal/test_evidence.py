"""What an auditor asks of a record beside its orders: who said what, and what came of a breach."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.events import (
    DeskReconciled,
    DifferenceFound,
    Entry,
    Event,
    FillBooked,
    LevelChanged,
    OrderStatusChanged,
    ProposalApproved,
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    RiskJudged,
    SleeveFrozen,
)
from allusedesk.domain.identifiers import OrderId, PositionId, approval_id
from allusedesk.domain.inputs import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Answer,
    BrokerReported,
    OperatorDecided,
)
from allusedesk.domain.orders import LinkChanged, OrderStatus
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.terms import TermsSeen
from allusedesk.journal.evidence import Evidence, EvidenceWalk, Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.journal.origins import BROKER, DESK, Origins
from tests.journal.events_at_random import EVENTS
from tests.trading import DAY, NOON, REV, dollars, lot, price, proposal, put, sell

WANTED = proposal(sell(put(100)), quantity=2)
SEEN = TermsSeen("digest-of-card", 1, NOON, None, 2, dollars(0), (), ())
LOT = lot(put(100), -2, id=PositionId("L1"))


def walked(
    *told: tuple[Event, int | None], first: date = DAY, last: date = DAY, days: int = 0
) -> Evidence:
    walk, origins = EvidenceWalk(first, last), Origins()
    for place, (event, cause) in enumerate(told, 1):
        entry = Entry(place, NOON + timedelta(days=days, seconds=place), cause, event)
        walk.take(entry, origins.take(entry))
    return walk.evidence()


def judged(**changes: object) -> RiskJudged:
    bare = RiskJudged(
        WANTED.id, (), (), dollars(-19_800), (), (), dollars(0), dollars(20_000), dollars(0)
    )
    return replace(bare, **changes)


def test_an_answer_names_both_persons_the_card_the_reason_and_the_wait() -> None:
    said = OperatorDecided(WANTED.id, Answer.APPROVE, "Ben", "it fits", SEEN)
    yes = ProposalApproved(
        WANTED.id, approval_id(WANTED.id), "Ann", NOON, NOON, seen=SEEN, countersigned_by="Ben"
    )
    found = walked((ProposalMade(WANTED), None), (judged(), 1), (said, None), (yes, 3))
    (one,) = found.answers
    assert (one.entry, one.answer, one.by, one.second) == (4, "Approved", "Ann", "Ben")
    assert (one.digest, one.reason, one.waited_seconds) == ("digest-of-card", "it fits", 3.0)
    assert (one.kind, one.rule) == ("entry", "classic@1.0/entry.delta")
    assert one.worst_case == dollars(-19_800)


def test_no_and_silence_are_answers_too() -> None:
    no = ProposalDeclined(WANTED.id, "Ann", "too near")
    found = walked((ProposalMade(WANTED), None), (no, 1), (ProposalLapsed(WANTED.id), 1))
    assert [(one.answer, one.by, one.reason) for one in found.answers] == [
        ("Rejected", "Ann", "too near"),
        ("Lapsed", "nobody", "nobody answered in time"),
    ]


def test_what_was_done_stands_beside_the_breach_it_answered() -> None:
    roll = replace(WANTED, kind=ProposalKind.ROLL, concerns=(LOT.id,))
    other = replace(WANTED, id=type(WANTED.id)("another"), concerns=(PositionId("L2"),))
    up = LevelChanged(LOT.id, "L1", "L2", Decimal("2.04"), Decimal("0.5"), price(98))
    opened = FillBooked(OrderId("O"), (), Booking((LotChange(None, LOT, dollars(0)),), ()))
    found = walked(
        (opened, None),
        (up, 1),
        (SleeveFrozen(REV, "L2"), 1),
        (ProposalMade(roll), 1),
        (ProposalMade(other), 1),
        (ProposalApproved(roll.id, approval_id(roll.id), "Ann", NOON, NOON), 4),
        (ProposalCompleted(roll.id, 2, "done"), 6),
    )
    level, frozen = found.of(Topic.BREACH)
    assert level.what.startswith("AAPL 2013-02-15 100 put (L1) went from L1 to L2")
    assert level.done == (
        "entries frozen (entry 3); roll proposed (entry 4); approved (entry 6); 2 traded (entry 7)"
    )
    assert (frozen.entry, frozen.by) == (3, DESK)


@pytest.mark.parametrize(
    ("before", "after", "is_breach"),
    [
        ("L0", "L1", False),
        ("L1", "L2", True),
        ("L2", "L3", True),
        ("L3", "L2", False),
        ("prepare", "mandatory", True),
        ("mandatory", "prepare", False),
    ],
)
def test_a_level_is_a_breach_on_its_way_up_alone(
    before: str, after: str, *, is_breach: bool
) -> None:
    told = LevelChanged(LOT.id, before, after, Decimal(2), Decimal(1), price(98))
    assert bool(walked((told, None)).of(Topic.BREACH)) is is_breach


def test_a_warning_that_was_let_pass_is_an_exception_with_its_end() -> None:
    found = walked(
        (ProposalMade(WANTED), None),
        (judged(warnings=("wide spread", "thin volume")), 1),
        (ProposalApproved(WANTED.id, approval_id(WANTED.id), "policy:all", NOON, NOON), 1),
        (ProposalCompleted(WANTED.id, 1, "done"), 3),
        (OrderStatusChanged(OrderId("O"), OrderStatus.SENT, OrderStatus.UNKNOWN), None),
        (OrderStatusChanged(OrderId("O"), OrderStatus.SENT, OrderStatus.WORKING), None),
    )
    warned, unknown = found.of(Topic.EXCEPTION)
    assert warned.what == "wide spread; thin volume"
    assert warned.done == "approved (entry 3); 1 traded (entry 4)"
    assert unknown.entry == 5


def test_a_step_goes_back_to_the_person_the_broker_or_the_desk() -> None:
    origins = Origins()
    told: list[tuple[Event, int | None, str]] = [
        (OperatorDecided(WANTED.id, Answer.APPROVE, "Ann"), None, "Ann"),
        (ProposalApproved(WANTED.id, approval_id(WANTED.id), "Ann", NOON, NOON), 1, "Ann"),
        (BrokerReported(LinkChanged(is_up=True)), None, BROKER),
        (OrderStatusChanged(OrderId("O"), OrderStatus.SENT, OrderStatus.WORKING), 3, BROKER),
        (ProposalMade(WANTED), None, DESK),
        (ProposalLapsed(WANTED.id), 5, DESK),
    ]
    for place, (event, cause, who) in enumerate(told, 1):
        assert origins.take(Entry(place, NOON, cause, event)) == who


def test_only_the_days_asked_for_count_but_what_came_before_is_known() -> None:
    steps: tuple[tuple[Event, int | None], ...] = (
        (ProposalMade(WANTED), None),
        (ProposalLapsed(WANTED.id), 1),
        (DeskReconciled(NOON, 0), None),
        (DeskReconciled(NOON, 1), None),
        (DifferenceFound("cash", "1", "2", stops=True), 4),
    )
    found = walked(*steps)
    assert (found.sequence_first, found.sequence_last, found.comparisons) == (1, 5, 2)
    assert [one.entry for one in found.of(Topic.CORRECTION)] == [4, 5]
    for days in (-1, 1):
        other = walked(*steps, days=days)
        assert (other.sequence_first, other.answers, other.happenings) == (0, (), ())


def test_a_strategy_keeps_its_whole_text() -> None:
    told = StrategySwitched(REV, "wheel@1", 'name = "wheel"', is_on=True, operator="Ann")
    found = walked((told, None))
    assert [(one.entry, one.text) for one in found.strategies] == [(1, 'name = "wheel"')]
    assert found.of(Topic.RULES)[0].by == "Ann"


@given(st.lists(EVENTS, max_size=12))
@settings(max_examples=25, deadline=None)
def test_any_record_can_be_walked(told: list[Event]) -> None:
    found = walked(*((event, place or None) for place, event in enumerate(told)))
    assert all(isinstance(one, Happening) and one.what for one in found.happenings if one.done)
    assert found.sequence_last == len(told)


def test_a_limit_that_is_near_is_a_breach_with_who_took_note_and_its_end() -> None:
    near = Alert("limit.near", "F1.gen", Severity.WARNING, 0.9, 0.8, "F1.gen is at 90%.")
    slow = replace(near, rule="journal.slow", subject="")
    found = walked(
        (AlertRaised(near), None),
        (AlertRaised(slow), None),
        (AlertAcknowledged(near.id, "Ann"), None),
        (AlertCleared(near.id), None),
        (AlertCleared("never raised"), None),
    )
    (breach,) = found.of(Topic.BREACH)
    assert (breach.subject, breach.done) == (near.id, "noted by Ann (entry 3); over (entry 4)")
    assert [one.entry for one in found.of(Topic.HALT)] == [2, 3, 4, 5]
