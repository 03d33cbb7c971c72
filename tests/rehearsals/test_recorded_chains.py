"""A week of recorded chains: entries where chains were recorded, fills inside their quotes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import Quote
from allusedesk.journal.store import JournalReader
from allusedesk.market.history import MarketHistory, RecordedChain
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import rehearse
from tests.rehearsals.real_market import asked, follow

SYMBOLS = ("AAPL", "NVDA", "SPY", "QQQ")
FIRST, LAST = date(2026, 2, 9), date(2026, 2, 13)

Week = tuple[tuple[Entry, ...], MarketHistory]


@pytest.fixture(scope="module")
def week(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Week:
    out = tmp_path_factory.mktemp("recorded")
    request = asked(shared_data, FIRST, LAST, out, SYMBOLS, capital=4_000_000)
    history = history_of(request, parse_rulebook(rulebook_text("classic")), exchange_calendar())
    result = rehearse(request)
    follow(result.journal)
    with JournalReader.open(result.journal) as reader:
        return tuple(reader.read()), history


def options_seen(entries: tuple[Entry, ...]) -> Iterator[Quote]:
    for entry in entries:
        if isinstance(entry.event, inp.MarketSampled):
            snapshot = entry.event.snapshot
            quotes = [*snapshot.held, *(q for chain in snapshot.chains for q in chain.quotes)]
            yield from (q for q in quotes if isinstance(q.instrument, OptionContract))


def sides(chain: RecordedChain, contract: OptionContract) -> tuple[float, float]:
    is_it = (
        (chain.expiries == np.datetime64(contract.expiry, "D"))
        & (chain.strikes == float(contract.strike))
        & (chain.is_put == (contract.right is Right.PUT))
    )
    (row,) = np.flatnonzero(is_it).tolist()
    return float(chain.bids[row]), float(chain.asks[row])


def latest(history: MarketHistory, symbol: str, at: datetime) -> RecordedChain:
    known = [c for c in history.chains if c.underlying == symbol and c.taken_at <= at]
    return max(known, key=lambda chain: chain.taken_at)


@pytest.mark.long
def test_no_option_quote_is_modelled(week: Week) -> None:
    seen = list(options_seen(week[0]))
    assert len(seen) > 500
    assert not any(quote.is_modelled for quote in seen)


@pytest.mark.long
def test_entries_are_made_where_chains_were_recorded(week: Week) -> None:
    entries, history = week
    instants = {chain.taken_at for chain in history.chains}
    assert len({instant.date() for instant in instants}) == 2
    made = [entry for entry in entries if isinstance(entry.event, ev.ProposalMade)]
    options = [
        entry
        for entry in made
        if entry.event.proposal.kind in (ProposalKind.ENTRY, ProposalKind.COVERED_CALL)
    ]
    assert options
    assert {entry.recorded_at for entry in options} <= instants


@pytest.mark.long
def test_options_trade_within_the_recorded_bid_and_ask(week: Week) -> None:
    entries, history = week
    orders: dict[OrderId, Order] = {}
    traded = 0
    for entry in entries:
        if isinstance(entry.event, ev.OrderWritten):
            orders[entry.event.order.id] = entry.event.order
        if not isinstance(entry.event, ev.FillBooked):
            continue
        for fill in entry.event.fills:
            contract = orders[fill.order].legs[fill.leg].instrument
            if isinstance(contract, OptionContract):
                chain = latest(history, contract.underlying, fill.filled_at)
                bid, ask = sides(chain, contract)
                price = fill.price.per_unit
                assert Decimal(str(bid)) <= price <= Decimal(str(ask))
                traded += fill.quantity
    assert traded > 0
