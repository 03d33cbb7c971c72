"""Figures the protocol asks for and may not compute: probabilities and expected losses."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import CENT, Money
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.market.normal import normal_quantile
from allusedesk.market.pricing import (
    expected_loss_of_covered_shares,
    probability_in_the_money,
    values,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import Estimate

_DAYS_PER_YEAR = 365.0
_FOUR_PLACES = Decimal("0.0001")


def estimates_of(
    lots: tuple[Position, ...], snapshot: MarketSnapshot, now: datetime, rules: Rulebook
) -> tuple[Estimate, ...]:
    """The figures of every short put, short call and lot of shares that the snapshot shows.

    Lognormal prices at the option's own implied volatility, for shares at the realised one; a lot
    without quotes gets no estimate. Probabilities are rounded to four places, money to the cent,
    so that machines agree.
    """
    found = [_estimate(lot, snapshot, now, rules) for lot in lots]
    return tuple(estimate for estimate in found if estimate is not None)


def _estimate(
    lot: Position, snapshot: MarketSnapshot, now: datetime, rules: Rulebook
) -> Estimate | None:
    seen = snapshot.underlying(lot.underlying)
    if seen is None or seen.quote.mark is None:
        return None
    spot = float(seen.quote.mark.per_unit)
    quote = snapshot.quote_of(lot.instrument)
    if lot.is_shares:
        return _estimate_of_shares(lot, quote, spot, seen.indicators.realised_volatility, rules)
    if lot.option is None or quote is None or quote.greeks is None:
        return None
    volatility = quote.greeks.implied_volatility
    probability = _probability(lot.option, spot, now, snapshot.rate, volatility)
    if not lot.is_short_put or quote.ask is None:
        return Estimate(lot.id, probability)
    paid_back = float((quote.ask - lot.price_average).per_unit)
    basis = float(lot.option.strike - lot.price_average.per_unit)
    units = lot.quantity * lot.option.multiplier
    return Estimate(
        lot.id,
        probability,
        _money(paid_back * units, rules.costs.contract * lot.quantity),
        _money(_loss_if_kept(spot, basis, snapshot.rate, volatility, rules) * units),
    )


def _estimate_of_shares(
    lot: Position, quote: Quote | None, spot: float, volatility: float | None, rules: Rulebook
) -> Estimate | None:
    if quote is None or quote.bid is None or volatility is None or lot.basis is None:
        return None
    basis = float(lot.basis.per_unit)
    sold_at = float(quote.bid.per_unit)
    fee = max(rules.costs.share * lot.quantity, rules.costs.share_order_min)
    return Estimate(
        lot.id,
        Decimal(0),
        _money((basis - sold_at) * lot.quantity, fee),
        _money(_loss_if_kept(spot, basis, 0.0, volatility, rules) * lot.quantity),
    )


def _loss_if_kept(
    spot: float, basis: float, rate: float, volatility: float, rules: Rulebook
) -> float:
    """Expected loss a share of holding shares with the recovery's call sold on them."""
    years = rules.recovery.horizon_days / _DAYS_PER_YEAR
    delta = float(rules.assignment.recovery_delta_low + rules.assignment.recovery_delta_high) / 200
    spread = volatility * math.sqrt(years)
    log_strike = 0.5 * spread * spread + rate * years - float(normal_quantile(delta)) * spread
    strike = spot * math.exp(log_strike)
    premium = float(values(spot, strike, years, rate, 0.0, volatility, is_put=False))
    return expected_loss_of_covered_shares(
        spot, strike, years, rate, 0.0, volatility, premium, years, basis
    )


def _probability(
    option: OptionContract, spot: float, now: datetime, rate: float, volatility: float
) -> Decimal:
    years = max(_years_to(option.expiry, now), 1e-6)
    likely = probability_in_the_money(
        spot,
        float(option.strike),
        years,
        rate,
        0.0,
        volatility,
        option.right is Right.PUT,
    )
    return Decimal(repr(float(likely))).quantize(_FOUR_PLACES, ROUND_HALF_EVEN)


def _years_to(expiry: date, now: datetime) -> float:
    """Years from now to the close of the expiry day, taken as 21:00 UTC."""
    days = (expiry - now.date()).days
    seconds = now.hour * 3600 + now.minute * 60 + now.second
    return (days + (21 * 3600 - seconds) / 86_400) / _DAYS_PER_YEAR


def _money(value: float, fees: Decimal = Decimal(0)) -> Money:
    return Money(Decimal(repr(round(value, 4))).quantize(CENT, ROUND_HALF_EVEN) + fees)
