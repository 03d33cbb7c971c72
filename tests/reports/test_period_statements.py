"""Statements of months, quarters and years at their edges: what they say and leave out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from allusedesk.domain import events as told
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId
from allusedesk.domain.book import Booking, CashMove
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.reports.kinds import PeriodUnknown, ReportKind, ReportPeriod, Span, periods_of
from allusedesk.reports.periods.quarterly_sources import is_steady
from allusedesk.reports.statement import Paragraph, Reference, Standing, Statement, Table
from allusedesk.wiring.reporting import ReportWish, statement_of, write_statement
from tests.reports.ledger import figure, rows, table
from tests.reports.sample_week import Shape, happenings, usd

_NONE = Decimal(0)


def at(day: date, hour: int = 20, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def close(day: date, **equity: str) -> tuple[datetime, Event]:
    """Every named sleeve marked in cash alone, such as `F1_gen="120000"`."""
    marks = tuple(
        told.SleeveMark(
            AccountId(name.replace("_", ".")),
            usd(amount),
            usd(amount),
            usd("0"),
            usd("0"),
            usd("0"),
            usd(amount),
            _NONE,
        )
        for name, amount in equity.items()
    )
    return at(day, 21, 10), told.BalancesMarked(day, marks, (), is_modelled=False)


def moved(day: date, reason: str, **amounts: str) -> tuple[datetime, Event]:
    moves = tuple(
        CashMove(AccountId(name.replace("_", ".")), usd(amount), day, reason)
        for name, amount in amounts.items()
    )
    return at(day, 13), told.CashBooked(Booking((), moves), reason)


def written(folder: Path, more: list[tuple[datetime, Event]], shape: Shape) -> ReadSide:
    path = folder / "months.journal"
    with Journal.create(path, durable=False) as journal, journal.group():
        for number, (when, event) in enumerate([*happenings(shape), *more], start=1):
            journal.append([Entry(number, when, None, event)])
    return ReadSide(JournalReader.open(path))


TUESDAY = date(2013, 2, 19)


@pytest.fixture
def side(tmp_path: Path) -> Iterator[ReadSide]:
    """An empty week of 300,000 dollars, a deposit and a loss, a withdrawal, a gain."""
    later = [
        moved(date(2013, 2, 18), "deposit", F1_gen="60000"),
        close(date(2013, 2, 18), F1_gen="171000", F1_rev="90000", F1_com="90000"),
        moved(TUESDAY, "withdrawal", F1_rev="-45000"),
        moved(TUESDAY, "data fee", F1_com="-25"),
        close(TUESDAY, F1_gen="171000", F1_rev="49500", F1_com="89975"),
    ]
    with written(tmp_path, later, Shape(is_empty=True)) as opened:
        yield opened


def statement(side: ReadSide, kind: ReportKind, name: str = "last") -> Statement:
    return statement_of(side, ReportWish(kind, name))


def texts(found: Statement) -> str:
    return "\n".join(
        block.text
        for section in found.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    )


def test_deposits_and_withdrawals_are_no_gain(side: ReadSide) -> None:
    found = statement(side, ReportKind.MONTHLY)
    returns = rows(found, "Returns by sleeve and family")
    # Gen: 120,000 and 60,000 in became 171,000; Rev: 90,000 less 45,000 became 49,500.
    assert returns["F1 Gen"]["Return %"] == Decimal("-0.05")
    assert returns["F1 Rev"]["Return %"] == Decimal("0.1")
    assert returns["F1 Com"]["Earned USD"] == -25
    assert returns["="]["Moved in or out USD"] == 315_000
    assert returns["="]["Earned USD"] == -9_000 + 4_500 - 25
    # 300,000 + 60,000 became 351,000; less 45,000 that is 306,000, which became 310,475.
    whole = Decimal(351_000) / 360_000 * Decimal(310_475) / 306_000 - 1
    assert abs(returns["="]["Return %"] - whole) < Decimal("1e-9")
    assert returns["="]["Deepest drawdown %"] == Decimal("0.025")
    money = rows(found, "From the close before to the last close")
    assert money["F1 Com"]["Interest and fees USD"] == -25
    assert money["="]["Unrealised change USD"] == -4_500
    assert "315,000.00 USD came in, which is no gain and no loss." in texts(found)


def test_a_month_without_a_trade_is_readable(side: ReadSide, tmp_path: Path) -> None:
    found = statement(side, ReportKind.MONTHLY)
    said = texts(found)
    assert "There was no proposal and no trade in this month." in said
    assert "volatility, Sharpe and Sortino are told from 13 weeks on" in said
    assert figure(found, "Sharpe and Sortino") == "too few weeks"
    assert figure(found, "Won") is None
    assert not table(found, "Best trades").rows
    for form in ("pdf", "csv", "json"):
        write_statement(found, tmp_path / f"month.{form}", form)
        first = (tmp_path / f"month.{form}").read_bytes()
        write_statement(found, tmp_path / f"again.{form}", form)
        assert first == (tmp_path / f"again.{form}").read_bytes()


def test_a_week_over_the_end_belongs_to_its_last_session(side: ReadSide) -> None:
    found = statement(side, ReportKind.MONTHLY)
    assert list(rows(found, "Target against realised")) == ["2013-W07"]
    assert "Week 2013-W08 reaches over the end" in texts(found)
    assert (found.standing, found.version) == (Standing.PROVISIONAL, 0)


def test_quarter_and_year_of_a_journal_that_just_began(side: ReadSide, tmp_path: Path) -> None:
    quarter = statement(side, ReportKind.QUARTERLY)
    said = texts(quarter)
    assert "no LEAPS ladder is kept" in said
    assert "no hedges are bought" in said
    assert "The record holds no benchmark for this period" in said
    assert "The record holds no split of 2013-Q1 yet" in said
    year = statement(side, ReportKind.ANNUAL)
    said = texts(year)
    assert "the record holds 1 whole week, and it takes 26 to draw from" in said
    beside = rows(year, "The protocol's projection and what came of it")
    # One week at the targets of 1.5%, 1% and 0.5% of 95% of 120,000, 90,000 and 90,000.
    assert beside["1"]["Projected USD"] == Decimal("302992.50")
    assert beside["1"]["Became USD"] == 300_000
    write_statement(quarter, tmp_path / "quarter.pdf", "pdf")
    write_statement(year, tmp_path / "year.pdf", "pdf")


def test_a_fork_takes_money_out_of_its_parent_and_no_gain(tmp_path: Path) -> None:
    monday = date(2013, 2, 18)
    opened = tuple(
        Account(AccountId(f"F2.{kind.value}"), FamilyId("F2"), kind, monday)
        for kind in (AccountKind.GENERATION, AccountKind.COMPOUNDING)
    )
    later = [
        (
            at(monday, 13),
            told.FamilyOpened(
                Family(FamilyId("F2"), FamilyId("F1"), monday), opened, (usd("10000"), usd("10000"))
            ),
        ),
        moved(monday, "fork", F1_gen="-20000", F2_gen="10000", F2_com="10000"),
        (at(monday, 13), told.FamilyForked(AccountId("F1.gen"), FamilyId("F2"), usd("20000"))),
        close(
            monday,
            F1_gen="100000",
            F1_rev="90000",
            F1_com="90000",
            F2_gen="10100",
            F2_com="10000",
        ),
        (at(monday, 21, 20), told.FamilyMerged(FamilyId("F2"), AccountId("F1.com"), usd("20100"))),
        moved(date(2013, 2, 19), "merge", F2_gen="-10100", F2_com="-10000", F1_com="20100"),
        close(date(2013, 2, 19), F1_gen="100000", F1_rev="90000", F1_com="110100"),
    ]
    with written(tmp_path, later, Shape(is_empty=True)) as side:
        found = statement(side, ReportKind.MONTHLY)
    returns = rows(found, "Returns by sleeve and family")
    assert returns["F1 Gen"]["Return %"] == 0
    assert returns["F2 Gen"]["Return %"] == Decimal("0.01")
    assert returns["F2 Gen"]["Equity after USD"] == 0
    assert returns["F1 Com"]["Earned USD"] == 0
    assert returns["Family F2"]["Return %"] == Decimal("0.005")
    assert returns["="]["Earned USD"] == 100
    said = texts(found)
    assert "20,000.00 USD left F1 Gen for the new family F2." in said
    assert "20,100.00 USD of family F2 came home to F1 Com." in said


def test_what_a_person_decided_stands_with_reason_and_time(tmp_path: Path) -> None:
    shape = Shape(trades=2, is_final=True)
    happened = list(happenings(shape))
    made = next(event for _, event in happened if isinstance(event, told.ProposalMade)).proposal
    path = tmp_path / "asked.journal"
    entries: list[tuple[datetime, Event]] = []
    for when, event in happened:
        if isinstance(event, told.ProposalApproved) and event.proposal == made.id:
            break
        entries.append((when, event))
    answered = entries[-1][0] + timedelta(minutes=3)
    entries += [
        (
            answered,
            OperatorDecided(made.id, Answer.REJECT, "ada", "earnings <tomorrow>"),
        ),
        (answered, told.ProposalDeclined(made.id, "ada", "earnings <tomorrow>")),
        *(
            (max(when, answered), event)
            for when, event in happened
            if isinstance(event, told.BalancesMarked)
        ),
    ]
    with Journal.create(path, durable=False) as journal, journal.group():
        for number, (when, event) in enumerate(entries, start=1):
            journal.append([Entry(number, when, None, event)])
    with ReadSide(JournalReader.open(path)) as side:
        found = statement(side, ReportKind.MONTHLY)
    row = table(found, "Where a person overruled the desk, and why").rows[0]
    assert row[3:6] == ("rejected", "ada", "earnings <tomorrow>")
    assert "Persons answered 1 proposal: half of them within 3.0 min" in texts(found)
    assert figure(found, "Rejected") == 1
    write_statement(found, tmp_path / "month.pdf", "pdf")


def test_standing_follows_the_last_week(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as opened:
        for name, standing, version in (
            ("2011-12", Standing.FINAL, 2),
            ("2012-03", Standing.FINAL, 2),
            ("2012-04", Standing.PROVISIONAL, 0),
        ):
            found = statement(opened, ReportKind.MONTHLY, name)
            assert (found.standing, found.version) == (standing, version)


def test_periods_follow_one_another_without_gap_or_overlap(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as opened:
        months = [
            statement(opened, ReportKind.MONTHLY, one.name)
            for one in periods_of(opened, Span.MONTH)
        ]
    assert months[0].sequence_first == 1
    for before, after in pairwise(months):
        assert after.sequence_first == before.sequence_last + 1
        assert (
            figure(before, "Equity, USD")
            == rows(after, "Returns by sleeve and family")["="]["Equity before USD"]
        )
    weeks = [name for one in months for name in rows(one, "Target against realised") if name != "="]
    assert weeks == sorted(set(weeks))


def test_a_period_no_close_was_marked_in_is_refused(side: ReadSide) -> None:
    from allusedesk.reports.periods.reading import read_period

    nothing = ReportPeriod("2012-01", Span.MONTH, date(2012, 1, 1), date(2012, 1, 31), is_over=True)
    with pytest.raises(PeriodUnknown, match="marked no close"):
        read_period(side, nothing)


def test_a_split_between_two_closes_is_no_return() -> None:
    steady = [Decimal(one) for one in ("100", "88", "97.5", "71")]
    assert is_steady(steady)
    assert not is_steady([*steady, Decimal("35.5")])
    assert not is_steady([Decimal(20), Decimal(40)])
    assert not is_steady([Decimal(0), Decimal(1)])


def test_best_and_worst_weeks_lead_to_their_rows(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as opened:
        found = statement(opened, ReportKind.ANNUAL, "2012")
    weeks = {str(row[0]) for row in table(found, "Target against realised").rows}
    linked = [row[0] for row in table(found, "Best weeks").rows]
    assert all(isinstance(one, Reference) and one.value in weeks for one in linked)
    assert {one.to for one in found.references()} <= set(found.anchors())
    best = max(
        rows(found, "Target against realised").values(), key=lambda row: row["Return %"] or 0
    )
    assert linked[0] == Reference(best["Week"], f"week {best['Week']}")


def test_the_year_says_its_taxes_are_an_estimate(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as opened:
        found = statement(opened, ReportKind.ANNUAL, "2012")
    assert any(section.title.startswith("Taxes: an estimate") for section in found.sections)
    assert "ask your adviser" in texts(found)
    assert isinstance(table(found, "By the periods of estimated payments"), Table)
    outcomes = rows(found, "Outcomes")
    assert sum(row["Quoted %"] for row in outcomes.values()) == pytest.approx(Decimal(1))
