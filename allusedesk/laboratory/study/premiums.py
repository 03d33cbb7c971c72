"""The study's part about premiums: the chain model beside what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allusedesk.laboratory.study.page_text import heading, percent, prose, table
from allusedesk.laboratory.study.premium_fit import PremiumRows, joined

Premiums = Sequence[tuple[str, PremiumRows]]

_DELTAS = ((0.05, 0.15), (0.15, 0.30), (0.30, 0.55))
_TENORS = ((1, 7), (8, 30), (31, 90), (91, 365), (366, 1_200))
_NEAR_DAYS, _SHORT_DAYS, _SOLD_DELTA = 30.5, 8.0, 0.15
_ROWS_MIN, _DAYS_MIN, _RESAMPLES = 20, 8, 500
# A stream of its own, beside those of the study's weeks.
_STREAM = 5


@dataclass(frozen=True, slots=True)
class PremiumFigures:
    """Modelled against recorded: medians, and what lies between a tenth and nine tenths.

    `bounds` are those between which 95 % of the medians of resampled days lie; None below eight
    days, since quotes of one day err together.
    """

    title: str
    rows: int
    days: int
    bias: float
    bounds: tuple[float, float] | None
    low: float
    high: float
    points: float
    spread: float
    spread_modelled: float


def premium_part(premiums: Premiums, seed: int) -> Iterator[str]:
    """Tables by origin, delta and days; `premiums` are the compared chains by title."""
    yield from heading("Modelled premiums against recorded ones")
    yield from prose(
        "Recorded chains, out of the money, 5 to 55 delta, quotes no wider than a quarter of their "
        "middle. *Bias* is the median of the modelled over the recorded middle, less one, and "
        "*95% bounds* are its own where whole days are drawn anew (quotes of one day err "
        f"together, so below {_DAYS_MIN} days nothing can be said of other days). A tenth of the "
        "rows lies below the *tenths* and a tenth above. *Points* are of annual "
        "volatility, modelled less recorded. Spreads are ask less bid over the middle. Spots are "
        "read off put-call parity."
    )
    if not premiums:
        yield from prose("No recorded chains were found.")
        return
    yield from prose("Up to 30 days, by where they come from:")
    near = [(title, rows.chosen(rows.days <= _NEAR_DAYS)) for title, rows in premiums]
    yield from _rows([premium_figures(title, rows, seed) for title, rows in near])
    whole = joined([rows for _, rows in premiums], "all")
    yield from prose("Up to 8 days, which is what the rulebooks sell, by delta:")
    yield from _rows(_by_delta(whole.chosen(whole.days <= _SHORT_DAYS), seed))
    yield from prose("By days to the end, 15 to 55 delta:")
    yield from _rows(_by_days(whole.chosen(whole.deltas >= _SOLD_DELTA), seed))


def premium_sentences(premiums: Premiums, seed: int) -> Iterator[str]:
    """What the comparison says of premiums like those the rulebooks sell."""
    for title, rows in premiums:
        what = "of what is sold (up to 8 days, 15 to 55 delta)"
        found = premium_figures(title, _sold(rows), seed)
        if found is None:
            what = "up to 30 days (too few of what is sold were recorded)"
            found = premium_figures(title, rows.chosen(rows.days <= _NEAR_DAYS), seed)
        if found is not None:
            side = "above" if found.bias > 0 else "below"
            yield (
                f"{title}: modelled premiums {what} stand {abs(found.bias):.0%} {side} the "
                f"recorded in the middle{_doubt(found)}, and its spreads are "
                f"{percent(found.spread_modelled, 1)} against {percent(found.spread, 1)} recorded."
            )
    if premiums:
        whole = premium_figures("", _sold(joined([rows for _, rows in premiums], "all")), seed)
        if whole is not None and whole.bias > 0:
            yield (
                "Where modelled premiums stand above recorded ones, the returns above flatter the "
                "protocol: it would have been paid less."
            )
        elif whole is not None:
            yield (
                "Where modelled premiums stand below recorded ones, the returns above are too low: "
                "the protocol would have been paid more."
            )


def _doubt(found: PremiumFigures) -> str:
    """How much a median rests on: rows, days, and its bounds where there are any."""
    told = f"{found.rows:,} rows{_on_days(found.days)}"
    if found.bounds is None:
        return f" ({told}, too few for bounds)"
    return f" ({told}, 95% between {_signed(found.bounds[0])} and {_signed(found.bounds[1])})"


def premium_figures(title: str, rows: PremiumRows, seed: int) -> PremiumFigures | None:
    """Medians of some rows; None where there are too few to say anything."""
    if len(rows.ratios) < _ROWS_MIN:
        return None
    low, middle, high = np.percentile(rows.ratios, (10, 50, 90))
    return PremiumFigures(
        title,
        len(rows.ratios),
        len(np.unique(rows.taken_on)),
        float(middle),
        _bounds_by_days(rows, np.random.default_rng([seed, _STREAM])),
        float(low),
        float(high),
        float(np.median(rows.points)),
        float(np.median(rows.spreads)),
        float(np.median(rows.spreads_modelled)),
    )


def _bounds_by_days(rows: PremiumRows, rng: np.random.Generator) -> tuple[float, float] | None:
    """Bounds of the median where whole days are drawn anew; None where they are too few."""
    days = [rows.ratios[rows.taken_on == day] for day in np.unique(rows.taken_on)]
    if len(days) < _DAYS_MIN:
        return None
    drawn = rng.integers(0, len(days), (_RESAMPLES, len(days)))
    medians = [np.median(np.concatenate([days[day] for day in chosen])) for chosen in drawn]
    low, high = np.quantile(medians, (0.025, 0.975))
    return float(low), float(high)


def _sold(rows: PremiumRows) -> PremiumRows:
    return rows.chosen((rows.days <= _SHORT_DAYS) & (rows.deltas >= _SOLD_DELTA))


def _by_delta(rows: PremiumRows, seed: int) -> list[PremiumFigures | None]:
    found = []
    for side, is_put in (("puts", True), ("calls", False)):
        for low, high in _DELTAS:
            is_there = (rows.is_put == is_put) & (rows.deltas >= low) & (rows.deltas < high)
            title = f"{side}, {low * 100:.0f} to {high * 100:.0f} delta"
            found.append(premium_figures(title, rows.chosen(is_there), seed))
    return found


def _by_days(rows: PremiumRows, seed: int) -> list[PremiumFigures | None]:
    return [
        premium_figures(
            f"{low} to {high} days",
            rows.chosen((rows.days >= low - 0.5) & (rows.days < high + 0.5)),
            seed,
        )
        for low, high in _TENORS
    ]


def _rows(figures: Sequence[PremiumFigures | None]) -> Iterator[str]:
    cells = [
        (
            one.title,
            f"{one.rows:,}{_on_days(one.days)}",
            _signed(one.bias),
            "-" if one.bounds is None else f"{_signed(one.bounds[0])} to {_signed(one.bounds[1])}",
            f"{_signed(one.low)} to {_signed(one.high)}",
            f"{one.points * 100:+.1f}",
            percent(one.spread, 1),
            percent(one.spread_modelled, 1),
        )
        for one in figures
        if one is not None
    ]
    titles = ("of", "rows", "bias", "95% bounds", "tenths", "points", "spread", "modelled spread")
    yield from table(titles, cells)


def _signed(part: float) -> str:
    """A percentage with its sign; what rounds to nothing has none."""
    whole = round(part * 100)
    return f"{whole:+d}%" if whole else "0%"


def _on_days(count: int) -> str:
    return f" on {count} {'day' if count == 1 else 'days'}"
