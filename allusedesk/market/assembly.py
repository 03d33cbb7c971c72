"""One unadjusted history per symbol, joined from whatever series there are, each choice told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from allusedesk.market.corporate_actions import Split, split_factors, splits_shown
from allusedesk.market.false_extremes import (
    FalseExtreme,
    better_told,
    extremes_exchanged,
    extremes_held,
    false_extremes,
    with_extremes_held,
)
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    Dates,
    Floats,
    Segment,
)

# Two sources of one unadjusted price agree to rounding; dividends push them apart by more.
_AGREEMENT_MAX = 0.002
_DISAGREEMENT_MAX = 0.005
_OVERLAP_SESSIONS_MIN = 20
_FLAT_LEVEL_MIN = 0.9
# Vendors keep split-adjusted prices in single precision: 549.02998 was traded as 549.03.
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Assembly:
    """What `assembled` made: pricing bars, bars for signals, where each came from, and why.

    `judged` are the series as they turned out to be adjusted; `total_adjusted` those of them kept
    out for their dividends, un-split.
    """

    bars: DailyBars | None
    signal_bars: DailyBars | None
    segments: tuple[Segment, ...]
    judged: tuple[DailyBars, ...]
    total_adjusted: tuple[DailyBars, ...]
    choices: tuple[str, ...]


def assembled(
    symbol: str,
    series: tuple[DailyBars, ...],
    splits: tuple[Split, ...],
    proven_total: frozenset[str] = frozenset(),
) -> Assembly:
    """Join the series of one symbol into unadjusted bars.

    Closes alone last; raw before splits-only, then the longer, then the earlier in `series`; each
    session comes from the first that has it. Splits-only prices are un-split with the known splits
    up to the day they are adjusted as of. Dividend-adjusted series, declared, proven by comparison
    or named in `proven_total` (by origin), never price anything; they may extend the signal bars.
    A high or low that was never traded goes to another series, or is held to open and close.
    """
    own = tuple(split for split in splits if split.symbol == symbol)
    choices: list[str] = []
    judged = [bars for bars in (_judged(bars, own, choices) for bars in series) if bars is not None]
    judged = [
        _as_total(bars) if bars.origin in proven_total and _may_be_total(bars) else bars
        for bars in judged
    ]
    judged = _without_dividend_adjusted(judged, own)
    choices.extend(
        f"{bars.origin} is not used for prices of {symbol}: it is adjusted for dividends "
        f"({bars.basis}), and strikes only match unadjusted prices."
        for bars in judged
        if bars.adjustment is Adjustment.TOTAL
    )
    pricing = sorted(
        (bars for bars in judged if bars.adjustment is not Adjustment.TOTAL),
        key=lambda bars: (
            _is_closes_alone(bars),
            bars.adjustment is not Adjustment.RAW,
            -len(bars),
        ),
    )
    total = tuple(unsplit(bars, own) for bars in judged if bars.adjustment is Adjustment.TOTAL)
    joined, segments = _joined(symbol, pricing, own, choices)
    signals = _extended(joined, total, own, choices)
    return Assembly(joined, signals, segments, tuple(judged), total, tuple(choices))


def unsplit(bars: DailyBars, splits: tuple[Split, ...]) -> DailyBars:
    """Return splits-only bars as they were traded; raw bars as they are.

    Only splits effective up to the day the series is adjusted as of are undone (its last day
    where nothing else was declared): a later split cannot be in its prices. A dividend-adjusted
    series loses its splits and keeps its dividends.
    """
    if bars.adjustment is Adjustment.RAW:
        return bars
    own = tuple(split for split in splits if split.symbol == bars.symbol)
    last: date = bars.dates[-1].astype(object)
    factors = split_factors(bars.dates, own, bars.adjusted_as_of or last)
    adjustment = Adjustment.RAW if bars.adjustment is Adjustment.SPLITS else Adjustment.TOTAL
    return replace(
        bars,
        open=np.round(bars.open * factors, _DECIMALS),
        high=np.round(bars.high * factors, _DECIMALS),
        low=np.round(bars.low * factors, _DECIMALS),
        close=np.round(bars.close * factors, _DECIMALS),
        volume=np.round(bars.volume / factors),
        adjustment=adjustment,
    )


def with_last_close(
    bars: DailyBars, signals: DailyBars, days: tuple[date, date]
) -> DailyBars | None:
    """Return bars with the last close of a dividend-adjusted series that goes on behind them.

    Nothing was paid after it, so it is as traded; the closes before it are not. None where the
    signals are not such a series, or end outside the days from first to last.
    """
    last = signals.dates[-1:]
    if signals.adjustment is not Adjustment.TOTAL or (len(bars) and bars.dates[-1] >= last[0]):
        return None
    if not days[0] <= last[0].astype(object) <= days[1]:
        return None
    return replace(
        bars,
        dates=np.append(bars.dates, last),
        open=np.append(bars.open, np.nan),
        high=np.append(bars.high, np.nan),
        low=np.append(bars.low, np.nan),
        close=np.append(bars.close, signals.close[-1]),
        volume=np.append(bars.volume, 0.0),
    )


def dividend_adjusted_origins(
    series: tuple[DailyBars, ...], splits: tuple[Split, ...]
) -> frozenset[str]:
    """Return the origins of undeclared series of one symbol proven to be dividend-adjusted.

    A folder written by one program holds one kind of prices: what is proven for one file holds
    for its neighbours that have nothing to be compared with.
    """
    judged = [bars for bars in (_judged(bars, splits, []) for bars in series) if bars is not None]
    return frozenset(
        bars.origin
        for bars in _without_dividend_adjusted(judged, splits)
        if bars.adjustment is Adjustment.TOTAL and bars.basis is AdjustmentBasis.COMPARISON
    )


def _judged(bars: DailyBars, splits: tuple[Split, ...], choices: list[str]) -> DailyBars | None:
    """Hold what is said of a series against its own prices on known split dates."""
    own = tuple(split for split in splits if split.symbol == bars.symbol)
    verdicts = splits_shown(bars.dates, bars.close, own)
    shown = [split for split, is_shown in verdicts if is_shown]
    hidden = [split for split, is_shown in verdicts if not is_shown]
    if shown and hidden:
        choices.append(
            f"{bars.origin} is not used: its prices of {bars.symbol} fall by the split of "
            f"{shown[0].effective_on} and not by that of {hidden[0].effective_on}, so it is "
            "neither raw nor adjusted."
        )
        return None
    if bars.adjustment is Adjustment.RAW and hidden:
        choices.append(
            f"{bars.origin} is not used: it is said to be raw ({bars.basis}), but its price of "
            f"{bars.symbol} does not fall by the split of {hidden[0].effective_on}."
        )
        return None
    if bars.adjustment is not Adjustment.RAW and shown:
        if bars.basis is AdjustmentBasis.DECLARED:
            choices.append(
                f"{bars.origin} is not used: it is declared to be adjusted for splits, but its "
                f"price of {bars.symbol} falls by the split of {shown[0].effective_on}."
            )
            return None
        basis = AdjustmentBasis.SPLIT_DATES
        return replace(bars, adjustment=Adjustment.RAW, basis=basis)
    return bars


def _may_be_total(bars: DailyBars) -> bool:
    return bars.basis is AdjustmentBasis.ASSUMED and bars.adjustment is Adjustment.SPLITS


def _as_total(bars: DailyBars) -> DailyBars:
    return replace(bars, adjustment=Adjustment.TOTAL, basis=AdjustmentBasis.COMPARISON)


def _without_dividend_adjusted(
    series: list[DailyBars], splits: tuple[Split, ...]
) -> list[DailyBars]:
    """Mark as dividend-adjusted each assumed series that lies below another of its symbol.

    Subtracting dividends lowers earlier prices and nothing else does, so the lower of two
    un-split series is the adjusted one.
    """
    traded = [unsplit(bars, splits) for bars in series]
    return [
        _as_total(bars)
        if _may_be_total(bars)
        and any(
            _is_lowered(traded[place], other)
            for other in traded
            if other is not traded[place] and other.adjustment is not Adjustment.TOTAL
        )
        else bars
        for place, bars in enumerate(series)
    ]


def _is_lowered(bars: DailyBars, other: DailyBars) -> bool:
    """Tell whether the closes lie below the other's by what dividends can take away.

    Far below by a ratio that never moves is another fault: a split nobody wrote down.
    """
    _, here, there = np.intersect1d(bars.dates, other.dates, return_indices=True)
    if len(here) < _OVERLAP_SESSIONS_MIN:
        return False
    levels = bars.close[here] / other.close[there]
    level = float(np.median(levels))
    third = len(levels) // 3
    drift = float(np.median(levels[-third:]) - np.median(levels[:third]))
    return level < 1 - _AGREEMENT_MAX and (level > _FLAT_LEVEL_MIN or drift > _AGREEMENT_MAX)


def _level_against(bars: DailyBars, other: DailyBars) -> float:
    """Return the median of close over the other's close on common days (1.0: too few of them)."""
    _, here, there = np.intersect1d(bars.dates, other.dates, return_indices=True)
    if len(here) < _OVERLAP_SESSIONS_MIN:
        return 1.0
    return float(np.median(bars.close[here] / other.close[there]))


def _joined(
    symbol: str, pricing: list[DailyBars], splits: tuple[Split, ...], choices: list[str]
) -> tuple[DailyBars | None, tuple[Segment, ...]]:
    used: list[tuple[DailyBars, DailyBars]] = []
    joined: DailyBars | None = None
    sources = np.empty(0, dtype=np.int64)
    held: list[FalseExtreme] = []
    for bars in pricing:
        candidate = unsplit(bars, splits)
        doubted = false_extremes(candidate, splits)
        candidate = with_extremes_held(candidate, doubted)
        if joined is None:
            used.append((bars, candidate))
            joined, sources = candidate, np.zeros(len(candidate), dtype=np.int64)
            held.extend(doubted)
            continue
        level = _level_against(candidate, joined)
        if abs(level - 1.0) > _DISAGREEMENT_MAX:
            choices.append(
                f"{bars.origin} is not used: its prices of {symbol} are {level:.3f} times those "
                f"of {used[0][0].origin} where both have them."
            )
            continue
        exchanged = better_told(held, candidate, doubted)
        choices.extend(extremes_exchanged(symbol, exchanged, bars.origin))
        stays = ~np.isin(joined.dates, [np.datetime64(each.day, "D") for each in exchanged])
        joined, sources = joined.chosen(stays), sources[stays]
        fresh = ~np.isin(candidate.dates, joined.dates)
        fresh_days = set(candidate.dates[fresh].tolist())
        held = [each for each in held if each not in exchanged]
        held.extend(each for each in doubted if each.day in fresh_days)
        if not fresh.any():
            choices.append(
                f"{bars.origin} is not needed for {symbol}: {used[0][0].origin} covers its days "
                f"and comes first ({_why_first(used[0][0], bars)})."
            )
            continue
        used.append((bars, candidate))
        joined, sources = _merged(joined, candidate, fresh, sources, len(used) - 1)
    if joined is None:
        return None, ()
    segments = _segments(joined.dates, sources, [bars for bars, _ in used])
    choices.extend(_told(symbol, segments, [bars for bars, _ in used]))
    choices.extend(extremes_held(symbol, held))
    return replace(joined, adjusted_close=None, adjusted_as_of=None), segments


def _is_closes_alone(bars: DailyBars) -> bool:
    return bool(len(bars)) and bool(np.isnan(bars.open).all())


def _why_first(first: DailyBars, second: DailyBars) -> str:
    if _is_closes_alone(second) and not _is_closes_alone(first):
        return "it knows more than closes"
    if first.adjustment is not second.adjustment:
        return f"{_words(first)} before {_words(second)}"
    if len(first) != len(second):
        return f"the longer, {len(first):,} sessions against {len(second):,}"
    return "named earlier"


def _words(bars: DailyBars) -> str:
    return {"raw": "raw", "splits": "splits-only", "total": "dividend-adjusted"}[bars.adjustment]


def _merged(
    joined: DailyBars, candidate: DailyBars, fresh: np.ndarray, sources: np.ndarray, number: int
) -> tuple[DailyBars, np.ndarray]:
    dates = np.concatenate((joined.dates, candidate.dates[fresh]))
    order = np.argsort(dates, kind="stable")

    def both(old: Floats, new: Floats) -> Floats:
        merged: Floats = np.concatenate((old, new[fresh]))[order]
        return merged

    merged_bars = replace(
        joined,
        dates=dates[order],
        open=both(joined.open, candidate.open),
        high=both(joined.high, candidate.high),
        low=both(joined.low, candidate.low),
        close=both(joined.close, candidate.close),
        volume=both(joined.volume, candidate.volume),
        origin=f"{joined.origin} + {candidate.origin}",
        adjusted_close=None,
    )
    numbers = np.concatenate((sources, np.full(int(fresh.sum()), number, dtype=np.int64)))
    return merged_bars, numbers[order]


def _segments(dates: Dates, sources: np.ndarray, used: list[DailyBars]) -> tuple[Segment, ...]:
    starts = np.flatnonzero(np.concatenate(([True], sources[1:] != sources[:-1])))
    ends = np.concatenate((starts[1:], [len(dates)])) - 1
    return tuple(
        Segment(
            dates[start].astype(object),
            dates[end].astype(object),
            used[sources[start]].origin,
            used[sources[start]].adjustment,
        )
        for start, end in zip(starts, ends, strict=True)
    )


def _told(symbol: str, segments: tuple[Segment, ...], used: list[DailyBars]) -> list[str]:
    told: list[str] = []
    for bars in used:
        spans = [segment for segment in segments if segment.origin == bars.origin]
        # Each of its days may have gone to another series, for an extreme that was none.
        if not spans:
            continue
        span = f"{spans[0].first} to {spans[0].last}"
        if len(spans) > 1:
            span = f"{spans[0].first} to {spans[-1].last}, in {len(spans)} pieces"
        unsplit_words = "" if bars.adjustment is Adjustment.RAW else ", un-split"
        told.append(
            f"{symbol} {span}: {bars.origin} ({_words(bars)}: {bars.basis}{unsplit_words})."
        )
    return told


def _extended(
    joined: DailyBars | None,
    total: tuple[DailyBars, ...],
    splits: tuple[Split, ...],
    choices: list[str],
) -> DailyBars | None:
    """Run the signal bars on past the pricing bars with the dividend-adjusted series that goes on.

    Its last stretch, after its last dividend, is unadjusted anyway.
    """
    if not total:
        return joined
    longest = max(total, key=lambda bars: (bars.dates[-1], len(bars)))
    doubted = false_extremes(longest, splits)
    longest = with_extremes_held(longest, doubted)
    if joined is None:
        fresh = longest
    else:
        if longest.dates[-1] <= joined.dates[-1]:
            return joined
        fresh = longest.bars_from((joined.dates[-1] + 1).astype(object))
    choices.append(
        f"{longest.symbol} {fresh.dates[0]} to {fresh.dates[-1]}: {longest.origin} serves signals "
        "only (averages and true ranges), because no unadjusted series goes that far."
    )
    first = fresh.dates[0].astype(object)
    choices.extend(extremes_held(longest.symbol, [each for each in doubted if each.day >= first]))
    if joined is None:
        return longest
    merged, _ = _merged(
        joined, fresh, np.ones(len(fresh), dtype=np.bool_), np.zeros(len(joined), dtype=np.int64), 1
    )
    return replace(merged, adjustment=Adjustment.TOTAL)
