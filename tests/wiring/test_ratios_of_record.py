"""Sharpe and Sortino asked of a record are the very figures of its monthly report."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.answers.answer import Answer, Figure, Standing
from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.inputs import WeekPlanned
from allusedesk.domain.money import Money
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from allusedesk.reports.kinds import ReportKind
from allusedesk.reports.statement import Statement, Table
from allusedesk.reports.wording import MINUS, shown
from allusedesk.wiring.answering import Answerer
from allusedesk.wiring.ratios_of_record import ratios_of_record
from allusedesk.wiring.reporting import ReportWish, statement_of
from tests.reports.sample_week import BASES, KINDS, MONDAY, Shape, opening, sessions, trading_week


def mark(kind: int, day: date, gain: Decimal) -> told.SleeveMark:
    equity, none = BASES[kind] + Money(gain), Money(Decimal(0))
    name = AccountId(f"F1.{KINDS[kind].value}")
    return told.SleeveMark(name, equity, equity, none, none, none, equity, Decimal(0))


def desk_of(folder: Path, weeks: int) -> Path:
    """A desk whose Gen goes up and down, whose Rev goes down and whose Com does nothing."""
    happened = list(opening(Shape()))
    when = happened[-1][0]
    for number in range(weeks):
        first = MONDAY + timedelta(weeks=number)
        after = sessions(first + timedelta(days=7))[0]
        year, week, _ = first.isocalendar()
        if number:
            plan = trading_week(WeekId(year, week), first)
            happened.append((when + timedelta(minutes=1), WeekPlanned(plan, after)))
        for session in sessions(first):
            days = (session.date - MONDAY).days
            gains = (
                Decimal(days * 40 + (-900 if number % 3 == 1 else 500)),
                Decimal(-days * 7 - 100 * (number % 2)),
                Decimal(0),
            )
            marks = tuple(mark(place, session.date, gain) for place, gain in enumerate(gains))
            when = session.closes_at
            happened.append((when, told.BalancesMarked(session.date, marks, (), is_modelled=True)))
    path = folder / "ratios.journal"
    with Journal.create(path, durable=False) as journal, journal.group():
        journal.append(
            [told.Entry(number, at, None, one) for number, (at, one) in enumerate(happened, 1)]
        )
    return path


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_of(tmp_path_factory.mktemp("ratios"), 20)


def reported(journal: Path, month: str) -> dict[str, list[str]]:
    """The report's ratios by whom they are of, as a reader sees them."""
    with ReadSide.open(journal) as side:
        statement: Statement = statement_of(side, ReportWish(ReportKind.MONTHLY, month))
    [found] = [
        one
        for section in statement.sections
        for one in section.blocks
        if isinstance(one, Table) and one.title == "How unevenly it was earned"
    ]
    wanted = ("Volatility a year", "Sharpe", "Sortino")
    places = [place for place, one in enumerate(found.columns) if one.title in wanted]
    return {
        str(row[0]).replace("All sleeves", "the desk"): [
            shown(row[place], is_signed=found.columns[place].is_signed).replace(MINUS, "-")
            for place in places
        ]
        for row in (*found.rows, found.totals)
    }


def figures(answer: Answer) -> dict[str, list[str]]:
    assert answer.table is not None
    return {
        str(row[0]): [one.text if isinstance(one, Figure) else "\N{EN DASH}" for one in row[2:]]
        for row in answer.table.rows
    }


@pytest.mark.parametrize("month", ["2013-05", "2013-06"])
def test_the_answer_has_the_figures_of_the_month_s_report(journal: Path, month: str) -> None:
    found, _ = Answerer(journal).answer(f"sharpe and sortino on {month}-20")
    theirs = reported(journal, month)
    assert figures(found) == theirs
    assert list(theirs) == ["F1 Gen", "F1 Rev", "F1 Com", "the desk"]
    sharpe, sortino = theirs["the desk"][1:]
    assert f"Sharpe ratio of {sharpe} and a Sortino ratio of {sortino}" in found.text
    with ReadSide.open(journal) as side:
        cited = [next(iter(side.journal.read(one, one))).event for one in found.entries]
    assert all(isinstance(one, told.BalancesMarked) for one in cited)


def test_one_sleeve_is_asked_for_alone(journal: Path) -> None:
    found, _ = Answerer(journal).answer("what is the sharpe of rev")
    assert figures(found) == {"F1 Rev": reported(journal, "2013-06")["F1 Rev"]}
    assert "F1 Rev had a Sharpe ratio of -" in found.text


def test_a_sleeve_that_never_scatters_has_no_ratio(journal: Path) -> None:
    with ReadSide.open(journal) as side:
        measured = ratios_of_record(side, date(2013, 6, 28))
    assert measured is not None
    [com] = [one for one in measured.rows if one.name == "F1 Com"]
    assert (com.sharpe, measured.month) == ("", "June 2013")


def test_too_few_weeks_say_so(tmp_path: Path) -> None:
    found, _ = Answerer(desk_of(tmp_path, 6)).answer("sharpe ratio")
    assert found.standing is Standing.NOTHING
    assert "are told from 13 weeks on" in found.text


def test_no_month_before_the_record_begins(journal: Path) -> None:
    with ReadSide.open(journal) as side:
        assert ratios_of_record(side, date(2013, 1, 31)) is None
