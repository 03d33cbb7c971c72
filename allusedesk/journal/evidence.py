"""What an auditor asks of a record beside its orders: answers, breaches, halts, rules, arming."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from allusedesk.domain.events import (
    AnnouncementWithdrawn,
    ApprovalAnnounced,
    AssignmentBooked,
    BreakerLowered,
    BreakerTripped,
    DeskReconciled,
    Entry,
    Event,
    FillBooked,
    LevelChanged,
    ProposalApproved,
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalSigned,
    ProposalVoided,
    RecoveryBegun,
    RiskJudged,
    SleeveFrozen,
    SleeveThawed,
    SplitBooked,
)
from allusedesk.domain.inputs import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    OperatorDecided,
)
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.terms import TermsSeen
from allusedesk.journal.evidence_topics import Topic, topic_of
from allusedesk.journal.words.sentences import describe

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on record under a topic; `done` says what followed from it, empty where nothing.

    `subject` is alike for what is the same thing again, such as one lot at one level.
    """

    entry: int
    at: datetime
    topic: Topic
    by: str
    what: str
    done: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """What became of a proposal when it was asked about.

    `digest` names what the card showed, empty where no card was seen; `waited_seconds` is how long
    after the proposal, `worst_case` the smallest profit it was judged by.
    """

    entry: int
    at: datetime
    proposal: str
    account: str
    kind: str
    rule: str
    what: str
    answer: str
    by: str
    second: str
    digest: str
    reason: str
    waited_seconds: float
    worst_case: Money | None


@dataclass(frozen=True, slots=True)
class SwitchedStrategy:
    """A definition of a strategy as a person switched it, with its whole text."""

    entry: int
    strategy: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found between two days, both included, in the order of the entries.

    `sequence_first` and `sequence_last` are the entries of those days, 0 where there are none;
    `comparisons` counts how often book and broker were compared.
    """

    sequence_first: int
    sequence_last: int
    answers: tuple[AnswerSeen, ...]
    happenings: tuple[Happening, ...]
    strategies: tuple[SwitchedStrategy, ...]
    comparisons: int

    def of(self, *topics: Topic) -> tuple[Happening, ...]:
        """The happenings of these topics."""
        return tuple(one for one in self.happenings if one.topic in topics)


@dataclass(slots=True)
class _Draft:
    entry: Entry
    topic: Topic
    by: str
    what: str
    done: list[str] = field(default_factory=list)


_Answer: TypeAlias = (
    ProposalApproved
    | ProposalSigned
    | ProposalDeclined
    | ProposalLapsed
    | ProposalVoided
    | ApprovalAnnounced
    | AnnouncementWithdrawn
)


class EvidenceWalk:
    """Takes a record's entries from the first on and keeps what lies between two days."""

    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first, last
        self._sequences = (0, 0)
        self._answers: list[AnswerSeen] = []
        self._drafts: list[_Draft] = []
        self._strategies: list[SwitchedStrategy] = []
        self._comparisons = 0
        self._proposals: dict[str, tuple[Proposal, datetime]] = {}
        self._worst: dict[str, Money] = {}
        self._reasons: dict[int, str] = {}
        # What the last look found, which proposals of the same look answer to.
        self._open: list[_Draft] = []
        self._answering: dict[str, list[_Draft]] = {}
        self._lots: dict[str, str] = {}
        self._alerts: dict[str, _Draft] = {}

    def evidence(self) -> Evidence:
        """What was found so far."""
        return Evidence(
            *self._sequences,
            tuple(self._answers),
            tuple(
                Happening(
                    one.entry.sequence,
                    one.entry.recorded_at,
                    one.topic,
                    one.by,
                    one.what,
                    "; ".join(dict.fromkeys(one.done)),
                    _subject(one.entry.event),
                )
                for one in self._drafts
            ),
            tuple(self._strategies),
            self._comparisons,
        )

    def take(self, entry: Entry, by: str) -> None:
        """Follow one entry more; `by` is who it goes back to."""
        event = entry.event
        match event:
            case ProposalMade(proposal=proposal):
                self._proposals[proposal.id] = (proposal, entry.recorded_at)
            case RiskJudged():
                self._worst[event.proposal] = event.worst_case
            case OperatorDecided(reason=reason):
                self._reasons = {entry.sequence: reason}
            case StrategySwitched():
                self._strategies.append(
                    SwitchedStrategy(entry.sequence, event.strategy, event.text)
                )
            case (
                FillBooked(booking=booking)
                | AssignmentBooked(booking=booking)
                | SplitBooked(booking=booking)
            ):
                for lot in filter(None, (change.after for change in booking.changes)):
                    shares = "" if isinstance(lot.instrument, OptionContract) else " shares"
                    self._lots[lot.id] = f"{lot.instrument}{shares}"
            case _:
                pass
        self._followed(entry)
        day = entry.recorded_at.astimezone(_NEW_YORK).date()
        if not self._first <= day <= self._last:
            return
        self._sequences = (self._sequences[0] or entry.sequence, entry.sequence)
        self._comparisons += isinstance(event, DeskReconciled)
        self._answered(entry, by)
        topic = topic_of(event)
        if topic is not None:
            draft = _Draft(entry, topic, by, self._in_words(event))
            self._drafts.append(draft)
            self._wait(draft)

    def _in_words(self, event: Event) -> str:
        """A sentence, with what a lot is before its id, which alone says little to a reader."""
        match event:
            case RiskJudged(warnings=warnings):
                return "; ".join(warnings)
            case LevelChanged(position=lot) | RecoveryBegun(position=lot):
                name = self._lots.get(lot)
                told = describe(event)
                return told if name is None else told.replace(lot, f"{name} ({lot})", 1)
            case _:
                return describe(event)

    def _wait(self, draft: _Draft) -> None:
        """Let what comes of a breach be written beside it."""
        event = draft.entry.event
        if isinstance(event, RiskJudged):
            self._answering.setdefault(event.proposal, []).append(draft)
        elif isinstance(event, AlertRaised):
            self._alerts[event.alert.id] = draft
        elif draft.topic is Topic.BREACH and draft.entry.cause is not None:
            if self._open and self._open[0].entry.cause != draft.entry.cause:
                self._open = []
            self._open.append(draft)

    def _followed(self, entry: Entry) -> None:
        event = entry.event
        match event:
            case ProposalMade(proposal=proposal):
                concerned = {*proposal.concerns, *(leg.closes for leg in proposal.legs)}
                for draft in self._open:
                    own = draft.entry.event
                    if draft.entry.cause == entry.cause and (
                        not isinstance(own, LevelChanged) or own.position in concerned
                    ):
                        draft.done.append(
                            f"{proposal.kind.value} proposed (entry {entry.sequence})"
                        )
                        self._answering.setdefault(proposal.id, []).append(draft)
            case AlertAcknowledged(alert=alert, operator=who) if alert in self._alerts:
                self._alerts[alert].done.append(f"noted by {who} (entry {entry.sequence})")
            case AlertCleared(alert=alert) if alert in self._alerts:
                self._alerts.pop(alert).done.append(f"over (entry {entry.sequence})")
            case SleeveFrozen() | RecoveryBegun():
                told = "entries frozen" if isinstance(event, SleeveFrozen) else "GBR-4 begun"
                for draft in self._open:
                    if draft.entry.cause == entry.cause:
                        draft.done.append(f"{told} (entry {entry.sequence})")
            case ProposalApproved() | ProposalDeclined() | ProposalLapsed() | ProposalVoided():
                word = _ANSWERS[type(event)].lower()
                self._tell(event.proposal, f"{word} (entry {entry.sequence})")
            case ProposalCompleted(quantity_done=done):
                self._tell(event.proposal, f"{done} traded (entry {entry.sequence})")
                self._answering.pop(event.proposal, None)
            case _:
                pass

    def _tell(self, proposal: str, text: str) -> None:
        for draft in self._answering.get(proposal, ()):
            draft.done.append(text)

    def _answered(self, entry: Entry, by: str) -> None:
        event = entry.event
        answer = _ANSWERS.get(type(event))
        if answer is None or not isinstance(event, _Answer):
            return
        found = self._proposals.get(event.proposal)
        if found is None:
            return
        proposal, made_at = found
        who, second, seen, reason = _said(event, by)
        if not reason and entry.cause is not None:
            reason = self._reasons.get(entry.cause, "")
        self._answers.append(
            AnswerSeen(
                entry.sequence,
                entry.recorded_at,
                proposal.id,
                proposal.account,
                proposal.kind.value,
                str(proposal.rule),
                proposal.reason,
                answer,
                who,
                second,
                "" if seen is None else seen.digest,
                reason,
                (entry.recorded_at - made_at).total_seconds(),
                self._worst.get(proposal.id),
            )
        )


_ANSWERS: dict[type, str] = {
    ProposalApproved: "Approved",
    ProposalSigned: "Signed by the first of two",
    ProposalDeclined: "Rejected",
    ProposalLapsed: "Lapsed",
    ProposalVoided: "Approved, not sent",
    ApprovalAnnounced: "Announced by trust",
    AnnouncementWithdrawn: "Announcement withdrawn",
}


def _subject(event: Event) -> str:
    match event:
        case LevelChanged(position=lot, level=level):
            return f"{lot} at {level}"
        case AlertRaised(alert=alert):
            return alert.id
        case BreakerTripped(breaker=breaker) | BreakerLowered(breaker=breaker):
            return f"{type(event).__name__} {breaker} {event.account or ''}"
        case SleeveFrozen() | SleeveThawed():
            return f"{type(event).__name__} {event.account} {event.reason} {event.symbol}"
        case _:
            return ""


def _said(event: _Answer, by: str) -> tuple[str, str, TermsSeen | None, str]:
    """Who, who second, what the card showed, and why."""
    match event:
        case ProposalApproved():
            return event.granted_by, event.countersigned_by, event.seen, ""
        case ProposalSigned():
            return event.operator, "", event.seen, ""
        case ProposalDeclined():
            return event.operator, "", None, event.reason
        case ApprovalAnnounced():
            return f"trust at level {event.level.value}", "", event.seen, ""
        case ProposalVoided():
            return by, "", None, f"{event.rule}: {event.reason}"
        case AnnouncementWithdrawn():
            return by, "", None, event.reason
        case _:
            return "nobody", "", None, "nobody answered in time"
