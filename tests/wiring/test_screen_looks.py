"""Looks for screens: whoever looks, the desk decides as if nobody did."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import SymbolList
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.chain import chain_of, watch_of
from allusedesk.engine.what_if.risk import risk_of
from allusedesk.engine.what_if.risk import watch_of as watch_of_book
from allusedesk.journal.store import JournalReader
from allusedesk.resource_files import resource_path
from allusedesk.wiring.charting import BarInterval
from allusedesk.wiring.paper_desk import PaperDesk, build_paper_desk
from allusedesk.wiring.requests import PAPER_JOURNAL_NAME, RehearsalRequest


def request(out: Path) -> RehearsalRequest:
    return RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=date(2012, 1, 9),
        last=date(2012, 1, 11),
        rulebook="classic",
        symbols=(
            SymbolList(AccountKind.GENERATION, ("AAPL",)),
            SymbolList(AccountKind.REVENUE, ("MSFT", "AAPL")),
            SymbolList(AccountKind.COMPOUNDING, ("MSFT",)),
        ),
        capital=Decimal(1_000_000),
        approve="all",
        seed=7,
        out=out,
    )


def head_after(desk: PaperDesk, out: Path) -> tuple[int, str]:
    asyncio.run(desk.run())
    with JournalReader.open(out / PAPER_JOURNAL_NAME) as journal:
        return journal.head()


def test_a_desk_that_is_looked_at_writes_the_same_record(tmp_path: Path) -> None:
    alone = build_paper_desk(request(tmp_path / "alone"), None)
    expected = head_after(alone, tmp_path / "alone")
    looked: list[PaperDesk] = []
    seen: list[int] = []

    def look(state: DeskState, entry: Entry) -> None:
        if not looked or state.rulebook is None or entry.sequence % 7:
            return
        looks, at = looked[0].looks, looked[0].clock.now()
        for symbol in looks.optionable:
            snapshot = looks.sample(watch_of(symbol, at, None), at)
            chain = chain_of(state, snapshot, symbol, AccountKind.GENERATION, None)
            seen.append(len(chain.rows))
            looks.bars(symbol, BarInterval.DAY, at)
            looks.volatility_range(symbol, at)
        risk_of(state, looks.sample(watch_of_book(state), at))

    watched = build_paper_desk(request(tmp_path / "watched"), None, (look,))
    looked.append(watched)
    assert head_after(watched, tmp_path / "watched") == expected
    assert max(seen) > 5
    assert watched.engine.observer_faults == 0


def test_a_range_of_volatility_wants_a_year_and_a_month(tmp_path: Path) -> None:
    looks = build_paper_desk(request(tmp_path), None).looks
    when = datetime.fromisoformat("2012-01-11T15:00+00:00")
    found = looks.volatility_range("AAPL", when)
    assert found is not None
    low, high = found
    assert 0.05 < low < high < 2.0
    assert looks.volatility_range("AAPL", when.replace(year=2006, month=6)) is None
