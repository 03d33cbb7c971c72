"""A live desk over recorded time: the line to its broker can be cut, and answers come later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.arming import (
    STRATEGIES,
    ArmingRequested,
    StrategyPermission,
    TraderDeclaration,
    confirmation_of,
)
from allusedesk.domain.events import Entry, ProposalMade
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import (
    Answer,
    Instruction,
    OperatorDecided,
    OperatorInstructed,
    SymbolList,
)
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import BrokerReport, LinkChanged, Order
from allusedesk.domain.quotes import ChainWish
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.clock import ReplayClock
from allusedesk.engine.state import DeskState
from allusedesk.execution.brokers.line import LineStanding
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.feeds.live_standing import FeedStanding
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring import sample_desk
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.live_desk import LiveDesk, LiveLines, build_live
from allusedesk.wiring.recorded_world import broker_of, history_of, midnight, sessions_of
from allusedesk.wiring.requests import ASK, Connections, RehearsalRequest

CONNECTIONS = Connections(BrokerChoice("alpaca"), FeedChoice("alpaca"))
DECLARATION = TraderDeclaration(
    tuple(StrategyPermission(name, 2) for name in STRATEGIES),
    "individual, cash",
    date(2011, 5, 1),
    is_own_money=True,
)


class LineToMemory:
    """The simulated broker behind a line that a test cuts; statements come among the reports."""

    def __init__(self, broker: SimulatedBroker, *, is_paper: bool = True) -> None:
        self.broker = broker
        self.is_up = False
        self.is_paper = is_paper
        self.placed: list[Order] = []
        self.cancelled: list[OrderId] = []
        self._waiting: list[BrokerReport] = []
        self._heard: Callable[[], None] = lambda: None

    def plug(self) -> None:
        self.is_up = True
        self._waiting.append(LinkChanged(is_up=True))
        self._heard()

    def unplug(self) -> None:
        self.is_up = False
        self._waiting.append(LinkChanged(is_up=False, reason="the plug was pulled"))
        self._heard()

    def open(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self.plug()

    def close(self) -> None:
        self.is_up = False

    def standing(self) -> LineStanding:
        return LineStanding(self.is_up, "", "PA1", self.is_paper, 0.1, 2, "cash")

    def place_order(self, order: Order) -> None:
        self.placed.append(order)
        if self.is_up:
            self.broker.place_order(order)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        if self.is_up:
            self.broker.replace_order(order, version, quantity, limit)

    def cancel_order(self, order: OrderId) -> None:
        self.cancelled.append(order)
        if self.is_up:
            self.broker.cancel_order(order)

    def look_up(self, order: OrderId) -> None:
        if self.is_up:
            self.broker.look_up(order)

    def statement(self) -> None:
        if self.is_up:
            self._waiting.append(self.broker.statement())
            self._heard()

    def next_event_at(self) -> datetime | None:
        return self.broker._now() if self._waiting else self.broker.next_event_at()

    def advance(self, to: datetime) -> list[BrokerReport]:
        """What is told while the line is cut is lost, as on any line."""
        told, self._waiting = self._waiting, []
        came = self.broker.advance(to)
        return [*told, *came] if self.is_up else told


class LineToRecords(RecordedFeed):
    """A recorded market where a live one is expected."""

    def open(self, heard: Callable[[], None]) -> None:
        del heard

    def close(self) -> None:
        pass

    def standing(self) -> FeedStanding:
        return FeedStanding(is_up=True, reason="")

    def keep(self, wishes: Iterable[ChainWish], contracts: Iterable[OptionContract] = ()) -> None:
        del wishes, contracts


class LiveRig:
    """A live desk on the sample market; `at` does something at an instant of the run."""

    def __init__(self, out: Path, last: date = date(2012, 1, 17)) -> None:
        request = RehearsalRequest(
            data=sample_desk.sample_request(out).desk.data,
            first=sample_desk.FIRST,
            last=last,
            rulebook="classic",
            symbols=(*(SymbolList(one.kind, one.symbols) for one in sample_desk.SYMBOLS),),
            capital=Decimal(1_000_000),
            approve=ASK,
            seed=7,
            out=out,
            connections=CONNECTIONS,
        )
        self.request = request
        calendar, rules = exchange_calendar(), parse_rulebook(rulebook_text("classic"))
        sessions = sessions_of(request, calendar)
        self.history = history_of(request, rules, calendar)
        self.feed = LineToRecords(self.history, sessions, calendar, 7)
        self.clock = ReplayClock(midnight(sessions[0].date))
        simulated = broker_of(self.feed, sessions, self.clock, rules, 7)
        simulated.on_market(self.clock.now(), lambda one: self.feed.quote(one, self.clock.now()))
        simulated.transfer_cash(Money(request.capital))
        self.line = LineToMemory(simulated)
        self.entries: list[Entry] = []
        self.answers = True
        self._moments: list[tuple[datetime, Callable[[], None]]] = []
        self._open: list[ProposalMade] = []
        self.opened()

    def opened(self) -> LiveDesk:
        """The desk, new or from its journal."""
        lines = LiveLines(self.feed, self.line)
        desk = build_live(self.request, lines, self.history, self.clock, (self._observe,))
        market = desk.market

        def pull(until: datetime) -> list[object]:
            before = market.watch.batches
            rung = market.watch.pull(until)
            if market.watch.batches != before:
                quote_of = self.feed.quote
                self.line.broker.on_market(until, lambda one: quote_of(one, until))
            return rung

        desk.engine._doors = replace(desk.engine._doors, market=_Moving(market, pull))
        self.desk = desk
        return desk

    def at(self, instant: datetime, act: Callable[[], None]) -> None:
        self._moments.append((instant, act))
        self._moments.sort(key=lambda moment: moment[0])

    def run(self, until: datetime) -> None:
        """Run to an instant, answering every question with yes on the card that is shown."""
        self._until = until
        asyncio.run(self.desk.run())

    def arm(self) -> None:
        """Test the kill switch, reset it, and arm the desk on what is measured now."""
        inbox = self.desk.engine.inbox
        inbox.admit(OperatorInstructed(Instruction.KILL, "Ann", "the week's test"))
        inbox.admit(OperatorInstructed(Instruction.RESET, "Ann", "tested"))
        inbox.admit(self.request_to_arm())

    def request_to_arm(self) -> ArmingRequested:
        evidence = self.desk.evidence(1.0, is_unlocked=True)
        return ArmingRequested("Ann", confirmation_of(evidence.account), DECLARATION, evidence)

    def _observe(self, state: DeskState, entry: Entry) -> None:
        self.entries.append(entry)
        if isinstance(entry.event, ProposalMade) and self.answers:
            self._open.append(entry.event)
        if entry.sequence != state.sequence:
            return
        engine = self.desk.engine
        now = self.clock.now()
        for made in self._open:
            cards = CardRack().cards(state, now, lambda one: self.feed.quote(one, now))
            name = made.proposal.id
            terms = next((card.terms for card in cards if card.proposal.id == name), None)
            engine.inbox.admit(OperatorDecided(name, Answer.APPROVE, "Ann", seen=terms))
        self._open = []
        while self._moments and self._moments[0][0] <= now:
            self._moments.pop(0)[1]()
        if now >= self._until:
            engine.stop()


class _Moving:
    """A live market whose quotes also move the broker in memory."""

    def __init__(self, market: object, pull: Callable[[datetime], list[object]]) -> None:
        self._market = market
        self.pull = pull

    def __getattr__(self, name: str) -> object:
        return getattr(self._market, name)
