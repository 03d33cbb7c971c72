"""Bookings as a tax authority sees them: units bought or sold, delivered, or adjusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, allocate, total
from allusedesk.domain.positions import Position

_FINEST = Decimal("0.000001")
_RATIO_FINEST = Decimal("0.000000001")


@dataclass(frozen=True, slots=True)
class TaxTrade:
    """Units of one instrument that came (positive) or went, and the cash with them.

    `amount` is negative where it was paid, before `fees`. `lot` is the desk's own lot,
    `linked_to` and `spot` are that lot's. `is_expiry` marks options that ended worthless.
    """

    on: date
    account: AccountId
    lot: PositionId
    instrument: Instrument
    units_signed: int
    amount: Money
    fees: Money
    is_opening: bool
    linked_to: PositionId | None = None
    spot: Price | None = None
    is_expiry: bool = False


@dataclass(frozen=True, slots=True)
class TaxDelivery:
    """Options of one sleeve that ended, and the shares that came or went through them."""

    options: tuple[TaxTrade, ...]
    shares: tuple[TaxTrade, ...]


@dataclass(frozen=True, slots=True)
class TaxAdjustment:
    """All units of one instrument became units of another: a split, or adjusted contracts.

    `ratio` is the number of new units for each old one before fractions were paid out, and
    `in_lieu` what was paid for those, to `account`.
    """

    on: date
    account: AccountId
    before: Instrument
    after: Instrument
    ratio: Decimal
    in_lieu: Money = NOTHING


TaxEvent = TaxTrade | TaxDelivery | TaxAdjustment


def tax_events(on: date, how: str, booking: Booking) -> tuple[TaxEvent, ...]:
    """What a booking of day `on` means for tax lots; nothing where no lot changed.

    `how` is what the booking came of: fill, assignment, expiry, dividend, split or cash. Prices
    are read from what a change realised. The commission is shared by units; a delivery's fees
    belong to its shares.
    """
    adjusted = [one for one in booking.changes if _is_adjusted(how, one)]
    if adjusted:
        return _adjustments(on, adjusted, booking)
    shares = [one for one in booking.changes if isinstance(one.lot.instrument, Stock)]
    if how != "assignment" or not shares:
        return _trades(on, booking.changes, booking.commission, is_expiry=how == "expiry")
    options = [one for one in booking.changes if one not in shares]
    ended = _trades(on, options, NOTHING)
    moved = _trades(on, shares, booking.commission)
    accounts = dict.fromkeys(trade.account for trade in (*ended, *moved))
    return tuple(
        TaxDelivery(
            tuple(trade for trade in ended if trade.account == account),
            tuple(trade for trade in moved if trade.account == account),
        )
        for account in accounts
    )


def _is_adjusted(how: str, change: LotChange) -> bool:
    if change.before is None:
        return False
    is_other = change.after is not None and change.after.instrument != change.before.instrument
    return how == "split" or is_other


def _trades(
    on: date, changes: Sequence[LotChange], fees: Money, *, is_expiry: bool = False
) -> tuple[TaxTrade, ...]:
    moved = [(change, _units(change)) for change in changes if _units(change)]
    if not moved:
        return ()
    parts = allocate(fees, [Decimal(abs(units)) for _, units in moved])
    trades = []
    for (change, units), part in zip(moved, parts, strict=True):
        lot = change.lot
        trades.append(
            TaxTrade(
                on=on,
                account=lot.account,
                lot=lot.id,
                instrument=lot.instrument,
                units_signed=units,
                amount=_fine(change.cash),
                fees=part,
                is_opening=change.before is None or _grows(change.before, change.after),
                linked_to=lot.linked_to,
                spot=lot.spot_at_open,
                is_expiry=is_expiry,
            )
        )
    return tuple(trades)


def _units(change: LotChange) -> int:
    after = change.after.quantity_signed if change.after else 0
    return after - (change.before.quantity_signed if change.before else 0)


def _grows(before: Position, after: Position | None) -> bool:
    return after is not None and after.quantity > before.quantity


def _fine(amount: Money) -> Money:
    # Averaged prices have 28 digits, what was paid has four: this brings back the exact amount.
    return Money(amount.amount.quantize(_FINEST), amount.currency)


def _adjustments(
    on: date, changes: Sequence[LotChange], booking: Booking
) -> tuple[TaxAdjustment, ...]:
    found = []
    paid = total([move.amount for move in booking.cash])
    for before in dict.fromkeys(_instrument_before(change) for change in changes):
        mine = [change for change in changes if _instrument_before(change) == before]
        after = next((one.after.instrument for one in mine if one.after), before)
        is_stock = isinstance(before, Stock)
        found.append(
            TaxAdjustment(
                on,
                booking.cash[0].account if booking.cash and is_stock else mine[0].lot.account,
                before,
                after,
                _ratio(mine),
                paid if is_stock else NOTHING,
            )
        )
    return tuple(found)


def _instrument_before(change: LotChange) -> Instrument:
    return change.before.instrument if change.before else change.lot.instrument


def _ratio(changes: Sequence[LotChange]) -> Decimal:
    """From the price of a lot before and after, since the units alone have lost fractions."""
    for one in changes:
        if one.before and one.after and one.after.price_average.per_unit:
            per_unit = one.before.price_average.per_unit / one.after.price_average.per_unit
            shares = Decimal(one.before.instrument.multiplier) / one.after.instrument.multiplier
            return (per_unit * shares).quantize(_RATIO_FINEST)
    one = changes[0]
    after = one.after.quantity if one.after else 0
    return Decimal(after) / (one.before.quantity if one.before else 1)


def part_of(whole: Money, units: int, of_units: int) -> Money:
    """The part of an amount that belongs to so many of its units, to the cent; all for all."""
    if units == of_units:
        return whole
    return Money((whole.amount * units / of_units).quantize(CENT), whole.currency)


def cash_of(trade: TaxTrade) -> Money:
    """What a trade brought (negative: cost), its fees counted."""
    return trade.amount - trade.fees
