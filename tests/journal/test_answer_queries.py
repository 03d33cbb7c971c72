"""Persons' answers as the read side keeps them: what each came to, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.domain import events as told
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.identifiers import ProposalId, approval_id
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import NOTHING
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.terms import TermsSeen
from allusedesk.domain.trust import TrustLevel
from allusedesk.journal.queries.answers import (
    ReasonCount,
    answers_by_effect,
    reason_counts,
    reasons_given,
)
from allusedesk.journal.queries.practice import proposals_by_end
from allusedesk.journal.read_side import ReadSide
from tests.journal.test_queries import journal_of
from tests.trading import proposal

AT = datetime(2026, 2, 9, 15, tzinfo=UTC)
SEEN = TermsSeen("d", 1, AT, None, 1, NOTHING, (), ())


def name(number: int) -> ProposalId:
    return ProposalId(f"2026-W07/F1.rev/P{number}")


def made(number: int, kind: ProposalKind = ProposalKind.ENTRY) -> Event:
    return told.ProposalMade(replace(proposal(), id=name(number), kind=kind))


def said(number: int, answer: Answer, why: str = "", who: str = "anna") -> Event:
    return OperatorDecided(name(number), answer, who, why)


def granted(number: int, who: str = "anna", **changes: object) -> Event:
    event = told.ProposalApproved(name(number), approval_id(name(number)), who, AT, AT)
    return replace(event, **changes)  # type: ignore[arg-type]


def side_of(path: Path, *events: Event) -> ReadSide:
    entries = [
        Entry(number, AT + timedelta(minutes=number), None, event)
        for number, event in enumerate(events, 1)
    ]
    return ReadSide.open(journal_of(path / "answers.journal", entries))


def test_what_changed_or_refused_a_proposal_is_found_with_its_reason(tmp_path: Path) -> None:
    events = (
        *(made(number) for number in range(1, 6)),
        made(6, ProposalKind.ROLL),
        said(1, Answer.APPROVE, "fine"),
        granted(1),
        said(2, Answer.APPROVE, "half of it is enough"),
        granted(2, quantity=1),
        said(3, Answer.REJECT, "too near earnings"),
        told.ProposalDeclined(name(3), "anna", "too near earnings"),
        told.ApprovalAnnounced(name(4), TrustLevel.MATURE, Decimal("0.9"), AT, SEEN),
        said(4, Answer.REJECT, "too near earnings", "ben"),
        told.ProposalDeclined(name(4), "ben", "too near earnings"),
        said(5, Answer.APPROVE, "yes", "policy:all"),
        granted(5, "policy:all"),
        told.ApprovalAnnounced(name(6), TrustLevel.MATURE, Decimal("0.9"), AT, SEEN),
        told.AnnouncementWithdrawn(name(6), "switched off"),
        said(6, Answer.REJECT),
        told.ProposalDeclined(name(6), "anna", ""),
        # Too late: what the first answer came to stays.
        said(3, Answer.APPROVE, "after all"),
        told.AnswerIgnored(name(3), "the proposal is not open any more"),
    )
    with side_of(tmp_path, *events) as side:
        assert [
            (one.kind, one.effect, one.operator, one.reason) for one in reasons_given(side)
        ] == [
            ("roll", "rejected", "anna", ""),
            ("entry", "vetoed", "ben", "too near earnings"),
            ("entry", "rejected", "anna", "too near earnings"),
            ("entry", "edited", "anna", "half of it is enough"),
        ]
        assert [one.kind for one in reasons_given(side, "roll")] == ["roll"]
        assert len(reasons_given(side, limit=2)) == 2
        assert reason_counts(side) == (
            ReasonCount("entry", "edited", "half of it is enough", 1),
            ReasonCount("entry", "rejected", "too near earnings", 1),
            ReasonCount("entry", "vetoed", "too near earnings", 1),
            ReasonCount("roll", "rejected", "", 1),
        )
        assert answers_by_effect(side) == {"approved": 1, "edited": 1, "rejected": 2, "vetoed": 1}


def test_two_signatures_show_both_names_and_an_ignored_yes_is_kept_apart(tmp_path: Path) -> None:
    events = (
        made(1),
        said(1, Answer.APPROVE),
        told.ProposalSigned(name(1), "anna", AT, None, None, SEEN),
        said(1, Answer.APPROVE, who="Anna"),
        told.AnswerIgnored(name(1), "anna has signed already"),
        made(2),
        said(2, Answer.APPROVE),
        told.ProposalSigned(name(2), "anna", AT, None, None, SEEN),
        said(2, Answer.APPROVE, who="ben"),
        granted(2, countersigned_by="ben"),
    )
    with side_of(tmp_path, *events) as side:
        assert answers_by_effect(side) == {"approved": 1, "ignored": 1}
        assert side.column("SELECT decided_by FROM proposals WHERE id = ?", (name(2),)) == [
            "anna and ben"
        ]
        assert proposals_by_end(side) == {"approved": 1, "open": 1}
