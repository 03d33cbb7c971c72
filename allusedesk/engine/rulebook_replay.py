"""What another rulebook would have decided, look by look, on the inputs of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from immutables import Map

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.events import (
    BreakerTripped,
    ConditionClassified,
    EntriesWeighed,
    Entry,
    PositionsWeighed,
    ProposalMade,
    ProposalRefused,
    SleeveFrozen,
)
from allusedesk.domain.inputs import MarketSampled, WeekPlanned
from allusedesk.domain.proposals import Proposal
from allusedesk.engine.fold import fold
from allusedesk.engine.replay import with_next
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.schedule import alarms_of_week
from allusedesk.protocol.trade_management import levels_of

_DECIDING = frozenset(
    {
        AlarmKind.CONDITION,
        AlarmKind.CONDITION_ASKED,
        AlarmKind.OPENING,
        AlarmKind.ENTRY,
        AlarmKind.MANAGE,
        AlarmKind.CLOSING,
        AlarmKind.PIN_RISK,
        AlarmKind.CLOSE,
        AlarmKind.FINAL_REPORT,
    }
)


@dataclass(frozen=True, slots=True)
class DecidedOtherwise:
    """One recorded look at which the two rulebooks do not decide alike, each in short lines.

    `is_own_book` says whether the other rulebook would have come here with the recorded book.
    """

    sequence: int
    at: datetime
    look: str
    recorded: tuple[str, ...]
    other: tuple[str, ...]
    is_own_book: bool


@dataclass(frozen=True, slots=True)
class SampleMissing:
    """A look that the other rulebook would have taken and that nobody recorded."""

    at: datetime
    look: str


@dataclass(frozen=True, slots=True)
class RulebookComparison:
    """Every recorded look under both rulebooks; `book_parts_at` is where their books part.

    From there on the other rulebook is asked about the recorded book, since its own is missing.
    """

    recorded: str
    other: str
    looks: int
    differences: tuple[DecidedOtherwise, ...]
    missing: tuple[SampleMissing, ...]
    book_parts_at: int | None


def compare_rulebooks(recorded: Iterable[Entry], text: str) -> RulebookComparison:
    """Ask another rulebook at every recorded look, on the book as it is on record.

    Raises RulebookRefused where the text is no rulebook.
    """
    other, state = parse_rulebook(text), DeskState()
    differences: list[DecidedOtherwise] = []
    missing: list[SampleMissing] = []
    looks, parts_at = 0, None
    for entry, following in with_next(recorded):
        if isinstance(entry.event, WeekPlanned):
            missing += _missing_looks(entry.event, state.rules, other)
        look = _look_of(state, entry)
        if look and state.rules.id != other.id:
            looks += 1
            ours = _decisions(following)
            theirs = _decisions(step(_under(state, other, text), entry).entries)
            if ours != theirs:
                found = DecidedOtherwise(
                    entry.sequence,
                    entry.recorded_at,
                    look,
                    ours,
                    theirs,
                    is_own_book=parts_at is None,
                )
                differences.append(found)
                if parts_at is None and _would_trade(ours) | _would_trade(theirs):
                    parts_at = entry.sequence
        for each in (entry, *following):
            state = fold(state, each)
    return RulebookComparison(
        state.rules.id, other.id, looks, tuple(differences), tuple(missing), parts_at
    )


def _under(state: DeskState, other: Rulebook, text: str) -> DeskState:
    """The recorded desk under another rulebook; levels it does not know begin anew."""
    names = levels_of(other)
    levels = Map({lot: level for lot, level in state.levels.items() if level in names})
    return replace(state, rulebook=other, rulebook_text=text, levels=levels)


def _look_of(state: DeskState, entry: Entry) -> str:
    """What a recorded sample was taken for, where something is decided at it."""
    if not isinstance(entry.event, MarketSampled):
        return ""
    alarm = state.looks.get(entry.event.alarm)
    if alarm is None:
        return ""
    if not isinstance(alarm, Alarm):
        return f"price alarm {alarm.id}"
    if alarm.kind not in _DECIDING:
        return ""
    return f"{alarm.kind.value} {alarm.subject}".strip()


def _missing_looks(
    event: WeekPlanned, recorded: Rulebook, other: Rulebook
) -> Iterator[SampleMissing]:
    """The other rulebook's alarms of a week at whose instants the record took no such look."""
    known = {
        (alarm.kind, alarm.subject, alarm.due_at)
        for alarm in alarms_of_week(event.week, event.session_after, None, recorded)
    }
    for alarm in alarms_of_week(event.week, event.session_after, None, other):
        if alarm.kind in _DECIDING and (alarm.kind, alarm.subject, alarm.due_at) not in known:
            yield SampleMissing(alarm.due_at, f"{alarm.kind.value} {alarm.subject}".strip())


def _decisions(entries: Iterable[Entry]) -> tuple[str, ...]:
    """What was decided, without names that every desk counts for itself."""
    found: list[str] = []
    refused: list[str] = []
    for entry in entries:
        event = entry.event
        match event:
            case ProposalMade():
                found.append(f"{_PROPOSES} {_said(event.proposal)}")
            case ProposalRefused():
                found.append(f"refused by {event.rule} in {event.account}")
            case BreakerTripped():
                found.append(f"breaker {event.breaker} {event.account or ''}".rstrip())
            case SleeveFrozen():
                found.append(f"freezes {event.account}: {event.reason}")
            case ConditionClassified():
                found.append(f"condition {event.condition}, {event.deploy} deployed")
            case EntriesWeighed() | PositionsWeighed():
                rules = sorted({item.rule for item in event.turned_down})
                if rules:
                    refused.append(f"turned down in {event.account}: {', '.join(rules)}")
            case _:
                pass
    return (*found, *refused)


_PROPOSES = "proposes"


def _would_trade(decisions: tuple[str, ...]) -> bool:
    return any(decision.startswith(_PROPOSES) for decision in decisions)


def _said(proposal: Proposal) -> str:
    legs = " and ".join(f"{leg.side.name.lower()} {leg.instrument}" for leg in proposal.legs)
    said = f"{proposal.kind.value} in {proposal.account} by {proposal.rule.rule}"
    return f"{said}: {proposal.quantity} x {legs}" if legs else said
