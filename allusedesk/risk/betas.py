"""How much a symbol moves when the market does: measured, with the window it was measured over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allusedesk.risk.value_at_risk import ReturnTable

# A year of sessions; with fewer than three months nothing is measured.
BETA_SESSIONS = 252
# What options on volatility follow: VIX itself.
OF_VOLATILITY = ("VIX", "VIXW")
_SESSIONS_MIN = 63


@dataclass(frozen=True, slots=True)
class Beta:
    """The slope of a symbol's daily returns on those of `index` (least squares) from `first` on.

    `fit` is the share of the symbol's variance that the index explains.
    """

    symbol: str
    index: str
    value: float
    fit: float
    sessions: int
    first: date
    last: date


def betas_of(table: ReturnTable, symbols: Sequence[str]) -> tuple[Beta, ...]:
    """The betas that can be measured over the last year, in the order of `symbols`.

    VIX has that of its own changes, far below zero. Left out is a symbol without returns on all of
    those days, every symbol where the index never moved, and all of them where fewer than 63 days
    are known.
    """
    window = table.last(BETA_SESSIONS)
    count = len(window.dates)
    market = window.market - (window.market.mean() if count else 0.0)
    variance = float(market @ market)
    if count < _SESSIONS_MIN or not variance > 0.0:
        return ()
    found = []
    for symbol in symbols:
        returns = window.volatility if symbol in OF_VOLATILITY else window.of(symbol)
        if returns is None:
            continue
        own = returns - returns.mean()
        together, alone = float(market @ own), float(own @ own)
        fit = together * together / (variance * alone) if alone > 0.0 else 0.0
        slope = together / variance
        first, last = window.dates[0], window.dates[-1]
        found.append(Beta(symbol, table.index, slope, fit, count, first, last))
    return tuple(found)
