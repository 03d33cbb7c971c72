"""What a desk in real time knows of the past: files where there are some, else the vendor's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from allusedesk.domain.accounts import AccountKind
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.hedge_histories import DERIVED_SYMBOLS
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
)
from allusedesk.protocol.hedges import hedge_symbols
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.requests import DEFAULT_TREND, RehearsalRequest

_NOTHING = "nothing imported"


def traded_symbols(request: RehearsalRequest, rules: Rulebook) -> tuple[str, ...]:
    """Every symbol a desk may enter, by its own lists or the rulebook's; sorted."""
    listed = {entry.kind: entry.symbols for entry in request.symbols}
    found = {
        symbol for kind in AccountKind for symbol in listed.get(kind, rules.account(kind).symbols)
    }
    return tuple(sorted(found))


def known_past(
    request: RehearsalRequest, rules: Rulebook, calendar: ExchangeCalendar, today: date
) -> MarketHistory:
    """The history in the files a request names; a symbol without any is left to the feed.

    Raises FileRefused for a path that is none, RequestRefused where files are named that hold no
    VIX or no trend.
    """
    trend = request.trend or DEFAULT_TREND
    if not request.data:
        return _empty(trend)
    traded = traded_symbols(request, rules)
    hedges = tuple(name for name in hedge_symbols(rules) if name not in DERIVED_SYMBOLS)
    found = history_below(
        request.data,
        (),
        trend,
        calendar,
        days=(today, today),
        if_there=tuple(dict.fromkeys((*traded, *hedges))),
        advice="A desk in real time may also be opened without files: leave --history out.",
    )
    told = (choice for choice in found.choices if not choice.endswith("no hedge is bought on it."))
    only = tuple(name for name in found.only_hedges if name not in traded)
    return replace(found, only_hedges=only, choices=tuple(told))


def _empty(trend: str) -> MarketHistory:
    """Nothing of the past: bars, VIX and the trend are the feed's."""
    days, none = np.array([], dtype="datetime64[D]"), np.array([], dtype=np.float64)
    bars = DailyBars(trend, days, *(none,) * 5, Adjustment.RAW, AdjustmentBasis.DECLARED, _NOTHING)
    return MarketHistory(
        symbols={},
        trend=bars,
        vix=IndexBars("VIX", days, none, none, none, none, _NOTHING),
        rate=None,
        chains=(),
        choices=(),
        defects=(),
    )
