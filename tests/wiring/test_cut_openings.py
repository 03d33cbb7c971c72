"""A desk that died in the middle of its opening is opened to the end when it starts again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import SymbolList
from allusedesk.journal.store import Journal
from allusedesk.resource_files import resource_path
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.requests import RehearsalRequest


class Dead(Exception):
    """The process ended here."""


def _request(out: Path) -> RehearsalRequest:
    return RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=date(2008, 1, 14),
        last=date(2008, 1, 14),
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
