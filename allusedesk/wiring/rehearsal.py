"""A protocol run over recorded time, as fast as the machine goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.approvals.policy import Policy
from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import CapitalDeposited, DeskOpened
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money
from allusedesk.domain.quotes import Quote
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.engine.clock import ReplayClock, stopwatch
from allusedesk.engine.doors import Doors, Record
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import DeskState
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.journal.store import Journal
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.history import MarketHistory
from allusedesk.market.price_jumps import jumps_told
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.advising import Adviser, engine_beside
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
from allusedesk.wiring.sweeps import seldom_swept

FIRST_FAMILY = FamilyId("F1")
# Who switches on the strategies that a request names.
BY_REQUEST = "the request"


@dataclass(slots=True)
class Rehearsal:
    """A desk over recorded time, ready to run; `close` leaves one plain journal file."""

    engine: Engine
    journal: Journal
    until: datetime
    choices: tuple[str, ...]

    async def run(self) -> None:
        """Play the recorded time to its end, committing the record in groups."""
        with self.journal.group(), seldom_swept():
            await self.engine.run(self.until)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a desk over recorded time needs, but a record and whoever watches."""

    request: RehearsalRequest
    rulebook_text: str
    policy: Policy
    calendar: ExchangeCalendar
    first: date
    until: datetime
    history: MarketHistory
    feed: RecordedFeed
    clock: ReplayClock
    broker: SimulatedBroker

    def quote_of(self, instrument: Instrument) -> Quote | None:
        return self.feed.quote(instrument, self.clock.now())

    def engine_on(self, record: Record, observers: tuple[Observer, ...] = ()) -> Engine:
        """The desk opened and funded on a new record, its first week planned."""
        doors = Doors(
            clock=self.clock,
            record=record,
            market=PaperMarket(MarketWatch(self.feed, QuoteBoard()), self.broker, self.quote_of),
            broker=self.broker,
            operator=PolicyOperator(self.policy),
            calendar=weeks_of(self.feed, self.history, self.calendar),
            reports=ReportsOnDemand(),
        )
        rules = parse_rulebook(self.rulebook_text)
        adviser = Adviser(self.history, rules) if self.request.advice else None
        engine = engine_beside(adviser, doors, DeskState(), observers)
        open_desk(engine, self.request, self.rulebook_text, self.history, self.first)
        self.broker.transfer_cash(Money(self.request.capital))
        return engine


def stage_of(
    request: RehearsalRequest,
    text: str,
    history_for: Callable[[RehearsalRequest, Rulebook, ExchangeCalendar], MarketHistory],
) -> Stage:
    """The stage of a request under the rulebook of `text`; raises as `build_rehearsal` does."""
    rules = parse_rulebook(text)
    policy = policy_of(request.approve)
    calendar = exchange_calendar()
    sessions = sessions_of(request, calendar)
    history = history_for(request, rules, calendar)
    feed = feed_of(history, sessions, calendar, request.seed)
    clock = ReplayClock(midnight(sessions[0].date))
    broker = broker_of(feed, sessions, clock, rules, request.seed, request.fills)
    stage = Stage(
        request=request,
        rulebook_text=text,
        policy=policy,
        calendar=calendar,
        first=sessions[0].date,
        until=end_of(request, calendar, rules),
        history=history,
        feed=feed,
        clock=clock,
        broker=broker,
    )
    broker.on_market(clock.now(), stage.quote_of)
    return stage


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
    stage = stage_of(request, rulebook_text(request.rulebook), history_of)
    request.out.mkdir(parents=True, exist_ok=True)
    journal = Journal.create(request.out / JOURNAL_NAME, durable=False)
    if progress is not None:
        observers = (*observers, day_by_day(progress))
    engine = stage.engine_on(journal, observers)
    told = jumps_told(stage.history, request.first, request.last)
    return Rehearsal(engine, journal, stage.until, (*stage.history.choices, *told))


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
    for chosen in request.strategies:
        account, strategy = chosen.account, chosen.strategy
        engine.inbox.admit(
            StrategySwitched(account, strategy, chosen.text, is_on=True, operator=BY_REQUEST)
        )
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
