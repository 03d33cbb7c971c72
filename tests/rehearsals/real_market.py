"""Rehearsals over recorded prices, and their records followed entry by entry."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from allusedesk.approvals.gate import STANDING_AUTHORITY
from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import CENT, total
from allusedesk.domain.orders import BrokerStatement, Order, SplitTookEffect
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.replay import replay
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from allusedesk.protocol.trade_management import levels_of
from allusedesk.wiring.rehearsal import build_rehearsal, rehearse
from allusedesk.wiring.requests import JOURNAL_NAME, RehearsalRequest
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken, Must

SHARES = ("AAPL", "AMZN", "MSFT")
SEED = 1


def asked(
    data: Path,
    first: date,
    last: date,
    out: Path,
    symbols: tuple[str, ...] = SHARES,
    capital: int = 1_000_000,
    rulebook: str = "classic",
) -> RehearsalRequest:
    """Every tier may trade every symbol, and every proposal is approved."""
    return RehearsalRequest(
        data=(data,),
        first=first,
        last=last,
        rulebook=rulebook,
        symbols=tuple(SymbolList(kind, symbols) for kind in AccountKind),
        capital=Decimal(capital),
        approve="all",
        seed=SEED,
        out=out,
        trend="SPY",
    )


@dataclass
class Part:
    """A stretch of days of a record, with the states before its first and after its last entry."""

    first: date
    last: date
    begins: tuple[int, DeskState] | None = None
    ends: tuple[int, DeskState] | None = None

    def note(self, state: DeskState, entry: Entry) -> None:
        """Remember the state before the first input of the part, and before the first after it."""
        if not entry.is_input or self.ends is not None:
            return
        day = entry.recorded_at.date()
        if self.begins is None and day >= self.first:
            self.begins = entry.sequence, state
        elif self.begins is not None and day > self.last:
            self.ends = entry.sequence, state

    def hold_against(self, journal: Path) -> None:
        """The part thought about again makes the same entries, and leads to the same state."""
        assert self.begins is not None
        assert self.ends is not None
        first, before = self.begins
        last, after = self.ends
        with JournalReader.open(journal) as reader:
            verdict = replay(reader.read(first, last - 1), before)
        assert verdict.is_same, verdict.first_difference
        assert verdict.entries == last - first
        assert verdict.state == after


@dataclass
class Follower(Watcher):
    """The watcher of simulated weeks, for a market with splits and a broker that tells its books.

    Every statement of the broker is held against the ledger, to the cent and to the contract.
    """

    statements: int = 0
    splits: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    breakers: Counter[str] = field(default_factory=Counter)
    traded: Counter[ProposalKind] = field(default_factory=Counter)
    levels: dict[PositionId, str] = field(default_factory=dict)
    part: Part | None = None
    broken: Broken | None = None

    def __call__(self, live: DeskState, entry: Entry) -> None:
        """As an observer of a desk, which goes on without one that raises: the first counts."""
        if self.broken is not None:
            return
        if self.part is not None:
            self.part.note(self.state, entry)
        try:
            self.take(entry)
        except Broken as broken:
            self.broken = broken
            raise
        if entry.sequence == live.sequence and self.state != live and not entry.sequence % 97:
            self.broken = Broken(Must.REPLAY, f"folding up to {entry.sequence} gives another state")

    def _follow(self, before: DeskState, entry: Entry) -> None:
        event = entry.event
        self.kinds[type(event).__name__] += 1
        match event:
            case ev.OutcomeClassified():
                self.codes[event.outcome] += 1
            case ev.BreakerTripped():
                self.breakers[event.breaker] += 1
            case ev.FillBooked():
                self.traded[self.orders[event.order].kind] += 1
            case ev.LevelChanged():
                self._follow_level(entry, event)
            case ev.ProposalApproved():
                self._follow_authority(entry, event)
            case ev.SplitBooked():
                self._follow_split(entry, event)
                return
            case inp.BrokerReported():
                if isinstance(event.report, BrokerStatement):
                    self._hold_against(entry, event.report)
        super()._follow(before, entry)

    def _follow_level(self, entry: Entry, event: ev.LevelChanged) -> None:
        """Levels are passed one at a time, from the one a position stands at."""
        names = levels_of(self.state.rules)
        before = self.levels.get(event.position, names[0])
        if event.level_before != before:
            self._fail(
                entry,
                Must.WEEKS,
                f"{event.position} stood at {before}, not at {event.level_before}",
            )
        if abs(names.index(event.level) - names.index(before)) != 1:
            self._fail(entry, Must.WEEKS, f"{event.position} skips from {before} to {event.level}")
        self.levels[event.position] = event.level

    def _follow_authority(self, entry: Entry, event: ev.ProposalApproved) -> None:
        """What nobody was asked about is an exit, and an exit is what nobody is asked about."""
        made = self.proposals.get(event.proposal)
        if made is None:
            self._fail(entry, Must.APPROVED, f"{event.proposal} was approved before it was made")
            return
        is_exit = made.proposal.kind is ProposalKind.EMERGENCY_EXIT
        if is_exit != event.granted_by.startswith(STANDING_AUTHORITY):
            self._fail(entry, Must.APPROVED, f"{event.proposal} was let go by {event.granted_by}")

    def _follow_split(self, entry: Entry, event: ev.SplitBooked) -> None:
        report = self._report
        if not isinstance(report, SplitTookEffect) or report.notice != event.notice:
            self._fail(entry, Must.POSITIONS, "a split was booked without its notice")
            return
        self.splits += 1
        held = self.ledger.held
        for instrument in [one for one in held if one.underlying == report.symbol]:
            after, signed = after_split(instrument, held.pop(instrument), report.ratio)
            self.ledger.change(after, signed)
        for move in event.booking.cash:
            self.ledger.cash += move.amount.amount

    def _remember_lots(self) -> None:
        """What is delivered on a Monday morning was measured on the Friday before."""
        week = self.state.week
        if week is not None and self.state.instant >= week.sessions[0].opens_at:
            super()._remember_lots()

    def _check_caps(self, entry: Entry, order: Order) -> None:
        """Real shares move far within a day, so the caps are held against cash and shares of now.

        What it would cost to buy back the shorts is left out: their premium is cash in hand.
        """
        marked = self.state
        sleeves = marked.sleeves
        for value in values_now(marked).accounts:
            shorts = [lot for lot in marked.book.positions_of(value.account) if lot.is_short]
            marks = [(lot, marked.marks.get(lot.instrument)) for lot in shorts]
            owed = total([lot.value_at(quote.mark) for lot, quote in marks if quote and quote.mark])
            sleeve = replace(sleeves[value.account], equity=value.equity - owed)
            sleeves = sleeves.set(value.account, sleeve)
        self.state = replace(marked, sleeves=sleeves)
        super()._check_caps(entry, order)
        self.state = marked

    def _hold_against(self, entry: Entry, statement: BrokerStatement) -> None:
        self.statements += 1
        if statement.cash.amount != self.ledger.cash:
            self._fail(
                entry,
                Must.BROKER,
                f"the broker has {statement.cash}, the ledger {self.ledger.cash}",
            )
        theirs = {line.instrument: line.quantity_signed for line in statement.held}
        if theirs != self.ledger.held:
            self._fail(
                entry, Must.BROKER, f"the broker holds {theirs}, the ledger {self.ledger.held}"
            )


def after_split(instrument: Instrument, signed: int, ratio: Decimal) -> tuple[Instrument, int]:
    """What a whole split makes of a holding."""
    if ratio != int(ratio):
        raise Broken(Must.POSITIONS, f"a split by {ratio} is none that these years have seen")
    if not isinstance(instrument, OptionContract):
        return instrument, signed * int(ratio)
    strike = (instrument.strike / ratio).quantize(CENT, ROUND_HALF_UP)
    contract = OptionContract(instrument.underlying, instrument.expiry, instrument.right, strike)
    return contract, signed * int(ratio)


def follow(journal: Path) -> Follower:
    """Every invariant after every entry; the chain from its first entry; then a replay."""
    follower = Follower()
    with JournalReader.open(journal) as reader:
        for entry in reader.read():
            follower.take(entry)
        follower.check_weeks()
        verdict = replay(reader.read())
    assert verdict.is_same, verdict.first_difference
    assert verdict.state == follower.state
    assert verify(journal).is_intact
    return follower


def observed(request: RehearsalRequest, part: Part) -> Follower:
    """A rehearsal followed while it runs; then its chain is verified, and a part replayed."""
    follower = Follower(part=part)
    rehearsal = build_rehearsal(request, observers=(follower,))
    try:
        asyncio.run(rehearsal.run())
        written, _ = rehearsal.journal.head()
    finally:
        rehearsal.journal.close()
    assert follower.broken is None, follower.broken
    assert rehearsal.engine.observer_faults == 0
    assert follower.entries == written
    follower.check_weeks()
    journal = request.out / JOURNAL_NAME
    part.hold_against(journal)
    assert verify(journal).is_intact
    return follower


def rehearsed(request: RehearsalRequest) -> Follower:
    """A rehearsal run to its end and followed."""
    result = rehearse(request)
    follower = follow(result.journal)
    assert follower.entries == result.entries
    return follower
