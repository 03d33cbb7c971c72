"""Buying options and selling them again: what cover and ladder have in common."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money, Price, notional
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, NamedAmount, ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.liquidity import tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, exact
from allusedesk.protocol.views import SleeveView, Wish

DAYS_OF_A_YEAR, MONTHS_OF_A_YEAR = 365, 12


def days_of(months: int) -> int:
    """So many months in days, rounded down."""
    return months * DAYS_OF_A_YEAR // MONTHS_OF_A_YEAR


def is_tradable(quote: Quote, now: datetime, rulebook: Rulebook) -> bool:
    """Fresh, and tight: of the gates only the spread binds what is bought to be held for months."""
    if exact(quote.age_seconds(now)) > rulebook.quotes.age_seconds_max:
        return False
    if quote.bid is None or quote.ask is None or quote.mid is None:
        return False
    mid = quote.mid.per_unit
    tick = tick_of(quote.instrument.underlying, mid, rulebook)
    spread = quote.ask.per_unit - quote.bid.per_unit
    return mid > 0 and spread <= max(rulebook.orders.spread_max * mid, tick)


def price_at_mid(quote: Quote, rulebook: Rulebook) -> Price:
    """The mid on the exchange's grid, a tick at least."""
    mid = quote.mid or Price(Decimal(0))
    tick = tick_of(quote.instrument.underlying, mid.per_unit, rulebook)
    return max(mid.rounded_to(tick, ROUND_HALF_UP), Price(tick))


def cost_of_one(quote: Quote, rulebook: Rulebook) -> Money:
    """What one contract costs at mid, its fee included."""
    price = price_at_mid(quote, rulebook)
    return notional(price, 1, quote.instrument.multiplier) + Money(rulebook.costs.contract)


def lots_within(room: Money, cost: Money) -> int:
    """How many whole contracts a sum buys."""
    return int(room.amount // cost.amount) if room.amount > 0 and cost.amount > 0 else 0


def buy_wish(
    view: SleeveView,
    quote: Quote,
    lots: int,
    told: tuple[ProposalKind, PositionRole, str],
    verdict: Verdict,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Wish:
    """The wish to buy at mid; `told` is its kind, the role of the lot and the reason."""
    kind, role, reason = told
    seen = snapshot.underlying(quote.instrument.underlying)
    cost = NamedAmount("cost", cost_of_one(quote, rulebook) * lots)
    return Wish(
        kind,
        view.account,
        (Leg(quote.instrument, Side.BUY, role),),
        lots,
        Price(-price_at_mid(quote, rulebook).per_unit),
        verdict.rule,
        reason,
        verdict.comparisons,
        spot=seen.quote.mark if seen is not None else None,
        amounts=(*verdict.amounts, cost),
        is_modelled=quote.is_modelled,
    )


def sell_wish(
    view: SleeveView,
    lot: Position,
    quote: Quote,
    told: tuple[ProposalKind, str],
    verdict: Verdict,
    rulebook: Rulebook,
) -> Wish | None:
    """The wish that sells a lot whole at mid; None where it has no mid."""
    kind, reason = told
    if quote.mid is None:
        return None
    price = price_at_mid(quote, rulebook)
    return Wish(
        kind,
        view.account,
        (Leg(lot.instrument, Side.SELL, lot.role, closes=lot.id),),
        lot.quantity,
        price,
        verdict.rule,
        reason,
        verdict.comparisons,
        amounts=(
            NamedAmount("paid", lot.value_at(lot.price_average)),
            NamedAmount("proceeds", notional(price, lot.quantity, lot.instrument.multiplier)),
        ),
        concerns=(lot.id,),
        is_modelled=quote.is_modelled,
    )


def options_of(snapshot: MarketSnapshot, symbol: str) -> list[tuple[OptionContract, Quote]]:
    """The rows of a chain, each contract beside its quote; none where there is no chain."""
    chain = snapshot.chain(symbol)
    return [
        (quote.instrument, quote)
        for quote in (chain.quotes if chain is not None else ())
        if isinstance(quote.instrument, OptionContract)
    ]
