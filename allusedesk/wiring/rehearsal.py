"""A protocol run over recorded time, as fast as the machine goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import CapitalDeposited, DeskOpened
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money
from allusedesk.domain.quotes import Quote
from allusedesk.engine.clock import ReplayClock, stopwatch
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import Journal
from allusedesk.market.history import MarketHistory
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, policy_of, rulebook_text
from allusedesk.wiring.paper_doors import (
    PaperMarket,
    PolicyOperator,
    ReportsOnDemand,
)
from allusedesk.wiring.recorded_world import (
    broker_of,
    end_of,
    feed_of,
    history_of,
    midnight,
    sessions_of,
    weeks_of,
)
from allusedesk.wiring.requests import (
    JOURNAL_NAME,
    PROGRAM,
    RehearsalRequest,
    RehearsalResult,
)

FIRST_FAMILY = FamilyId("F1")


@dataclass(slots=True)
class Rehearsal:
    """A desk over recorded time, ready to run; `close` leaves one plain journal file."""

    engine: Engine
    journal: Journal
    until: datetime
    choices: tuple[str, ...]

    async def run(self) -> None:
        """Play the recorded time to its end, committing the record in groups."""
        with self.journal.group():
            await self.engine.run(self.until)


def build_rehearsal(
    request: RehearsalRequest,
    progress: Callable[[date], None] | None = None,
    observers: tuple[Observer, ...] = (),
) -> Rehearsal:
    """A desk over the history in `request.data`, opened and funded, its first week planned.

    `observers` are told every entry with the state it led to.

    Raises RequestRefused, PolicyRefused, RulebookRefused or FileRefused, each one plain
    sentence, before anything is written.
    """
    text = rulebook_text(request.rulebook)
    rules = parse_rulebook(text)
    policy = policy_of(request.approve)
    calendar = exchange_calendar()
    sessions = sessions_of(request, calendar)
    history = history_of(request, rules, calendar)
    feed = feed_of(history, sessions, calendar, request.seed)
    clock = ReplayClock(midnight(sessions[0].date))
    broker = broker_of(feed, sessions, clock, rules, request.seed)

    def quote_of(instrument: Instrument) -> Quote | None:
        return feed.quote(instrument, clock.now())

    broker.on_market(clock.now(), quote_of)
    request.out.mkdir(parents=True, exist_ok=True)
    journal = Journal.create(request.out / JOURNAL_NAME, durable=False)
    doors = Doors(
        clock=clock,
        record=journal,
        market=PaperMarket(MarketWatch(feed, QuoteBoard()), broker, quote_of),
        broker=broker,
        operator=PolicyOperator(policy),
        calendar=weeks_of(feed, history, calendar),
        reports=ReportsOnDemand(),
    )
    if progress is not None:
        observers = (*observers, day_by_day(progress))
    engine = Engine(doors, DeskState(), observers)
    open_desk(engine, request, text, history, sessions[0].date)
    broker.transfer_cash(Money(request.capital))
    return Rehearsal(engine, journal, end_of(request, calendar, rules), history.choices)


def rehearse(
    request: RehearsalRequest, progress: Callable[[date], None] | None = None
) -> RehearsalResult:
    """Run a rehearsal to its end; raises as `build_rehearsal` does."""
    passed = stopwatch()
    rehearsal = build_rehearsal(request, progress)
    try:
        asyncio.run(rehearsal.run())
        entries, chain_head = rehearsal.journal.head()
    finally:
        rehearsal.journal.close()
    path = (request.out / JOURNAL_NAME).resolve()
    return RehearsalResult(path, chain_head, entries, rehearsal.choices, passed())


def open_desk(
    engine: Engine, request: RehearsalRequest, text: str, history: MarketHistory, first: date
) -> None:
    """Put the first facts of a new desk into its inbox: opening, capital, the first week."""
    engine.inbox.admit(
        DeskOpened(
            mode=request.mode,
            rulebook=Path(request.rulebook).stem,
            rulebook_text=text,
            symbols=request.symbols,
            trend_symbol=history.trend.symbol,
            seed=request.seed,
            program=PROGRAM,
            market_notes=history.choices,
        )
    )
    fund_desk(engine, request.capital, first)
    planned = engine.first_week(first - timedelta(days=1))
    if planned is not None:
        engine.inbox.admit(planned)


def fund_desk(engine: Engine, capital: Decimal, first: date) -> None:
    """Put the first family's money into the inbox, in dollars."""
    engine.inbox.admit(CapitalDeposited(FIRST_FAMILY, Money(capital), first))


def day_by_day(progress: Callable[[date], None]) -> Observer:
    """An observer that tells each new day."""
    told: list[date] = []

    def tell(state: DeskState, _entry: Entry) -> None:
        if state.today is not None and (not told or told[-1] != state.today):
            told[:] = [state.today]
            progress(state.today)

    return tell
