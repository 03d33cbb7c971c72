"""What fills, deliveries, expiries and dividends do to the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book, Booking, CashMove, LotChange, realised_by_closing
from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import PositionId, position_id
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, allocate, notional, total
from allusedesk.domain.orders import (
    CashCharged,
    DividendPaid,
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    Order,
)
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, Side

if TYPE_CHECKING:
    from collections.abc import Sequence


class BookMismatch(ValueError):
    """A report that does not fit the book; its text says how the two differ."""


def book_fill(
    book: Book,
    order: Order,
    executions: Sequence[Fill],
    today: date,
    settles_on: date,
    spot: Price | None = None,
) -> Booking:
    """Lots and cash after executions of one order, legs together, as one cash move.

    `spot` is the underlying's price when an opening was filled. Later executions of an order add
    to the lot its first one opened, at the averaged price. Shares bought get their price as
    basis. Realised profit is before fees. Raises BookMismatch where the book cannot bear it.
    """
    lots: dict[PositionId, Position | None] = {}
    realised: dict[PositionId, Money] = {}
    cash = NOTHING
    for fill in executions:
        if fill.order != order.id or not 0 <= fill.leg < len(order.legs) or fill.quantity <= 0:
            message = (
                f"Execution {fill.id} does not belong to order {order.id} as it was written: "
                "it is not booked. Compare the order with the broker's own record."
            )
            raise BookMismatch(message)
        leg = order.legs[fill.leg]
        multiplier = leg.instrument.multiplier
        cash = cash - notional(fill.price, leg.side.value * fill.quantity, multiplier)
        if leg.closes is None:
            lot = position_id(order.id, fill.leg)
            held = lots[lot] if lot in lots else book.positions.get(lot)
            lots[lot] = _opened(order, leg, fill, lot, held, spot)
        else:
            lot = leg.closes
            held = lots[lot] if lot in lots else book.positions.get(lot)
            held = _closable(order, leg, fill, held)
            gain = realised_by_closing(held, fill.quantity, fill.price)
            realised[lot] = realised.get(lot, NOTHING) + gain
            lots[lot] = _reduced(held, fill.quantity)
    commission = total([fill.commission for fill in executions])
    changes = tuple(
        LotChange(book.positions.get(lot), after, realised.get(lot, NOTHING))
        for lot, after in lots.items()
    )
    move = _cash_move(order.account, cash - commission, today, settles_on, f"fill of {order.id}")
    return Booking(changes, move, commission)


def _opened(
    order: Order, leg: Leg, fill: Fill, lot: PositionId, held: Position | None, spot: Price | None
) -> Position:
    signed = leg.side.value * fill.quantity
    is_shares = isinstance(leg.instrument, Stock)
    if held is None:
        return Position(
            id=lot,
            account=order.account,
            instrument=leg.instrument,
            quantity_signed=signed,
            price_average=fill.price,
            role=leg.role,
            opened_by=order.id,
            opened_at=fill.filled_at,
            spot_at_open=fill.price if is_shares else spot,
            basis=fill.price if is_shares else None,
            linked_to=leg.linked_to,
        )
    quantity = held.quantity + fill.quantity
    paid = held.price_average * held.quantity + fill.price * fill.quantity
    average = Price(paid.per_unit / quantity, paid.currency)
    return replace(
        held,
        quantity_signed=held.quantity_signed + signed,
        price_average=average,
        basis=average if is_shares else None,
    )


def _closable(order: Order, leg: Leg, fill: Fill, held: Position | None) -> Position:
    has = held.quantity_signed if held is not None else 0
    fits = (
        held is not None
        and held.account == order.account
        and held.instrument == leg.instrument
        and held.is_short == (leg.side is Side.BUY)
        and held.quantity >= fill.quantity
    )
    if held is None or not fits:
        message = (
            f"Order {order.id} closed {fill.quantity} of {leg.instrument}, but lot {leg.closes} "
            f"holds {has}: the fill is not booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    return held


def _reduced(lot: Position, quantity: int) -> Position | None:
    left = lot.quantity - quantity
    if left == 0:
        return None
    return replace(lot, quantity_signed=-left if lot.is_short else left)


def _cash_move(
    account: AccountId, amount: Money, today: date, settles_on: date, reason: str
) -> tuple[CashMove, ...]:
    if not amount:
        return ()
    return (CashMove(account, amount, today if amount.amount < 0 else settles_on, reason),)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """How one option lot's end moves shares: all that the bookings of a delivery share."""

    at: datetime
    today: date
    settles_on: date
    fee_per_contract: Money


def book_assignment(
    book: Book,
    notice: OptionsAssigned,
    at: datetime,
    today: date,
    settles_on: date,
    fee_per_contract: Money = NOTHING,
) -> Booking:
    """One transaction for short options exercised against us, oldest lot first, then sleeve.

    A put: the shares come in at the strike, their basis is the strike less the premium, they are
    linked to the put, and the cash leaves at once. A call: the shares it covers (else the oldest
    of the sleeve) go at the strike, and the cash comes on `settles_on`. An option's premium is
    realised, so both parts together are what the trade earned. Raises BookMismatch where the
    book lacks the options or the shares.
    """
    delivery = _Delivery(at, today, settles_on, fee_per_contract)
    return _book_delivery(book, notice.contract, notice.quantity, is_short=True, how=delivery)


def book_exercise(
    book: Book,
    notice: OptionsExercised,
    at: datetime,
    today: date,
    settles_on: date,
    fee_per_contract: Money = NOTHING,
) -> Booking:
    """One transaction for long options exercised for us; the mirror of `book_assignment`."""
    delivery = _Delivery(at, today, settles_on, fee_per_contract)
    return _book_delivery(book, notice.contract, notice.quantity, is_short=False, how=delivery)


def _book_delivery(
    book: Book, contract: OptionContract, quantity: int, *, is_short: bool, how: _Delivery
) -> Booking:
    """Lots of the contract end one after another; later ones see what earlier ones did."""
    left = quantity
    trial = book
    changes: dict[PositionId, LotChange] = {}
    cash: dict[AccountId, Money] = {}
    fees = NOTHING
    brings_shares = is_short == (contract.right is Right.PUT)
    for lot in book.all_positions():
        if left == 0:
            break
        if lot.instrument != contract or lot.is_short != is_short:
            continue
        ended = min(left, lot.quantity)
        left -= ended
        gain = realised_by_closing(lot, ended, Price(Decimal(0)))
        steps = {lot.id: LotChange(lot, _reduced(lot, ended), gain)}
        shares = ended * contract.multiplier
        if brings_shares:
            steps |= _delivered(trial, lot, contract, shares, how.at)
        else:
            steps |= _taken(trial, lot, contract, shares)
        trial = trial.booked(Booking(tuple(steps.values()), ()), how.today)
        for name, step in steps.items():
            changes[name] = _joined(changes[name], step) if name in changes else step
        fee = how.fee_per_contract * ended
        fees = fees + fee
        sign = -1 if brings_shares else 1
        moved = notional(Price(contract.strike), sign * shares) - fee
        cash[lot.account] = cash.get(lot.account, NOTHING) + moved
    if left:
        message = (
            f"The broker delivered on {quantity} of {contract}, but the book holds only "
            f"{quantity - left}: nothing is booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    reason = f"delivery on {contract}"
    moves = [
        move
        for account in sorted(cash)
        for move in _cash_move(account, cash[account], how.today, how.settles_on, reason)
    ]
    return Booking(tuple(changes.values()), tuple(moves), fees)


def _joined(earlier: LotChange, later: LotChange) -> LotChange:
    """Two changes of one lot as one."""
    return LotChange(earlier.before, later.after, earlier.realised + later.realised)


def _delivered(
    book: Book, lot: Position, contract: OptionContract, shares: int, at: datetime
) -> dict[PositionId, LotChange]:
    """Shares that come in through an option, as a lot named after the option's and the day."""
    strike = Price(contract.strike)
    identifier = PositionId(f"{lot.id}/S{at:%Y%m%d}")
    held = book.positions.get(identifier)
    if held is not None:
        more = replace(held, quantity_signed=held.quantity_signed + shares)
        return {identifier: LotChange(held, more)}
    premium = lot.price_average if lot.is_short else Price(-lot.price_average.per_unit)
    shares_in = Position(
        id=identifier,
        account=lot.account,
        instrument=Stock(contract.underlying),
        quantity_signed=shares,
        price_average=strike,
        role=PositionRole.SHARES,
        opened_by=lot.opened_by,
        opened_at=at,
        spot_at_open=lot.spot_at_open,
        basis=strike - premium,
        linked_to=lot.id,
    )
    return {identifier: LotChange(None, shares_in)}


def _taken(
    book: Book, lot: Position, contract: OptionContract, shares: int
) -> dict[PositionId, LotChange]:
    """Shares that go: first those the option is linked to, then the sleeve's oldest."""
    own = [
        held
        for held in book.positions_of(lot.account)
        if held.is_shares and held.underlying == contract.underlying and not held.is_short
    ]
    own.sort(key=lambda held: held.id != lot.linked_to)
    changes: dict[PositionId, LotChange] = {}
    left = shares
    for held in own:
        gone = min(left, held.quantity)
        if gone:
            gain = realised_by_closing(held, gone, Price(contract.strike))
            changes[held.id] = LotChange(held, _reduced(held, gone), gain)
            left -= gone
    if left:
        message = (
            f"{shares} shares of {contract.underlying} were called from {lot.account}, which holds "
            f"{shares - left}: nothing is booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    return changes


def book_expiry(book: Book, notice: OptionsExpired) -> Booking:
    """Every lot of an expired contract leaves without cash, its premium realised.

    Raises BookMismatch where the broker took off another quantity than the book holds.
    """
    lots = [lot for lot in book.all_positions() if lot.instrument == notice.contract]
    held = sum(lot.quantity_signed for lot in lots)
    if not lots or held != notice.quantity_signed:
        message = (
            f"The broker expired {notice.quantity_signed} of {notice.contract}, but the book "
            f"holds {held}: nothing is booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    worthless = Price(Decimal(0))
    return Booking(
        tuple(
            LotChange(lot, None, realised_by_closing(lot, lot.quantity, worthless)) for lot in lots
        ),
        (),
    )


def book_dividend(book: Book, notice: DividendPaid, today: date) -> Booking:
    """A dividend's cash to the cent, shared by the sleeves that hold the shares.

    The book must be as it was at the close before the ex-date, deliveries of that night booked.
    Raises BookMismatch where it holds another number of shares than was paid for.
    """
    held: dict[AccountId, int] = {}
    for lot in book.all_positions():
        if lot.is_shares and lot.underlying == notice.symbol:
            held[lot.account] = held.get(lot.account, 0) + lot.quantity_signed
    owners = [account for account in sorted(held) if held[account]]
    shares = sum(held[account] for account in owners)
    if shares != notice.shares or shares <= 0:
        message = (
            f"A dividend of {notice.symbol} was paid on {notice.shares} shares, but the book holds "
            f"{shares}: nothing is booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    whole = Money(notice.per_share * shares).to_cents()
    parts = allocate(whole, [Decimal(held[account]) for account in owners])
    reason = f"dividend of {notice.symbol}, ex {notice.ex_date}"
    return Booking(
        (),
        tuple(
            CashMove(account, part, today, reason)
            for account, part in zip(owners, parts, strict=True)
            if part
        ),
    )


def book_charge(book: Book, notice: CashCharged, today: date) -> Booking:
    """A charge to the cent, shared by the sleeves' cash: no broker names what trade it is for.

    Where no sleeve has cash it falls on the first. Raises BookMismatch where there is none.
    """
    accounts = sorted(book.cash)
    if not accounts:
        message = (
            f"The broker booked {notice.amount} ({notice.reason}), but the desk has no sleeve: "
            "nothing is booked. Open a family, then reconcile."
        )
        raise BookMismatch(message)
    weights = [max(book.cash[account].whole.amount, Decimal(0)) for account in accounts]
    if not any(weights):
        weights[0] = Decimal(1)
    parts = allocate(notice.amount, weights)
    return Booking(
        (),
        tuple(
            CashMove(account, part, today, notice.reason)
            for account, part in zip(accounts, parts, strict=True)
            if part
        ),
    )
