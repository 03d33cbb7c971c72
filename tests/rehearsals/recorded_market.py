"""Rehearsals over recorded chains, and each of their trades held against the recorded quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.quotes import Quote
from allusedesk.journal.store import JournalReader
from allusedesk.market.history import MarketHistory, RecordedChain
from allusedesk.market.recorded_chains import chain_at
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest
from tests.rehearsals.real_market import asked, follow

SECONDS_FRESH = 30


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The entries of a rehearsal whose record was followed, and the market it met."""

    entries: tuple[Entry, ...]
    history: MarketHistory
    journal: Path


def recorded(
    data: Path,
    folders: tuple[str, ...],
    days: tuple[date, date],
    out: Path,
    symbols: tuple[str, ...],
    capital: int,
    rulebook: str = "classic",
    approve: str = "all",
) -> Rehearsed:
    """A rehearsal over these folders of the shared data, its record followed."""
    request: RehearsalRequest = replace(
        asked(data, *days, out, symbols, capital),
        data=tuple(data / folder for folder in folders),
        rulebook=rulebook,
        approve=approve,
    )
    history = history_of(request, parse_rulebook(rulebook_text(rulebook)), exchange_calendar())
    result = rehearse(request)
    follow(result.journal)
    with JournalReader.open(result.journal) as reader:
        return Rehearsed(tuple(reader.read()), history, result.journal)


def options_seen(entries: tuple[Entry, ...]) -> Iterator[Quote]:
    """Every quote of an option that any look showed."""
    for entry in entries:
        if isinstance(entry.event, inp.MarketSampled):
            snapshot = entry.event.snapshot
            quotes = [*snapshot.held, *(q for chain in snapshot.chains for q in chain.quotes)]
            yield from (q for q in quotes if isinstance(q.instrument, OptionContract))


def option_fills(entries: tuple[Entry, ...]) -> Iterator[tuple[OptionContract, Fill]]:
    """Every fill of an option, with its contract."""
    orders: dict[OrderId, Order] = {}
    for entry in entries:
        if isinstance(entry.event, ev.OrderWritten):
            orders[entry.event.order.id] = entry.event.order
        if isinstance(entry.event, ev.FillBooked):
            for fill in entry.event.fills:
                contract = orders[fill.order].legs[fill.leg].instrument
                if isinstance(contract, OptionContract):
                    yield contract, fill


def fresh_chain(history: MarketHistory, symbol: str, at: datetime) -> RecordedChain | None:
    """The chain recorded by then and not older than a fresh quote may be."""
    found = [
        chain
        for chain in history.chains
        if chain.underlying == symbol
        and 0 <= (at - chain.taken_at).total_seconds() <= SECONDS_FRESH
    ]
    for chain in history.minute_chains:
        seconds = [second for second in chain.minutes().tolist() if second <= at.timestamp()]
        if chain.underlying == symbol and seconds and at.timestamp() - seconds[-1] <= SECONDS_FRESH:
            found.append(chain_at(chain, seconds[-1], float("nan")))
    return max(found, key=lambda chain: chain.taken_at, default=None)


def check_fill(history: MarketHistory, contract: OptionContract, fill: Fill) -> None:
    """A fill lies within bid and ask of the chain that was recorded just then."""
    chain = fresh_chain(history, contract.underlying, fill.filled_at)
    assert chain is not None, fill
    is_it = (
        (chain.expiries == np.datetime64(contract.expiry, "D"))
        & (chain.strikes == float(contract.strike))
        & (chain.is_put == (contract.right is Right.PUT))
    )
    if chain.roots is not None:
        is_it &= chain.roots != contract.underlying
    (row,) = np.flatnonzero(is_it).tolist()
    bid, ask = Decimal(str(float(chain.bids[row]))), Decimal(str(float(chain.asks[row])))
    assert bid <= fill.price.per_unit <= ask, (contract, fill, bid, ask)
