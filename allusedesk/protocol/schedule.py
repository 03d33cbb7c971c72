"""At which instants the protocol wants to look (protocol, sections 2, 3, 7 and 14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.rulebook import Condition, EntryOverride, Rulebook
from allusedesk.protocol.rulebook_ranges import DayBand
from allusedesk.protocol.rulebook_trading import Weekday, Window

NEW_YORK = ZoneInfo("America/New_York")

# Alarms of one instant ring in this order: what is known first, then what acts on it.
_ORDER = tuple(AlarmKind)
_DAYS_OF_A_WEEK = 7


def alarms_of_week(
    week: TradingWeek, session_after: Session, condition: Condition | None, rulebook: Rulebook
) -> tuple[Alarm, ...]:
    """Every clock alarm of a week, in order of time, with ids that never change.

    Without a condition the entry looks stand on each day any condition allows; the rules of entry
    refuse on the day. Every session has a closing window, since any of them may be an expiry day;
    one that is quoted at recorded instants alone is not looked at between these.
    """
    alarms = [*_alarms_of_condition(week, rulebook), *_alarms_of_ladder(week, rulebook)]
    for session in week.sessions:
        alarms += _alarms_of_session(week, session, rulebook)
    for kind in AccountKind:
        alarms += _alarms_of_entries(week, kind, condition, rulebook)
    alarms += _alarms_of_report(week, session_after, rulebook)
    return tuple(sorted(alarms, key=lambda a: (a.due_at, _ORDER.index(a.kind), a.id)))


def alarms_of_looks(
    week: TradingWeek, looks: Sequence[datetime], rulebook: Rulebook
) -> tuple[Alarm, ...]:
    """A management look at each instant, and an entry look of the tiers whose window it is in.

    For markets recorded as snapshots, which are fresh at their own instants alone. Where a whole
    session is quoted at such instants only, its window lies around them.
    """
    alarms: list[Alarm] = []
    for instant in looks:
        session = week.session_on(instant.astimezone(NEW_YORK).date())
        if session is None or not session.opens_at <= instant < session.closes_at:
            continue
        name = f"{instant.astimezone(NEW_YORK):%H%M%S}"
        alarms.append(_alarm(week, session, AlarmKind.MANAGE, f"fresh-{name}", instant))
        for kind in AccountKind:
            opens, closes = entry_window(kind, session, rulebook)
            if opens <= instant <= closes:
                entry = f"fresh-entry-{kind.value}-{name}"
                alarms.append(_alarm(week, session, AlarmKind.ENTRY, entry, instant, kind.value))
    return tuple(alarms)


def entry_dates(
    kind: AccountKind, condition: Condition | None, week: TradingWeek, rulebook: Rulebook
) -> tuple[date, ...]:
    """The dates on which a tier may enter; a closed day moves to the week's next session."""
    return _dates_of(entry_days(kind, condition, rulebook), week)


def entry_days(
    kind: AccountKind, condition: Condition | None, rulebook: Rulebook
) -> tuple[Weekday, ...]:
    """The weekdays on which a tier may enter under a condition, holidays apart."""
    for override in _overrides(condition, rulebook):
        if override.account is kind:
            return override.entry_days
    return rulebook.account(kind).entry_days


def entry_expiries(
    kind: AccountKind,
    condition: Condition | None,
    rulebook: Rulebook,
    *,
    is_hedged: bool = False,
) -> DayBand:
    """The days to expiry a tier sells under a condition, or while hedging is called for."""
    for override in _overrides(condition, rulebook):
        if override.account is kind and override.days_to_expiry is not None:
            return override.days_to_expiry
    rules = rulebook.account(kind)
    if is_hedged and rules.days_to_expiry_hedged is not None:
        return rules.days_to_expiry_hedged
    return rules.days_to_expiry


def _overrides(condition: Condition | None, rulebook: Rulebook) -> tuple[EntryOverride, ...]:
    rules = rulebook.condition
    if condition is None or rules is None or not rules.binds:
        return ()
    return rules.effect(condition).overrides


def entry_window(
    kind: AccountKind, session: Session, rulebook: Rulebook
) -> tuple[datetime, datetime]:
    """When a tier may enter on a session: clock time, or moved with an early close.

    A session that is quoted at recorded instants alone, none of them in that window, can be
    entered at these: the window then lies around them, not before the open's first minutes end.
    """
    window = rulebook.account(kind).entry_window
    shift = _entry_shift(window, session, rulebook)
    opens = _moved(window.opens, shift, session, rulebook)
    regular = opens, _instant(session.date, window.closes) - shift
    minutes = rulebook.calendar.entry_minutes_after_open_min
    earliest = session.opens_at + timedelta(minutes=minutes)
    instants = [instant for instant in session.quoted_at or () if instant >= earliest]
    return _around_quotes(regular, instants, rulebook)


def is_moved_to_quotes(kind: AccountKind, session: Session, rulebook: Rulebook) -> bool:
    """Tell whether a tier's window lies around recorded instants instead of at its own time."""
    unmoved = entry_window(kind, replace(session, quoted_at=None), rulebook)
    return entry_window(kind, session, rulebook) != unmoved


def closing_window(session: Session, rulebook: Rulebook) -> tuple[datetime, datetime]:
    """When positions that end on a session are closed or kept.

    Where it holds none of the instants at which alone a session is quoted, it moves to the last
    of these.
    """
    window = rulebook.calendar.closing_window
    regular = (
        _before_close(window.opens, session, rulebook),
        _before_close(window.closes, session, rulebook),
    )
    return _around_quotes(regular, (session.quoted_at or ())[-1:], rulebook)


def _around_quotes(
    regular: tuple[datetime, datetime], instants: Sequence[datetime], rulebook: Rulebook
) -> tuple[datetime, datetime]:
    """A window, or one around the instants while their quotes are fresh, if it holds none."""
    if not instants or any(regular[0] <= instant <= regular[1] for instant in instants):
        return regular
    fresh = timedelta(seconds=float(rulebook.quotes.age_seconds_max))
    return instants[0], instants[-1] + fresh


def last_session_of(expiry: date, week: TradingWeek) -> Session | None:
    """The session of this week on which an option of `expiry` stops trading, if it is here."""
    year, number, _ = expiry.isocalendar()
    if (year, number) != (week.year, week.number):
        return None
    return week.last_session_on_or_before(expiry)


def is_final_session(expiry: date, session: Session, week: TradingWeek) -> bool:
    """Tell whether an option of `expiry` trades on `session` for the last time."""
    return last_session_of(expiry, week) == session


def window_end(
    kind: AlarmKind, account: AccountKind, session: Session, rulebook: Rulebook
) -> datetime:
    """The end of the window a look belongs to; no proposal made in it waits beyond that."""
    if kind is AlarmKind.ENTRY:
        return entry_window(account, session, rulebook)[1]
    if kind in (AlarmKind.CLOSING, AlarmKind.ASSIGNMENT):
        return closing_window(session, rulebook)[1]
    return session.closes_at


def _alarms_of_condition(week: TradingWeek, rulebook: Rulebook) -> Iterator[Alarm]:
    first = week.sessions[0]
    due = _instant(first.date, rulebook.calendar.condition_look)
    yield _alarm(week, first, AlarmKind.CONDITION, "condition", due)


def _alarms_of_ladder(week: TradingWeek, rulebook: Rulebook) -> Iterator[Alarm]:
    """On a month's first week and the one after a quarter's end, where the ladder is on."""
    rules, first = rulebook.ladder, week.sessions[0]
    monday = date.fromisocalendar(week.year, week.number, 1)
    friday = monday - timedelta(days=3)
    ends_quarter = friday.month % 3 == 0 and (friday + timedelta(weeks=1)).month != friday.month
    is_due = ends_quarter or monday.day <= _DAYS_OF_A_WEEK
    if rules is None or not rules.is_on or rules.look is None or not is_due:
        return
    if first.quoted_at is None:
        due = _instant(first.date, rules.look)
        yield _alarm(week, first, AlarmKind.LADDER, "ladder", due)


def _alarms_of_session(week: TradingWeek, session: Session, rulebook: Rulebook) -> Iterator[Alarm]:
    rules = rulebook.calendar
    if session.quoted_at is None:
        opening = _instant(session.date, rules.opening_look)
        yield _alarm(week, session, AlarmKind.OPENING, "opening", opening)
        for look in rules.management_looks:
            due = _instant(session.date, look)
            if due < session.closes_at:
                yield _alarm(week, session, AlarmKind.MANAGE, f"manage-{look:%H%M}", due)
        closing, _ = closing_window(session, rulebook)
        preparation = _before_close(rules.assignment_look, session, rulebook)
        pin_risk = session.closes_at - timedelta(minutes=rules.pin_risk_minutes_before_close)
        yield from _alarms_of_closing(week, session, closing, preparation, pin_risk)
    elif session.quoted_at:
        last = session.quoted_at[-1]
        yield from _alarms_of_closing(week, session, last, last, last)
    yield _alarm(week, session, AlarmKind.CLOSE, "close", session.closes_at)


def _alarms_of_closing(
    week: TradingWeek,
    session: Session,
    closing: datetime,
    preparation: datetime,
    pin_risk: datetime,
) -> Iterator[Alarm]:
    yield _alarm(week, session, AlarmKind.CLOSING, "closing", closing)
    yield _alarm(week, session, AlarmKind.ASSIGNMENT, "assignment", preparation)
    yield _alarm(week, session, AlarmKind.PIN_RISK, "pin-risk", pin_risk)


def _alarms_of_entries(
    week: TradingWeek, kind: AccountKind, condition: Condition | None, rulebook: Rulebook
) -> Iterator[Alarm]:
    conditions = (None, *Condition) if condition is None else (condition,)
    days = {day for item in conditions for day in entry_days(kind, item, rulebook)}
    dates = _dates_of(tuple(day for day in Weekday if day in days), week)
    window = rulebook.account(kind).entry_window
    for session in week.sessions:
        if session.date not in dates or session.quoted_at is not None:
            continue
        shift = _entry_shift(window, session, rulebook)
        opens, closes = entry_window(kind, session, rulebook)
        dues: list[datetime] = []
        for look in rulebook.calendar.entry_looks:
            due = max(opens, _moved(look, shift, session, rulebook))
            if due <= closes and due not in dues:
                dues.append(due)
        for number, due in enumerate(dues, start=1):
            name = f"entry-{kind.value}-{number}"
            yield _alarm(week, session, AlarmKind.ENTRY, name, due, kind.value)


def _alarms_of_report(
    week: TradingWeek, session_after: Session, rulebook: Rulebook
) -> Iterator[Alarm]:
    rules, last = rulebook.calendar, week.sessions[-1]
    report = _instant(last.date, rules.report)
    yield _alarm(week, last, AlarmKind.REPORT, "report", report)
    plan = report + timedelta(minutes=rules.plan_minutes_after_report)
    yield _alarm(week, last, AlarmKind.PLAN, "plan", plan)
    final = _instant(session_after.date, rules.final_report)
    yield Alarm(f"{week.id}/final-report", AlarmKind.FINAL_REPORT, final)


def _dates_of(days: tuple[Weekday, ...], week: TradingWeek) -> tuple[date, ...]:
    found: list[date] = []
    for day in days:
        wanted = date.fromisocalendar(week.year, week.number, day.number + 1)
        moved = next((s.date for s in week.sessions if s.date >= wanted), None)
        if moved is not None and moved not in found:
            found.append(moved)
    return tuple(sorted(found))


def _entry_shift(window: Window, session: Session, rulebook: Rulebook) -> timedelta:
    """How far a window that would end after the close moves back with it."""
    if _instant(session.date, window.closes) <= session.closes_at:
        return timedelta(0)
    return _instant(session.date, rulebook.calendar.regular_close) - session.closes_at


def _moved(clock: time, shift: timedelta, session: Session, rulebook: Rulebook) -> datetime:
    earliest = session.opens_at + timedelta(minutes=rulebook.calendar.entry_minutes_after_open_min)
    return max(_instant(session.date, clock) - shift, earliest)


def _before_close(clock: time, session: Session, rulebook: Rulebook) -> datetime:
    """A closing time, kept as far from this session's close as it is from a regular one."""
    regular = _instant(session.date, rulebook.calendar.regular_close)
    return session.closes_at - (regular - _instant(session.date, clock))


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=NEW_YORK).astimezone(UTC)


def _alarm(
    week: TradingWeek,
    session: Session,
    kind: AlarmKind,
    name: str,
    due: datetime,
    subject: str = "",
) -> Alarm:
    day = list(Weekday)[session.date.weekday()].value
    return Alarm(f"{week.id}/{day}/{name}", kind, due, subject)
