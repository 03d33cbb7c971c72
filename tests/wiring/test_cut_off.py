"""A paper desk that died in the middle of its opening, or of an order, goes on when it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry, OrderStatusChanged
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import DeskResumed, SymbolList
from allusedesk.domain.orders import OrderStatus
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.resource_files import resource_path
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.requests import RehearsalRequest

MONDAY = date(2007, 6, 18)


class Dead(Exception):
    """The process ended here."""


def _request(out: Path) -> RehearsalRequest:
    return RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=MONDAY,
        last=MONDAY,
        rulebook="classic",
        symbols=tuple(SymbolList(kind, ("AAPL",)) for kind in AccountKind),
        capital=Decimal(300_000),
        approve="all",
        seed=1,
        out=out,
    )


@pytest.mark.parametrize("writes", range(7))
def test_an_opening_cut_off_after_any_write_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    done = 0
    append = Journal.append

    def dying(self: Journal, entries: Sequence[Entry]) -> None:
        nonlocal done
        if done == writes:
            raise Dead
        done += 1
        append(self, entries)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", dying)
        desk = build_paper_desk(_request(tmp_path), None)
        with pytest.raises(Dead):
            asyncio.run(desk.run())
    again = build_paper_desk(_request(tmp_path), None)
    asyncio.run(again.run())

    state = again.engine.state
    assert state.week is not None
    assert not state.halted_by
    assert sum(pile.whole.amount for pile in state.book.cash.values()) > 100_000
    assert {sleeve.account.partition(".")[2] for sleeve in state.sleeves.values()} == {
        "gen",
        "rev",
        "com",
    }


def test_orders_that_died_with_the_paper_broker_are_over_at_once_and_block_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Journal.append
    working: list[str] = []

    def dying(self: Journal, entries: Sequence[Entry]) -> None:
        append(self, entries)
        for entry in entries:
            event = entry.event
            if isinstance(event, OrderStatusChanged) and event.status is OrderStatus.WORKING:
                working.append(event.order)
                raise Dead

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", dying)
        desk = build_paper_desk(_request(tmp_path), None)
        with pytest.raises(Dead):
            asyncio.run(desk.run())
    again = build_paper_desk(_request(tmp_path), None)
    state = again.engine.state
    assert state.orders[OrderId(working[0])].status is OrderStatus.WORKING
    asyncio.run(again.run())

    with JournalReader.open(tmp_path / "paper.journal") as journal:
        entries = list(journal.read())
    resumed = next(e for e in entries if isinstance(e.event, DeskResumed))
    over = [
        entry
        for entry in entries[resumed.sequence :]
        if isinstance(entry.event, OrderStatusChanged)
        and entry.event.order == working[0]
        and entry.event.status.is_over
    ]
    assert over[0].event.status is OrderStatus.CANCELLED  # type: ignore[union-attr]
    assert over[0].recorded_at - resumed.recorded_at < timedelta(seconds=5)
    assert len(entries) < 1_500
