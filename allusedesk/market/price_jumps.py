"""Splits that nobody told us about, told from crashes by their ratio and their volume."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from allusedesk.domain.instruments import Stock
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import DailyBars, Defect, Effect, MarketHistory

# Three for two is left out: many real falls resemble it.
_RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0)
# An ordinary day moves the price by less than this on top of the split.
_NEAR = 0.1
_GAP_DAYS_MAX = 10
# A share that really halves trades many times its usual volume; a split share does not.
_CRASH_VOLUME_MULTIPLE = 3.0
_USUAL_SESSIONS = 20
_LOOKED_BACK = timedelta(days=365)


def unexplained_jumps(bars: DailyBars, splits: tuple[Split, ...]) -> tuple[Defect, ...]:
    """Return one defect per session that looks like a split of which no fact is known.

    The close moved by about a usual split ratio while the volume, in old shares, stayed ordinary.
    Nothing is corrected: with the split written down as a fact, the defect goes away.
    """
    jumps = _jumps(bars, splits)
    return tuple(Defect(bars.origin, 0, "close", reason, Effect.NOTED) for _, reason in jumps)


def jumps_told(history: MarketHistory, first: date, last: date) -> tuple[str, ...]:
    """Return a sentence for each such session of the span, or of the year its averages look back.

    What is reckoned over one takes a split for a crash.
    """
    return tuple(
        f"{symbol}: {reason}. If it was one, its options and shares are reckoned as after a crash: "
        "correct the file, or lay a LEAN factor file with the split beside it."
        for symbol, entry in sorted(history.symbols.items())
        for day, reason in _jumps(entry.bars, entry.splits)
        if first - _LOOKED_BACK <= day <= last and not Stock(symbol).is_index
    )


def _jumps(bars: DailyBars, splits: tuple[Split, ...]) -> Iterator[tuple[date, str]]:
    known = {split.effective_on for split in splits if split.symbol == bars.symbol}
    moves = np.log(bars.close[:-1] / bars.close[1:])
    for row in np.flatnonzero(np.abs(moves) > np.log(_RATIOS[0]) - _NEAR):
        day = bars.dates[row + 1].astype(object)
        ratio = _usual_ratio(float(moves[row]))
        if day in known or ratio is None or _is_crowded(bars, int(row) + 1, ratio):
            continue
        if (day - bars.dates[row].astype(object)).days > _GAP_DAYS_MAX:
            continue
        words = f"{ratio:g} for 1" if ratio > 1 else f"1 for {1 / ratio:g}"
        reason = (
            f"the close went from {bars.close[row]:g} to {bars.close[row + 1]:g} on {day} at "
            f"ordinary volume, which looks like a {words} split; no such split is known"
        )
        yield day, reason


def _usual_ratio(move: float) -> float | None:
    for ratio in _RATIOS:
        if abs(abs(move) - float(np.log(ratio))) < _NEAR:
            return ratio if move > 0 else 1 / ratio
    return None


def _is_crowded(bars: DailyBars, row: int, ratio: float) -> bool:
    usual = bars.volume[max(0, row - _USUAL_SESSIONS) : row]
    return bool(bars.volume[row] / ratio > _CRASH_VOLUME_MULTIPLE * np.median(usual))
