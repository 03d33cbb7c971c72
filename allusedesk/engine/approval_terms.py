"""What an approval rests on at one instant: net price, margin and the position it adds to."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.approvals.as_seen import Terms
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional
from allusedesk.domain.proposals import Leg, Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.terms import LotSeen
from allusedesk.engine.state import DeskState
from allusedesk.execution.ticket import Unpriceable, net_mid
from allusedesk.risk.margin import uncovered


def terms_of(state: DeskState, proposal: Proposal, glance: MarketSnapshot) -> Terms:
    """The terms as `glance` shows them, for the quantity the proposal asks for."""
    if not proposal.legs:
        return Terms(None, NOTHING, ())
    try:
        price: Price | None = net_mid(proposal.legs, glance, state.rules)
    except Unpriceable:
        price = None
    margin = margin_of(state, proposal, glance)
    return Terms(price, margin, lots_of(state, proposal))


def margin_of(state: DeskState, proposal: Proposal, glance: MarketSnapshot) -> Money:
    """Regulation T for each put it sells, were it alone, and what each purchase costs.

    Calls stand on shares and closes release, so neither asks for any.
    """
    asked = NOTHING
    for leg in proposal.legs:
        quote = glance.quote_of(leg.instrument)
        mark = quote.mark if quote is not None else None
        if leg.closes is not None or mark is None:
            continue
        if leg.side is Side.BUY:
            asked = asked + notional(mark, proposal.quantity, leg.instrument.multiplier)
        elif _is_put(leg):
            asked = asked + _regulation_t(state, proposal, leg, mark, glance)
    return asked


def lots_of(state: DeskState, proposal: Proposal) -> tuple[LotSeen, ...]:
    """The lots its sleeve holds of its underlyings, in the book's order."""
    symbols = {leg.instrument.underlying for leg in proposal.legs}
    return tuple(
        LotSeen(lot.id, lot.quantity_signed)
        for lot in state.book.positions_of(proposal.account)
        if lot.underlying in symbols
    )


def _is_put(leg: Leg) -> bool:
    return isinstance(leg.instrument, OptionContract) and leg.instrument.right is Right.PUT


def _regulation_t(
    state: DeskState, proposal: Proposal, leg: Leg, mark: Price, glance: MarketSnapshot
) -> Money:
    option = leg.instrument
    if not isinstance(option, OptionContract):
        return NOTHING
    share = glance.quote_of(Stock(option.underlying))
    spot = share.mark if share is not None else None
    if spot is None:
        spot = state.spots.get(option.underlying, Price(Decimal(0)))
    return uncovered(option, proposal.quantity, mark, spot, state.rules.margin)
