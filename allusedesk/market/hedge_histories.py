"""The histories of what hedges are bought on and nobody trades itself: VIX, and a mini index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    MarketHistory,
    SymbolHistory,
)
from allusedesk.market.modelled_volatility import VOLATILITY_INDEX

# The mini's level is a tenth of the index by the exchange's specification.
_MINIS = {"XSP": ("SPX", 10.0)}
_DECIMALS = 4

# The index whose prices the mini's follow from.
INDEX_BEHIND = {mini: index for mini, (index, _) in _MINIS.items()}

# What no file has prices of: each follows from another history.
DERIVED_SYMBOLS = (*_MINIS, VOLATILITY_INDEX)


def with_hedge_histories(history: MarketHistory, symbols: Sequence[str]) -> MarketHistory:
    """Return the history with those of `symbols` that follow from another: XSP and VIX."""
    found = dict(history.symbols)
    told: list[str] = []
    for symbol in symbols:
        index, parts = _MINIS.get(symbol, ("", 1.0))
        if symbol not in found and index in found:
            found[symbol] = _mini(symbol, found[index], parts)
            told.append(f"{symbol}: a tenth of {index}; its options are modelled.")
        if symbol == VOLATILITY_INDEX and symbol not in found:
            found[symbol] = _of_volatility(history)
            told.append(f"{symbol}: options on it are modelled from its level.")
    added = tuple(symbol for symbol in found if symbol not in history.symbols)
    return replace(
        history,
        symbols=found,
        choices=(*history.choices, *told),
        only_hedges=(*history.only_hedges, *added),
    )


def _mini(symbol: str, index: SymbolHistory, parts: float) -> SymbolHistory:
    bars, signals = (
        replace(
            bars,
            symbol=symbol,
            open=np.round(bars.open / parts, _DECIMALS),
            high=np.round(bars.high / parts, _DECIMALS),
            low=np.round(bars.low / parts, _DECIMALS),
            close=np.round(bars.close / parts, _DECIMALS),
        )
        for bars in (index.bars, index.signal_bars)
    )
    return replace(index, symbol=symbol, bars=bars, signal_bars=signals, trades=(), quotes=())


def _of_volatility(history: MarketHistory) -> SymbolHistory:
    levels = history.vix
    bars = DailyBars(
        symbol=VOLATILITY_INDEX,
        dates=levels.dates,
        open=levels.open,
        high=levels.high,
        low=levels.low,
        close=levels.close,
        volume=np.zeros(len(levels.dates)),
        adjustment=Adjustment.RAW,
        basis=AdjustmentBasis.LAYOUT,
        origin=levels.origin,
    )
    return SymbolHistory(VOLATILITY_INDEX, bars, bars, (), (), (), (), earnings_known=False)
