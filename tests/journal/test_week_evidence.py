from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, CashMove
from allusedesk.domain.events import AlarmsDropped, CashBooked, Entry, Event
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.money import NOTHING, Price
from allusedesk.domain.quotes import Quote
from allusedesk.journal.queries.weeks import week
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.journal.week_evidence import WeekEvidence, week_evidence
from tests.reports.sample_week import (
    MONDAY,
    PUT,
    REV,
    WEEK,
    Shape,
    at,
    happenings,
    snapshot,
    usd,
    written_week,
)


def evidence_of(side: ReadSide) -> WeekEvidence:
    overview = week(side, str(WEEK))
    assert overview is not None
    return week_evidence(side, overview)


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[WeekEvidence]:
    with written_week(tmp_path, Shape()) as side:
        yield evidence_of(side)


def with_more(folder: Path, *more: tuple[datetime, Event]) -> ReadSide:
    """The provisional week with more entries behind its own."""
    path = folder / "more.journal"
    told = [*happenings(Shape(is_final=False)), *more]
    with Journal.create(path, durable=False) as journal:
        for number, (when, event) in enumerate(told, start=1):
            journal.append([Entry(number, when, None, event)])
    return ReadSide(JournalReader.open(path))


def test_the_span_reaches_to_the_final_cut_and_not_beyond(tmp_path: Path) -> None:
    with written_week(tmp_path, Shape()) as side:
        found = evidence_of(side)
        assert (found.sequence_first, found.sequence_last) == (1, side.journal.head()[0])
    with with_more(tmp_path, (at(5, 12), AlarmsDropped(("nothing",)))) as side:
        assert evidence_of(side).sequence_last == side.journal.head()[0] - 1


def test_figures_hold_realised_commission_and_base(sample: WeekEvidence) -> None:
    rev = next(one for one in sample.figures if one.account == REV)
    assert (rev.realised, rev.commission, rev.dividends) == (usd("630"), usd("1.30"), NOTHING)
    assert rev.floor == usd("90000")


def test_money_from_outside_moves_the_base(tmp_path: Path) -> None:
    def opening_with_deposit() -> Iterator[tuple[datetime, Event]]:
        for number, (when, event) in enumerate(happenings(Shape())):
            yield when, event
            if number == 3:
                move = CashMove(REV, usd("5000"), MONDAY, "deposit")
                yield when, CashBooked(Booking((), (move,)), "deposit")

    path = tmp_path / "deposit.journal"
    with Journal.create(path, durable=False) as journal:
        for number, (when, event) in enumerate(opening_with_deposit(), start=1):
            journal.append([Entry(number, when, None, event)])
    with ReadSide(JournalReader.open(path)) as side:
        floors = {one.account: one.floor for one in evidence_of(side).figures}
    assert floors[REV] == usd("95000")
    assert floors[AccountId("F1.gen")] == usd("120000")


def test_quotes_are_counted_with_those_modelled_and_dropped(sample: WeekEvidence) -> None:
    seen = sample.samples
    assert (seen.quotes, seen.modelled, seen.dropped) == (6, 6, 2)
    assert seen.defects == ("row 7 is crossed",)


def test_a_text_that_looks_like_a_count_is_not_counted(tmp_path: Path) -> None:
    odd = replace(snapshot(modelled=False), defects=('"quotes_dropped":9', '"defects":["x"]'))
    entry = (at(4, 21, 30), MarketSampled("odd", odd))
    path = tmp_path / "odd.journal"
    told = [*happenings(Shape(is_final=False))]
    told.insert(-1, (told[-1][0], entry[1]))
    with Journal.create(path, durable=False) as journal:
        for number, (when, event) in enumerate(told, start=1):
            journal.append([Entry(number, when, None, event)])
    with ReadSide(JournalReader.open(path)) as side:
        seen = evidence_of(side).samples
    assert seen.dropped == 4
    assert seen.defects == ("row 7 is crossed", '"quotes_dropped":9', '"defects":["x"]')


def test_a_lot_carried_on_is_worth_what_the_latest_look_showed(tmp_path: Path) -> None:
    late = replace(
        snapshot(modelled=True),
        held=(Quote(PUT, Price(usd("1").amount), Price(usd("1.10").amount), None, at(4, 21)),),
    )
    told = [*happenings(Shape(is_final=False))]
    told.insert(-1, (told[-1][0], MarketSampled("late", late)))
    path = tmp_path / "late.journal"
    with Journal.create(path, durable=False) as journal:
        for number, (when, event) in enumerate(told, start=1):
            journal.append([Entry(number, when, None, event)])
    with ReadSide(JournalReader.open(path)) as side:
        carried = evidence_of(side).lots_open
    assert [(one.mark, one.unrealised) for one in carried] == [
        (Price(usd("1.05").amount), usd("420"))
    ]


def test_a_lot_without_a_mark_counts_at_cost(tmp_path: Path) -> None:
    with written_week(tmp_path, Shape(is_final=False)) as side:
        assert [one.unrealised for one in evidence_of(side).lots_open] == [None]


def test_only_alarms_after_the_cut_are_next(sample: WeekEvidence) -> None:
    assert [alarm.id for alarm in sample.alarms_next] == ["W8/condition"]
    assert sample.recorded_at == at(7, 13)


def test_history_holds_the_last_marks_of_each_week(sample: WeekEvidence) -> None:
    assert [(one.week, len(one.marks)) for one in sample.history] == [(str(WEEK), 3)]
    assert sample.history[0].marks[0].on_day == MONDAY + timedelta(days=4)
