"""American options: values, greeks, implied volatility, and whether exercise beats holding on.

The one module behind which QuantLib stays; the library is imported with the first question.
Floats in, floats out, in the units of `pricing`. Values come from the fixed-point method on the
exercise boundary (Andersen, Lake and Offengenden, 2016), with known dividends from a
finite-difference grid on which the share falls by the amount at its ex-date.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from allusedesk.market import pricing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# An option over T years equals one over a single term with rates times T and volatility times the
# root of T, and its value is linear in spot and strike together. So one put and one call on a
# strike of 1 over one fixed term price every contract, and nothing is built anew. The term lies
# so far ahead that no machine's date has passed it; its days are fine enough to place ex-dates.
_FIRST_YEAR, _TERM_YEARS = 2150, 40
_DAYS_OF_TERM = 365 * _TERM_YEARS
# Where the carry over the term is small against the volatility, the fast scheme is within 1e-4
# of a strike of 100; elsewhere a value comes from the accurate one.
_CARRY_MAX, _CARRY_PER_DEVIATION_MAX = 0.006, 0.035
_SPOT_STEP, _SPOT_STEP_MAX, _VOLATILITY_STEP = 0.05, 0.02, 1e-4
_TIME_POINTS, _SPACE_POINTS = 200, 400
_NIGHT_NODES = 16
_TOTAL_VOLATILITY_MIN = 1e-4
_IMPLIED_STEPS_MAX, _IMPLIED_TOLERANCE = 60, 1e-7
# A value this near intrinsic value, as a share of the strike, is intrinsic value.
_DUE_TOLERANCE = 1e-9
_PREMIUM_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class AmericanGreeks:
    """Values and sensitivities of one long option each, all of one shape.

    `vega` is per 1.00 of volatility, `theta` per year; `delta` is signed. Where exercise is due
    at once the option moves with the share: delta one, the rest zero.
    """

    values: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats


@dataclass(frozen=True, slots=True)
class KnownDividend:
    """Dollars a share paid to whoever held it `years` from now."""

    years: float
    amount: float


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """One option as it stands: prices a share, years to expiry, decimals a year."""

    spot: float
    strike: float
    years: float
    rate: float
    dividend_yield: float
    volatility: float
    is_put: bool

    @property
    def exercise_value(self) -> float:
        gained = self.strike - self.spot if self.is_put else self.spot - self.strike
        return max(gained, 0.0)


def american_values(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
) -> Floats:
    """Value options that may be exercised at any time; the inputs broadcast together.

    NaN where an input is not finite. Within 1e-4 for a strike of 100 and up to two years.
    """
    rows = _rows(spot, strike, years, rate, dividend_yield, volatility, is_put)
    columns = [row.ravel().tolist() for row in rows]
    found = [_engine().value(OptionTerms(*row)) for row in zip(*columns, strict=True)]
    return np.array(found, dtype=np.float64).reshape(rows[0].shape)


def american_greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    is_put: ArrayLike,
) -> AmericanGreeks:
    """Value options that may be exercised at any time and differentiate them.

    What exercise adds to the European value is differenced, and added to the exact European
    greeks, unless it is under a hundredth of a cent on a strike of 100. Theta follows from the
    pricing equation, which holds wherever one still waits.
    """
    rows = _rows(spot, strike, years, rate, dividend_yield, volatility, is_put)
    spots, strikes, time, rates, yields, sigmas, puts = (row.ravel() for row in rows)
    steps = np.clip(_SPOT_STEP * sigmas * np.sqrt(time), 1e-6, _SPOT_STEP_MAX) * spots
    ladder_spots = np.stack((spots, spots + steps, spots - steps, spots))
    ladder_sigmas = np.stack((sigmas, sigmas, sigmas, sigmas + _VOLATILITY_STEP))
    european = pricing.values(ladder_spots, strikes, time, rates, yields, ladder_sigmas, puts)
    exact = pricing.greeks(spots, strikes, time, rates, yields, sigmas, puts)
    ladder = np.empty_like(european)
    values = np.empty_like(spots)
    engine = _engine()
    columns = [column.tolist() for column in (spots, strikes, time, rates, yields, sigmas, puts)]
    for row, (*figures, step) in enumerate(zip(*columns, steps.tolist(), strict=True)):
        terms = OptionTerms(*figures)
        value = engine.value(terms) if _may_be_exercised(terms) else float(european[0, row])
        is_alike = value - european[0, row] <= _PREMIUM_MIN * terms.strike
        ladder[:, row] = european[:, row] if is_alike else engine.ladder(terms, step)
        values[row] = value
    premium = ladder - european
    delta = exact.delta + (premium[1] - premium[2]) / (2.0 * steps)
    gamma = exact.gamma + (premium[1] - 2.0 * premium[0] + premium[2]) / (steps * steps)
    vega = exact.vega + (premium[3] - premium[0]) / _VOLATILITY_STEP
    waiting = 0.5 * sigmas * sigmas * spots * spots * gamma
    theta = rates * values - (rates - yields) * spots * delta - waiting
    sign = 1.0 - 2.0 * puts
    gained = sign * (spots - strikes)
    is_due = (gained > 0.0) & (values <= gained + _DUE_TOLERANCE * strikes)
    shape = rows[0].shape
    return AmericanGreeks(
        values=values.reshape(shape),
        delta=np.where(is_due, sign, delta).reshape(shape),
        gamma=np.where(is_due, 0.0, gamma).reshape(shape),
        vega=np.where(is_due, 0.0, vega).reshape(shape),
        theta=np.where(is_due, 0.0, theta).reshape(shape),
    )


def value_with_dividends(terms: OptionTerms, dividends: Sequence[KnownDividend]) -> float:
    """Value one American option whose share pays known amounts before expiry.

    Those outside its life do not count; a yield comes on top of them. Without any left this is
    the plain American value. Within a cent for a strike of 100 and up to eighteen months.
    """
    due = [paid for paid in dividends if 0.0 < paid.years < terms.years and paid.amount > 0.0]
    return _engine().value_with_dividends(terms, due) if due else _engine().value(terms)


def american_implied_volatility(terms: OptionTerms, price: float) -> float:
    """Find the volatility at which the American value is `price`; that of `terms` is not read.

    NaN where the price leaves no time value, since then exercise is due at any volatility up to
    some level, and where no volatility gives it.
    """
    if not price > terms.exercise_value + _DUE_TOLERANCE * terms.strike:
        return math.nan
    high = float(
        pricing.implied_volatilities(
            price,
            terms.spot,
            terms.strike,
            terms.years,
            terms.rate,
            terms.dividend_yield,
            terms.is_put,
        )
    )
    # The European value is the smaller one, so the volatility sought lies below its own.
    if not high > 0.0:
        return math.nan
    low, value = 0.0, _engine().value
    for _ in range(_IMPLIED_STEPS_MAX):
        middle = 0.5 * (low + high)
        if value(replace(terms, volatility=middle)) < price:
            low = middle
        else:
            high = middle
        if high - low < _IMPLIED_TOLERANCE:
            break
    return high


@dataclass(frozen=True, slots=True)
class EarlyExercise:
    """What a holder gains by exercise now, and what is left a share by waiting for a night."""

    exercise_value: float
    continuation_value: float

    @property
    def is_due(self) -> bool:
        return self.exercise_value > self.continuation_value


def judge_early_exercise(
    terms: OptionTerms, night_years: float, dividends: Sequence[KnownDividend] = ()
) -> EarlyExercise:
    """Compare exercise now with holding until `night_years` from now and acting well from then.

    The continuation is the discounted mean of the American value on lognormal spots after the
    night, less the dividends whose ex-date lies in it; later ones are priced with the option.
    A volatility that is not finite counts as none.
    """
    night = min(night_years, terms.years)
    sigma = terms.volatility if math.isfinite(terms.volatility) else 0.0
    tonight = math.fsum(paid.amount for paid in dividends if 0.0 < paid.years <= night)
    later = [
        KnownDividend(paid.years - night, paid.amount) for paid in dividends if paid.years > night
    ]
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NIGHT_NODES)
    deviation = sigma * math.sqrt(night)
    drift = (terms.rate - terms.dividend_yield) * night - 0.5 * deviation * deviation
    spots = terms.spot * np.exp(drift + deviation * nodes) - tonight
    spots, years = np.maximum(spots, 1e-6 * terms.strike), terms.years - night
    if later:
        left = [
            value_with_dividends(replace(terms, spot=spot, years=years, volatility=sigma), later)
            for spot in spots.tolist()
        ]
    else:
        fixed = (terms.strike, years, terms.rate, terms.dividend_yield, sigma, terms.is_put)
        left = american_values(spots, *fixed).tolist()
    mean = math.fsum(w * v for w, v in zip(weights.tolist(), left, strict=True))
    mean *= math.exp(-terms.rate * night) / math.fsum(weights.tolist())
    return EarlyExercise(terms.exercise_value, mean)


def _may_be_exercised(terms: OptionTerms) -> bool:
    """Tell whether waiting costs a holder anything; if not, the option is worth a European one."""
    if terms.is_put:
        return terms.rate > 0.0 or terms.dividend_yield < 0.0
    return terms.dividend_yield > 0.0 or terms.rate < 0.0


class _Engine:
    """QuantLib's objects, made once: two options on a strike of 1 over one term."""

    def __init__(self) -> None:
        import QuantLib

        self._library: Any = QuantLib
        first = QuantLib.Date(1, 1, _FIRST_YEAR)
        count, term = QuantLib.Actual365Fixed(), first + _DAYS_OF_TERM
        self._first = first
        self._spot, self._rate, self._yield, self._sigma = (
            QuantLib.SimpleQuote(start) for start in (1.0, 0.0, 0.0, 0.2)
        )
        handle = QuantLib.QuoteHandle
        rates, yields = (
            QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(first, handle(quote), count))
            for quote in (self._rate, self._yield)
        )
        sigmas = QuantLib.BlackVolTermStructureHandle(
            QuantLib.BlackConstantVol(first, QuantLib.NullCalendar(), handle(self._sigma), count)
        )
        self._process = QuantLib.BlackScholesMertonProcess(
            handle(self._spot), yields, rates, sigmas
        )
        exercise = QuantLib.AmericanExercise(first, term)

        def both() -> tuple[Any, Any]:
            return tuple(
                QuantLib.VanillaOption(QuantLib.PlainVanillaPayoff(right, 1.0), exercise)
                for right in (QuantLib.Option.Call, QuantLib.Option.Put)
            )

        self._fast, self._accurate, self._on_grid = both(), both(), both()
        scheme = QuantLib.QdFpAmericanEngine
        for options, chosen in (
            (self._fast, scheme.fastScheme()),
            (self._accurate, scheme.accurateScheme()),
        ):
            engine = scheme(self._process, chosen)
            for option in options:
                option.setPricingEngine(engine)

    def is_hard(self, terms: OptionTerms) -> bool:
        """Tell where the fast scheme may be off by more than 1e-4 of a strike of 100."""
        carry = (terms.rate if terms.is_put else terms.dividend_yield) * terms.years
        total = terms.volatility * math.sqrt(max(terms.years, 0.0))
        return carry > _CARRY_MAX and carry > _CARRY_PER_DEVIATION_MAX * total

    def value(self, terms: OptionTerms) -> float:
        """Value one option without single dividends."""
        if not self._set(terms):
            return _value_without_risk(terms)
        options = self._accurate if self.is_hard(terms) else self._fast
        return float(options[terms.is_put].NPV()) * terms.strike

    def ladder(self, terms: OptionTerms, step: float) -> tuple[float, float, float, float]:
        """Value one option here, at spots a step above and below, and at a higher volatility."""
        if not self._set(terms):
            spots = terms.spot, terms.spot + step, terms.spot - step, terms.spot
            here, above, below, last = (
                _value_without_risk(replace(terms, spot=spot)) for spot in spots
            )
            return here, above, below, last
        option, strike = self._fast[terms.is_put], terms.strike
        here = option.NPV() * strike
        self._spot.setValue((terms.spot + step) / strike)
        above = option.NPV() * strike
        self._spot.setValue((terms.spot - step) / strike)
        below = option.NPV() * strike
        self._spot.setValue(terms.spot / strike)
        root = math.sqrt(terms.years / _TERM_YEARS)
        self._sigma.setValue((terms.volatility + _VOLATILITY_STEP) * root)
        return here, above, below, option.NPV() * strike

    def value_with_dividends(self, terms: OptionTerms, dividends: Sequence[KnownDividend]) -> float:
        """Value one option on the grid; each dividend lies within its life."""
        if not self._set(terms):
            return _value_without_risk(terms, dividends)
        library = self._library
        paid = [
            library.FixedDividend(
                one.amount / terms.strike,
                self._first
                + min(max(round(one.years / terms.years * _DAYS_OF_TERM), 1), _DAYS_OF_TERM - 1),
            )
            for one in dividends
        ]
        option = self._on_grid[terms.is_put]
        option.setPricingEngine(
            library.FdBlackScholesVanillaEngine(self._process, paid, _TIME_POINTS, _SPACE_POINTS)
        )
        return float(option.NPV()) * terms.strike

    def _set(self, terms: OptionTerms) -> bool:
        """Put one option's terms on the two of the fixed term; False where nothing can move."""
        share = max(terms.years, 0.0) / _TERM_YEARS
        sigma = terms.volatility * math.sqrt(share)
        if not sigma * math.sqrt(_TERM_YEARS) > _TOTAL_VOLATILITY_MIN:
            return False
        self._spot.setValue(terms.spot / terms.strike)
        self._rate.setValue(terms.rate * share)
        self._yield.setValue(terms.dividend_yield * share)
        self._sigma.setValue(sigma)
        return True


@cache
def _engine() -> _Engine:
    return _Engine()


def _value_without_risk(terms: OptionTerms, dividends: Sequence[KnownDividend] = ()) -> float:
    """Return the better of exercise now, at an ex-date's eve and at expiry, on a sure path."""
    if not all(map(math.isfinite, (terms.spot, terms.strike, terms.years, terms.volatility))):
        return math.nan
    years = max(terms.years, 0.0)
    sign = -1.0 if terms.is_put else 1.0
    spot, at, best = terms.spot, 0.0, terms.exercise_value
    for paid in (*dividends, KnownDividend(years, 0.0)):
        spot *= math.exp((terms.rate - terms.dividend_yield) * (paid.years - at))
        at = paid.years
        for reached in (spot, spot - paid.amount):
            gained = sign * (reached - terms.strike) * math.exp(-terms.rate * at)
            best = max(best, gained)
        spot -= paid.amount
    return best


def _rows(*columns: ArrayLike) -> list[Floats]:
    *figures, is_put = columns
    arrays = [np.asarray(each, dtype=np.float64) for each in figures]
    broadcast = np.broadcast_arrays(*arrays, np.asarray(is_put, dtype=bool))
    return list(broadcast)
