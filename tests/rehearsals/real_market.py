"""Rehearsals over recorded prices, and their records followed entry by entry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import CENT, total
from allusedesk.domain.orders import BrokerStatement, Order, SplitTookEffect
from allusedesk.engine.replay import replay
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest
from tests.simulation.invariants import Broken, Watcher

SHARES = ("AAPL", "AMZN", "MSFT")
SEED = 1


def asked(
    data: Path,
    first: date,
    last: date,
    out: Path,
    symbols: tuple[str, ...] = SHARES,
    capital: int = 1_000_000,
) -> RehearsalRequest:
    """Every tier may trade every symbol, and every proposal is approved."""
    return RehearsalRequest(
        data=(data,),
        first=first,
        last=last,
        rulebook="classic",
        symbols=tuple(SymbolList(kind, symbols) for kind in AccountKind),
        capital=Decimal(capital),
        approve="all",
        seed=SEED,
        out=out,
        trend="SPY",
    )


@dataclass
class Follower(Watcher):
    """The watcher of simulated weeks, for a market with splits and a broker that tells its books.

    Every statement of the broker is held against the ledger, to the cent and to the contract.
    """

    statements: int = 0
    splits: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    families: set[str] = field(default_factory=set)

    def _follow(self, before: DeskState, entry: Entry) -> None:
        event = entry.event
        self.kinds[type(event).__name__] += 1
        match event:
            case ev.OutcomeClassified():
                self.codes[event.outcome] += 1
            case ev.SplitBooked():
                self._follow_split(entry, event)
                return
            case inp.BrokerReported():
                if isinstance(event.report, BrokerStatement):
                    self._hold_against(entry, event.report)
        super()._follow(before, entry)

    def _follow_split(self, entry: Entry, event: ev.SplitBooked) -> None:
        report = self._report
        if not isinstance(report, SplitTookEffect) or report.notice != event.notice:
            self._fail(entry, "a split was booked without its notice")
            return
        self.splits += 1
        held = self.ledger.held
        for instrument in [one for one in held if one.underlying == report.symbol]:
            after, signed = after_split(instrument, held.pop(instrument), report.ratio)
            self.ledger.change(after, signed)
        for move in event.booking.cash:
            self.ledger.move(move.account, move.amount.amount)

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
            self._fail(entry, f"the broker has {statement.cash}, the ledger {self.ledger.cash}")
        theirs = {line.instrument: line.quantity_signed for line in statement.held}
        if theirs != self.ledger.held:
            self._fail(entry, f"the broker holds {theirs}, the ledger {self.ledger.held}")


def after_split(instrument: Instrument, signed: int, ratio: Decimal) -> tuple[Instrument, int]:
    """What a whole split makes of a holding."""
    if ratio != int(ratio):
        raise Broken(f"a split by {ratio} is none that these years have seen")
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


def rehearsed(request: RehearsalRequest) -> Follower:
    """A rehearsal run to its end and followed."""
    result = rehearse(request)
    follower = follow(result.journal)
    assert follower.entries == result.entries
    return follower
