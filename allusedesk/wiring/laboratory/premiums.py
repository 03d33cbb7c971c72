"""Recorded chains of a data folder, each compared with what the model would have shown."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from allusedesk.laboratory.study.plan import PremiumSpan
from allusedesk.laboratory.study.premium_fit import ChainTerms, PremiumRows, compare_chain
from allusedesk.market.history import MarketHistory, RecordedChain
from allusedesk.market.modelled_chain import volatility_level
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.market.recorded_sessions import exchange_date
from allusedesk.market.recorded_symbol import rate_before
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.histories import history_below

_MONTH, _YEAR = 21, 252
_LEAPS_DAYS = 1_200


def compare_premiums(data: Path, span: PremiumSpan) -> tuple[PremiumRows, ...]:
    """The comparison of every chain recorded in a span, by underlying and instant.

    Raises RequestRefused where a symbol has no prices, FileRefused for a wrong folder.
    """
    calendar = exchange_calendar()
    days = (span.first, span.last)
    history = history_below((data,), span.symbols, span.symbols[0], calendar, days=days)
    expiries = ExpiryCalendar(calendar, span.first, span.last + timedelta(days=_LEAPS_DAYS))
    found: list[PremiumRows] = []
    for chain in sorted(history.chains, key=lambda one: (one.underlying, one.taken_at)):
        day = exchange_date(chain.taken_at)
        if chain.underlying in span.symbols and span.first <= day <= span.last:
            terms = _terms(history, chain, day, expiries)
            if terms is not None:
                found.append(compare_chain(chain, terms))
    return tuple(found)


def _terms(
    history: MarketHistory, chain: RecordedChain, day: date, expiries: ExpiryCalendar
) -> ChainTerms | None:
    """What the model knew before a chain's day; None where a history is too young."""
    entry = history.symbols[chain.underlying]
    bars = KnownBars(entry.signal_bars, entry.splits)
    month, year = bars.realised_volatility(day, _MONTH), bars.realised_volatility(day, _YEAR)
    known = KnownVolatility(history.vix).level_before(day)
    if month is None or year is None or known is None:
        return None
    return ChainTerms(
        volatility_level(month, year, *known),
        rate_before(history.rate, day),
        KnownFacts(entry, bars).dividend_yield(day),
        expiries.ends_at,
    )
