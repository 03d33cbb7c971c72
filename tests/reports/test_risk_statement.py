"""The risk report: the figures of the command line and the dock, with their record and edges."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from allusedesk.cli.main import main
from allusedesk.domain.money import Money
from allusedesk.engine.what_if.risk import risk_of
from allusedesk.journal.evidence import Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from allusedesk.reports.kinds import ReportKind, period_named
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.risk.statement import build_risk_statement
from allusedesk.reports.risk.values import RiskEvidence, dollars, number, percent
from allusedesk.reports.statement import Grid, LossRecord, Number, Percent, Qualifier, Statement
from allusedesk.resource_files import resource_path
from allusedesk.risk.backtesting_of_var import VarDay
from allusedesk.risk.edges import Against, Edges
from allusedesk.wiring.book_on_record import book_on_record
from allusedesk.wiring.risk_report import risk_evidence
from tests.house.sources import ROOT
from tests.reports.test_weekly_statement import column, figures, table, texts

AT = date(2012, 2, 29)


@pytest.fixture(scope="module")
def seen(winter_journal: Path) -> RiskEvidence:
    with ReadSide.open(winter_journal) as side:
        return risk_evidence(side, period_named(side, ReportKind.RISK, "2012-02"))


@pytest.fixture(scope="module")
def measured(winter_journal: Path) -> RiskEvidence:
    """On the prices of the sample market, which reach back for years."""
    with ReadSide.open(winter_journal) as side:
        period = period_named(side, ReportKind.RISK, "2012-02")
        return risk_evidence(side, period, (ROOT / "resources" / "sample_market",))


def drawn(evidence: RiskEvidence) -> Statement:
    return build_risk_statement(evidence, 0.99)


def block(found: Statement, kind: type) -> object:
    return next(
        (one for section in found.sections for one in section.blocks if isinstance(one, kind)), None
    )


def told(words: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert main(words.split()) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_it_says_what_the_command_line_says(
    winter_journal: Path, measured: RiskEvidence, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = f"{winter_journal} --at {AT} --data {ROOT / 'resources' / 'sample_market'} --json"
    risk, stress = told(f"risk {asked}", capsys), told(f"stress {asked}", capsys)
    report = drawn(measured)
    losses = table(report, "Loss over 1 session at 99.0%")
    wanted = risk["losses"]
    assert isinstance(wanted, list)
    assert len(wanted) == 3
    assert [row[:2] + row[3:4] for row in losses.rows] == [
        (one["way"], dollars(one["value_at_risk"]), dollars(one["expected_shortfall"]))
        for one in wanted
    ]
    edges = table(report, "The desk's own edges, in parts of equity")
    assert column(edges, "Left to hard") == [percent(one["left_to_hard"]) for one in risk["edges"]]
    betas = next(one for one in titled(report) if one.title.startswith("Weighted by beta"))
    assert column(betas, "Weighted delta") == [
        dollars(one["weighted_delta"]) for one in risk["beta_weighted"]
    ]
    days = table(report, "Days of history and a person's own scenarios")
    assert column(days, "Gain") == [dollars(one["total"]) for one in stress["scenarios"]]
    rates = table(report, "The rate moves at once")
    assert column(rates, "By, in per cent a year")[0] == "-2 points"
    assert column(rates, "Gain") == [dollars(one["gain"]) for one in stress["rate_shifts"]]
    record = table(report, "The record of what was told")
    whole = record.rows[1]
    held = risk["record"]["held"]
    assert whole[0] == "Left alone, since the journal began"
    assert whole[1:3] == (held["days"], held["exceptions"])
    assert whole[5] == number(held["coverage"]["probability"], 3)


def titled(report: Statement) -> list[object]:
    return [one for section in report.sections for one in section.blocks if hasattr(one, "title")]


def test_it_says_what_the_dock_says(winter_journal: Path, seen: RiskEvidence) -> None:
    with JournalReader.open(winter_journal) as reader:
        book = book_on_record(reader, AT)
    picture = risk_of(book.state, book.snapshot)
    report = drawn(seen)
    grid = block(report, Grid)
    assert isinstance(grid, Grid)
    assert grid.cells == tuple(tuple(number(gain, 0) for gain in row) for row in picture.stress)
    limits = table(report, "The rulebook's limits, most used first")
    assert {row[:4] for row in limits.rows} == {
        (one.where, one.name, one.value, one.limit) for one in picture.limits
    }
    used = [cell.fraction for cell in column(limits, "Used") if isinstance(cell, Percent)]
    assert used == sorted(used, reverse=True)
    greeks = table(report, "By underlying and expiry")
    assert column(greeks, "Delta", "USD") == [dollars(one.delta_value) for one in picture.greeks]


def test_sleeves_sum_to_the_book(seen: RiskEvidence) -> None:
    report = drawn(seen)
    sleeves = [one for one in titled(report) if getattr(one, "title", "") == "By sleeve"]
    greeks, exposure = sleeves
    by_expiry = table(report, "By underlying and expiry")
    for name, unit in (("Delta", "shares"), ("Theta", ""), ("Vega", "")):
        sums = []
        for found in (greeks, by_expiry):
            cells = column(found, name, unit)
            sums.append(sum(one.value if isinstance(one, Number) else one.amount for one in cells))
        # Each cell is rounded by itself.
        assert abs(sums[0] - sums[1]) <= Decimal("0.2")
    assert exposure.totals[1] == seen.book.equity
    assert sum(row[1] for row in greeks.rows) == seen.book.lots > 0
    assert sum((row[2].amount for row in exposure.rows), Decimal(0)) == exposure.totals[2].amount


def test_without_enough_prices_the_rest_still_stands(seen: RiskEvidence) -> None:
    assert seen.book.losses == () or seen.book.losses[0].outcomes >= 30
    bare = replace(
        seen,
        book=replace(seen.book, losses=(), notes=("Too few days of prices.",)),
        told_left_alone=(),
        told_as_traded=(),
    )
    report = drawn(bare)
    assert "No loss could be measured at this close." in texts(report)
    assert "Too few days of prices." in texts(report)
    assert "Value at risk, USD" not in figures(report)
    assert block(report, LossRecord) is None
    assert table(report, "The record of what was told").rows == ()
    assert table(report, "By underlying and expiry").rows
    assert printed(report, resource_path("fonts")) == printed(report, resource_path("fonts"))


def test_a_record_with_exceptions_is_judged_and_drawn(seen: RiskEvidence) -> None:
    # One day of the 250 at 99% is expected to be worse; five make the yellow zone.
    days = [date.fromordinal(date(2011, 5, 1).toordinal() + place) for place in range(250)]
    record = tuple(
        VarDay(day, 1_000.0, -1_500.0 if place in {20, 60, 100, 140, 180} else 10.0)
        for place, day in enumerate(days)
    )
    report = drawn(replace(seen, told_left_alone=record, told_as_traded=()))
    (row,) = table(report, "The record of what was told").rows
    assert row[:5] == ("Left alone, since the journal began", 250, 5, number(2.5, 1), "yellow")
    # Kupiec's ratio of 5 in 250 at 1% is 1.96, whose chance is 0.162.
    assert row[5] == Number(Decimal("0.162"), 3)
    chart = block(report, LossRecord)
    assert isinstance(chart, LossRecord)
    assert len(chart.exceptions()) == 5


def test_edges_that_are_passed_stand_first(seen: RiskEvidence) -> None:
    edges = (
        Against(Edges("gap_10", 0.10, 0.15), 0.12),
        Against(Edges("gap_20", 0.20, 0.30), 0.31),
        Against(Edges("largest_name", 0.25, 0.50), 0.10),
    )
    report = drawn(replace(seen, book=replace(seen.book, edges=edges)))
    assert figures(report)["Edges passed"].value == 2
    assert "The overnight gap of 10% is 12.0% of equity, beyond the soft edge." in texts(report)
    found = table(report, "The desk's own edges, in parts of equity")
    assert column(found, "Left to soft") == [percent(0), percent(0), percent(0.15)]


def test_a_book_of_cash_alone_can_lose_nothing(seen: RiskEvidence) -> None:
    empty = replace(
        seen,
        book=replace(seen.book, lots=0, losses=(), betas=(), exits=(), edges=()),
        picture=replace(seen.picture, greeks=(), issuers=(), payoffs=()),
    )
    report = drawn(empty)
    assert "Nothing but cash was held" in texts(report)
    assert block(report, Grid) is None
    assert table(report, "By underlying and expiry").empty == "Nothing but cash is held."


def test_every_computed_figure_says_what_it_is(seen: RiskEvidence) -> None:
    assert seen.picture.is_modelled
    assert seen.computed_as is seen.marked_as is Qualifier.MODELLED
    recorded = replace(seen, picture=replace(seen.picture, is_modelled=False))
    assert (recorded.computed_as, recorded.marked_as) == (Qualifier.ESTIMATE, Qualifier.MEASURED)
    assert "rest on modelled quotes" in texts(drawn(seen))
    assert "rest on modelled quotes" not in texts(drawn(recorded))


def test_computed_figures_are_rounded_and_never_a_negative_zero() -> None:
    assert dollars(-0.001) == Money(Decimal(0))
    assert str(dollars(-0.001).amount) == "0"
    assert number(float(np.float64(1.005)), 1) == Number(Decimal("1.0"), 1)
    assert percent(0.12345) == Percent(Decimal("0.1235"))


def test_the_same_breach_again_stands_in_one_row(seen: RiskEvidence) -> None:
    up = Happening(5, seen.at, Topic.BREACH, "the desk", "up", "rolled", "L1 at L2")
    told = (
        up,
        replace(up, entry=9, at=seen.at + timedelta(hours=1), done=""),
        replace(up, entry=12, subject=""),
        replace(up, entry=14, subject="", done=""),
    )
    found = table(
        drawn(replace(seen, seen=replace(seen.seen, happenings=told))), "Breaches and stops"
    )
    assert column(found, "First entry") == [5, 12, 14]
    assert column(found, "Times") == [2, 1, 1]
    assert column(found, "What was done")[::2] == [
        "rolled",
        "recorded; nothing followed at these looks",
    ]
