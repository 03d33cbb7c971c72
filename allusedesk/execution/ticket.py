"""`write_order`: an `Approval` becomes an `Order`; there is no other way to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from allusedesk.approvals.gate import Approval
from allusedesk.domain.identifiers import order_id
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Order, OrderType, TimeInForce
from allusedesk.domain.proposals import Leg, Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.execution.slicing import Clip
from allusedesk.protocol.levels import level_rules
from allusedesk.protocol.liquidity import mid_against_us, worst_price
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import exact
from allusedesk.risk.market_gates import tick_for


class Unpriceable(ValueError):
    """A leg without a quote to price it from; the text names it."""


def write_order(
    approval: Approval,
    proposal: Proposal,
    clip: Clip,
    snapshot: MarketSnapshot,
    good_until: datetime,
    rulebook: Rulebook,
) -> Order:
    """The order for one clip: a DAY limit at mid, rounded to the tick in our favour.

    Raises ValueError where the approval is not for this proposal or has run out: that is a fault
    of the desk, not of the market. Raises Unpriceable where a leg has no quote.
    """
    _refuse_other(approval, proposal, snapshot.taken_at)
    mid, tick = _net_of(proposal.legs, snapshot, rulebook)
    worst = worst_credit(proposal.legs, snapshot, rulebook)
    if proposal.credit_least is not None:
        worst = max(worst, proposal.credit_least)
    limit = mid.rounded_to(tick, ROUND_CEILING)
    if not limit.per_unit and mid.per_unit < 0:
        # Rounded in our favour a debit below one tick would ask for a gift; one tick is least.
        limit = Price(-tick)
    return _order(approval, proposal, clip, snapshot, good_until, max(limit, worst), worst)


def write_exit(
    approval: Approval,
    proposal: Proposal,
    clip: Clip,
    snapshot: MarketSnapshot,
    good_until: datetime,
    rulebook: Rulebook,
) -> Order:
    """The order of an exit: a marketable limit at the ask, never beyond the exit's worst.

    It names no worst price of its own, since that moves with mid. Raises as `write_order` does.
    """
    _refuse_other(approval, proposal, snapshot.taken_at)
    worst = worst_exit(proposal.legs, snapshot, rulebook)
    limit = max(marketable_credit(proposal.legs, snapshot), worst)
    return _order(approval, proposal, clip, snapshot, good_until, limit, None)


def worst_exit(legs: Sequence[Leg], snapshot: MarketSnapshot, rulebook: Rulebook) -> Price:
    """The least net credit an exit accepts now: the levels' part of mid, or one tick.

    Raises Unpriceable as `net_mid` does.
    """
    mid, tick = _net_of(legs, snapshot, rulebook)
    paid = Price(max(-mid.per_unit, Decimal(0)))
    allowance = max(level_rules(rulebook).exit_worst * paid.per_unit, tick)
    most = Price(paid.per_unit + allowance).rounded_to(tick, ROUND_FLOOR)
    return Price(-most.per_unit)


def _order(
    approval: Approval,
    proposal: Proposal,
    clip: Clip,
    snapshot: MarketSnapshot,
    good_until: datetime,
    limit: Price,
    worst: Price | None,
) -> Order:
    return Order(
        id=order_id(proposal.id, clip.number),
        proposal=proposal.id,
        approval=approval.id,
        account=proposal.account,
        kind=proposal.kind,
        legs=proposal.legs,
        quantity=clip.quantity,
        type=OrderType.LIMIT,
        limit=limit,
        limit_worst=worst,
        time_in_force=TimeInForce.DAY,
        good_until=good_until,
        written_at=snapshot.taken_at,
    )


def _refuse_other(approval: Approval, proposal: Proposal, now: datetime) -> None:
    if approval.proposal != proposal.id or now > approval.expires_at:
        message = f"Approval {approval.id} does not allow {proposal.id} to be sent at {now}."
        raise ValueError(message)


def net_mid(legs: Sequence[Leg], snapshot: MarketSnapshot, rulebook: Rulebook) -> Price:
    """The legs' net credit per share at their mids (paid is negative), unrounded.

    A quote too old is moved against us by the rulebook's buffer. Where the side we trade against
    stands alone, its price counts. Raises Unpriceable where there is none.
    """
    return _net_of(legs, snapshot, rulebook)[0]


def worst_credit(legs: Sequence[Leg], snapshot: MarketSnapshot, rulebook: Rulebook) -> Price:
    """The least net credit ever accepted now: each leg 5% (the rulebook's) or a tick from its mid.

    Raises Unpriceable as `net_mid` does.
    """
    net = Price(Decimal(0))
    for leg in legs:
        mid = _mid_of(leg, snapshot, rulebook)
        tick = tick_for(leg.instrument, mid.per_unit, rulebook)
        worst = worst_price(mid, leg.side, tick, rulebook)
        net = net + worst if leg.side is Side.SELL else net - worst
    return net


def marketable_credit(legs: Sequence[Leg], snapshot: MarketSnapshot) -> Price:
    """The net credit at the sides that stand against us: bids for what is sold, asks for the rest.

    Raises Unpriceable where such a side is absent.
    """
    net = Price(Decimal(0))
    for leg in legs:
        quote = snapshot.quote_of(leg.instrument)
        side = None if quote is None else (quote.bid if leg.side is Side.SELL else quote.ask)
        if side is None:
            raise Unpriceable(_without_price(leg.instrument))
        net = net + side if leg.side is Side.SELL else net - side
    return net


def _net_of(
    legs: Sequence[Leg], snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[Price, Decimal]:
    """The net mid, and the tick of the net price: the finest of the legs'."""
    net = Price(Decimal(0))
    ticks: list[Decimal] = []
    for leg in legs:
        price = _mid_of(leg, snapshot, rulebook)
        net = net + price if leg.side is Side.SELL else net - price
        ticks.append(tick_for(leg.instrument, price.per_unit, rulebook))
    return net, min(ticks)


def _mid_of(leg: Leg, snapshot: MarketSnapshot, rulebook: Rulebook) -> Price:
    quote = snapshot.quote_of(leg.instrument)
    price = None if quote is None else _tradable(quote, leg.side)
    if quote is None or price is None:
        raise Unpriceable(_without_price(leg.instrument))
    age = exact(quote.age_seconds(snapshot.taken_at))
    return mid_against_us(price, leg.side, age, rulebook)


def _tradable(quote: Quote, side: Side) -> Price | None:
    if quote.mid is not None:
        return quote.mid
    return quote.ask if side is Side.BUY else quote.bid


def _without_price(instrument: Instrument) -> str:
    return f"{instrument} has no quote to price an order from: nothing is sent until it has one."
