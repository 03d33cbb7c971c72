"""A desk of real parts over recorded prices, with a broker and a feed that may misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import numpy as np

from allusedesk.domain.accounts import AccountKind, FamilyId
from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    CapitalDeposited,
    DeskOpened,
    DeskResumed,
    Mode,
    PriceAlarmRang,
    SymbolList,
    WeekPlanned,
)
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.domain.weeks import Session, WeekId
from allusedesk.engine.clock import ReplayClock
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.reopening import reopened
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.archive.opening import open_history
from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.market.corporate_actions import split_facts
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.hedge_histories import DERIVED_SYMBOLS, with_hedge_histories
from allusedesk.market.history import MarketHistory
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from allusedesk.protocol.hedges import hedge_symbols
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.verdicts import exact
from allusedesk.resource_files import resource_path
from allusedesk.risk.market_gates import tick_for
from tests.simulation.dice import Dice, Mishap
from tests.simulation.faults import FaultyBroker, FaultyFeed, Span
from tests.simulation.people import Act, Person, SimulatedOperator

FAMILY = FamilyId("F1")
# A week with faults makes some thousand entries; a desk that never rests is stopped here.
ENTRIES_MAX = 25_000
SYMBOLS = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "IBM")),
    SymbolList(AccountKind.REVENUE, ("MSFT", "IBM")),
    SymbolList(AccountKind.COMPOUNDING, ("MSFT", "AAPL")),
)


class Restless(AssertionError):
    """A desk that goes on at one instant for ever."""


@cache
def calendar() -> ExchangeCalendar:
    return calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))


@cache
def sample_history() -> MarketHistory:
    facts = resource_path("market_facts", "splits.csv").read_text(encoding="utf-8")
    hedges = hedge_symbols(parse_rulebook(text_of("constitution")))
    history = open_history(
        (resource_path("sample_market"),),
        ("AAPL", "GOOG", "IBM", "MSFT"),
        "SPY",
        calendar=calendar(),
        known_splits=split_facts(facts),
        if_there=tuple(symbol for symbol in hedges if symbol not in DERIVED_SYMBOLS),
    )
    return with_hedge_histories(history, hedges)


@cache
def classic_text() -> str:
    return text_of("classic")


@cache
def text_of(rulebook: str) -> str:
    return resource_path("rulebooks", f"{rulebook}.toml").read_text(encoding="utf-8")


def with_jump(history: MarketHistory, symbol: str, day: date, factor: float) -> MarketHistory:
    """The same prices, but that a symbol opens a day at another level and stays there."""
    told = history.symbols[symbol]

    def jumped(bars: object) -> object:
        later = bars.dates >= np.datetime64(day, "D")  # type: ignore[attr-defined]
        scale = np.where(later, factor, 1.0)
        columns = {name: getattr(bars, name) * scale for name in ("open", "high", "low", "close")}
        return replace(bars, **columns)  # type: ignore[type-var]

    after = replace(told, bars=jumped(told.bars), signal_bars=jumped(told.signal_bars))
    return replace(history, symbols={**history.symbols, symbol: after})


@dataclass
class MemoryRecord:
    """A record in memory; `on_write` may raise before or after a write, as a crash would."""

    entries: list[Entry] = field(default_factory=list)
    on_write: Callable[[int, bool], None] | None = None
    writes: int = 0
    entries_max: int = ENTRIES_MAX

    def append(self, entries: Sequence[Entry]) -> None:
        self.writes += 1
        if len(self.entries) > self.entries_max:
            raise Restless(f"{len(self.entries)} entries and no end: {entries[0].event!r:.200}")
        if self.on_write is not None:
            self.on_write(self.writes, False)
        expected = len(self.entries) + 1
        for entry in entries:
            assert entry.sequence == expected, "a gap in the record"
            expected += 1
        self.entries.extend(entries)
        if self.on_write is not None:
            self.on_write(self.writes, True)


@dataclass
class World:
    """Everything outside the engine; it survives the engine's crashes."""

    history: MarketHistory
    sessions: tuple[Session, ...]
    seed: int
    rulebook_text: str = ""
    capital: Decimal = Decimal(300_000)
    symbols: tuple[SymbolList, ...] = SYMBOLS
    shown_share: Decimal | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    acts: tuple[Act, ...] = ()
    only: frozenset[Mishap] | None = None
    record: MemoryRecord = field(default_factory=MemoryRecord)

    def __post_init__(self) -> None:
        text = self.rulebook_text or classic_text()
        self.rulebook_text = text
        self.rules: Rulebook = parse_rulebook(text)
        self.clock = ReplayClock(midnight(self.sessions[0].date))
        self.dice = Dice(self.seed, self.shares, self.clock.now, self.only)
        spans = tuple(span for span in self.spans if self.dice.allows((span.kind, span.number)))
        for span in spans:
            self.dice.note((span.kind, span.number), f"until {span.end:%a %H:%M:%S}", span.start)
        truth = RecordedFeed(self.history, self.sessions, calendar(), self.seed)
        self.feed = FaultyFeed(self.history, self.sessions, calendar(), self.seed)
        self.feed.dice = self.dice
        self.feed.stalls = tuple(span for span in spans if span.kind == "stall")
        traded = tuple(sorted({name for listed in self.symbols for name in listed.symbols}))
        self.feed.subscribe(traded)
        truth.subscribe(traded)
        self.truth = truth
        self.inner = self._broker(truth)
        outages = tuple(span for span in spans if span.kind == "outage")
        self.broker = FaultyBroker(self.inner, self.dice, outages)
        self.operator = SimulatedOperator(self.dice)
        acts = [act for act in self.acts if self.dice.allows(("instruction", act.number))]
        self.person = Person(acts, self.dice, FAMILY, lambda: self.current.state)
        self.inner.on_market(self.clock.now(), self.true_quote)

    def true_quote(self, instrument: Instrument) -> Quote | None:
        return self.truth.quote(instrument, self.clock.now())

    def engine(self, state: DeskState, *observers: Observer) -> Engine:
        """A desk at the doors of this world, as it stood when it was last recorded."""
        market = _Market(self, MarketWatch(self.feed, QuoteBoard()))
        doors = Doors(
            clock=self.clock,
            record=self.record,
            market=market,
            broker=_WakingBroker(self),
            operator=self.operator,
            calendar=Weeks(),
            reports=NoReports(),
        )
        engine = Engine(doors, state, observers)
        self.current = engine
        return engine

    def opened(self, *observers: Observer) -> Engine:
        """A desk on its first day, funded."""
        engine = self.engine(DeskState(), *observers)
        first = self.sessions[0].date
        engine.inbox.admit(
            DeskOpened(
                mode=Mode.REHEARSAL,
                rulebook="classic",
                rulebook_text=self.rulebook_text,
                symbols=self.symbols,
                trend_symbol=self.history.trend.symbol,
                seed=self.seed,
                program="a simulation",
            )
        )
        engine.inbox.admit(CapitalDeposited(FAMILY, Money(self.capital), first))
        planned = engine.first_week(first - timedelta(days=1))
        assert planned is not None
        engine.inbox.admit(planned)
        self.inner.transfer_cash(Money(self.capital))
        return engine

    def reopened_empty(self, *observers: Observer) -> Engine:
        """The desk after a crash before anything was recorded: it is opened once more."""
        self.inner.transfer_cash(Money(-self.capital))
        return self.opened(*observers)

    def resumed(self, entries: Sequence[Entry], *observers: Observer) -> Engine:
        """The desk after a crash, from what its record holds."""
        state, missing = reopened(entries)
        if missing:
            self.record.append(missing)
        engine = self.engine(state, *observers)
        if not state.book.families:
            first = self.sessions[0].date
            engine.inbox.admit(CapitalDeposited(FAMILY, Money(self.capital), first))
        engine.inbox.admit(DeskResumed(self.clock.now(), "a simulation"))
        return engine

    def _broker(self, truth: RecordedFeed) -> SimulatedBroker:
        costs = self.rules.costs
        settings = BrokerSettings(
            exchange=ExchangeSettings(
                concession=Concession.DRAWN,
                commission_per_contract=Money(costs.contract),
                commission_per_share=Money(costs.share),
                commission_shares_min=Money(costs.share_order_min),
                quote_age_seconds_max=float(self.rules.quotes.age_seconds_max),
            ),
            shown_share=self.shown_share,
        )
        world = BrokerWorld(
            sessions=self.sessions,
            is_listed=lambda instrument: self.true_quote(instrument) is not None,
            tick_of=lambda instrument, price: tick_for(instrument, price.per_unit, self.rules),
            closing_price=lambda symbol, day: _priced(truth.closing_price(symbol, day)),
            dividends_on=lambda day: tuple(
                (d.symbol, exact(d.amount)) for d in truth.dividends_on(day)
            ),
            splits_on=lambda day: tuple((s.symbol, exact(s.ratio)) for s in truth.splits_on(day)),
        )
        return SimulatedBroker(
            settings, world, np.random.default_rng([self.seed, 1]), self.clock.now
        )


@dataclass
class _Market:
    """The desk's market; the broker's own eyes move with it."""

    world: World
    watch: MarketWatch

    def next_at(self) -> datetime | None:
        return self.watch.next_at()

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        rung = self.watch.pull(until)
        if self.world.truth.pull(until):
            self.world.inner.on_market(until, self.world.true_quote)
        return rung

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        return self.watch.arm(alarms)

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        return self.watch.sample(watch, at)


class _WakingBroker:
    """The broker's door, which also wakes the desk when a person answers late."""

    def __init__(self, world: World) -> None:
        self._world = world
        broker = world.broker
        self.place_order = broker.place_order
        self.replace_order = broker.replace_order
        self.cancel_order = broker.cancel_order
        self.look_up = broker.look_up
        self.statement = broker.statement

    def next_event_at(self) -> datetime | None:
        world = self._world
        instants = [at for at, _ in world.operator.later]
        instants += [at for at in (world.person.next_at(), world.broker.next_event_at()) if at]
        return min(instants, default=None)

    def advance(self, to: datetime) -> Sequence[object]:
        world, later = self._world, self._world.operator.later
        for at, decided in list(later):
            if at <= to:
                later.remove((at, decided))
                world.current.inbox.admit(decided)
        for event in world.person.due(to):
            world.current.inbox.admit(event)
        return world.broker.advance(to)


class Weeks:
    def week_after(self, day: date) -> WeekPlanned | None:
        first = calendar().session_after(day)
        week = calendar().week_of(first)
        sessions = tuple(session for session in week.sessions if session.date >= first)
        after = calendar().session(calendar().session_after(sessions[-1].date))
        return WeekPlanned(replace(week, sessions=sessions), after)


class NoReports:
    def cut(self, week: WeekId, *, is_final: bool) -> None:
        """Nobody reads reports here."""


def _priced(price: Decimal | None) -> Price | None:
    return None if price is None else Price(price)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def sessions_from(first: date, count: int) -> tuple[Session, ...]:
    """So many sessions from a day on."""
    found = calendar().sessions_between(first, first + timedelta(days=2 * count + 10))
    return found[:count]


def run(engine: Engine, until: datetime) -> None:
    asyncio.run(engine.run(until))
