"""The morning brief: the condition, what is due, what came overnight, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from allusedesk.answers.answer import Part, Sentence
from allusedesk.answers.brief import (
    DAY_BEGINS,
    DAY_ENDS,
    Brief,
    BriefKind,
    BriefPart,
    on_clock,
    sentence,
)
from allusedesk.answers.brief_words import (
    expiry_of,
    looks_due,
    more_of,
    of_week,
    span,
    symbol_of,
    told_by,
)
from allusedesk.answers.phrasing import NEW_YORK, count, dollars, fact, percent
from allusedesk.domain.forecast_words import likeliest_of
from allusedesk.journal.queries import briefs
from allusedesk.journal.queries.asked_desk import forecast_spoken
from allusedesk.journal.queries.asked_holdings import QuoteSeen, quotes_last_seen
from allusedesk.journal.queries.brief_values import AlertStanding, LotOpen, Waiting
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import ConditionSeen, PlannedWeek

_LINES_MAX = 12
_GAPS_MAX = 8
_LAPSING_SOON = timedelta(hours=1)
_CONDITION_LOOK = "market condition"


def morning_brief(side: ReadSide, day: date, at: datetime, mode: str) -> Brief:
    """The brief of a day's morning, as known at an instant of it."""
    cut = briefs.last_entry_by(side, at)
    week = briefs.week_of_day(side, day, cut)
    lots = briefs.lots_open(side, cut)
    waiting = briefs.waiting_at(side, at, cut)
    alerts = briefs.alerts_standing(side, cut)
    seen = None if week is None else briefs.condition_by(side, week.week, cut)
    due = briefs.alarms_between(side, at, on_clock(day, DAY_ENDS), cut)
    before = briefs.last_marked_before(side, day, cut)
    overnight = _overnight(side, 0 if before is None else before[1], cut, lots)
    needs = (*_waiting(waiting, at), *_alerts(alerts), *_differences(side, cut, is_wrong=True))
    expiring = [one for one in lots if expiry_of(one.instrument) == day]
    headline = sentence(
        *_condition_in_short(seen),
        "; ",
        count(len(waiting), "proposal", (one.sequence for one in waiting)),
        " waiting, ",
        count(len(alerts), "alert", (one.sequence for one in alerts)),
        ", ",
        count(len(due), "look", (one.sequence for one in due)),
        " today, ",
        count(len(expiring), "option", (one.opened_sequence for one in expiring)),
        " expiring.",
    )
    nothing = (sentence("Nothing waits for you: no proposal is open and no alert stands."),)
    return Brief(
        BriefKind.MORNING,
        day,
        at,
        mode,
        cut,
        headline,
        (
            BriefPart(
                "The market", (*_condition(side, day, week, seen, cut), *_forecast(side, week, cut))
            ),
            BriefPart("Needs you", needs or nothing),
            BriefPart("Overnight", overnight),
            BriefPart("Due", (*looks_due(due, "today"), *_expiries(lots, day, week))),
        ),
    )


def _condition_in_short(seen: ConditionSeen | None) -> tuple[Part, ...]:
    if seen is None:
        return ("The condition is not decided yet",)
    if seen.condition is None:
        return (fact("No condition could be decided", seen.sequence),)
    deploy = seen.deploy if seen.deploy is not None else Decimal(0)
    return (
        fact(seen.condition, seen.sequence),
        ", deploy ",
        percent(deploy, seen.sequence, places=0),
    )


def _condition(
    side: ReadSide, day: date, week: PlannedWeek | None, seen: ConditionSeen | None, cut: int
) -> tuple[Sentence, ...]:
    if week is None:
        return (sentence(f"No week was planned over {day:%a %Y-%m-%d}."),)
    if seen is None:
        begins = on_clock(day, DAY_BEGINS)
        ends = on_clock(week.last_session, DAY_ENDS)
        looks = briefs.alarms_between(side, begins, ends, cut)
        look = next((one for one in looks if one.kind == _CONDITION_LOOK), None)
        when = "" if look is None else f", at {look.due_at.astimezone(NEW_YORK):%a %H:%M}"
        return (
            sentence(f"The condition of {of_week(week)} is decided on its first morning{when}."),
        )
    if seen.condition is None:
        return (sentence("The condition could not be decided: ", fact(seen.reason, seen.sequence)),)
    vix: tuple[Part, ...] = ()
    if seen.vix is not None and seen.vix_average is not None:
        vix = (
            "; VIX ",
            fact(f"{seen.vix:.2f}", seen.sequence),
            " against ",
            fact(f"{seen.vix_average:.2f}", seen.sequence),
            " over a year",
        )
    return (
        sentence(
            f"{of_week(week)} is ",
            *_condition_in_short(seen),
            " of each sleeve",
            *vix,
            f" ({seen.rule}).",
        ),
    )


def _forecast(side: ReadSide, week: PlannedWeek | None, cut: int) -> tuple[Sentence, ...]:
    """What the forecast gives most to, and how good it has been; nothing where it is silent."""
    found = None if week is None else forecast_spoken(side, week.week, cut)
    if found is None:
        return ()
    told, record = likeliest_of(found[1].targets)
    said = fact(f"{'; '.join(told)}{record}", found[0])
    return (sentence("Advice, which binds nobody: ", said, "."),)


def _waiting(waiting: Sequence[Waiting], at: datetime) -> tuple[Sentence, ...]:
    said = []
    for one in waiting:
        left, until = one.expires_at - at, one.expires_at.astimezone(NEW_YORK)
        soon = "Lapses soon: " if left <= _LAPSING_SOON else ""
        worst: tuple[Part, ...] = ()
        if one.worst_case is not None:
            worst = (", worst case ", dollars(one.worst_case, one.sequence))
        said.append(
            sentence(
                f"{soon}{one.account} waits for an answer to ",
                fact(f"{one.legs}, {one.quantity}", one.sequence),
                *worst,
                f", until {until:%H:%M}, in {span(left)} ({one.rule}).",
            )
        )
    return more_of(said, _LINES_MAX, "proposals wait")


def _alerts(alerts: Sequence[AlertStanding]) -> tuple[Sentence, ...]:
    said = [sentence(fact(one.severity.title(), one.sequence), f": {one.text}") for one in alerts]
    return more_of(said, _LINES_MAX, "alerts stand")


def _overnight(
    side: ReadSide, before: int, cut: int, lots: Sequence[LotOpen]
) -> tuple[Sentence, ...]:
    told = [told_by(line) for line in briefs.lines_between(side, briefs.OVERNIGHT, before + 1, cut)]
    gaps = _gaps(side, before, cut, lots)
    if not told:
        said = "Nothing was assigned, expired, filled or changed since the last close."
        told = [sentence(said)]
    agreed = _differences(side, cut, is_wrong=False)
    return (*more_of(told, _LINES_MAX, "things happened"), *gaps, *agreed)


def _differences(side: ReadSide, cut: int, *, is_wrong: bool) -> tuple[Sentence, ...]:
    """The last comparison of book and broker, where it is as asked for."""
    found = briefs.differences_left(side, cut)
    if found is None or bool(found[0]) is not is_wrong:
        return ()
    if not is_wrong:
        return (sentence("Book and broker ", fact("agree", found[1]), "."),)
    return (
        sentence(
            "Book and broker differ in ",
            count(found[0], "place", (found[1],)),
            " that nobody has explained: look at them in Accounts.",
        ),
    )


def _gaps(side: ReadSide, before: int, cut: int, lots: Sequence[LotOpen]) -> tuple[Sentence, ...]:
    """How far each symbol held stands from its last look before the night, the widest first."""
    found = []
    for symbol in sorted({symbol_of(one.instrument) for one in lots}):
        now = quotes_last_seen(side, symbol, cut)
        then = quotes_last_seen(side, symbol, before) if before else None
        if now is None or then is None or now.sequence <= before:
            continue
        new, old = _mark_of(now), _mark_of(then)
        if old:
            moved = new / old - 1
            found.append((abs(moved), symbol, moved, fact(f"{new:,.2f}", now.sequence), then, old))
    found.sort(key=lambda one: (-one[0], one[1]))
    said = []
    for _, symbol, moved, new_told, seen, was in found[:_GAPS_MAX]:
        said.append(
            sentence(
                f"{symbol} stands at ",
                new_told,
                ", ",
                percent(moved, *new_told.entries, seen.sequence, is_signed=True),
                " from ",
                fact(f"{was:,.2f}", seen.sequence),
                " at the last look before.",
            )
        )
    return tuple(said)


def _mark_of(seen: QuoteSeen) -> Decimal:
    return Decimal(0) if seen.mark is None else seen.mark.per_unit


def _expiries(lots: Sequence[LotOpen], day: date, week: PlannedWeek | None) -> tuple[Sentence, ...]:
    last = day if week is None else week.last_session
    said = []
    for one in lots:
        expiry = expiry_of(one.instrument)
        if expiry is None or not day <= expiry <= last:
            continue
        when = "today" if expiry == day else f"on {expiry:%a %Y-%m-%d}"
        said.append(
            sentence(
                f"{one.account}: ",
                fact(f"{one.quantity:+,d} {one.instrument}", one.opened_sequence),
                f" expires {when}",
                *_level(one),
                ".",
            )
        )
    return more_of(said, _LINES_MAX, "options expire")


def _level(one: LotOpen) -> tuple[Part, ...]:
    if one.level is None:
        return ()
    return (", at level ", fact(one.level, one.levelled_in))
