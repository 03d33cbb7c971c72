"""Accounts, cash and positions, folded from bookings; nothing else changes a balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from immutables import Map

from allusedesk.domain.accounts import Account, AccountId, Family, FamilyId
from allusedesk.domain.changing import replace
from allusedesk.domain.collateral import held_by_lots
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.positions import Position
from allusedesk.domain.remembering import Remembering, reckoned_once

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class LotChange:
    """One lot before and after a booking; None on the side where it does not exist."""

    before: Position | None
    after: Position | None
    realised: Money = NOTHING

    @property
    def lot(self) -> Position:
        """The lot as it is now, or was last; raises ValueError where there is none."""
        lot = self.after or self.before
        if lot is None:
            raise ValueError("A booking names a lot that exists neither before nor after.")
        return lot

    @property
    def cash(self) -> Money:
        """What the change brought (negative: cost), commissions left aside; to 28 digits.

        So long are averaged prices: what was paid had four decimals, and rounding brings it back.
        """
        return self.realised - _cost(self.after) + _cost(self.before)


def _cost(lot: Position | None) -> Money:
    return NOTHING if lot is None else lot.value_at(lot.price_average)


@dataclass(frozen=True, slots=True)
class CashMove:
    """Cash in or out of a sleeve, usable from the session `settles_on`."""

    account: AccountId
    amount: Money
    settles_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction: lots and cash change together or not at all."""

    changes: tuple[LotChange, ...]
    cash: tuple[CashMove, ...]
    commission: Money = NOTHING


@dataclass(frozen=True, slots=True)
class CashPile:
    """A sleeve's cash: settled, and on its way with the date it settles."""

    settled: Money = NOTHING
    pending: tuple[tuple[date, Money], ...] = ()

    @property
    def whole(self) -> Money:
        return self.settled + total([amount for _, amount in self.pending])

    def moved(self, amount: Money, settles_on: date, today: date) -> CashPile:
        """What is paid counts at once; what is received counts from its settlement."""
        if settles_on <= today or amount.amount < 0:
            return replace(self, settled=self.settled + amount)
        return replace(self, pending=(*self.pending, (settles_on, amount)))

    def settled_through(self, today: date) -> CashPile:
        if not any(day <= today for day, _ in self.pending):
            return self
        arrived = total([amount for day, amount in self.pending if day <= today])
        rest = tuple(item for item in self.pending if item[0] > today)
        return CashPile(self.settled + arrived, rest)


@dataclass(frozen=True, slots=True)
class SymbolHeld:
    """One underlying of the book: the cash its shorts hold without fees, and the lots of shares."""

    symbol: str
    secured: Money
    shares: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Book(Remembering):
    """Everything held, by account; an immutable value, changed by `booked`.

    Looks at the market come several to a booking, and all of them ask for the lots in order and
    for what these hold, so both are remembered.
    """

    families: Map[FamilyId, Family] = field(default_factory=Map)
    accounts: Map[AccountId, Account] = field(default_factory=Map)
    cash: Map[AccountId, CashPile] = field(default_factory=Map)
    positions: Map[PositionId, Position] = field(default_factory=Map)

    def with_family(self, family: Family, accounts: Iterable[Account]) -> Book:
        opened = self.accounts
        piles = self.cash
        for account in accounts:
            opened = opened.set(account.id, account)
            piles = piles.set(account.id, CashPile())
        return replace(
            self, families=self.families.set(family.id, family), accounts=opened, cash=piles
        )

    def without_family(self, family: FamilyId) -> Book:
        """The book after a family's sleeves were emptied; raises ValueError while they hold."""
        gone = [account.id for account in self.accounts.values() if account.family == family]
        for account in gone:
            if self.positions_of(account) or self.cash[account].whole:
                message = f"{account} still holds cash or positions and cannot be closed."
                raise ValueError(message)
        accounts, piles = self.accounts, self.cash
        for account in gone:
            accounts, piles = accounts.delete(account), piles.delete(account)
        return replace(self, families=self.families.delete(family), accounts=accounts, cash=piles)

    def booked(self, booking: Booking, today: date) -> Book:
        """The book after one transaction; raises ValueError where a lot is not as it says."""
        positions = self.positions
        for change in booking.changes:
            lot = change.lot
            if positions.get(lot.id) != change.before:
                message = f"{lot.id} is not held as the booking says."
                raise ValueError(message)
            if change.after is None:
                positions = positions.delete(lot.id)
            else:
                positions = positions.set(lot.id, change.after)
        piles = self.cash
        for move in booking.cash:
            pile = piles[move.account].moved(move.amount, move.settles_on, today)
            piles = piles.set(move.account, pile)
        return replace(self, positions=positions, cash=piles)

    def settled_through(self, today: date) -> Book:
        """Cash that settles up to `today` becomes settled."""
        piles = self.cash
        for account, pile in self.cash.items():
            later = pile.settled_through(today)
            if later is not pile:
                piles = piles.set(account, later)
        return self if piles is self.cash else replace(self, cash=piles)

    @reckoned_once
    def positions_of(self, account: AccountId) -> tuple[Position, ...]:
        """The sleeve's lots, oldest first."""
        mine = [lot for lot in self.positions.values() if lot.account == account]
        return tuple(sorted(mine, key=lambda lot: (lot.opened_at, lot.id)))

    @reckoned_once
    def all_positions(self) -> tuple[Position, ...]:
        """Every lot, oldest first, then by sleeve: the order in which assignments are met."""
        lots = self.positions.values()
        return tuple(sorted(lots, key=lambda lot: (lot.opened_at, lot.account, lot.id)))

    @reckoned_once
    def instruments(self) -> tuple[Instrument, ...]:
        """What is held, each once, in the order of all lots."""
        return tuple(dict.fromkeys(lot.instrument for lot in self.all_positions()))

    @reckoned_once
    def cost_of(self, account: AccountId) -> Money:
        """What the sleeve's lots were bought and sold at, negative for shorts."""
        return total([lot.value_at(lot.price_average) for lot in self.positions_of(account)])

    @reckoned_once
    def held_by_symbol(self) -> tuple[SymbolHeld, ...]:
        """Every underlying held, oldest lot first."""
        lots: dict[str, list[Position]] = {}
        for lot in self.all_positions():
            lots.setdefault(lot.underlying, []).append(lot)
        return tuple(
            SymbolHeld(
                symbol,
                held_by_lots(mine, NOTHING).cash,
                tuple(lot for lot in mine if lot.is_shares),
            )
            for symbol, mine in lots.items()
        )

    def accounts_of(self, family: FamilyId) -> tuple[Account, ...]:
        mine = [account for account in self.accounts.values() if account.family == family]
        return tuple(sorted(mine, key=lambda account: account.id))

    @reckoned_once
    def collateral_of(self, account: AccountId, fee_per_contract: Money) -> Money:
        """Settled cash that the sleeve's shorts hold: strike x multiplier plus fees for a put.

        Where a long of the same order protects it, the distance between the two.
        """
        return held_by_lots(self.positions_of(account), fee_per_contract).cash

    def shares_uncovered(self, lot: Position) -> int:
        """Shares of a lot, or those a long call brings, that no short call linked to it covers."""
        covered = 0
        for other in self.positions.values():
            if other.linked_to == lot.id and other.is_short_call:
                covered += other.quantity * other.instrument.multiplier
        return lot.quantity * lot.instrument.multiplier - covered


def realised_by_closing(lot: Position, quantity: int, price: Price) -> Money:
    """Profit of closing `quantity` units of a lot at `price`, before fees."""
    sign = -1 if lot.is_short else 1
    return notional(price - lot.price_average, sign * quantity, lot.instrument.multiplier)
