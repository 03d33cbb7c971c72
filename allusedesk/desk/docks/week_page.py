"""What the week panel shows of the record: evidence, the path of decisions, what happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from allusedesk.desk import formatting
from allusedesk.desk.charts.week_strip import StripDay, StripMark
from allusedesk.desk.theme import Tone
from allusedesk.domain.alarms import Alarm
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.journal.queries.desk import WhyNot, happenings, why_not
from allusedesk.journal.queries.weeks import week
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import ComparisonSeen, EntryLine
from allusedesk.journal.trade_values import ProposalSeen

# Alarms that order the desk's own affairs; a trader wants those of the week's schedule.
_OWN_ALARMS = (
    "Alarm send/",
    "Alarm patience/",
    "Alarm acknowledge/",
    "Alarm lapse/",
    "Alarm trust/",
)
# What an event is drawn as, how it counts in words, and how it strikes the eye.
_EVENTS = {
    "ProposalMade": ("p", "proposed", Tone.PLAIN),
    "FillBooked": ("F", "filled", Tone.GAIN),
    "ProposalLapsed": ("x", "lapsed", Tone.CAUTION),
    "ProposalDeclined": ("x", "rejected", Tone.CAUTION),
    "ProposalRefused": ("x", "refused", Tone.CAUTION),
    "ProposalVoided": ("x", "void", Tone.CAUTION),
    "LevelChanged": ("L", "level change", Tone.LOSS),
    "AssignmentBooked": ("A", "assigned", Tone.LOSS),
    "ExpiryBooked": ("E", "expired", Tone.PLAIN),
    "SettlementBooked": ("S", "settled", Tone.PLAIN),
    "BreakerTripped": ("!", "breaker", Tone.ALARM),
    "DeskHalted": ("!", "halt", Tone.ALARM),
    "NoticeRaised": ("n", "notice", Tone.CAUTION),
    "FamilyForked": ("Y", "fork", Tone.GAIN),
    "FamilyMerged": ("Y", "merge", Tone.GAIN),
}


@dataclass(frozen=True, slots=True)
class PathRow:
    """How far a sleeve came on the way from a look to a fill this week."""

    account: str
    looks: int
    proposed: int
    approved: int
    waiting: int
    turned_away: int
    done: int
    outcome: str


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A week as the record has it; `reason` says why there is no condition where there is none."""

    week: str
    reason: str
    evidence: tuple[ComparisonSeen, ...]
    path: tuple[PathRow, ...]
    why_not: tuple[WhyNot, ...]
    happened: tuple[EntryLine, ...]


def week_page(side: ReadSide, plan: TradingWeek) -> WeekPage:
    """The page of a week that is being traded."""
    name = str(plan.id)
    overview = week(side, name)
    since = plan.sessions[0].opens_at - timedelta(hours=18)
    until = plan.sessions[-1].closes_at + timedelta(hours=8)
    told = tuple(
        line for line in happenings(side, since, until) if not line.line.startswith(_OWN_ALARMS)
    )
    if overview is None:
        return WeekPage(name, "", (), (), (), told)
    seen = overview.conditions[-1] if overview.conditions else None
    evidence = overview.comparisons_of(seen.sequence) if seen is not None else ()
    looks = Counter(look.account for look in overview.looks if look.look == "entry")
    outcomes = {one.account: one.outcome for one in overview.outcomes}
    accounts = sorted({*looks, *(made.account for made in overview.proposals)})
    path = tuple(
        _path(account, looks[account], overview.proposals, outcomes.get(account, ""))
        for account in accounts
    )
    reason = seen.reason if seen is not None else ""
    return WeekPage(name, reason, evidence, path, why_not(side, name), told)


def _path(account: str, looks: int, proposals: tuple[ProposalSeen, ...], outcome: str) -> PathRow:
    mine = [made for made in proposals if made.account == account]
    verdicts = Counter(made.verdict for made in mine)
    approved = verdicts["approved"]
    waiting = verdicts["open"]
    return PathRow(
        account,
        looks,
        len(mine),
        approved,
        waiting,
        len(mine) - approved - waiting,
        sum(1 for made in mine if made.quantity_done),
        outcome,
    )


def strip_days(
    plan: TradingWeek, alarms: tuple[Alarm, ...], told: tuple[EntryLine, ...], now: datetime
) -> tuple[StripDay, ...]:
    """The days of a week with what rang, what happened and what is still to ring."""
    return tuple(_strip_day(session, alarms, told, now) for session in plan.sessions)


def _strip_day(
    session: Session, alarms: tuple[Alarm, ...], told: tuple[EntryLine, ...], now: datetime
) -> StripDay:
    marks: list[StripMark] = []
    counts: Counter[str] = Counter()
    for line in told:
        if line.recorded_at.astimezone(formatting.NEW_YORK).date() != session.date:
            continue
        if line.kind == "AlarmRang":
            marks.append(StripMark(line.recorded_at, line.line, is_past=True, tone=Tone.MUTED))
        elif line.kind in _EVENTS:
            letter, word, tone = _EVENTS[line.kind]
            counts[word] += 1
            marks.append(StripMark(line.recorded_at, line.line, True, letter, tone))  # noqa: FBT003
    for alarm in alarms:
        day = alarm.due_at.astimezone(formatting.NEW_YORK).date()
        if day == session.date and alarm.due_at > now and "/" not in alarm.subject:
            marks.append(StripMark(alarm.due_at, alarm.kind.value, is_past=False))
    marks.sort(key=lambda mark: mark.at)
    words = tuple(f"{count} {word}" for word, count in counts.items())
    return StripDay(
        session.date,
        session.opens_at,
        session.closes_at,
        session.is_early_close,
        tuple(marks),
        words,
    )
