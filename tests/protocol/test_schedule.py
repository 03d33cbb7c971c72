from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.rulebook import Condition, Rulebook
from allusedesk.protocol.rulebook_ranges import DayBand
from allusedesk.protocol.schedule import (
    NEW_YORK,
    alarms_of_looks,
    alarms_of_week,
    closing_window,
    entry_dates,
    entry_expiries,
    entry_window,
    is_final_session,
    is_moved_to_quotes,
    last_session_of,
    window_end,
)
from tests.protocol.examples import (
    COM,
    FRIDAY,
    GEN,
    MONDAY,
    REV,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    WEEK,
    at,
    classic,
    constitution,
    session,
    week_of,
)

GREEN, RED, CHOP = Condition


def alarms(week: TradingWeek, condition: Condition | None = None) -> tuple[Alarm, ...]:
    after = session(week.sessions[-1].date + timedelta(days=3))
    return alarms_of_week(week, after, condition, classic())


def looks(week: TradingWeek, kind: AlarmKind, subject: str = "") -> list[str]:
    found = [a for a in alarms(week) if a.kind is kind and a.subject == subject]
    return [f"{a.due_at.astimezone(NEW_YORK):%a %H:%M}" for a in found]


def local(instant: datetime) -> str:
    return f"{instant.astimezone(NEW_YORK):%H:%M}"


def test_an_ordinary_week() -> None:
    assert looks(WEEK, AlarmKind.CONDITION) == ["Mon 09:00"]
    assert looks(WEEK, AlarmKind.OPENING)[0] == "Mon 09:35"
    assert looks(WEEK, AlarmKind.MANAGE)[:3] == ["Mon 10:30", "Mon 12:30", "Mon 15:15"]
    assert looks(WEEK, AlarmKind.CLOSING)[-1] == "Fri 14:30"
    assert looks(WEEK, AlarmKind.ASSIGNMENT)[-1] == "Fri 15:00"
    assert looks(WEEK, AlarmKind.PIN_RISK)[-1] == "Fri 15:30"
    assert looks(WEEK, AlarmKind.CLOSE)[-1] == "Fri 16:00"
    assert looks(WEEK, AlarmKind.REPORT) == ["Fri 16:30"]
    assert looks(WEEK, AlarmKind.PLAN) == ["Fri 16:31"]
    assert looks(WEEK, AlarmKind.FINAL_REPORT) == ["Mon 08:00"]
    gen = looks(WEEK, AlarmKind.ENTRY, "gen")
    assert gen == [
        f"{day} {clock}" for day in ("Mon", "Thu") for clock in ("09:45", "11:30", "14:00")
    ]


def test_ids_are_unique_stable_and_in_order_of_time() -> None:
    found = alarms(WEEK)
    assert len({alarm.id for alarm in found}) == len(found)
    assert [a.due_at for a in found] == sorted(a.due_at for a in found)
    assert alarms(WEEK) == found
    assert "2013-W06/Thu/entry-gen-1" in {alarm.id for alarm in found}


@pytest.mark.parametrize(
    ("kind", "condition", "days"),
    [
        (GEN, None, (THURSDAY,)), (GEN, GREEN, (THURSDAY,)), (GEN, RED, (MONDAY,)), (GEN, CHOP, ()),
        (REV, GREEN, (MONDAY, TUESDAY, WEDNESDAY)), (REV, RED, (MONDAY,)),
        (REV, CHOP, (WEDNESDAY,)),
        (COM, RED, (MONDAY, TUESDAY, WEDNESDAY)),
    ],
)  # fmt: skip
def test_entry_days_follow_the_condition(
    kind: AccountKind, condition: Condition | None, days: tuple[date, ...]
) -> None:
    assert entry_dates(kind, condition, WEEK, classic()) == days


def test_a_known_condition_leaves_out_the_other_days() -> None:
    subjects = {a.subject for a in alarms(WEEK, CHOP) if a.kind is AlarmKind.ENTRY}
    assert subjects == {"rev", "com"}


def test_a21_good_friday_moves_the_closing_duties_to_thursday() -> None:
    week = week_of(date(2013, 3, 25), closed=(date(2013, 3, 29),))
    assert looks(week, AlarmKind.CLOSING)[-1] == "Thu 14:30"
    assert looks(week, AlarmKind.REPORT) == ["Thu 16:30"]
    good_friday = date(2013, 3, 29)
    last = last_session_of(good_friday, week)
    assert last is not None
    assert last.date == date(2013, 3, 28)
    assert is_final_session(good_friday, last, week)
    assert entry_dates(GEN, GREEN, week, classic()) == (date(2013, 3, 28),)


def test_a21_an_early_close_moves_closing_windows_and_not_the_report() -> None:
    day = date(2013, 11, 29)
    week = week_of(date(2013, 11, 25), closed=(date(2013, 11, 28),), early=(day,))
    friday = week.sessions[-1]
    assert [local(edge) for edge in closing_window(friday, classic())] == ["11:30", "12:45"]
    assert looks(week, AlarmKind.ASSIGNMENT)[-1] == "Fri 12:00"
    assert looks(week, AlarmKind.PIN_RISK)[-1] == "Fri 12:30"
    assert looks(week, AlarmKind.CLOSE)[-1] == "Fri 13:00"
    assert looks(week, AlarmKind.MANAGE)[-2:] == ["Fri 10:30", "Fri 12:30"]
    assert looks(week, AlarmKind.REPORT) == ["Fri 16:30"]


def test_a21_a_closed_entry_day_moves_and_its_window_moves_with_the_early_close() -> None:
    day = date(2013, 11, 29)
    week = week_of(date(2013, 11, 25), closed=(date(2013, 11, 28),), early=(day,))
    assert entry_dates(GEN, GREEN, week, classic()) == (day,)
    assert [local(edge) for edge in entry_window(GEN, week.sessions[-1], classic())] == [
        "09:45", "12:30",
    ]  # fmt: skip
    assert looks(week, AlarmKind.ENTRY, "gen")[-2:] == ["Fri 09:45", "Fri 11:00"]


def test_a21_an_early_close_before_a_holiday_keeps_windows_that_end_in_time() -> None:
    wednesday = date(2013, 7, 3)
    week = week_of(date(2013, 7, 1), closed=(date(2013, 7, 4),), early=(wednesday,))
    assert [local(e) for e in entry_window(REV, week.sessions[2], classic())] == ["09:45", "12:30"]
    assert entry_dates(GEN, GREEN, week, classic()) == (date(2013, 7, 5),)
    assert looks(week, AlarmKind.CLOSING)[2:] == ["Wed 11:30", "Fri 14:30"]


def test_a21_with_no_later_session_in_the_week_the_sleeve_is_idle() -> None:
    week = week_of(date(2013, 3, 25), closed=(date(2013, 3, 28), date(2013, 3, 29)))
    assert entry_dates(GEN, GREEN, week, classic()) == ()


def test_a21_an_expiry_on_a_saturday_or_a_holiday_ends_the_session_before() -> None:
    saturday = FRIDAY + timedelta(days=1)
    assert last_session_of(saturday, WEEK) == WEEK.sessions[-1]
    assert last_session_of(saturday + timedelta(days=2), WEEK) is None
    holiday = week_of(MONDAY, closed=(MONDAY,))
    assert last_session_of(MONDAY, holiday) is None


def test_every_session_has_a_closing_window_since_it_may_be_an_expiry_day() -> None:
    assert [look[:3] for look in looks(WEEK, AlarmKind.CLOSING)] == [
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
    ]


def test_a_recorded_market_is_looked_at_when_it_is_fresh() -> None:
    looks_at = (
        at(MONDAY, "09:00"), at(MONDAY, "09:40"), at(MONDAY, "10:00"), at(MONDAY, "15:31"),
        at(MONDAY, "16:00"), at(FRIDAY + timedelta(days=1), "10:00"),
    )  # fmt: skip
    found = [
        (a.kind, a.subject, local(a.due_at)) for a in alarms_of_looks(WEEK, looks_at, classic())
    ]
    assert found == [
        (AlarmKind.MANAGE, "", "09:40"),
        (AlarmKind.MANAGE, "", "10:00"),
        (AlarmKind.ENTRY, "gen", "10:00"),
        (AlarmKind.ENTRY, "rev", "10:00"),
        (AlarmKind.ENTRY, "com", "10:00"),
        (AlarmKind.MANAGE, "", "15:31"),
    ]


def test_the_window_a_proposal_belongs_to() -> None:
    today = WEEK.sessions[3]
    assert window_end(AlarmKind.ENTRY, GEN, today, classic()) == at(THURSDAY, "15:30")
    assert window_end(AlarmKind.CLOSING, GEN, today, classic()) == at(THURSDAY, "15:45")
    assert window_end(AlarmKind.MANAGE, GEN, today, classic()) == at(THURSDAY, "16:00")


@given(st.sets(st.integers(0, 4), max_size=4), st.sets(st.integers(0, 4)))
def test_no_look_at_an_entry_lies_outside_its_window(closed: set[int], early: set[int]) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    week = week_of(
        MONDAY, tuple(days[n] for n in sorted(closed)), tuple(days[n] for n in sorted(early))
    )
    found = alarms(week)
    assert len({alarm.id for alarm in found}) == len(found)
    for alarm in found:
        if alarm.kind is AlarmKind.ENTRY:
            today = week.session_on(alarm.due_at.astimezone(NEW_YORK).date())
            assert today is not None
            opens, closes = entry_window(AccountKind(alarm.subject), today, classic())
            assert today.opens_at + timedelta(minutes=15) <= opens <= alarm.due_at <= closes
            assert closes < today.closes_at


def test_gen_sells_longer_puts_while_hedging_is_called_for() -> None:
    rules = constitution()
    assert entry_expiries(GEN, None, rules) == DayBand(0, 1)
    assert entry_expiries(GEN, None, rules, is_hedged=True) == DayBand(1, 3)
    assert entry_expiries(REV, None, rules, is_hedged=True) == DayBand(3, 5)


def test_a_condition_that_does_not_bind_moves_no_day() -> None:
    for condition in (None, *Condition):
        days = [entry_dates(kind, condition, WEEK, constitution()) for kind in (GEN, REV, COM)]
        assert days == [(THURSDAY,), (WEDNESDAY,), (MONDAY,)]


def day_and_time(instant: datetime) -> str:
    return f"{instant.astimezone(NEW_YORK):%a %H:%M}"


def recorded(day: date, *clocks: str) -> Session:
    """A session of which quotes were recorded at these times alone."""
    return replace(session(day), quoted_at=tuple(at(day, clock) for clock in clocks))


def test_a_window_without_recorded_quotes_moves_to_them() -> None:
    rules = classic()
    last_minute = recorded(THURSDAY, "15:59")
    assert entry_window(GEN, last_minute, rules) == (
        at(THURSDAY, "15:59:00"),
        at(THURSDAY, "15:59:30"),
    )
    assert is_moved_to_quotes(GEN, last_minute, rules)
    regular = entry_window(GEN, session(THURSDAY), rules)
    for standing in (
        recorded(THURSDAY, "12:27", "15:59"),
        recorded(THURSDAY),
        # Nobody enters in the open's first minutes, whatever was recorded then.
        recorded(THURSDAY, "09:31"),
    ):
        assert entry_window(GEN, standing, rules) == regular
        assert not is_moved_to_quotes(GEN, standing, rules)
    strict = constitution()
    assert entry_window(GEN, recorded(THURSDAY, "12:27", "14:00"), strict) == (
        at(THURSDAY, "12:27:00"),
        at(THURSDAY, "14:00:30"),
    )


def test_the_closing_window_moves_to_the_day_s_last_recorded_quotes() -> None:
    rules = classic()
    assert closing_window(recorded(FRIDAY, "11:00", "12:27"), rules) == (
        at(FRIDAY, "12:27:00"),
        at(FRIDAY, "12:27:30"),
    )
    regular = closing_window(session(FRIDAY), rules)
    assert closing_window(recorded(FRIDAY, "11:00", "15:00"), rules) == regular
    assert closing_window(recorded(FRIDAY), rules) == regular


def test_a_session_quoted_at_single_instants_is_looked_at_there_alone() -> None:
    rules = classic()
    sessions = (recorded(WEDNESDAY), recorded(THURSDAY, "12:27", "15:59"))
    week = replace(WEEK, sessions=sessions, expiry=THURSDAY)
    alarms = alarms_of_week(week, session(FRIDAY), None, rules)
    looked = [(alarm.kind, day_and_time(alarm.due_at)) for alarm in alarms]
    assert looked == [
        (AlarmKind.CONDITION, "Wed 09:00"),
        (AlarmKind.CLOSE, "Wed 16:00"),
        (AlarmKind.CLOSING, "Thu 15:59"),
        (AlarmKind.ASSIGNMENT, "Thu 15:59"),
        (AlarmKind.PIN_RISK, "Thu 15:59"),
        (AlarmKind.CLOSE, "Thu 16:00"),
        (AlarmKind.REPORT, "Thu 16:30"),
        (AlarmKind.PLAN, "Thu 16:31"),
        (AlarmKind.FINAL_REPORT, "Fri 08:00"),
    ]
    instants = sessions[1].quoted_at
    assert instants is not None
    found = alarms_of_looks(week, instants, rules)
    assert [day_and_time(alarm.due_at) for alarm in found if alarm.kind is AlarmKind.MANAGE] == [
        "Thu 12:27",
        "Thu 15:59",
    ]
    gen = [alarm for alarm in found if alarm.subject == "gen"]
    assert [day_and_time(alarm.due_at) for alarm in gen] == ["Thu 12:27"]


def test_the_ladder_is_looked_at_in_a_month_s_first_week_where_the_market_is_quoted() -> None:
    rules, first = constitution(), week_of(date(2013, 3, 4))
    assert [day_and_time(alarm.due_at) for alarm in ladder_looks(first, rules)] == ["Mon 11:15"]
    # Monday's quotes were recorded at single instants: none is known to stand at a quarter past.
    monday = replace(first.sessions[0], quoted_at=(at(date(2013, 3, 4), "12:27"),))
    single = replace(first, sessions=(monday, *first.sessions[1:]))
    assert ladder_looks(single, rules) == []
    assert ladder_looks(week_of(date(2013, 3, 11)), rules) == []


def ladder_looks(week: TradingWeek, rules: Rulebook) -> list[Alarm]:
    after = session(week.expiry + timedelta(days=3))
    found = alarms_of_week(week, after, None, rules)
    return [alarm for alarm in found if alarm.kind is AlarmKind.LADDER]
