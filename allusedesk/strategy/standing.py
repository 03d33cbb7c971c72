"""What a strategy may see: its own holdings, its sleeve's means, and what others hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.strategy_events import IntentsGiven
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import IssuerRoom
from allusedesk.strategy.definition import Definition


@dataclass(frozen=True, slots=True)
class Holding:
    """The lots that one order of a part opened and that are still there, oldest first."""

    part: str
    lots: tuple[Position, ...]

    @property
    def symbol(self) -> str:
        return self.lots[0].underlying

    @property
    def opened_on(self) -> date:
        return min(lot.opened_at for lot in self.lots).date()

    @property
    def is_shares(self) -> bool:
        return self.lots[0].is_shares


@dataclass(frozen=True, slots=True)
class Uncovered:
    """How many shares of a lot, or of those a long call brings, no call is written on."""

    lot: PositionId
    shares: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A side of a contract that somebody on the desk holds or wants: nobody takes the other."""

    instrument: Instrument
    side: Side
    holder: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One enabled strategy in one sleeve.

    `cash_free` is what may be used: settled, less collateral, less what open proposals hold, less
    the sleeve's buffer. `is_on` is False for one that only manages what it holds still,
    `is_leaving` True where everything is to be closed. `busy` names lots that are on their way
    out already, `asked` the parts and symbols of which an opening is open, `rooms` are those that
    the caps of issuer and symbol leave. `intents` are what the strategy's class wants, None until
    it was asked and for strategies without one.
    """

    definition: Definition
    account: AccountId
    symbols: tuple[str, ...]
    equity: Money
    cash_free: Money
    holdings: tuple[Holding, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    busy: tuple[PositionId, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    rooms: tuple[IssuerRoom, ...] = ()
    is_on: bool = True
    is_leaving: bool = False
    intents: IntentsGiven | None = None

    def open_of(self, part: str, symbol: str) -> tuple[Holding, ...]:
        """What is open of a part in a symbol; shares that were put to it are no part of it."""
        return tuple(
            held
            for held in self.holdings
            if held.part == part and held.symbol == symbol and not _is_delivered(held)
        )

    def shares_of(self, symbol: str) -> tuple[Position, ...]:
        """The lots of shares it holds, bought or put to it, oldest first."""
        return tuple(
            lot
            for held in self.holdings
            for lot in held.lots
            if lot.is_shares and lot.underlying == symbol
        )

    def room_of(self, symbol: str) -> Money:
        """What may go into a symbol: cash that is free, within the cap of its issuer."""
        rooms = [one.room for one in self.rooms if one.symbol == symbol]
        return min([self.cash_free, *rooms])

    def free_of(self, lot: Position) -> int:
        """Shares of a lot, or of a long call's, that no call is written on."""
        return next((one.shares for one in self.uncovered if one.lot == lot.id), 0)


@dataclass(frozen=True, slots=True)
class Scene:
    """The one look that every strategy shares: snapshot, day, rulebook and who holds what."""

    snapshot: MarketSnapshot
    today: date
    session_next: date
    rulebook: Rulebook
    taken: tuple[Taken, ...] = ()


def _is_delivered(held: Holding) -> bool:
    """True for shares that came through an option: they are linked to it."""
    return held.is_shares and held.lots[0].linked_to is not None
