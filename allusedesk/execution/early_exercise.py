"""Which holders of the options we are short exercise before expiry, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.changing import replace
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import Quote
from allusedesk.market import pricing
from allusedesk.market.american import (
    EarlyExercise,
    KnownDividend,
    OptionTerms,
    american_implied_volatility,
    judge_early_exercise,
)

_SECONDS_PER_YEAR = 365.0 * 86_400.0
# Figures are compared as they are told, to a hundredth of a cent, so that machines agree.
_PLACES = 4


@dataclass(frozen=True, slots=True)
class Evening:
    """What the holders of one underlying's options know at a close.

    `dividends` are known ex-dates after today with the dollars a share; `next_close` is when a
    holder may exercise again; `rate` is a decimal a year, `volatility` that of a modelled chain.
    """

    at: datetime
    next_close: datetime
    closing: Price
    rate: float
    dividends: tuple[tuple[date, Decimal], ...] = ()
    volatility: float | None = None


def reason_to_exercise(
    contract: OptionContract, quote: Quote, ends_at: datetime, evening: Evening
) -> str:
    """Why a holder gains by exercise tonight, as a sentence's end; empty where waiting is better.

    A call is looked at only on the eve of an ex-date, when exercise beats the option as it will
    be after the share has fallen; a put only where the interest on its strike until expiry
    exceeds its time value. Each is then held against the American value of waiting a night.
    European options, and those without a quote to judge by, are never exercised early.
    """
    terms = _terms(contract, ends_at, evening)
    mark = quote.mark
    if contract.is_european or mark is None or terms.exercise_value <= 0.0 or terms.years <= 0.0:
        return ""
    last_day = evening.next_close.date()
    tonight = sum((paid for day, paid in evening.dividends if day <= last_day), Decimal(0))
    if tonight <= 0 if contract.right is Right.CALL else _interest(terms) <= 0.0:
        return ""
    terms = replace(terms, volatility=_volatility(terms, quote, mark, evening))
    time_value = _time_value(terms, float(mark.per_unit))
    if terms.is_put and _interest(terms) <= time_value:
        return ""
    dividends = [
        KnownDividend(_years(evening, day), float(paid)) for day, paid in evening.dividends
    ]
    judged = judge_early_exercise(terms, _between(evening.at, evening.next_close), dividends)
    if terms.is_put:
        why = f"the interest on the strike, {_interest(terms):.2f}, exceeds the time value of "
        return _told(judged, f"{why}{time_value:.2f}")
    return _told(judged, f"the dividend of {tonight:f} exceeds the time value left after it")


def _terms(contract: OptionContract, ends_at: datetime, evening: Evening) -> OptionTerms:
    return OptionTerms(
        spot=float(evening.closing.per_unit),
        strike=float(contract.strike),
        years=_between(evening.at, ends_at),
        rate=evening.rate,
        dividend_yield=0.0,
        volatility=math.nan,
        is_put=contract.right is Right.PUT,
    )


def _volatility(terms: OptionTerms, quote: Quote, mark: Price, evening: Evening) -> float:
    """The volatility a chain was modelled with, else the one its quote implies.

    Any price above intrinsic value implies that waiting is better, so a put is judged by its bid,
    which is what a holder gets instead; at or below intrinsic value there is none.
    """
    if evening.volatility is not None:
        return evening.volatility
    offered = quote.bid if terms.is_put else mark
    return (
        math.nan if offered is None else american_implied_volatility(terms, float(offered.per_unit))
    )


def _time_value(terms: OptionTerms, mark: float) -> float:
    """What waiting insures: the value at a known volatility, else the mark, beyond exercise."""
    if not math.isfinite(terms.volatility):
        return max(mark - terms.exercise_value, 0.0)
    waited = pricing.values(
        terms.spot, terms.strike, terms.years, terms.rate, 0.0, terms.volatility, terms.is_put
    )
    interest = _interest(terms) if terms.is_put else 0.0
    return float(waited) - terms.exercise_value + interest


def _told(judged: EarlyExercise, why: str) -> str:
    now, later = (
        round(value, _PLACES) for value in (judged.exercise_value, judged.continuation_value)
    )
    if now <= later:
        return ""
    return f"{why}; exercise brings {now:.2f} a share, held another night it is worth {later:.2f}"


def _interest(terms: OptionTerms) -> float:
    return -terms.strike * math.expm1(-terms.rate * terms.years)


def _years(evening: Evening, ex_date: date) -> float:
    """Time to an ex-date's open, no later than the close that ends the night it lies in."""
    days = (ex_date - evening.at.date()).days - 0.25
    within = _between(evening.at, evening.next_close)
    years = max(days, 0.1) / 365.0
    return min(years, within) if ex_date <= evening.next_close.date() else years


def _between(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds() / _SECONDS_PER_YEAR
