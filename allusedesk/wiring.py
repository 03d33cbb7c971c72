"""Chooses the doors: a rehearsal and a paper desk differ here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from allusedesk.approvals.policy import (
    APPROVE_ALL,
    APPROVE_NONE,
    Policy,
    answer,
    parse_policy,
)
from allusedesk.domain.accounts import AccountKind, FamilyId
from allusedesk.domain.alarms import PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    CapitalDeposited,
    DeskOpened,
    Mode,
    OperatorDecided,
    PriceAlarmRang,
    SymbolList,
    WeekPlanned,
)
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.domain.weeks import Session, WeekId
from allusedesk.engine.clock import Clock, ReplayClock, stopwatch
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.journal.store import Journal
from allusedesk.market.archive.opening import open_history
from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.market.corporate_actions import split_facts
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.history import MarketHistory
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.verdicts import exact
from allusedesk.resource_files import resource_path
from allusedesk.risk.market_gates import tick_for

FIRST_FAMILY = FamilyId("F1")
DEFAULT_TREND = "SPY"
JOURNAL_NAME = "rehearsal.journal"
PROGRAM = "allusedesk 0.1.0"
_BROKER_STREAM = 1


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """A protocol run over recorded time; `approve` is all, none or the path of a policy."""

    data: tuple[Path, ...]
    first: date
    last: date
    rulebook: str
    symbols: tuple[SymbolList, ...]
    capital: Decimal
    approve: str
    seed: int
    out: Path
    trend: str | None = None
    mode: Mode = Mode.REHEARSAL


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """What a rehearsal left: its journal, its chain head, and what data was used for what."""

    journal: Path
    chain_head: str
    entries: int
    choices: tuple[str, ...]
    seconds: float


class RequestRefused(Exception):
    """A rehearsal that cannot begin; the text says what is wrong and what to give instead."""


def rulebook_text(name: str) -> str:
    """The text of a rulebook that ships with the desk; raises RequestRefused for another name."""
    folder = resource_path("rulebooks")
    shipped = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in shipped:
        raise RequestRefused(f"There is no rulebook {name!r}; there are: {', '.join(shipped)}.")
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


def exchange_calendar() -> ExchangeCalendar:
    """The calendar of the New York Stock Exchange that ships with the desk."""
    return calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))


def policy_of(approve: str) -> Policy:
    """The approval policy `all`, `none`, or that of a TOML file."""
    match approve:
        case "all":
            return APPROVE_ALL
        case "none":
            return APPROVE_NONE
    path = Path(approve)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise RequestRefused(
            f"The approval policy {approve} cannot be read ({fault}): "
            "give all, none or a TOML file."
        ) from fault
    return parse_policy(text, path.stem)


@dataclass(frozen=True, slots=True)
class PolicyOperator:
    """Answers at once, by a policy; for rehearsals and tests of the whole."""

    policy: Policy

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        return answer(self.policy, proposal)


@dataclass(frozen=True, slots=True)
class ExchangeWeeks:
    """The exchange's weeks, with the instants at which a recorded market is fresh."""

    calendar: ExchangeCalendar
    fresh_at: tuple[datetime, ...] = ()

    def week_after(self, day: date) -> WeekPlanned | None:
        """The week of the first session after `day`, its sessions before that one left out."""
        if day >= self.calendar.last - timedelta(days=14):
            return None
        first = self.calendar.session_after(day)
        week = self.calendar.week_of(first)
        sessions = tuple(session for session in week.sessions if session.date >= first)
        after = self.calendar.session(self.calendar.session_after(sessions[-1].date))
        looks = tuple(
            instant
            for instant in self.fresh_at
            if sessions[0].opens_at <= instant <= sessions[-1].closes_at
        )
        return WeekPlanned(replace(week, sessions=sessions), after, looks)


@dataclass(slots=True)
class ReportsOnDemand:
    """A rehearsal writes no reports while it runs; they are drawn from the record when asked."""

    cut_last: WeekId | None = field(default=None)

    def cut(self, week: WeekId, *, is_final: bool) -> None:
        if is_final:
            self.cut_last = week


@dataclass(frozen=True, slots=True)
class PaperMarket:
    """The market of a paper desk: its simulated broker looks at orders whenever quotes move."""

    watch: MarketWatch
    broker: SimulatedBroker
    quote_of: Callable[[Instrument], Quote | None]

    def next_at(self) -> datetime | None:
        return self.watch.next_at()

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        before = self.watch.batches
        rung = self.watch.pull(until)
        if self.watch.batches != before:
            self.broker.on_market(until, self.quote_of)
        return rung

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        return self.watch.arm(alarms)

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        return self.watch.sample(watch, at)


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
    request: RehearsalRequest, progress: Callable[[date], None] | None = None
) -> Rehearsal:
    """A desk over the history in `request.data`, opened and funded, its first week planned.

    Raises RequestRefused, PolicyRefused, RulebookRefused, FileRefused or HistoryMissing, each
    one plain sentence, before anything is written.
    """
    text = rulebook_text(request.rulebook)
    rules = parse_rulebook(text)
    policy = policy_of(request.approve)
    calendar = exchange_calendar()
    sessions = _sessions(request, calendar)
    history = _history(request, rules, calendar)
    feed = _feed(history, sessions, calendar, request.seed)
    clock = ReplayClock(_midnight(sessions[0].date))
    broker = _broker(feed, sessions, clock, rules, request.seed)

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
        calendar=ExchangeWeeks(calendar, _fresh_instants(feed, request)),
        reports=ReportsOnDemand(),
    )
    observers = (_day_by_day(progress),) if progress is not None else ()
    engine = Engine(doors, DeskState(), observers)
    _open_desk(engine, request, text, history, sessions[0].date)
    broker.transfer_cash(Money(request.capital))
    return Rehearsal(engine, journal, _end(request, calendar), history.choices)


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


def _open_desk(
    engine: Engine, request: RehearsalRequest, text: str, history: MarketHistory, first: date
) -> None:
    engine.inbox.admit(
        DeskOpened(
            mode=request.mode,
            rulebook=request.rulebook,
            rulebook_text=text,
            symbols=request.symbols,
            trend_symbol=history.trend.symbol,
            seed=request.seed,
            program=PROGRAM,
            market_notes=history.choices,
        )
    )
    engine.inbox.admit(CapitalDeposited(FIRST_FAMILY, Money(request.capital), first))
    planned = engine.first_week(first - timedelta(days=1))
    if planned is not None:
        engine.inbox.admit(planned)


def _sessions(request: RehearsalRequest, calendar: ExchangeCalendar) -> tuple[Session, ...]:
    """The sessions asked for, and the one after them, on whose morning assignments are known."""
    if request.first > request.last:
        raise RequestRefused(
            f"The rehearsal ends on {request.last}, before it begins on {request.first}: "
            "give --from before --to."
        )
    first, last = calendar.first, calendar.last - timedelta(days=31)
    if request.first < first or request.last > last:
        raise RequestRefused(
            f"The exchange's calendar runs from {first} to {last}; choose days within it."
        )
    if not calendar.dates_between(request.first, request.last):
        raise RequestRefused(
            f"The exchange has no session from {request.first} to {request.last}: widen the span."
        )
    return calendar.sessions_between(request.first, calendar.session_after(request.last))


def _history(
    request: RehearsalRequest, rules: Rulebook, calendar: ExchangeCalendar
) -> MarketHistory:
    listed = {entry.kind: entry.symbols for entry in request.symbols}
    symbols = dict.fromkeys(
        symbol for kind in AccountKind for symbol in listed.get(kind, rules.account(kind).symbols)
    )
    facts = resource_path("market_facts", "splits.csv").read_text(encoding="utf-8")
    return open_history(
        request.data,
        tuple(symbols),
        request.trend or DEFAULT_TREND,
        calendar=calendar,
        known_splits=split_facts(facts),
    )


def _feed(
    history: MarketHistory, sessions: tuple[Session, ...], calendar: ExchangeCalendar, seed: int
) -> RecordedFeed:
    feed = RecordedFeed(history, sessions, calendar, seed)
    feed.subscribe(tuple(history.symbols))
    return feed


def _fresh_instants(feed: RecordedFeed, request: RehearsalRequest) -> tuple[datetime, ...]:
    """Every instant at which a recorded chain was taken within the rehearsal."""
    symbols = {symbol for entry in request.symbols for symbol in entry.symbols}
    found = {instant for symbol in sorted(symbols) for instant in feed.recorded_instants(symbol)}
    return tuple(sorted(found))


def _broker(
    feed: RecordedFeed,
    sessions: tuple[Session, ...],
    clock: Clock,
    rules: Rulebook,
    seed: int,
) -> SimulatedBroker:
    costs = rules.costs
    settings = BrokerSettings(
        exchange=ExchangeSettings(
            concession=Concession.DRAWN,
            commission_per_contract=Money(costs.contract),
            commission_per_share=Money(costs.share),
            commission_shares_min=Money(costs.share_order_min),
            quote_age_seconds_max=float(rules.quotes.age_seconds_max),
        )
    )
    world = BrokerWorld(
        sessions=sessions,
        is_listed=lambda instrument: feed.quote(instrument, clock.now()) is not None,
        tick_of=lambda instrument, price: tick_for(instrument, price.per_unit, rules),
        closing_price=lambda symbol, day: _priced(feed.closing_price(symbol, day)),
        dividends_on=lambda day: tuple((d.symbol, exact(d.amount)) for d in feed.dividends_on(day)),
        splits_on=lambda day: tuple((s.symbol, exact(s.ratio)) for s in feed.splits_on(day)),
    )
    generator = np.random.default_rng([seed, _BROKER_STREAM])
    return SimulatedBroker(settings, world, generator, clock.now)


def _priced(price: Decimal | None) -> Price | None:
    return None if price is None else Price(price)


def _end(request: RehearsalRequest, calendar: ExchangeCalendar) -> datetime:
    """The end of the last day; after a week's last session, until its report is final."""
    week = calendar.week_of(calendar.session_on_or_before(request.last))
    if request.last < week.sessions[-1].date:
        return _midnight(request.last + timedelta(days=1))
    after = calendar.session(calendar.session_after(request.last))
    return after.opens_at - timedelta(minutes=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def _day_by_day(progress: Callable[[date], None]) -> Observer:
    told: list[date] = []

    def tell(state: DeskState, _entry: Entry) -> None:
        if state.today is not None and (not told or told[-1] != state.today):
            told[:] = [state.today]
            progress(state.today)

    return tell
