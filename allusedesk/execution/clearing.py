"""What a broker's back office does: holds cash and positions, bears orders, settles the night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from immutables import Map

from allusedesk.domain.book import CashPile
from allusedesk.domain.changing import replace
from allusedesk.domain.collateral import Units, held_by
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional, total
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.proposals import Leg, Side
from allusedesk.portfolio.splits import adjusted_contract, reduced_contract, shares_after

# Exercise by exception: the clearing house exercises what is this far in the money at the close.
EXERCISE_BY_EXCEPTION = CENT
NO_PRICE = Price(Decimal(0))


class Ending(Enum):
    """How an option leaves an account."""

    ASSIGNED = "assigned"
    EXERCISED = "exercised"
    EXPIRED = "expired"
    SETTLED = "settled in cash"


@dataclass(frozen=True, slots=True)
class NightlyEnding:
    """One contract that ends overnight, decided at the close, told the next morning.

    `per_share` is what a cash-settled option pays; `reason` why a holder did not wait for expiry,
    or why another close than that of its last session decided.
    """

    contract: OptionContract
    quantity_signed: int
    ending: Ending
    per_share: Price = NO_PRICE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Custody:
    """One account at a broker: cash with its settlement, and a signed quantity an instrument."""

    cash: CashPile = field(default_factory=CashPile)
    held: Map[Instrument, int] = field(default_factory=Map)

    def with_change(self, instrument: Instrument, signed: int) -> Custody:
        after = self.held.get(instrument, 0) + signed
        if after:
            return replace(self, held=self.held.set(instrument, after))
        return replace(self, held=self.held.delete(instrument)) if instrument in self.held else self

    def with_cash(self, amount: Money, settles_on: date, today: date) -> Custody:
        return replace(self, cash=self.cash.moved(amount, settles_on, today))

    def lines(self) -> tuple[tuple[Instrument, int], ...]:
        """Everything held, by name, so that no order of insertion shows."""
        return tuple(sorted(self.held.items(), key=_by_name))

    def options(self) -> tuple[tuple[OptionContract, int], ...]:
        """The options held, by name."""
        return tuple(
            (instrument, signed)
            for instrument, signed in self.lines()
            if isinstance(instrument, OptionContract)
        )


def _by_name(line: tuple[Instrument, int]) -> tuple[str, int]:
    return str(line[0]), line[0].multiplier


def executed(
    custody: Custody, order: Order, executions: Iterable[Fill], today: date, settles_on: date
) -> Custody:
    """The account after executions: positions at once, one net amount of cash T+1."""
    cash = NOTHING
    for fill in executions:
        leg = order.legs[fill.leg]
        signed = leg.side.value * fill.quantity
        custody = custody.with_change(leg.instrument, signed)
        cash = cash - notional(fill.price, signed, leg.instrument.multiplier) - fill.commission
    return custody.with_cash(cash, settles_on, today)


def refusal(
    custody: Custody, order: Order, working: Iterable[Order], fee_per_contract: Money
) -> str:
    """Why a cash account cannot bear an order; empty where it can.

    Other working orders are counted by what they sell and pay, never by what they would release.
    A short put needs strike x multiplier plus fees in settled cash, a short call its shares; a
    long that ends no earlier stands behind a short, which then needs the distance of the strikes.
    """
    after = custody
    spent = [_debit(order)]
    for other in working:
        spent.append(_debit(other))
        sells = any(leg.side is Side.SELL for leg in other.legs)
        for leg in other.legs:
            # What an opening buys stands behind what it sells; what closes may never come to pass.
            if leg.side is Side.SELL or (sells and other.is_opening):
                signed = leg.side.value * other.quantity_open
                after = after.with_change(leg.instrument, signed)
    for leg in order.legs:
        after = after.with_change(leg.instrument, leg.side.value * order.quantity_open)
    units = [Units(option, signed) for option, signed in after.options()]
    held = held_by(units, fee_per_contract)
    for underlying in dict.fromkeys(leg.instrument.underlying for leg in order.legs):
        called = sum(
            -one.signed * one.option.multiplier
            for one in held.bare_calls
            if one.option.underlying == underlying
        )
        if after.held.get(Stock(underlying), 0) < called:
            return f"the shares of {underlying} held do not cover the calls and sales"
    needed = held.cash
    is_spending = bool(spent[0]) or any(_opens_put(custody, leg) for leg in order.legs)
    if not is_spending and len(order.legs) > 1:
        before = [Units(option, signed) for option, signed in custody.options()]
        is_spending = needed > held_by(before, fee_per_contract).cash
    free = custody.cash.settled - total(spent)
    if is_spending and free < needed:
        return f"settled cash of {free} is less than the {needed} that the puts hold"
    return ""


def _debit(order: Order) -> Money:
    """What an order may cost at its limit; a market order names no price, so nothing."""
    if order.limit is None or order.limit.per_unit >= 0:
        return NOTHING
    return notional(
        Price(-order.limit.per_unit), order.quantity_open, order.legs[0].instrument.multiplier
    )


def _opens_put(custody: Custody, leg: Leg) -> bool:
    option = leg.instrument
    if not isinstance(option, OptionContract) or option.right is not Right.PUT:
        return False
    return leg.side is Side.SELL and custody.held.get(option, 0) <= 0


def ending_at_expiry(custody: Custody, contract: OptionContract, closing: Price) -> NightlyEnding:
    """How a contract ends whose last session has closed at `closing`.

    A cent in the money is exercised by exception, and paid in cash where that is its settlement.
    A long option whose exercise the cash or the shares cannot meet is left to expire, as its
    holder would have to instruct.
    """
    signed = custody.held.get(contract, 0)
    depth = intrinsic_value(contract, closing)
    if depth.per_unit < EXERCISE_BY_EXCEPTION:
        return NightlyEnding(contract, signed, Ending.EXPIRED)
    if contract.is_cash_settled:
        return NightlyEnding(contract, signed, Ending.SETTLED, depth)
    if signed < 0:
        return NightlyEnding(contract, signed, Ending.ASSIGNED)
    strike, shares = Price(contract.strike), signed * contract.multiplier
    if contract.right is Right.CALL:
        can_meet = notional(strike, shares) <= custody.cash.settled
    else:
        can_meet = custody.held.get(Stock(contract.underlying), 0) >= shares
    return NightlyEnding(contract, signed, Ending.EXERCISED if can_meet else Ending.EXPIRED)


def ending_early(
    contract: OptionContract, quantity: int, closing: Price, reason: str
) -> NightlyEnding:
    """How so many of a short contract end when their holders exercise before expiry."""
    if contract.is_cash_settled:
        depth = intrinsic_value(contract, closing)
        return NightlyEnding(contract, -quantity, Ending.SETTLED, depth, reason)
    return NightlyEnding(contract, -quantity, Ending.ASSIGNED, reason=reason)


def intrinsic_value(contract: OptionContract, closing: Price) -> Price:
    """What exercise at `closing` is worth a share; never below nothing."""
    strike = Price(contract.strike)
    depth = strike - closing if contract.right is Right.PUT else closing - strike
    return depth if depth.per_unit > 0 else NO_PRICE


def settled_night(
    custody: Custody,
    ending: NightlyEnding,
    today: date,
    settles_on: date,
    fee_per_contract: Money,
) -> Custody:
    """The account after an option ended: option gone, shares and cash changed at the strike.

    Cash settlement moves what the option was worth and no share.
    """
    contract, signed = ending.contract, ending.quantity_signed
    custody = custody.with_change(contract, -signed)
    if ending.ending is Ending.EXPIRED:
        return custody
    if ending.ending is Ending.SETTLED:
        worth = notional(ending.per_share, signed, contract.multiplier)
        return custody.with_cash(worth, settles_on, today)
    # Short puts and long calls bring shares; short calls and long puts take them.
    direction = 1 if (signed < 0) == (contract.right is Right.PUT) else -1
    shares = direction * abs(signed) * contract.multiplier
    custody = custody.with_change(Stock(contract.underlying), shares)
    paid = notional(Price(contract.strike), -shares) - fee_per_contract * abs(signed)
    return custody.with_cash(paid, settles_on, today)


def split(
    custody: Custody, symbol: str, ratio: Decimal, price_in_lieu: Price, today: date
) -> Custody:
    """The account after a split: shares, contracts and strikes, the fraction in cash."""
    for instrument, signed in custody.lines():
        if instrument.underlying != symbol:
            continue
        custody = custody.with_change(instrument, -signed)
        if isinstance(instrument, OptionContract):
            adjusted, factor = adjusted_contract(instrument, ratio)
            custody = custody.with_change(adjusted, signed * factor)
        else:
            whole, fraction = shares_after(signed, ratio)
            custody = custody.with_change(instrument, whole)
            paid = Money(price_in_lieu.per_unit * fraction).to_cents()
            custody = custody.with_cash(paid, today, today)
    return custody


def with_strikes_reduced(custody: Custody, symbol: str, per_share: Decimal) -> Custody:
    """The account after a special dividend: strikes lowered where the clearing house does so."""
    for contract, signed in custody.options():
        after = reduced_contract(contract, per_share)
        if contract.underlying == symbol and after != contract:
            custody = custody.with_change(contract, -signed).with_change(after, signed)
    return custody
