"""The wheel over recorded chains of a whole index, beside the solving of their volatilities."""

from __future__ import annotations

import asyncio
import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allusedesk.market.pricing import implied_volatilities
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import build_rehearsal
from tests.rehearsals.real_market import asked

FIRST, LAST = date(2019, 6, 3), date(2019, 7, 31)
YEARS, CAPITAL = 2 / 12, 30_000_000
GROUP = "two months of recorded SPX chains (goal 0.5 s a symbol-year; optopsy 0.6 to 0.8)"


@pytest.mark.benchmark(group=GROUP)
def test_wheel(benchmark: Any, shared_data: Path, tmp_path: Path) -> None:
    folders = itertools.count()

    def built() -> tuple[tuple[Any, ...], dict[str, Any]]:
        out = tmp_path / str(next(folders))
        return (build_rehearsal(asked(shared_data, FIRST, LAST, out, ("SPX",), CAPITAL)),), {}

    def run(rehearsal: Any) -> None:
        asyncio.run(rehearsal.run())
        rehearsal.journal.close()

    benchmark.pedantic(run, setup=built, rounds=2)
    benchmark.extra_info["seconds_per_symbol_year"] = benchmark.stats.stats.min / YEARS


@pytest.mark.benchmark(group=GROUP)
def test_limit_of_its_volatilities(benchmark: Any, shared_data: Path, tmp_path: Path) -> None:
    request = asked(shared_data, FIRST, LAST, tmp_path, ("SPX",), CAPITAL)
    history = history_of(request, parse_rulebook(rulebook_text("classic")), exchange_calendar())
    chains = [chain for chain in history.chains if FIRST <= chain.taken_at.date() <= LAST]
    assert chains

    def solve() -> None:
        for chain in chains:
            mids, spot = (chain.bids + chain.asks) * 0.5, chain.underlying_price
            implied_volatilities(mids, spot, chain.strikes, 0.1, 0.02, 0.02, chain.is_put)

    benchmark.pedantic(solve, rounds=2)
    benchmark.extra_info["chains"] = len(chains)
    benchmark.extra_info["seconds_per_symbol_year"] = benchmark.stats.stats.min / YEARS
