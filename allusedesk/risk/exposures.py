"""What a proposal would add to cash held, to shares covered and to deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allusedesk.domain.book import Book
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Leg, Proposal, Side
from allusedesk.protocol.views import SleeveView
from allusedesk.risk.margin import cash_secured


@dataclass(frozen=True, slots=True)
class Exposure:
    """Cash and collateral around a proposal.

    `cash_needed` is what it takes from free settled cash: new collateral less what its closing
    legs release, plus what it pays. `added` is what it deploys: strikes and shares, without fees.
    `sold_short` names legs that no rule of cover admits, `mismatched` closes of what is not held.
    """

    cash_needed: Money
    added: Money
    collateral_before: Money
    collateral_after: Money
    cash_free_after: Money
    sold_short: tuple[str, ...]
    mismatched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """Shares of one lot, and how many the calls on it would need."""

    symbol: str
    shares: int
    needed: int


def exposure_after(proposal: Proposal, view: SleeveView, fee_per_contract: Money) -> Exposure:
    """What the sleeve's cash and collateral become if the proposal is filled as asked."""
    before = NOTHING
    for lot in view.lots:
        if lot.is_short_put:
            before = before + lot.assignment_cost() + fee_per_contract * lot.quantity
    collateral, added = NOTHING, NOTHING
    sold_short: list[str] = []
    mismatched: list[str] = []
    for leg in proposal.legs:
        if leg.closes is not None:
            lot_held = view.lot(leg.closes)
            if lot_held is None or not _closes(leg, lot_held, proposal.quantity):
                mismatched.append(f"{leg.closes}: {_held(lot_held)}")
                continue
        held = _collateral_of(leg, proposal.quantity, fee_per_contract)
        collateral = collateral + held if leg.closes is None else collateral - held
        if leg.closes is None:
            added = added + _deployed(leg, proposal, fee_per_contract)
            if leg.side is Side.SELL and not _is_coverable(leg):
                sold_short.append(str(leg.instrument))
    paid = _paid(proposal)
    needed = collateral + paid
    return Exposure(
        cash_needed=needed,
        added=added,
        collateral_before=before,
        collateral_after=before + collateral,
        cash_free_after=view.cash_free - needed,
        sold_short=tuple(sold_short),
        mismatched=tuple(mismatched),
    )


def _closes(leg: Leg, lot: Position, quantity: int) -> bool:
    is_against = lot.is_short == (leg.side is Side.BUY)
    return lot.instrument == leg.instrument and is_against and lot.quantity >= quantity


def _held(lot: Position | None) -> str:
    return "not held" if lot is None else f"{lot.quantity_signed} of {lot.instrument}"


def _collateral_of(leg: Leg, quantity: int, fee_per_contract: Money) -> Money:
    """What a short put holds: taken by one that opens, released by one that is bought back."""
    option = leg.instrument
    if not isinstance(option, OptionContract) or option.right is not Right.PUT:
        return NOTHING
    if leg.side is (Side.SELL if leg.closes is None else Side.BUY):
        return cash_secured(option, quantity, fee_per_contract)
    return NOTHING


def _deployed(leg: Leg, proposal: Proposal, fee_per_contract: Money) -> Money:
    option = leg.instrument
    if isinstance(option, Stock):
        if leg.side is Side.SELL or proposal.spot is None:
            return NOTHING
        return notional(proposal.spot, proposal.quantity)
    held = _collateral_of(leg, proposal.quantity, fee_per_contract)
    return held - fee_per_contract * proposal.quantity if held else NOTHING


def _is_coverable(leg: Leg) -> bool:
    """A put is covered by cash, a call by the shares it is linked to; nothing else may be sold."""
    option = leg.instrument
    if not isinstance(option, OptionContract):
        return False
    return option.right is Right.PUT or leg.linked_to is not None


def _paid(proposal: Proposal) -> Money:
    """What the proposal pays at its net price; a credit does not count before it settles."""
    price = proposal.credit_net
    if not proposal.legs or price is None or price.per_unit >= 0:
        return NOTHING
    return notional(
        Price(-price.per_unit), proposal.quantity, proposal.legs[0].instrument.multiplier
    )


def covers_of(proposal: Proposal, book: Book, orders: Sequence[Order]) -> tuple[Cover, ...]:
    """Each lot of shares that the proposal writes calls on or sells, with what it would need.

    Calls held, those of live orders and the proposal's own count; calls it buys back release.
    """
    change: dict[PositionId, int] = {}
    for leg in proposal.legs:
        shares = _shares_touched(leg, book)
        if shares is not None:
            lot, per_unit = shares
            change[lot] = change.get(lot, 0) + per_unit * proposal.quantity
    found = []
    for identifier, wanted in change.items():
        held = book.positions.get(identifier)
        if wanted <= 0:
            continue
        if held is None or not held.is_shares or held.account != proposal.account:
            symbol = proposal.legs[0].instrument.underlying
            found.append(Cover(symbol, 0, wanted))
            continue
        tied = held.quantity - book.shares_uncovered(held)
        for order in orders:
            if not order.status.is_over and order.proposal != proposal.id:
                tied += _shares_in_order(order, identifier, book)
        found.append(Cover(held.underlying, held.quantity, tied + wanted))
    return tuple(found)


def _shares_in_order(order: Order, lot: PositionId, book: Book) -> int:
    """Shares of a lot that a live order would tie up; what it would release counts when filled."""
    touched = [_shares_touched(leg, book) for leg in order.legs]
    units = [shares[1] for shares in touched if shares is not None and shares[0] == lot]
    return sum(per_unit * order.quantity_open for per_unit in units if per_unit > 0)


def _shares_touched(leg: Leg, book: Book) -> tuple[PositionId, int] | None:
    """The lot of shares a leg ties up (or, negative, releases), and how many a unit."""
    instrument = leg.instrument
    if isinstance(instrument, Stock):
        return (leg.closes, 1) if leg.closes is not None and leg.side is Side.SELL else None
    if instrument.right is not Right.CALL:
        return None
    if leg.closes is None:
        if leg.linked_to is None or leg.side is not Side.SELL:
            return None
        return leg.linked_to, instrument.multiplier
    call = book.positions.get(leg.closes)
    if call is None or call.linked_to is None or leg.side is not Side.BUY:
        return None
    return call.linked_to, -instrument.multiplier
