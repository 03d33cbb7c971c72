"""A live desk before a vendor's local servers, on a clock that jumps from moment to moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, TypeVar

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.arming import (
    STRATEGIES,
    ArmingRefused,
    ArmingRequested,
    StrategyPermission,
    TraderDeclaration,
    confirmation_of,
)
from allusedesk.domain.events import Entry, ProposalMade
from allusedesk.domain.inputs import (
    Answer,
    Instruction,
    OperatorDecided,
    OperatorInstructed,
    SymbolList,
)
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.engine.thread import EngineThread
from allusedesk.journal.sentences import describe
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring import connecting
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.live_desk import LiveDesk, build_live
from allusedesk.wiring.requests import ASK, Connections, RehearsalRequest
from tests.doors.feed_rigs import live_history
from tests.doors.servers.alpaca_market import AlpacaMarket
from tests.doors.servers.alpaca_server import AlpacaServer
from tests.doors.servers.alpaca_trading import TradingApi
from tests.doors.servers.shown_market import Series, Shown, ShownMarket
from tests.doors.servers.tws import TwsServer
from tests.doors.servers.tws_market import TwsMarket

MONDAY = date(2025, 3, 10)
FRIDAY = MONDAY + timedelta(days=4)
HERE, WAIT_SECONDS, CAPITAL = "127.0.0.1", 15.0, 300_000
SYMBOL = "AAA"
Answered = TypeVar("Answered")
DECLARATION = TraderDeclaration(
    tuple(StrategyPermission(name, 2) for name in STRATEGIES),
    "individual, cash",
    date(2024, 5, 1),
    is_own_money=True,
)


def at(day: date, clock: str) -> datetime:
    """An instant by New York's clock in the spring of 2025."""
    hour, minute, *second = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, hour + 4, minute, *second, tzinfo=UTC)


class WalkClock:
    """Real time from an instant on, and jumps to later ones."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start, perf_counter()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=perf_counter() - self._began)

    def jump(self, to: datetime) -> None:
        assert to >= self.now()
        self._start, self._began = to, perf_counter()

    async def wait_until(self, instant: datetime | None, wake: asyncio.Event) -> None:
        seconds = 0.05 if instant is None else min(0.05, (instant - self.now()).total_seconds())
        try:
            await asyncio.wait_for(wake.wait(), max(seconds, 0.0))
        except TimeoutError:
            return


class Vendor(Protocol):
    """A vendor's servers; what is traded at is shown apart from what the feed tells."""

    connections: Connections
    market: ShownMarket

    def offer(self, series: Series, shown: Shown) -> None:
        """Let orders in this option be filled at these quotes."""

    def refresh(self, now: datetime) -> None:
        """Tell every quote anew, as of now."""

    def session(self, *, is_open: bool, until: datetime) -> None:
        """The exchange opens or closes."""

    def unplug(self) -> None: ...

    def plug(self) -> None: ...

    def expire(self, series: Series) -> None: ...

    def held(self) -> dict[str, int]: ...

    def cash(self) -> Decimal: ...

    def is_reached(self) -> bool: ...

    def close(self) -> None: ...


def market_of(clock: WalkClock) -> ShownMarket:
    market = ShownMarket(clock.now())
    calendar = exchange_calendar()
    days = calendar.dates_between(MONDAY - timedelta(days=420), MONDAY - timedelta(days=1))
    market.list_share(SYMBOL, 100.0, days)
    market.list_share("SPY", 560.0, days)
    market.list_chain(SYMBOL, (MONDAY + timedelta(days=4), MONDAY + timedelta(days=11)), 0.5, 12)
    return market


def as_of(market: ShownMarket, now: datetime) -> None:
    """Give every quote this instant."""
    with market.lock:
        market.shares = {name: replace(each, instant=now) for name, each in market.shares.items()}
        market.options = {name: replace(each, instant=now) for name, each in market.options.items()}


class AtAlpaca:
    """Alpaca's trading and data servers."""

    def __init__(self, clock: WalkClock) -> None:
        self.trading, self.data = AlpacaServer(), AlpacaServer()
        self.api = TradingApi(self.trading, clock.now)
        self.api.book.cash = Decimal(CAPITAL)
        self.market = market_of(clock)
        self.shown = AlpacaMarket(self.data, self.market)
        self.connections = Connections(
            BrokerChoice("alpaca", host=HERE, port=self.trading.port),
            FeedChoice("alpaca", host=HERE, port=self.data.port),
        )

    def offer(self, series: Series, shown: Shown) -> None:
        self.api.book.show(series.occ, str(shown.bid), str(shown.ask))

    def refresh(self, now: datetime) -> None:
        self.market.now = now
        as_of(self.market, now)

    def session(self, *, is_open: bool, until: datetime) -> None:
        if is_open:
            self.api.book.is_market_open, self.api.closes_at = True, until
        else:
            self.api.book.close_session()
            self.api.opens_at = until

    def unplug(self) -> None:
        self.trading.refuses_sockets = True
        self.api.stream.disconnect()

    def plug(self) -> None:
        self.trading.refuses_sockets = False

    def expire(self, series: Series) -> None:
        self.api.book.take_off("OPEXP", series.occ)

    def held(self) -> dict[str, int]:
        return {name: signed for name, (signed, _) in self.api.book.positions.items() if signed}

    def cash(self) -> Decimal:
        return self.api.book.cash

    def is_reached(self) -> bool:
        return self.trading.counted("GET", "/v2/account") > 0

    def close(self) -> None:
        self.shown.close()
        self.data.close()
        self.trading.close()


class AtInteractiveBrokers:
    """Two workstations: one takes orders, the other tells quotes."""

    def __init__(self, clock: WalkClock) -> None:
        self.server = TwsServer(cash=CAPITAL, now=clock.now).start()
        self.quotes = TwsServer(now=clock.now).start()
        self.market = market_of(clock)
        self.shown = TwsMarket(self.quotes, self.market)
        self.numbers = {SYMBOL: self.server.list_stock(SYMBOL)}
        for series in self.market.options:
            self.numbers[series.occ] = self.server.list_option(
                series.symbol, series.expiry, series.right, Decimal(str(series.strike))
            )
        self.connections = Connections(
            BrokerChoice("interactive_brokers", host=HERE, port=self.server.port),
            FeedChoice("interactive_brokers", host=HERE, port=self.quotes.port),
        )

    def offer(self, series: Series, shown: Shown) -> None:
        self.server.show(self.numbers[series.occ], Decimal(str(shown.bid)), Decimal(str(shown.ask)))

    def refresh(self, now: datetime) -> None:
        as_of(self.market, now)

        def tell() -> None:
            lines = {line.client_id: line for line in self.quotes.sockets}
            for (client, request), number in list(self.shown.watched.items()):
                named = self.shown._named.get(number)
                if client in lines and named is not None:
                    self.shown._show(lines[client], request, named, has_interest=False)

        self.quotes.do(tell)

    def session(self, *, is_open: bool, until: datetime) -> None:
        del until
        venue = self.server.venue

        def turn() -> None:
            if is_open:
                venue.is_open = True
            else:
                venue.close_session()

        self.server.do(turn)

    def unplug(self) -> None:
        self.server.refuse_connections()
        self.server.cut_lines()

    def plug(self) -> None:
        self.server.listen()

    def expire(self, series: Series) -> None:
        number = self.numbers[series.occ]
        self.server.do(lambda: self.server.venue.expire("DU1234567", number))

    def held(self) -> dict[str, int]:
        names = {number: name for name, number in self.numbers.items()}
        account = self.server.venue.accounts["DU1234567"]
        return {names[number]: int(held) for number, held in account.positions.items() if held}

    def cash(self) -> Decimal:
        return self.server.venue.accounts["DU1234567"].cash

    def is_reached(self) -> bool:
        return self.server.accepted > 0

    def close(self) -> None:
        self.shown.close()
        self.server.stop()


class Walk:
    """The desk in its own thread; the test looks, jumps, and pulls the plug."""

    def __init__(self, out: Path, make: Callable[[WalkClock], Vendor]) -> None:
        self.clock = WalkClock(at(MONDAY, "8:00"))
        self.vendor = make(self.clock)
        self.entries: list[Entry] = []
        self.request = RehearsalRequest(
            data=(),
            first=MONDAY,
            last=MONDAY,
            rulebook="classic",
            symbols=(
                SymbolList(AccountKind.GENERATION, ()),
                SymbolList(AccountKind.REVENUE, (SYMBOL,)),
                SymbolList(AccountKind.COMPOUNDING, ()),
            ),
            capital=Decimal(CAPITAL),
            approve=ASK,
            seed=1,
            out=out,
            connections=self.vendor.connections,
        )
        self._open: list[ProposalMade] = []
        self._is_over = threading.Event()
        self._refreshing = threading.Thread(target=self._refresh, daemon=True)
        self._refreshing.start()
        self.start()

    def start(self) -> None:
        """Open the desk, or open it again on its journal."""
        desks: list[LiveDesk] = []

        def build() -> tuple[Engine, Coroutine[Any, Any, None]]:
            rules = parse_rulebook(rulebook_text("classic"))
            history: MarketHistory = live_history(at(MONDAY, "8:00"))
            lines = connecting.lines_of(
                self.vendor.connections, history, exchange_calendar(), self.clock.now, rules
            )
            desk = build_live(self.request, lines, history, self.clock, (self._observe,))
            desks.append(desk)
            return desk.engine, desk.run()

        self.thread = EngineThread(build)
        self.thread.start()
        if self.thread.fault is not None:
            raise self.thread.fault
        self.desk = desks[0]

    @property
    def state(self) -> DeskState:
        return self.desk.engine.state

    def until(self, is_so: Callable[[], object], what: str = "") -> None:
        ends = perf_counter() + WAIT_SECONDS
        pause = threading.Event()
        while not is_so():
            assert self.thread.fault is None, self.thread.fault
            assert perf_counter() < ends, f"{what} did not come in time:\n{self.told()}"
            pause.wait(0.01)

    def told(self) -> str:
        """The latest entries in words, for a test that fails."""
        return "\n".join(
            f"{entry.sequence} {entry.recorded_at:%a %H:%M:%S} {describe(entry.event)[:240]}"
            for entry in self.entries[-25:]
        )

    def events(self, kind: type) -> list[Any]:
        return [entry.event for entry in self.entries if isinstance(entry.event, kind)]

    def jump(self, to: datetime) -> None:
        """Time goes on from a later instant, every quote told anew."""
        self.clock.jump(to)
        self.vendor.refresh(self.clock.now())
        self.desk.engine.inbox.nudge()

    def approach(self, to: datetime) -> None:
        """Go to an instant once the feed knows the quotes of right before it."""
        self.jump(to - timedelta(seconds=8))
        near = [
            one
            for one in list(self.vendor.market.options)
            if one.right == "P" and one.expiry == FRIDAY and 96 < one.strike < 100
        ]
        wanted = [
            OptionContract(one.symbol, one.expiry, Right.PUT, Decimal(str(one.strike)))
            for one in near
        ]

        def are_fresh() -> bool:
            now, feed = self.clock.now(), self.desk.lines.feed
            quotes = [feed.quote(one, now) for one in (Stock(SYMBOL), *wanted)]
            known = [one for one in quotes if one is not None]
            ages = [(now - one.quoted_at).total_seconds() for one in known]
            return len(known) == len(quotes) and max(ages) < 5

        self.until(lambda: self.ask(are_fresh), "fresh quotes")
        if self.clock.now() < to:
            self.jump(to)

    def ask(self, question: Callable[[], Answered]) -> Answered:
        """The engine's answer, as soon as its loop runs."""
        while True:
            try:
                return self.thread.ask(question).result(5)
            except CancelledError:
                assert self.thread.fault is None, self.thread.fault

    def bars(self) -> bool:
        """True once the feed has told the bars that the week's condition rests on."""
        feed = self.desk.lines.feed
        known = [feed.indicators(name, MONDAY).closes_known for name in (SYMBOL, "SPY")]
        return min(known) > 200

    def arm(self) -> None:
        """Try the kill switch, reset it, measure, and arm."""
        self.until(lambda: self.ask(self.bars), "the past")
        admit = self.desk.engine.inbox.admit
        self.until(lambda: self.state.compared_at is not None, "a first comparison")
        admit(OperatorInstructed(Instruction.KILL, "Ann", "the week's test"))
        admit(OperatorInstructed(Instruction.RESET, "Ann", "tested"))
        self.until(lambda: not self.state.halted_by and self.state.killed_at is not None)
        self.ask_to_arm()

    def ask_to_arm(self) -> None:
        self.until(lambda: self.state.compared_at is not None, "a comparison")
        age = self.ask(self.desk.quote_age_seconds)
        evidence = self.desk.evidence(age, is_unlocked=True)
        words = confirmation_of(evidence.account)
        self.desk.engine.inbox.admit(ArmingRequested("Ann", words, DECLARATION, evidence))
        self.until(lambda: self.state.armed is not None or self.events(ArmingRefused), "arming")
        refused = [line for told in self.events(ArmingRefused) for line in told.lines]
        assert self.state.armed is not None, [line for line in refused if not line.passed]

    def stop(self) -> None:
        self.thread.stop()

    def close(self) -> None:
        self.thread.stop()
        self._is_over.set()
        self._refreshing.join(5)
        self.vendor.close()

    def _refresh(self) -> None:
        while not self._is_over.wait(0.5):
            self.vendor.refresh(self.clock.now())

    def _observe(self, state: DeskState, entry: Entry) -> None:
        """A person who says yes to whatever the card shows."""
        self.entries.append(entry)
        if isinstance(entry.event, ProposalMade):
            self._open.append(entry.event)
        if entry.sequence != state.sequence or not self._open:
            return
        now, feed = self.clock.now(), self.desk.lines.feed
        cards = CardRack().cards(state, now, lambda one: feed.quote(one, now))
        for made in self._open:
            if made.proposal.kind is ProposalKind.EMERGENCY_EXIT:
                continue
            name = made.proposal.id
            terms = next((card.terms for card in cards if card.proposal.id == name), None)
            answer = OperatorDecided(name, Answer.APPROVE, "Ann", seen=terms)
            self.desk.engine.inbox.admit(answer)
        self._open = []


def held_by(state: DeskState) -> dict[str, int]:
    """What the book holds, by the names the servers use."""
    found: dict[str, int] = {}
    for lot in state.book.positions.values():
        name = _name(lot.instrument)
        found[name] = found.get(name, 0) + lot.quantity_signed
    return {name: signed for name, signed in found.items() if signed}


def cash_of(state: DeskState) -> Decimal:
    return sum((pile.whole.amount for pile in state.book.cash.values()), Decimal(0))


def series_of(contract: OptionContract | Stock) -> Series:
    assert isinstance(contract, OptionContract)
    strike = float(contract.strike)
    return Series(contract.underlying, contract.expiry, contract.right.value, strike)


def _name(instrument: OptionContract | Stock) -> str:
    return instrument.symbol if isinstance(instrument, Stock) else series_of(instrument).occ
