"""What was forecast beside what came: the next week's condition, shares, and the gain."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountId, FamilyId
from allusedesk.domain.events import ConditionClassified, Entry, Event, WeekLabelled
from allusedesk.domain.forecasts import CONDITION, LABEL, ForecastMade
from allusedesk.domain.inputs import WeekPlanned
from allusedesk.domain.week_events import OutcomeClassified
from allusedesk.domain.weeks import Session, TradingWeek, WeekId
from allusedesk.journal.queries.advice import advice_record
from allusedesk.journal.queries.asked_desk import forecast_spoken
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from tests.learning.forecasts import silent, spoken

WEEK, NEXT = WeekId(2022, 50), WeekId(2022, 51)


def planned(week: WeekId) -> WeekPlanned:
    monday = date.fromisocalendar(week.year, week.number, 1)

    def session(day: date) -> Session:
        opens = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
        return Session(day, opens, opens + timedelta(hours=6))

    one = TradingWeek(week.year, week.number, (session(monday),), monday)
    return WeekPlanned(one, session(monday + timedelta(days=7)))


def classified(week: WeekId, condition: str) -> Event:
    nothing = Decimal(0)
    return ConditionClassified(week, condition, "rule", (), nothing, nothing, nothing)


def read(path: Path, *events: Event) -> ReadSide:
    at = datetime(2022, 12, 9, 21, 31, tzinfo=UTC)
    journal = Journal.create(path / "a.journal", durable=False)
    journal.append([Entry(place, at, None, event) for place, event in enumerate(events, start=1)])
    journal.close()
    return ReadSide(JournalReader.open(path / "a.journal"))


def test_each_forecast_stands_beside_what_came(tmp_path: Path) -> None:
    family, other = FamilyId("F1"), FamilyId("F2")
    with read(
        tmp_path,
        planned(WEEK),
        spoken(WEEK),
        classified(WEEK, "Chop"),
        WeekLabelled(family, WEEK, "Calm-Income", ()),
        WeekLabelled(other, WEEK, "Calm-Income", ()),
        WeekLabelled(other, WEEK, "Roll", ()),
        OutcomeClassified(AccountId("F1.gen"), WEEK, None, "W-IDL", "final", (), ""),
        OutcomeClassified(AccountId("F1.gen"), WEEK, None, "P-EW", "interim", (), ""),
        planned(NEXT),
        spoken(NEXT),
        classified(NEXT, "Red"),
    ) as side:
        lines = advice_record(side)
    assert [line.week for line in lines] == [str(NEXT)] * 3 + [str(WEEK)] * 3
    assert {(line.happened, line.gain) for line in lines[:3]} == {("", None)}
    by_target = {line.target: line for line in lines[3:]}
    condition, label = by_target[CONDITION], by_target[LABEL]
    assert (condition.likeliest, condition.happened) == ("Red", "Red")
    assert condition.gain == pytest.approx(math.log(0.61 / 0.35))
    assert label.happened == "Calm-Income 50%, Roll 50%"
    half = 0.5 * (math.log(0.76 / 0.78) + math.log(0.24 / 0.22))
    assert label.gain == pytest.approx(half)
    assert by_target["outcomes of the week"].happened == "W-IDL"


def test_the_condition_after_a_gap_is_not_what_followed(tmp_path: Path) -> None:
    later = WeekId(2023, 7)
    with read(
        tmp_path, planned(WEEK), spoken(WEEK), planned(later), classified(later, "Red")
    ) as side:
        (line,) = (one for one in advice_record(side) if one.target == CONDITION)
    assert (line.happened, line.gain) == ("", None)


def test_a_forecast_is_found_with_its_score_as_it_was_known_by_an_entry(tmp_path: Path) -> None:
    first = spoken(WEEK)
    again = replace(first, weeks_labelled=77)
    with read(tmp_path, planned(WEEK), first, again, silent(NEXT, 9)) as side:
        assert forecast_spoken(side, str(WEEK), 4) == (3, again)
        assert forecast_spoken(side, str(WEEK), 2) == (2, first)
        assert forecast_spoken(side, str(WEEK), 1) is None
        assert forecast_spoken(side, str(NEXT), 4) is None


def test_silence_leaves_no_line(tmp_path: Path) -> None:
    with read(tmp_path, planned(WEEK), silent(WEEK, 3)) as side:
        assert advice_record(side) == ()


def test_a_forecast_is_read_back_as_it_was_recorded(tmp_path: Path) -> None:
    made: ForecastMade = replace(spoken(WEEK), weeks_labelled=77)
    with read(tmp_path, made) as side:
        assert [entry.event for entry in side.journal.read()] == [made]
