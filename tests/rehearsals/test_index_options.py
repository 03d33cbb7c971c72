"""Weeks in which every tier sells puts on the index itself: cash settles them, no shares come."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import Answer, BrokerReported, OperatorDecided, SymbolList
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.orders import OptionsSettled
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.engine.replay import replay
from allusedesk.engine.state import DeskState
from allusedesk.journal.codec import encode
from allusedesk.market.history import MarketHistory, SymbolHistory
from tests.simulation.invariants import Watcher
from tests.simulation.world import (
    MemoryRecord,
    SimulatedOperator,
    World,
    run,
    sample_history,
    sessions_from,
)

INDEX = "SPX"
SPAN = sessions_from(date(2008, 6, 2), 40)


def market() -> MarketHistory:
    """The sample market, in which the index has options too."""
    told = sample_history()
    assert told.trend.symbol == INDEX
    index = replace(
        told.symbols["IBM"],
        symbol=INDEX,
        bars=told.trend,
        signal_bars=told.trend,
        splits=(),
        dividends=(),
    )
    assert isinstance(index, SymbolHistory)
    return replace(told, symbols={INDEX: index})


class Holder(SimulatedOperator):
    """A person who approves entries alone, so that every put is held to its end."""

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        answer = Answer.APPROVE if proposal.kind is ProposalKind.ENTRY else Answer.REJECT
        return OperatorDecided(proposal.id, answer, "a holder")


@cache
def rehearsed() -> tuple[tuple[Entry, ...], DeskState, Decimal]:
    world = World(
        history=market(),
        sessions=SPAN,
        seed=3,
        capital=Decimal(12_000_000),
        symbols=tuple(SymbolList(kind, (INDEX,)) for kind in AccountKind),
    )
    world.operator = Holder(world.dice)
    engine = world.opened()
    run(engine, SPAN[-2].closes_at + timedelta(hours=1))
    record = world.record
    assert isinstance(record, MemoryRecord)
    return tuple(record.entries), engine.state, world.inner.custody.cash.whole.amount


def test_puts_on_the_index_are_settled_in_cash_and_bring_no_shares() -> None:
    entries, state, _ = rehearsed()
    kinds = Counter(type(entry.event).__name__ for entry in entries)
    assert kinds["SettlementBooked"] > 2
    assert kinds["ExpiryBooked"] > 2
    assert kinds["AssignmentBooked"] == kinds["DifferenceFound"] == kinds["DeskHalted"] == 0
    for lot in state.book.all_positions():
        assert isinstance(lot.instrument, OptionContract)
    for entry in entries:
        if isinstance(entry.event, ev.SettlementBooked):
            changes = entry.event.booking.changes
            assert all(change.after is None for change in changes)
            assert not any(isinstance(c.before.instrument, Stock) for c in changes if c.before)
            assert sum(move.amount.amount for move in entry.event.booking.cash) < 0


def test_what_is_paid_is_what_the_index_closed_under_the_strike() -> None:
    entries, _, _ = rehearsed()
    bars = sample_history().trend
    closes = dict(zip(bars.dates.astype(object).tolist(), bars.close.tolist(), strict=True))
    told = [
        entry.event.report
        for entry in entries
        if isinstance(entry.event, BrokerReported)
        and isinstance(entry.event.report, OptionsSettled)
    ]
    assert told
    for report in told:
        close = closes[report.contract.expiry]
        assert float(report.per_share.per_unit) == pytest.approx(
            float(report.contract.strike) - close, abs=0.006
        )


def test_every_invariant_holds_and_the_broker_has_the_same_cash() -> None:
    entries, state, cash = rehearsed()
    watcher = Watcher()
    for entry in entries:
        watcher.take(entry)
    ours = sum(pile.whole.amount for pile in state.book.cash.values())
    assert ours == cash == watcher.ledger.cash


def test_the_record_replays_byte_for_byte_and_is_made_again_the_same() -> None:
    entries, _, _ = rehearsed()
    verdict = replay(entries)
    assert verdict.is_same, verdict.first_difference
    again, _, _ = rehearsed.__wrapped__()
    assert [encode(entry.event) for entry in again] == [encode(entry.event) for entry in entries]
