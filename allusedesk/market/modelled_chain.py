"""A chain priced from an underlying's own history and VIX where no recorded chain exists.

What a day fixes (which series are listed, their open interest, their small oddities) is drawn
once by `list_series`; what moves with the spot is computed by `model_chain`. Every figure is
modelled and says so. Formulas and what they leave out: resources/handbook/models.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.market.modelled_prices import RowTerms, SeriesRows, quote_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from allusedesk.domain.weeks import Session

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Bits = NDArray[np.uint64]

_INDEX_FUNDS = frozenset({"SPY", "QQQ", "IWM", "DIA"})
# Implied volatility has stood about a tenth above what was then realised.
_PREMIUM = 1.1
_VOLATILITY_MIN, _VOLATILITY_MAX = 0.05, 3.0
_WEEK_YEARS = 7.0 / 365.0
# An option symbol has five digits for the dollars of its strike, so none is listed from here on.
_STRIKE_BEYOND_SYMBOLS = 100_000.0
_ALL_BITS = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class ListingRules:
    """How the series of one class are listed and quoted.

    `steps` are (prices below, strike step). `skew` and `smile` are the change of volatility, as a
    share of that at the money, per standard deviation of moneyness and per its square;
    `spread` is ask less bid as a share of mid at the money; `interest` the open interest there.
    """

    steps: tuple[tuple[float, float], ...]
    skew: float
    smile: float
    spread: float
    interest: float
    is_in_cents: bool
    has_month_ends: bool
    # How many times farther apart strikes lie beyond sixty days.
    far_steps: float = 2.0


SHARES = ListingRules(
    steps=((25.0, 0.5), (150.0, 1.0), (400.0, 2.5), (math.inf, 5.0)),
    skew=-0.11,
    smile=0.035,
    spread=0.014,
    interest=9_000.0,
    is_in_cents=False,
    has_month_ends=False,
)
INDEX_FUNDS = ListingRules(
    steps=((50.0, 0.5), (math.inf, 1.0)),
    skew=-0.23,
    smile=0.055,
    spread=0.006,
    interest=15_000.0,
    is_in_cents=True,
    has_month_ends=True,
)


# The index itself, and its mini of a tenth: the funds' smile, the index's own steps.
INDEXES = replace(INDEX_FUNDS, steps=((math.inf, 5.0),), is_in_cents=False, far_steps=5.0)
MINI_INDEXES = replace(INDEX_FUNDS, spread=0.012)
_INDEXES = {"SPX": INDEXES, "XSP": MINI_INDEXES}


@dataclass(frozen=True, slots=True)
class VolatilityLevel:
    """Annual volatility at the money for the shortest expiries and for the farthest."""

    near: float
    far: float


@dataclass(frozen=True, slots=True)
class ModelledSeries:
    """What one day fixes of an underlying's series; columns of one length, one row a series."""

    underlying: str
    rules: ListingRules
    expiries: tuple[date, ...]
    expiry_ordinals: Whole
    expires_at: Floats
    strikes: Floats
    is_put: NDArray[np.bool_]
    open_interest: Whole
    volume_average: Whole
    bid_sizes: Whole
    ask_sizes: Whole
    volatility_factors: Floats
    spread_factors: Floats

    def contract(self, row: int) -> OptionContract:
        """Return the series of `row` as an instrument."""
        return OptionContract(
            self.underlying,
            date.fromordinal(int(self.expiry_ordinals[row])),
            Right.PUT if self.is_put[row] else Right.CALL,
            Decimal(repr(float(self.strikes[row]))),
        )


@dataclass(frozen=True, slots=True)
class ModelledChain:
    """Bid and ask of each row of `series` at one instant; a bid of NaN means nobody bids."""

    series: ModelledSeries
    bids: Floats
    asks: Floats
    implied_volatilities: Floats
    is_modelled: bool = True


def rules_of(underlying: str) -> ListingRules:
    """Return the rules of the class: an index, its mini, the large index funds, or shares."""
    if underlying in _INDEXES:
        return _INDEXES[underlying]
    return INDEX_FUNDS if underlying in _INDEX_FUNDS else SHARES


def volatility_level(
    realised_month: float, realised_year: float, vix: float, vix_average_year: float
) -> VolatilityLevel:
    """Return the level of volatility from what was known before the session.

    Half of the near variance is the underlying's own over the last month, half its variance over
    the last year moved as VIX has moved against its own average of that year. The far level is
    the underlying's own over the year. All but VIX (index points) are decimals a year.
    """
    moved = realised_year * vix / vix_average_year
    near = _PREMIUM * math.sqrt(0.5 * realised_month**2 + 0.5 * moved**2)
    far = _PREMIUM * realised_year
    return VolatilityLevel(
        min(max(near, _VOLATILITY_MIN), _VOLATILITY_MAX),
        min(max(far, _VOLATILITY_MIN), _VOLATILITY_MAX),
    )


def listed_expiries(
    today: date, sessions: Sequence[Session], rules: ListingRules
) -> tuple[Session, ...]:
    """Return the sessions on which series expire, today's included, soonest first.

    The last session of each of the next eight weeks, the week of the third Friday of each month
    for a year, of each quarter's last month for eighteen months, that of January for three years;
    with `has_month_ends` also the last session of the next three months. `sessions` must reach
    past the last expiry wanted: the last one is taken for the end of nothing.
    """
    found = []
    for session, following in pairwise(sessions):
        days = (session.date - today).days
        if days < 0:
            continue
        ends_week = following.date.isocalendar()[:2] != session.date.isocalendar()[:2]
        is_monthly = ends_week and _is_monthly(session.date)
        is_listed = (
            (ends_week and days <= 56)
            or (is_monthly and days <= 370)
            or (is_monthly and session.date.month % 3 == 0 and days <= 560)
            or (is_monthly and session.date.month == 1 and days <= 1_100)
            or (rules.has_month_ends and following.date.month != session.date.month and days <= 92)
        )
        if is_listed:
            found.append(session)
    return tuple(found)


def list_series(
    underlying: str,
    reference: float,
    today: date,
    expiries: Sequence[Session],
    rights: Sequence[Right],
    level: VolatilityLevel,
    seed: int,
    held: Sequence[tuple[OptionContract, datetime]] = (),
) -> ModelledSeries:
    """List the day's series around `reference`, the last close in today's shares.

    That is a raw close, divided by a split that takes effect today and by no later one.

    Strikes reach four standard deviations each way (at least 8%), below 100,000; `held` contracts,
    each with the instant it stops trading, are listed as well wherever their strike has gone. A
    series has the same figures whichever others are asked for, since each is drawn from its own
    name.
    """
    rules = rules_of(underlying)
    rows: dict[tuple[int, float, bool], float] = {}
    for session in expiries:
        ordinal, closes_at = session.date.toordinal(), session.closes_at.timestamp()
        years = max(ordinal - today.toordinal(), 1) / 365.0
        strikes = _listed_strikes(reference, years, level, rules)
        for right in rights:
            rows |= {(ordinal, strike, right is Right.PUT): closes_at for strike in strikes}
    for contract, ends_at in held:
        is_put = contract.right is Right.PUT
        key = (contract.expiry.toordinal(), float(contract.strike), is_put)
        rows.setdefault(key, ends_at.timestamp())
    names = sorted(rows)
    ordinals = np.array([name[0] for name in names], dtype=np.int64)
    strikes_listed = np.array([name[1] for name in names], dtype=np.float64)
    is_put_listed = np.array([name[2] for name in names], dtype=np.bool_)
    expiries_listed, places = np.unique(ordinals, return_inverse=True)
    days_of_expiry = tuple(date.fromordinal(ordinal) for ordinal in expiries_listed.tolist())
    monthly = np.array([2.0 if _is_monthly(day) else 1.0 for day in days_of_expiry])
    days = np.maximum(ordinals - today.toordinal(), 0).astype(np.float64)
    moneyness = np.log(strikes_listed / reference) / (
        level.near * np.sqrt(np.maximum(days / 365.0, _WEEK_YEARS))
    )
    drawn = _drawn(_name_bits(underlying, seed, ordinals, strikes_listed), is_put_listed, today)
    closeness = np.exp(-((moneyness / 1.6) ** 2))
    interest = rules.interest * closeness / (1.0 + days / 45.0)
    interest *= monthly[places] * (0.6 + 1.1 * drawn[0])
    volume = interest * (0.18 + 0.12 * drawn[1]) / (1.0 + days / 20.0)
    shown = 40.0 * np.exp(-0.3 * moneyness**2)
    return ModelledSeries(
        underlying=underlying,
        rules=rules,
        expiries=days_of_expiry,
        expiry_ordinals=ordinals,
        expires_at=np.array([rows[name] for name in names], dtype=np.float64),
        strikes=strikes_listed,
        is_put=is_put_listed,
        open_interest=interest.astype(np.int64),
        volume_average=volume.astype(np.int64),
        bid_sizes=(1.0 + shown * (0.4 + drawn[2])).astype(np.int64),
        ask_sizes=(1.0 + shown * (0.4 + drawn[3])).astype(np.int64),
        volatility_factors=1.0 + 0.004 * (drawn[4] - 0.5),
        spread_factors=0.8 + 0.4 * drawn[5],
    )


def model_chain(
    series: ModelledSeries,
    spot: float,
    instant: datetime,
    level: VolatilityLevel,
    rate: float,
    dividend_yield: float,
) -> ModelledChain:
    """Quote every row at `spot` and `instant`; nothing in it knows anything later."""
    rules = series.rules
    terms = RowTerms(
        spot,
        rate,
        dividend_yield,
        level.near,
        level.far,
        rules.skew,
        rules.smile,
        rules.spread,
        rules.is_in_cents,
    )
    rows = SeriesRows(
        series.expires_at,
        series.strikes,
        series.is_put,
        series.volatility_factors,
        series.spread_factors,
    )
    return ModelledChain(series, *quote_rows(rows, instant, terms))


def _listed_strikes(
    reference: float, years: float, level: VolatilityLevel, rules: ListingRules
) -> list[float]:
    """Return strikes on the class's step, twice as far apart in the outer half of the reach."""
    reach = min(max(4.0 * level.near * math.sqrt(years), 0.08), 0.9)
    step = next(step for below, step in rules.steps if reference < below)
    if years > 60.0 / 365.0:
        step *= rules.far_steps
    first = max(math.ceil(reference * math.exp(-reach) / step), 1)
    last = min(
        math.floor(reference * math.exp(reach) / step), math.ceil(_STRIKE_BEYOND_SYMBOLS / step) - 1
    )
    inner_low, inner_high = reference * math.exp(-reach / 2), reference * math.exp(reach / 2)
    return [
        place * step
        for place in range(first, last + 1)
        if place % 2 == 0 or inner_low <= place * step <= inner_high
    ]


def _is_monthly(expiry: date) -> bool:
    """Tell the week of a third Friday, whose Friday is the 15th to the 21st."""
    friday = expiry + timedelta(days=4 - expiry.weekday())
    return 15 <= friday.day <= 21


def _name_bits(underlying: str, seed: int, ordinals: Whole, strikes: Floats) -> Bits:
    """Hash seed, underlying, expiry and strike of each series to 64 bits."""
    start = _mixed_one(seed)
    for letter in underlying.encode():
        start = _mixed_one(start ^ letter)
    bits = _mixed(ordinals.astype(np.uint64) ^ np.uint64(start))
    return _mixed(bits ^ np.rint(strikes * 1_000.0).astype(np.uint64))


def _drawn(name_bits: Bits, is_put: NDArray[np.bool_], today: date) -> Floats:
    """Return six numbers in [0, 1) of each series, independent of each other; shape (6, series).

    The first two stay from day to day, the others are those of `today`. The fifth is that of the
    strike: puts and calls share their volatility, or parity would break.
    """
    day_bits = np.uint64(_mixed_one(today.toordinal()))
    of_series = name_bits ^ _mixed(is_put.astype(np.uint64) + np.uint64(1))
    of_day = of_series ^ day_bits
    # All are scrambled in one go, which takes hardly longer than any one of them.
    bits = np.stack((of_series, of_series, of_day, of_day, name_bits ^ day_bits, of_day))
    mixed = _mixed(bits ^ _STREAMS)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def _mixed(bits: Bits) -> Bits:
    """Scramble 64 bits by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(bits ^ (bits >> np.uint64(31)))


def _mixed_one(number: int) -> int:
    """Scramble one number as `_mixed` does."""
    bits = (number + 0x9E3779B97F4A7C15) & _ALL_BITS
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & _ALL_BITS
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & _ALL_BITS
    return bits ^ (bits >> 31)


_STREAMS = np.array([[_mixed_one(stream)] for stream in range(1, 7)], dtype=np.uint64)
