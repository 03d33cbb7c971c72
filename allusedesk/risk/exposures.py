"""What a proposal would add to cash held, to shares covered and to deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allusedesk.domain.book import Book
from allusedesk.domain.changing import replace
from allusedesk.domain.collateral import Units, held_by, held_by_lots
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Leg, Proposal, Side
from allusedesk.protocol.views import SleeveView


@dataclass(frozen=True, slots=True)
class Exposure:
    """Cash and collateral around a proposal.

    `cash_needed` is what it takes from free settled cash: new collateral less what its closing
    legs release, plus what it pays. `added` is what it deploys: strikes and shares, without fees.
    `sold_short` names what no rule of cover admits, `mismatched` closes of what is not held.
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
    before = held_by_lots(view.lots, fee_per_contract)
    # Only orders of which something is closed hold anything else afterwards.
    closing = [leg.closes for leg in proposal.legs if leg.closes is not None]
    touched = {lot.opened_by for lot in view.lots if lot.id in closing}
    lots = {lot.id: lot for lot in view.lots if lot.opened_by in touched}
    was = held_by_lots(lots.values(), fee_per_contract)
    opened: list[Units] = []
    sold_short: list[str] = []
    mismatched: list[str] = []
    for leg in proposal.legs:
        lot = lots.get(leg.closes) if leg.closes is not None else None
        if leg.closes is not None:
            if lot is None or not _closes(leg, lot, proposal.quantity):
                mismatched.append(f"{leg.closes}: {_held(lot)}")
            elif lot.quantity == proposal.quantity:
                del lots[lot.id]
            else:
                left = lot.quantity_signed + leg.side.value * proposal.quantity
                lots[lot.id] = replace(lot, quantity_signed=left)
        elif isinstance(leg.instrument, OptionContract):
            signed = leg.side.value * proposal.quantity
            opened.append(Units(leg.instrument, signed, leg.linked_to is not None))
        elif leg.side is Side.SELL:
            sold_short.append(str(leg.instrument))
    rest, new = held_by_lots(lots.values(), fee_per_contract), held_by(opened, fee_per_contract)
    sold_short += [str(one.option) for one in new.bare_calls]
    if len(rest.bare_calls) > len(was.bare_calls):
        sold_short += [str(one.option) for one in rest.bare_calls]
    change = new.cash - (was.cash - rest.cash)
    paid = _paid(proposal)
    needed = change + paid
    return Exposure(
        cash_needed=needed,
        added=_deployed(proposal, opened, paid),
        collateral_before=before.cash,
        collateral_after=before.cash + change,
        cash_free_after=view.cash_free - needed,
        sold_short=tuple(sold_short),
        mismatched=tuple(mismatched),
    )


def _closes(leg: Leg, lot: Position, quantity: int) -> bool:
    is_against = lot.is_short == (leg.side is Side.BUY)
    return lot.instrument == leg.instrument and is_against and lot.quantity >= quantity


def _held(lot: Position | None) -> str:
    return "not held" if lot is None else f"{lot.quantity_signed} of {lot.instrument}"


def _deployed(proposal: Proposal, opened: Sequence[Units], paid: Money) -> Money:
    """Strikes and shares, or what a spread may cost; of a strategy's purchases what they cost."""
    shares = [
        notional(proposal.spot, proposal.quantity)
        for leg in proposal.legs
        if leg.closes is None
        and leg.side is Side.BUY
        and isinstance(leg.instrument, Stock)
        and proposal.spot is not None
    ]
    deployed = held_by(opened, NOTHING).cash + total(shares)
    if proposal.is_of_strategy and proposal.is_opening and not shares:
        return deployed + paid
    return deployed


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
        if held is None or held.account != proposal.account or not _covers(held, proposal):
            symbol = proposal.legs[0].instrument.underlying
            found.append(Cover(symbol, 0, wanted))
            continue
        brings = held.quantity * held.instrument.multiplier
        tied = brings - book.shares_uncovered(held)
        for order in orders:
            if not order.status.is_over and order.proposal != proposal.id:
                tied += _shares_in_order(order, identifier, book)
        found.append(Cover(held.underlying, brings, tied + wanted))
    return tuple(found)


def _covers(held: Position, proposal: Proposal) -> bool:
    """Shares cover calls; so does a long call that ends no earlier, at the same strike or below."""
    if held.is_shares:
        return True
    long = held.option
    if long is None or held.is_short or long.right is not Right.CALL:
        return False
    sold = [leg.instrument for leg in proposal.legs if leg.linked_to == held.id]
    return all(
        isinstance(call, OptionContract)
        and long.strike <= call.strike
        and long.expiry >= call.expiry
        and long.multiplier == call.multiplier
        for call in sold
    )


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
    if leg.closes is not None and leg.side is Side.SELL:
        # A long call goes, with whatever is written on it.
        return leg.closes, instrument.multiplier
    if leg.closes is None:
        if leg.linked_to is None or leg.side is not Side.SELL:
            return None
        return leg.linked_to, instrument.multiplier
    call = book.positions.get(leg.closes)
    if call is None or call.linked_to is None or leg.side is not Side.BUY:
        return None
    return call.linked_to, -instrument.multiplier
