"""The constitution over the sample market: it runs to the end, and replays byte for byte."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.positions import PositionRole
from allusedesk.engine.replay import replay
from allusedesk.journal.store import Journal
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest
from tests.house.sources import ROOT

SYMBOLS = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "IBM", "GOOG", "MSFT")),
    SymbolList(AccountKind.REVENUE, ("MSFT", "AAPL")),
    SymbolList(AccountKind.COMPOUNDING, ("MSFT", "IBM", "AAPL")),
)
CALM = ("L0", "L1", "L2", "L3")


def rehearsed(first: date, last: date, out: Path) -> list[ev.Entry]:
    request = RehearsalRequest(
        data=(ROOT / "resources" / "sample_market",),
        first=first,
        last=last,
        rulebook="constitution",
        symbols=SYMBOLS,
        capital=Decimal(1_000_000),
        approve="all",
        seed=7,
        out=out,
    )
    journal = Journal.open(rehearse(request).journal)
    try:
        return list(journal.read())
    finally:
        journal.close()


def held_to_its_law(entries: list[ev.Entry], weeks: int) -> None:
    """Same again, levels one at a time, a label each week, nothing sold beyond its band."""
    assert replay(entries).is_same
    labels = [entry.event for entry in entries if isinstance(entry.event, ev.WeekLabelled)]
    # The family's first full week is the second.
    assert len(labels) >= weeks - 1
    standing: dict[str, str] = {}
    asked: Counter[str] = Counter()
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.LevelChanged):
            assert event.level_before == standing.get(event.position, "L0")
            assert abs(CALM.index(event.level) - CALM.index(event.level_before)) == 1
            standing[event.position] = event.level
        if isinstance(event, ev.ProposalMade):
            asked[event.proposal.kind.value] += 1
            for met in event.proposal.comparisons:
                assert met.name != "delta" or met.passed
    assert asked["entry"]
    assert asked["covered call"]
    assert not [entry for entry in entries if isinstance(entry.event, ev.DeskHalted)]


def test_a_month_of_the_constitution_runs_and_replays(tmp_path: Path) -> None:
    held_to_its_law(rehearsed(date(2008, 9, 2), date(2008, 9, 26), tmp_path), weeks=4)


@pytest.mark.long
def test_the_autumn_of_2008_under_the_constitution_runs_and_replays(tmp_path: Path) -> None:
    entries = rehearsed(date(2008, 9, 1), date(2009, 3, 31), tmp_path)
    held_to_its_law(entries, weeks=31)
    tripped = {
        entry.event.breaker for entry in entries if isinstance(entry.event, ev.BreakerTripped)
    }
    assert {"hedged", "safe", "kill", "hedge"} <= tripped


@pytest.mark.long
def test_the_autumn_of_2008_buys_hedges_that_pay_and_lets_them_go(
    shared_data: Path, tmp_path: Path
) -> None:
    request = RehearsalRequest(
        data=(shared_data,),
        first=date(2008, 9, 2),
        last=date(2009, 3, 31),
        rulebook="constitution",
        symbols=tuple(SymbolList(kind, ("AAPL", "AMZN", "GOOG", "MSFT")) for kind in AccountKind),
        capital=Decimal(1_000_000),
        approve="all",
        seed=7,
        out=tmp_path,
        trend="SPY",
    )
    journal = Journal.open(rehearse(request).journal)
    try:
        entries = list(journal.read())
    finally:
        journal.close()
    bought: Counter[str] = Counter()
    brought = spent = Decimal(0)
    for entry in entries:
        event = entry.event
        if not isinstance(event, ev.FillBooked):
            continue
        lots = [change.before or change.after for change in event.booking.changes]
        if not all(lot is not None and lot.role is PositionRole.HEDGE for lot in lots):
            continue
        for move in event.booking.cash:
            brought += max(move.amount.amount, Decimal(0))
            spent -= min(move.amount.amount, Decimal(0))
        for change in event.booking.changes:
            if change.after is not None and change.before is None:
                bought[change.after.underlying] += change.after.quantity
    assert bought["SPX"] > bought["VIX"] > 0
    # What is still held in March counts as lost, and cover has paid for itself all the same.
    assert brought > spent
    carried = [entry.event for entry in entries if isinstance(entry.event, ev.HedgeBudgetCarried)]
    assert [event.quarter for event in carried] == ["2008-Q3", "2008-Q4", "2009-Q1"]
    # No quarter spends more than it may.
    assert all(event.spent <= event.budget * Decimal("1.2") for event in carried)
    assert replay(entries).is_same
