"""A family that comes home closes what it holds first (protocol, section 11)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP

from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import CENT, Price
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.closing_orders import NO_QUOTE, Outcome, barred, buy_back, decision_of
from allusedesk.protocol.liquidity import tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import Decision, SleeveView, Wish

HOMECOMING = "merge.close"


def decide_homecoming(view: SleeveView, snapshot: MarketSnapshot, rulebook: Rulebook) -> Decision:
    """Shorts are bought back, what is long is sold; shares once no call stands on them."""
    outcomes: list[Outcome] = []
    for lot in view.lots:
        seen = snapshot.underlying(lot.underlying)
        if seen is None or lot.role is PositionRole.HEDGE:
            # A look that a price alarm asked for shows its own symbol alone; hedges are released.
            continue
        bar = barred(view, lot, seen)
        if bar is not None:
            outcomes.append(bar)
        elif lot.is_short:
            cause = (HOMECOMING, f"Close {lot.instrument}: its family is coming home.")
            kind = ProposalKind.ADJUSTMENT
            outcomes.append(buy_back(view, lot, snapshot, kind, cause, (), rulebook))
        elif not view.calls_on(lot.id):
            outcomes.append(_sale(view, lot, snapshot, rulebook))
    return decision_of(outcomes)


def _sale(view: SleeveView, lot: Position, snapshot: MarketSnapshot, rulebook: Rulebook) -> Outcome:
    quote, seen = snapshot.quote_of(lot.instrument), snapshot.underlying(lot.underlying)
    if quote is None or quote.mid is None:
        return TurnedDown(str(lot.instrument), NO_QUOTE, "No price to sell at; looked at again.")
    mid = quote.mid
    tick = CENT
    if not isinstance(lot.instrument, Stock):
        tick = tick_of(lot.underlying, mid.per_unit, rulebook)
    return Wish(
        ProposalKind.ADJUSTMENT,
        view.account,
        (Leg(lot.instrument, Side.SELL, lot.role, closes=lot.id),),
        lot.quantity,
        max(mid.rounded_to(tick, ROUND_HALF_UP), Price(tick, mid.currency)),
        HOMECOMING,
        f"Sell {lot.quantity} {lot.instrument}: the family is coming home.",
        (),
        spot=seen.quote.mark if seen is not None else None,
        concerns=(lot.id,),
        is_modelled=quote.is_modelled,
    )
