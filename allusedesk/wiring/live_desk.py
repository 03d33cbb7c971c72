"""A desk in real time: live quotes, a real broker or the simulated one, and a line to lose."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from allusedesk.domain.arming import ArmingEvidence, DisarmingRequested
from allusedesk.domain.inputs import BrokerReported, DeskResumed, Mode
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import LinkChanged
from allusedesk.domain.quotes import Quote
from allusedesk.engine.clock import Clock, WallClock
from allusedesk.engine.doors import Doors
from allusedesk.engine.looks import watch_for
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.publishing import Publisher
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.execution.brokers.armed import ArmedBroker
from allusedesk.execution.brokers.broker import Broker
from allusedesk.execution.brokers.line import LineStanding, LiveBroker
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.journal.store import Journal
from allusedesk.journal.verification import verify
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import MarketHistory
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.advising import Adviser, engine_beside
from allusedesk.wiring.choices import (
    PROFILE_SIGN,
    UNKNOWN_PROFILE,
    exchange_calendar,
    policy_of,
    rulebook_text,
)
from allusedesk.wiring.desk_levels import WatchedDesk
from allusedesk.wiring.live_doors import LineFeed, LiveMarket, ScreenOperator, simulated_broker
from allusedesk.wiring.live_history import known_past, traded_symbols
from allusedesk.wiring.paper_desk import (
    as_recorded,
    custody_of,
    received_by,
    snapshots_of,
    state_of,
)
from allusedesk.wiring.paper_doors import ExchangeWeeks, PaperMarket, PolicyOperator, cash_follows
from allusedesk.wiring.paper_weeks import clean_weeks
from allusedesk.wiring.rehearsal import fund_desk, open_desk
from allusedesk.wiring.report_shelf import FOLDER
from allusedesk.wiring.reports_of_desk import CutReports, ReportsOfDesk
from allusedesk.wiring.requests import (
    ASK,
    PAPER_JOURNAL_NAME,
    PROGRAM,
    RehearsalRequest,
    RequestRefused,
    journal_of,
)
from allusedesk.wiring.screen_looks import ScreenLooks

# What a coming look will ask of the feed is kept fresh from so long before it.
_AHEAD = timedelta(minutes=10)
_AHEAD_SECONDS = 5.0
_NOT_YET = "the desk has just started and is connecting"


@dataclass(frozen=True, slots=True)
class LiveLines:
    """What a desk in real time is connected to; `broker` is None for the simulated one."""

    feed: LineFeed
    broker: LiveBroker | None


@dataclass(slots=True)
class LiveDesk:
    """A desk in real time, ready to run; `was_resumed` tells whether its journal was there."""

    engine: Engine
    journal: Journal
    was_resumed: bool
    clock: Clock
    publisher: Publisher
    market: LiveMarket | PaperMarket
    looks: ScreenLooks
    lines: LiveLines
    symbols: tuple[str, ...]
    reports: ReportsOfDesk

    async def run(self) -> None:
        """Run until stopped; then let go of the lines and close the journal."""
        looking = asyncio.create_task(self._look_ahead())
        try:
            self.lines.feed.open(self._heard)
            if self.lines.broker is not None:
                self.lines.broker.open(self._heard)
            await self.engine.run(is_endless=True)
        finally:
            looking.cancel()
            self.lines.feed.close()
            if self.lines.broker is not None:
                self.lines.broker.close()
            self.reports.close()
            self.journal.close()

    def standing(self) -> LineStanding | None:
        """How the line to the broker stands; None for the simulated one. From any thread."""
        return None if self.lines.broker is None else self.lines.broker.standing()

    def quote_age_seconds(self) -> float | None:
        """The age of the newest quote of a traded share; on the engine's thread alone."""
        now = self.clock.now()
        quotes = [self.lines.feed.quote(Stock(name), now) for name in self.symbols]
        ages = [(now - quote.quoted_at).total_seconds() for quote in quotes if quote is not None]
        return min(ages, default=None)

    def evidence(self, age_seconds: float | None, *, is_unlocked: bool) -> ArmingEvidence:
        """Everything the arming checklist rests on, measured now.

        Reads the whole record and that of the paper desk beside it: not on the engine's thread.
        """
        standing, path = self.standing(), self.journal.path
        verdict = verify(path)
        papers = (*clean_weeks(path.with_name(PAPER_JOURNAL_NAME)), *clean_weeks(path))
        return ArmingEvidence(
            measured_at=self.clock.now(),
            is_line_up=standing is not None and standing.is_up,
            account="" if standing is None else standing.account,
            is_paper=None if standing is None else standing.is_paper,
            margin_kind="" if standing is None else standing.margin_kind,
            options_level=None if standing is None else standing.options_level,
            clock_offset_seconds=None if standing is None else standing.clock_offset_seconds,
            quote_age_seconds=age_seconds,
            entries_verified=verdict.entries,
            chain_head=verdict.chain_head,
            journal_fault="" if verdict.is_intact else verdict.sentence,
            paper_weeks=papers,
            is_unlocked=is_unlocked,
        )

    def watched(self) -> WatchedDesk:
        """What a watch looks at of this desk."""
        return WatchedDesk(
            engine=self.engine,
            clock=self.clock,
            market=self.market.watch,
            journal=self.journal.path,
            is_simulated=self.lines.broker is None,
            name=(Mode.PAPER if self.lines.broker is None else Mode.LIVE).value,
            publisher=self.publisher,
            is_real_time=True,
        )

    def _heard(self) -> None:
        # A line may still have a word when the engine's loop has ended: nobody waits for it.
        with suppress(RuntimeError):
            self.engine.inbox.nudge()

    async def _look_ahead(self) -> None:
        while True:
            self.keep_fresh()
            self.mind_account()
            await asyncio.sleep(_AHEAD_SECONDS)

    def mind_account(self) -> None:
        """Disarm where the line leads to another account than the desk was armed for."""
        armed, standing = self.engine.state.armed, self.standing()
        if armed is None or standing is None or not standing.is_up:
            return
        if (standing.account, standing.is_paper) != (armed.account, armed.is_paper):
            reason = f"the line leads to account {standing.account}, not to {armed.account}"
            self.engine.inbox.admit(DisarmingRequested("the desk", reason))

    def keep_fresh(self) -> None:
        """Have the feed fetch what the looks of the coming minutes will ask for."""
        state = self.engine.state
        if state.rulebook is None or state.week is None:
            return
        soon = self.clock.now() + _AHEAD
        for name in sorted(state.alarms):
            alarm = state.alarms[name]
            watch = watch_for(state, alarm) if alarm.due_at <= soon else None
            if watch is not None:
                contracts = [one for one in watch.held if not isinstance(one, Stock)]
                self.lines.feed.keep(watch.chains, contracts)


def build_live(
    request: RehearsalRequest,
    lines: LiveLines,
    history: MarketHistory,
    clock: Clock | None = None,
    observers: tuple[Observer, ...] = (),
) -> LiveDesk:
    """Open the desk in `request.out` in real time, or go on with the one that stopped there.

    It is live with a real broker, and on paper with the simulated one. Nothing is connected
    before it runs. Raises as `build_paper_desk` does.
    """
    clock = WallClock() if clock is None else clock
    mode = Mode.PAPER if lines.broker is None else Mode.LIVE
    request = replace(request, mode=mode)
    path = journal_of(request)
    request.out.mkdir(parents=True, exist_ok=True)
    journal, state, request, text = _opened(path, request)
    rules, calendar = parse_rulebook(text), exchange_calendar()
    watch = MarketWatch(lines.feed, QuoteBoard())

    def quote_of(instrument: Instrument) -> Quote | None:
        return lines.feed.quote(instrument, clock.now())

    broker, market = _broker_and_market(lines, rules, calendar, clock, watch, request.seed)
    if journal is None:
        journal = Journal.create(path, durable=True)
    is_asking = request.approve == ASK or mode is Mode.LIVE
    cutting = CutReports(path, request.out / FOLDER, with_evidence=True)
    reports = ReportsOfDesk(cutting, is_real_time=True)
    doors = Doors(
        clock=clock,
        record=journal,
        market=market,
        broker=broker,
        operator=ScreenOperator() if is_asking else PolicyOperator(policy_of(request.approve)),
        calendar=ExchangeWeeks(calendar),
        reports=reports,
    )
    questions = QuestionLog()
    followers: tuple[Observer, ...] = (questions.observe, snapshots_of(journal))
    if isinstance(broker, SimulatedBroker):
        followers = (*followers, cash_follows(broker))
    adviser = Adviser(history, rules, journal, is_apart=True) if request.advice else None
    engine = engine_beside(adviser, doors, state, (*observers, *followers), is_apart=True)
    reports.tell(engine.inbox.admit)
    if isinstance(broker, ArmedBroker):
        broker.heed(lambda: engine.state.may_send)
    symbols = traded_symbols(request, rules)
    lines.feed.subscribe(symbols)
    was_resumed = state.now is not None
    _begin(engine, request, text, history, broker, clock.now(), was_resumed=was_resumed)
    publisher = Publisher(engine, clock.now, quote_of, questions)
    looks = ScreenLooks(history, lines.feed, calendar, symbols)
    lines = replace(lines, broker=broker if isinstance(broker, ArmedBroker) else None)
    return LiveDesk(
        engine, journal, was_resumed, clock, publisher, market, looks, lines, symbols, reports
    )


def history_now(request: RehearsalRequest, rules: Rulebook, clock: Clock) -> MarketHistory:
    """What the files of a request tell of the past, up to today."""
    today = clock.now().astimezone(NEW_YORK).date()
    return known_past(request, rules, exchange_calendar(), today)


def _rules_asked(request: RehearsalRequest) -> str:
    """The rules of a new desk; one with a real broker keeps both regimes until told which."""
    name = request.rulebook
    if request.mode is Mode.LIVE and PROFILE_SIGN not in name:
        name = f"{name}{PROFILE_SIGN}{UNKNOWN_PROFILE}"
    return rulebook_text(name)


def _opened(
    path: Path, request: RehearsalRequest
) -> tuple[Journal | None, DeskState, RehearsalRequest, str]:
    """The journal that is there with its desk, or none and the desk that was asked for."""
    if not path.exists():
        return None, DeskState(), request, _rules_asked(request)
    journal = Journal.open(path)
    if not journal.head()[0]:
        # A desk that died before its first entry left an empty journal; it begins anew in it.
        return journal, DeskState(), request, _rules_asked(request)
    state = state_of(journal)
    recorded, text = as_recorded(request, journal)
    if recorded.mode is not request.mode:
        journal.close()
        raise RequestRefused(
            f"{path} is the record of a {recorded.mode.value} desk, and a {request.mode.value} one "
            "was asked for: choose another folder."
        )
    return journal, state, recorded, text


def _broker_and_market(
    lines: LiveLines,
    rules: Rulebook,
    calendar: ExchangeCalendar,
    clock: Clock,
    watch: MarketWatch,
    seed: int,
) -> tuple[Broker, LiveMarket | PaperMarket]:
    if lines.broker is not None:
        return ArmedBroker(lines.broker), LiveMarket(watch)
    today = clock.now().astimezone(NEW_YORK).date()
    first = calendar.session_on_or_before(today - timedelta(days=31))
    sessions = calendar.sessions_between(first, calendar.last - timedelta(days=31))
    broker = simulated_broker(lines.feed, sessions, clock.now, rules, seed)

    def quote_of(instrument: Instrument) -> Quote | None:
        return lines.feed.quote(instrument, clock.now())

    return broker, PaperMarket(watch, broker, quote_of)


def _begin(
    engine: Engine,
    request: RehearsalRequest,
    text: str,
    history: MarketHistory,
    broker: Broker,
    now: datetime,
    *,
    was_resumed: bool,
) -> None:
    """The first facts: an opening or a resumption, and that no line is up yet."""
    state = engine.state
    if was_resumed:
        if isinstance(broker, SimulatedBroker):
            broker.take_over(custody_of(state.book), state.instant, received_by(state))
        if not state.book.families:
            # It died between its opening and its money, which comes in now.
            fund_desk(engine, request.capital, now.astimezone(NEW_YORK).date())
            if isinstance(broker, SimulatedBroker):
                broker.transfer_cash(Money(request.capital))
        engine.inbox.admit(DeskResumed(now, PROGRAM))
    else:
        open_desk(engine, request, text, history, now.astimezone(NEW_YORK).date())
        if isinstance(broker, SimulatedBroker):
            broker.transfer_cash(Money(request.capital))
    if isinstance(broker, ArmedBroker):
        engine.inbox.admit(BrokerReported(LinkChanged(is_up=False, reason=_NOT_YET)))
