from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.events import Entry
from allusedesk.journal.queries import record as queries
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Counts
from allusedesk.journal.store import Journal
from tests.journal.week_entries import GEN, LOT, ORDER, REV, deposit, recorded, usd


def journal_of(path: Path, entries: list[Entry]) -> Path:
    with Journal.create(path, durable=False) as journal, journal.group():
        journal.append(entries)
    return path


@pytest.fixture
def side(tmp_path: Path) -> Iterator[ReadSide]:
    with ReadSide.open(journal_of(tmp_path / "week.journal", recorded())) as opened:
        yield opened


def test_the_counts_of_a_rehearsal(side: ReadSide) -> None:
    assert queries.counts(side) == Counts(
        weeks=2, proposals=3, orders=1, fills=2, forks=1, merges=0
    )
    assert queries.outcome_counts(side) == {"P-EW": 1, "W-IDL": 1}
    assert queries.label_counts(side) == {"Earn": 1}
    assert queries.condition_counts(side) == {"Green": 1}
    assert queries.refusals_by_rule(side) == {"liquidity.spread": 1}
    assert queries.turned_down_by_rule(side) == {"entry.delta": 6}
    assert queries.modelled_share(side) == 1
    header = queries.desk_header(side)
    assert header is not None
    assert (header.mode, header.symbols) == ("REHEARSAL", "gen=AAPL,MSFT")
    assert [one.outcome for one in queries.outcomes(side)] == ["P-EW", "W-IDL"]
    assert [one.label for one in queries.labels(side)] == ["Earn"]
    assert [one.family for one in queries.branchings(side)] == ["F1-1"]
    assert [one.realised for one in queries.realised(side)] == [usd(0), usd(238)]


def test_equity_by_sleeve_from_its_opening_to_the_last_mark(side: ReadSide) -> None:
    spans = {one.account: (one.start, one.end) for one in queries.equity_by_sleeve(side)}
    assert spans == {GEN: (usd(1000), usd(1000)), REV: (usd(500), usd(495))}


def test_weekly_returns_leave_aside_what_was_moved_and_keep_fees(side: ReadSide) -> None:
    found = {(one.week, one.account): one for one in queries.weekly_returns(side)}
    assert found["2026-W07", GEN].value == Decimal("0.02")
    assert found["2026-W07", GEN].target == Decimal("0.015")
    assert found["2026-W07", REV].value == Decimal("-0.01")
    assert found["2026-W07", REV].target is None
    # 1020 + 100 deposited became 1000: 120 lost, the fee among it.
    assert found["2026-W08", GEN].value == Decimal(-120) / 1020
    assert found["2026-W08", REV].value == 0
    assert queries.mean_weekly_return(side)[REV] == Decimal("-0.005")
    assert queries.mean_weekly_target(side) == {GEN: Decimal("0.015")}


@pytest.mark.parametrize(("reason", "held"), [("fork", 1220), ("merge", 1220), ("deposit", 1020)])
def test_what_went_from_sleeve_to_sleeve_is_held_against_the_week_s_target(
    tmp_path: Path, reason: str, held: int
) -> None:
    entries = recorded()
    place = next(n for n, one in enumerate(entries) if one.event == deposit(18, 100, 0, "deposit"))
    entries[place] = replace(entries[place], event=deposit(18, 200, -495, reason))
    with ReadSide.open(journal_of(tmp_path / "forked.journal", entries)) as forked:
        found = {(one.week, one.account): one for one in queries.weekly_returns(forked)}
    assert found["2026-W08", GEN].held == usd(held)
    assert found["2026-W08", GEN].value == Decimal(1000 - 1020 - 200) / 1020
    # A sleeve that all was taken from is wanted nothing of, and one opened in its week has its all.
    assert found["2026-W08", REV].held == usd(495 if reason == "deposit" else 0)
    assert found["2026-W07", GEN].held == usd(1000)


def test_the_drawdown_is_of_gains_and_losses_only(side: ReadSide) -> None:
    # 1500, then 1515, then 1495 of 1515 + 100.
    assert queries.max_drawdown(side) == 1 - (
        (Decimal(1515) / 1500 * (Decimal(1495) / 1615)) / (Decimal(1515) / 1500)
    )


def test_balances_between_two_days(side: ReadSide) -> None:
    marks = queries.balances(side, date(2026, 2, 10), date(2026, 2, 17))
    assert [(mark.account, mark.equity) for mark in marks] == [(GEN, usd(1020)), (REV, usd(495))]


def test_an_empty_journal_answers_every_question(tmp_path: Path) -> None:
    with ReadSide.open(journal_of(tmp_path / "empty.journal", [])) as side:
        assert queries.desk_header(side) is None
        assert queries.counts(side).weeks == 0
        assert queries.equity_by_sleeve(side) == ()
        assert queries.weekly_returns(side) == ()
        assert queries.max_drawdown(side) == 0
        assert queries.modelled_share(side) == 0
        assert queries.entries(side, text="anything") == ()
        assert queries.cause_chain(side, 1) == ()


def test_entries_by_kind_by_range_and_by_words(side: ReadSide) -> None:
    everything = queries.entries(side)
    assert [one.sequence for one in everything] == [entry.sequence for entry in recorded()]
    assert all(one.line for one in everything)
    proposed = queries.entries(side, kind="ProposalMade")
    assert len(proposed) == 3
    assert queries.entries(side, first=5, last=6, limit=1) == everything[4:5]
    assert [one.kind for one in queries.entries(side, text="pressed halt")] == ["DeskHalted"]
    assert queries.entries(side, text="halt", kind="ProposalMade") == ()
    assert [one.kind for one in queries.entries(side, text='"odd (query* OR')] == []
    assert everything[6].line == "The market was sampled for A1: 3 quotes, 3 of them modelled."


def test_a_cause_leads_back_to_the_first(side: ReadSide) -> None:
    chain = queries.cause_chain(side, 5)
    assert [one.sequence for one in chain] == [1, 2, 3, 4, 5]


def test_positions_and_orders_are_found_by_their_names(side: ReadSide) -> None:
    assert [one.lot for one in queries.realised(side)] == [LOT, LOT]
    assert len(queries.entries(side, text=ORDER)) >= 4
