"""What every section of the weekly statement counts from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.money import Money, total
from allusedesk.journal.queries.weeks import week as week_overview
from allusedesk.journal.read_values import CashMoved, Mark, Sleeve
from allusedesk.journal.week_evidence import WeekEvidence, week_evidence
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.statement import Percent
from allusedesk.reports.weekly.money import targets_section
from allusedesk.reports.weekly.words import equity_at_start
from tests.reports.sample_week import MONDAY, RULEBOOK, Shape, usd, written_week

FRIDAY = date(2013, 2, 8)


def moved(account: str, amount: str, reason: str, how: str = "cash") -> CashMoved:
    return CashMoved(40, "2013-W07", account, usd(amount), MONDAY, reason, how)


def seen(folder: Path, *moves: CashMoved) -> WeekEvidence:
    """The sample week with a close before it: 171,000 in Gen, 90,000 in each of the others."""
    with written_week(folder, Shape()) as side:
        overview = week_overview(side, "2013-W07")
        assert overview is not None
        found = week_evidence(side, overview)
    [like] = [mark for mark in overview.marks_end if mark.account == "F1.gen"]
    before: tuple[Mark, ...] = tuple(
        replace(like, account=account, equity=usd(equity), on_day=FRIDAY)
        for account, equity in (("F1.gen", "171000"), ("F1.rev", "90000"), ("F1.com", "90000"))
    )
    fork = (
        Sleeve("F2.gen", "F2", "gen", "F1", MONDAY, usd("25500")),
        Sleeve("F2.com", "F2", "com", "F1", MONDAY, usd("25500")),
    )
    is_forked = any(move.account == "F2.gen" for move in moves)
    return replace(
        found,
        overview=replace(overview, marks_start=before),
        booked_cash=moves,
        sleeves=found.sleeves + (fork if is_forked else ()),
    )


FORKED = (
    moved("F1.gen", "-51000", "fork"),
    moved("F2.gen", "25500", "fork"),
    moved("F2.com", "25500", "fork"),
)


def test_the_dollars_of_a_fork_are_held_against_one_target(tmp_path: Path) -> None:
    evidence = seen(tmp_path, *FORKED)
    starts = equity_at_start(evidence)
    assert starts == {
        "F1.gen": usd("120000"),
        "F1.rev": usd("90000"),
        "F1.com": usd("90000"),
        "F2.gen": usd("25500"),
        "F2.com": usd("25500"),
    }
    assert total(list(starts.values())) == usd("351000")
    section = targets_section(evidence, parse_rulebook(RULEBOOK))
    [table] = [one for one in section.blocks if getattr(one, "title", "").startswith("Realised")]
    goals = {row[0]: (row[4], row[5]) for row in table.rows}  # type: ignore[union-attr]
    assert goals["F1 Gen"] == (Percent(Decimal("0.015")), usd("1800.000"))


def test_a_fork_that_came_home_counts_where_it_went(tmp_path: Path) -> None:
    merged = seen(tmp_path, moved("F1.gen", "-1000", "merge"), moved("F1.com", "1000", "merge"))
    starts = equity_at_start(merged)
    assert (starts["F1.gen"], starts["F1.com"]) == (usd("170000"), usd("91000"))


def test_money_from_outside_and_trades_leave_the_start_as_it_was(tmp_path: Path) -> None:
    evidence = seen(
        tmp_path,
        moved("F1.gen", "5000", "deposit"),
        moved("F1.rev", "-9000", "fill of O1", "fill"),
        moved("F1.com", "-12", "data fee"),
    )
    assert equity_at_start(evidence) == {
        "F1.gen": Money(Decimal(171000)),
        "F1.rev": usd("90000"),
        "F1.com": usd("90000"),
    }
