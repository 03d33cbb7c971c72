"""A live desk before a vendor's local servers, on a clock that jumps from moment to moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

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
from allusedesk.domain.orders import OrderStatus
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.engine.thread import EngineThread
from allusedesk.journal.words.sentences import describe
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring import connecting
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.live_desk import LiveDesk, build_live
from allusedesk.wiring.requests import ASK, RehearsalRequest
from tests.doors.feed_rigs import live_history
from tests.doors.servers.shown_market import Series
from tests.wiring.walk_vendors import CAPITAL, MONDAY, SYMBOL, Vendor, WalkClock

FRIDAY = MONDAY + timedelta(days=4)
WAIT_SECONDS = 15.0
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


def is_at_the_vendor(state: DeskState) -> bool:
    """Whether an order is out and the vendor has said so; before, its bytes may be on the way."""
    return any(order.status is OrderStatus.WORKING for order in state.orders.values())


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
