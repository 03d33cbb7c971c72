"""Seven real months of 2019, with a fork, put on paper and added up again from their entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.cli.main import main
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.projection import project_original
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.kinds import ReportKind, Span, periods_of
from allusedesk.reports.periods.reading import read_period
from allusedesk.reports.statement import ProjectionFan, Statement
from allusedesk.wiring.outlooks import outlook_at
from allusedesk.wiring.reporting import ReportWish, statement_of
from tests.reports import test_period_money as money
from tests.reports.ledger import Close, between, closes_of, growth, rows
from tests.reports.test_period_money import Asked

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def side(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadSide]:
    out = tmp_path_factory.mktemp("real")
    words = (
        f"rehearse --data {shared_data} --from 2018-12-31 --to 2019-07-31 --rulebook classic "
        "--symbols gen=AAPL,MSFT;rev=AMZN,GOOGL;com=MSFT --capital 1000000 --approve all --seed 7 "
        f"--out {out} --json"
    )
    assert main(words.split()) == 0
    with ReadSide.open(out / "rehearsal.journal") as opened:
        yield opened


@pytest.fixture(scope="module")
def closes(side: ReadSide) -> list[Close]:
    return closes_of(side.journal.read())


def asked_all(side: ReadSide, closes: list[Close]) -> Iterator[Asked]:
    for kind, span in (
        (ReportKind.MONTHLY, Span.MONTH),
        (ReportKind.QUARTERLY, Span.QUARTER),
        (ReportKind.ANNUAL, Span.YEAR),
    ):
        for period in periods_of(side, span):
            known = [one for one in closes if one.on <= period.last]
            inside = between(known, period.first, period.last)
            yield Asked(statement_of(side, ReportWish(kind, period.name)), known, inside)


def test_every_month_quarter_and_year_adds_up(side: ReadSide, closes: list[Close]) -> None:
    seen = list(asked_all(side, closes))
    assert len(seen) == 8 + 4 + 2
    for asked in seen:
        money.test_every_sleeve_goes_from_the_close_before_to_the_last_to_the_cent(asked)
        money.test_returns_and_drawdowns_are_those_of_the_closes(asked)
        money.test_costs_and_trades_are_those_of_the_bookings(asked)
        money.test_every_figure_says_what_it_is(asked)


def test_families_are_told_apart_once_one_forked(side: ReadSide, closes: list[Close]) -> None:
    found = statement_of(side, ReportWish(ReportKind.MONTHLY, "2019-04"))
    returns = rows(found, "Returns by sleeve and family")
    assert {"F1 Gen", "F2 Gen", "F2 Com", "Family F1", "Family F2"} <= set(returns)
    known = [one for one in closes if one.on <= date(2019, 4, 30)]
    for family in ("F1", "F2"):
        accounts = {one for close in known for one in close.equity if one.startswith(family)}
        curve = dict(growth(known, accounts))
        base = curve[date(2019, 3, 29)]
        assert abs(returns[f"Family {family}"]["Return %"] - (curve[known[-1].on] / base - 1)) < (
            Decimal("1e-9")
        )
    assert returns["Family F1"]["Moved in or out USD"] < 0
    assert returns["="]["Moved in or out USD"] == 0


def fan_of(statement: Statement) -> ProjectionFan | None:
    return next(
        (
            block
            for section in statement.sections
            for block in section.blocks
            if isinstance(block, ProjectionFan)
        ),
        None,
    )


def test_the_fan_begins_at_the_last_close_and_is_the_same_twice(
    side: ReadSide, closes: list[Close]
) -> None:
    found = statement_of(side, ReportWish(ReportKind.ANNUAL, "2019"))
    fan = fan_of(found)
    assert fan is not None
    assert fan == fan_of(statement_of(side, ReportWish(ReportKind.ANNUAL, "2019")))
    assert {line.values[0].amount for line in fan.bands if line.values[0]} == {
        Decimal(f"{closes[-1].whole:.0f}")
    }
    assert fan_of(statement_of(side, ReportWish(ReportKind.ANNUAL, "2018"))) is None


def test_the_projection_beside_the_outcome_is_the_protocols(
    side: ReadSide, closes: list[Close]
) -> None:
    period = next(one for one in periods_of(side, Span.YEAR) if one.name == "2019")
    read = read_period(side, period)
    outlook = outlook_at(side, closes[-1].on, read.rulebook)
    assert len(outlook.original) == len(read.evidence.week_ends) + 1
    rules = parse_rulebook(read.evidence.rulebook_text)
    # Not a year yet: it lies on the way to the first year's figure.
    year = project_original(Decimal(1_000_000), 1, rules)[0]
    assert Decimal(1_000_000) < outlook.original[-1].amount < year.total
    found = rows(
        statement_of(side, ReportWish(ReportKind.ANNUAL, "2019")),
        "The protocol's projection and what came of it",
    )
    curve = dict(growth(closes))
    last = max(one for one in curve if one <= read.evidence.week_ends[-1])
    became = list(found.values())[-1]["Became USD"]
    assert abs(became - 1_000_000 * curve[last]) < Decimal("0.01")
