"""What if these legs were traded: payoff, margin, greeks, worst case and probability, as figures.

A question for eyes alone: nothing of it is recorded, and no rule ever sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np

from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import NOTHING, Money, Price, notional
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.engine.sleeve_views import fee_per_contract
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.curve import (
    CurveLeg,
    CurvePoint,
    crossings,
    curve,
    first_expiry,
    profits,
    volatility_of,
    years_left,
)
from allusedesk.market.pricing import probability_in_the_money
from allusedesk.risk.margin import MarginLeg, Requirement, cash_secured, regulation_t
from allusedesk.risk.payoff import PayoffLeg, break_evens, worst_case


class WhatIfRefused(ValueError):
    """Legs that cannot be answered for; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class WhatIfLeg:
    """Signed contracts, or shares, that would be bought or sold."""

    instrument: Instrument
    quantity_signed: int


@dataclass(frozen=True, slots=True)
class LegGreeks:
    """Sensitivities of signed contracts in dollars and shares.

    `delta` in shares, `gamma` in shares a dollar, `theta` in dollars a day, `vega` in dollars a
    point of volatility.
    """

    delta: float = 0.0
    gamma: float = 0.0
    theta: float = 0.0
    vega: float = 0.0

    def plus(self, other: LegGreeks) -> LegGreeks:
        """Both together."""
        return LegGreeks(
            self.delta + other.delta,
            self.gamma + other.gamma,
            self.theta + other.theta,
            self.vega + other.vega,
        )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer. Money is signed from the desk's side: what comes in is positive.

    `brings` is the net at the mids, `brings_least` with every bid hit and every ask paid, both
    before `fees`. `worst` and `best` are profits at expiry, None where there is no limit.
    `cash_held` is what short puts hold under the protocol, `requirement` what Regulation T asks
    for. `probability` is that of a profit at the first expiry, None where no quote implies a
    volatility. `notes` say what is missing or to be known.
    """

    underlying: str
    spot: Price
    expiry: date | None
    brings: Money
    brings_least: Money
    fees: Money
    requirement: Requirement | None
    cash_held: Money
    greeks: LegGreeks
    worst: Money | None
    best: Money | None
    break_evens: tuple[Decimal, ...]
    probability: float | None
    points: tuple[CurvePoint, ...]
    is_modelled: bool
    notes: tuple[str, ...]


def answer(state: DeskState, legs: Sequence[WhatIfLeg], quotes: MarketSnapshot) -> WhatIf:
    """Answer for legs on one underlying, each quoted in `quotes`.

    Raises WhatIfRefused for no legs, for legs on several underlyings and for unquoted ones.
    """
    underlying = _underlying(legs)
    seen = quotes.underlying(underlying)
    spot = seen.quote.mark if seen is not None else None
    if spot is None:
        raise WhatIfRefused(f"There is no price of {underlying} now, so nothing can be answered.")
    found = [(leg, _quote(quotes, leg)) for leg in legs]
    rules, at = state.rules, quotes.taken_at
    priced = [
        CurveLeg(leg.instrument, leg.quantity_signed, mark, _volatility(state, quote, quotes, spot))
        for leg, (quote, mark) in found
    ]
    points = curve(
        priced, float(spot.per_unit), quotes.rate, lambda day: years_left(day, at, rules)
    )
    plain = [PayoffLeg(leg.instrument, leg.quantity_signed, leg.price) for leg in priced]
    opposite = [PayoffLeg(leg.instrument, -leg.quantity_signed, leg.price) for leg in plain]
    best = worst_case(opposite)
    evens = _evens(plain, points)
    requirement, notes = _requirement(state, priced, spot)
    return WhatIf(
        underlying=underlying,
        spot=spot,
        expiry=first_expiry(priced),
        brings=_net([(leg, mark) for leg, (_, mark) in found]),
        brings_least=_net([(leg, _worse_side(leg, quote)) for leg, (quote, _) in found]),
        fees=_fees(state, legs),
        requirement=requirement,
        cash_held=_cash_held(state, legs),
        greeks=_greeks([(leg, quote) for leg, (quote, _) in found]),
        worst=worst_case(plain),
        best=None if best is None else -best,
        break_evens=evens,
        probability=_probability(state, priced, quotes, spot, evens),
        points=points,
        is_modelled=any(quote.is_modelled for _, (quote, _) in found),
        notes=(*notes, *_outliving(priced)),
    )


def greeks_of(quote: Quote, quantity_signed: int) -> LegGreeks:
    """What a quote's own greeks mean for so many contracts or shares."""
    multiplier = quote.instrument.multiplier
    units = quantity_signed * multiplier
    if not isinstance(quote.instrument, OptionContract):
        return LegGreeks(delta=float(units))
    known = quote.greeks
    if known is None:
        return LegGreeks()
    return LegGreeks(
        known.delta * units, known.gamma * units, known.theta * units, known.vega * units / 100.0
    )


def _underlying(legs: Sequence[WhatIfLeg]) -> str:
    names = sorted({leg.instrument.underlying for leg in legs if leg.quantity_signed})
    if not names:
        raise WhatIfRefused("No leg is chosen yet: sell or buy one from the chain.")
    if len(names) > 1:
        raise WhatIfRefused(
            f"Legs on {' and '.join(names)} have no common payoff: ask for each apart."
        )
    return names[0]


def _quote(quotes: MarketSnapshot, leg: WhatIfLeg) -> tuple[Quote, Price]:
    quote = quotes.quote_of(leg.instrument)
    mark = quote.mark if quote is not None else None
    if quote is None or mark is None:
        raise WhatIfRefused(f"Nobody quotes {leg.instrument} now: take it out of the basket.")
    return quote, mark


def _volatility(
    state: DeskState, quote: Quote, quotes: MarketSnapshot, spot: Price
) -> float | None:
    option = quote.instrument
    if not isinstance(option, OptionContract):
        return None
    years = years_left(option.expiry, quotes.taken_at, state.rules)
    return volatility_of(quote, float(spot.per_unit), years, quotes.rate)


def _worse_side(leg: WhatIfLeg, quote: Quote) -> Price:
    """What a leg surely gets or pays: nothing where nobody bids."""
    side = quote.ask if leg.quantity_signed > 0 else quote.bid
    if side is not None:
        return side
    mark = quote.mark
    return Price(Decimal(0)) if leg.quantity_signed < 0 or mark is None else mark


def _net(priced: Sequence[tuple[WhatIfLeg, Price]]) -> Money:
    net = NOTHING
    for leg, price in priced:
        net = net - notional(price, leg.quantity_signed, leg.instrument.multiplier)
    return net


def _fees(state: DeskState, legs: Sequence[WhatIfLeg]) -> Money:
    options = (leg for leg in legs if isinstance(leg.instrument, OptionContract))
    contracts = sum(abs(leg.quantity_signed) for leg in options)
    return fee_per_contract(state) * contracts


def _cash_held(state: DeskState, legs: Sequence[WhatIfLeg]) -> Money:
    held = NOTHING
    for leg in legs:
        option = leg.instrument
        is_short = leg.quantity_signed < 0
        if isinstance(option, OptionContract) and option.right is Right.PUT and is_short:
            held = held + cash_secured(option, -leg.quantity_signed, fee_per_contract(state))
    return held


def _requirement(
    state: DeskState, legs: Sequence[CurveLeg], spot: Price
) -> tuple[Requirement | None, tuple[str, ...]]:
    margin_legs = [MarginLeg(leg.instrument, leg.quantity_signed, leg.price) for leg in legs]
    try:
        return regulation_t(margin_legs, spot, state.rules.margin), ()
    except ValueError as fault:
        return None, (str(fault),)


def _greeks(found: Sequence[tuple[WhatIfLeg, Quote]]) -> LegGreeks:
    together = LegGreeks()
    for leg, quote in found:
        together = together.plus(greeks_of(quote, leg.quantity_signed))
    return together


def _evens(plain: Sequence[PayoffLeg], points: Sequence[CurvePoint]) -> tuple[Decimal, ...]:
    """Exact where all legs end together; else where the curve of the first expiry crosses."""
    options = [leg.instrument for leg in plain if isinstance(leg.instrument, OptionContract)]
    if len({option.expiry for option in options}) > 1:
        return crossings(points)
    return tuple(price.per_unit for price in break_evens(plain))


def _probability(
    state: DeskState,
    legs: Sequence[CurveLeg],
    quotes: MarketSnapshot,
    spot: Price,
    evens: tuple[Decimal, ...],
) -> float | None:
    """The probability of a profit at the first expiry, by the legs' own volatility.

    Under the pricing measure, with the mean volatility of the legs by their quantities.
    """
    known = [(abs(leg.quantity_signed), leg.volatility) for leg in legs if leg.volatility]
    ends = first_expiry(legs)
    years = years_left(ends, quotes.taken_at, state.rules) if ends is not None else 0.0
    if not known or years <= 0.0:
        return None
    weights = np.array([weight for weight, _ in known], dtype=np.float64)
    volatility = float(np.array([one for _, one in known]) @ weights / weights.sum())
    at = float(spot.per_unit)
    edges = [0.0, *sorted(float(even) for even in evens if even > 0)]
    middles = [(low + high) / 2.0 for low, high in pairwise(edges)]
    # Beyond the last crossing, far enough that any slope has shown its sign.
    middles.append(max(edges[-1], at, *(_strikes(legs))) * 2.0)
    signs = profits(
        legs,
        np.array(middles),
        quotes.rate,
        lambda day: years_left(day, quotes.taken_at, state.rules),
        years,
    )
    below = [0.0]
    for edge in edges[1:]:
        chance = probability_in_the_money(
            at, edge, years, quotes.rate, 0.0, volatility, is_put=True
        )
        below.append(float(chance))
    shares = [high - low for low, high in pairwise((*below, 1.0))]
    found = [share for share, sign in zip(shares, signs.tolist(), strict=True) if sign > 0.0]
    return float(np.array(found).sum()) if found else 0.0


def _strikes(legs: Sequence[CurveLeg]) -> list[float]:
    return [
        float(leg.instrument.strike) for leg in legs if isinstance(leg.instrument, OptionContract)
    ]


def _outliving(legs: Sequence[CurveLeg]) -> tuple[str, ...]:
    """What a curve at the first expiry cannot show: a short leg that goes on without its long."""
    options = [
        (leg.instrument, leg.quantity_signed)
        for leg in legs
        if isinstance(leg.instrument, OptionContract)
    ]
    longs = [option for option, count in options if count > 0]
    shorts = [option for option, count in options if count < 0]
    if any(short.expiry > long.expiry for short in shorts for long in longs):
        return ("A short leg outlives a long one: from then on nothing covers it.",)
    return ()
