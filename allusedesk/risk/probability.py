"""How likely a short option is not to lose, by the volatility its own quote implies."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.market.pricing import probability_of_profit

_FOUR_PLACES = Decimal("0.0001")
_SECONDS_PER_YEAR = 365.0 * 86_400.0
# Options end at four in the afternoon in New York, which is 20:00 or 21:00 UTC; the later is taken.
_HOUR_OF_EXPIRY_UTC = 21


def probability_of_proposal(proposal: Proposal, snapshot: MarketSnapshot) -> Decimal | None:
    """The probability of profit at expiry of an option that a proposal sells alone, to four places.

    Under the pricing measure, at the premium asked for; an estimate. None for every other
    proposal, and where the quote implies no volatility.
    """
    if len(proposal.legs) != 1 or proposal.credit_net is None or proposal.spot is None:
        return None
    leg = proposal.legs[0]
    option = leg.instrument
    if not isinstance(option, OptionContract) or leg.side is not Side.SELL or leg.closes:
        return None
    quote = snapshot.quote_of(option)
    if quote is None or quote.greeks is None:
        return None
    likely = probability_of_profit(
        float(proposal.spot.per_unit),
        float(option.strike),
        _years_left(option, snapshot.taken_at),
        snapshot.rate,
        0.0,
        quote.greeks.implied_volatility,
        option.right is Right.PUT,
        float(proposal.credit_net.per_unit),
    )
    return Decimal(repr(round(float(likely), 6))).quantize(_FOUR_PLACES, ROUND_HALF_EVEN)


def probability_in_money(
    option: OptionContract, spot: Price, volatility: float, now: datetime
) -> float:
    """How likely an option ends in the money, by its own implied volatility and without interest.

    For the eye, and cheap enough to follow every quote: one logarithm and one error function.
    """
    deviation = volatility * math.sqrt(_years_left(option, now))
    gap = math.log(float(spot.per_unit) / float(option.strike))
    if deviation <= 0:
        return float(gap < 0 if option.right is Right.PUT else gap > 0)
    above = 0.5 * (1.0 + math.erf((gap / deviation - deviation / 2.0) / math.sqrt(2.0)))
    return 1.0 - above if option.right is Right.PUT else above


def _years_left(option: OptionContract, now: datetime) -> float:
    ends = now.replace(hour=_HOUR_OF_EXPIRY_UTC, minute=0, second=0, microsecond=0)
    days = (option.expiry - now.date()).days
    seconds = (ends - now).total_seconds() + days * 86_400.0
    return max(seconds, 1.0) / _SECONDS_PER_YEAR
