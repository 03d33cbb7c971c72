"""The study's part about premiums: the chain model beside what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allusedesk.laboratory.page_text import heading, percent, prose, table
from allusedesk.laboratory.premium_fit import PremiumRows, joined
from allusedesk.laboratory.study_figures import PremiumFigures, premium_figures

Premiums = Sequence[tuple[str, PremiumRows]]

_DELTAS = ((0.05, 0.15), (0.15, 0.30), (0.30, 0.55))
_TENORS = ((1, 7), (8, 30), (31, 90), (91, 365), (366, 1_200))
_NEAR_DAYS, _SHORT_DAYS, _SOLD_DELTA = 30.5, 8.0, 0.15


def premium_part(premiums: Premiums) -> Iterator[str]:
    """Tables by origin, delta and days; `premiums` are the compared chains by title."""
    yield from heading("Modelled premiums against recorded ones")
    yield from prose(
        "Recorded chains, out of the money, 5 to 55 delta, quotes no wider than a quarter of their "
        "middle. *Bias* is the median of the modelled over the recorded middle, less one; a tenth "
        "of the rows lies below the bounds beside it and a tenth above. *Points* are of annual "
        "volatility, modelled less recorded. Spreads are ask less bid over the middle. Spots are "
        "read off put-call parity."
    )
    if not premiums:
        yield from prose("No recorded chains were found.")
        return
    yield from prose("Up to 30 days, by where they come from:")
    near = [(title, rows.chosen(rows.days <= _NEAR_DAYS)) for title, rows in premiums]
    yield from _rows(
        [premium_figures(title, rows) for title, rows in near],
        {title: len(rows.taken_on) for title, rows in near},
    )
    whole = joined([rows for _, rows in premiums], "all")
    yield from prose("Up to 8 days, which is what the rulebooks sell, by delta:")
    yield from _rows(_by_delta(whole.chosen(whole.days <= _SHORT_DAYS)))
    yield from prose("By days to the end, 15 to 55 delta:")
    yield from _rows(_by_days(whole.chosen(whole.deltas >= _SOLD_DELTA)))


def premium_sentences(premiums: Premiums) -> Iterator[str]:
    """What the comparison says of premiums like those the rulebooks sell."""
    for title, rows in premiums:
        soon = premium_figures(title, _sold(rows))
        if soon is not None:
            side = "above" if soon.bias > 0 else "below"
            yield (
                f"{title}: modelled premiums of what is sold (up to 8 days, 15 to 55 delta) stand "
                f"{abs(soon.bias):.0%} {side} the recorded in the middle, and its spreads are "
                f"{percent(soon.spread_modelled, 1)} against {percent(soon.spread, 1)} recorded."
            )
    if premiums:
        whole = premium_figures("", _sold(joined([rows for _, rows in premiums], "all")))
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


def _sold(rows: PremiumRows) -> PremiumRows:
    return rows.chosen((rows.days <= _SHORT_DAYS) & (rows.deltas >= _SOLD_DELTA))


def _by_delta(rows: PremiumRows) -> list[PremiumFigures | None]:
    found = []
    for side, is_put in (("puts", True), ("calls", False)):
        for low, high in _DELTAS:
            is_there = (rows.is_put == is_put) & (rows.deltas >= low) & (rows.deltas < high)
            title = f"{side}, {low * 100:.0f} to {high * 100:.0f} delta"
            found.append(premium_figures(title, rows.chosen(is_there)))
    return found


def _by_days(rows: PremiumRows) -> list[PremiumFigures | None]:
    return [
        premium_figures(
            f"{low} to {high} days",
            rows.chosen((rows.days >= low - 0.5) & (rows.days < high + 0.5)),
        )
        for low, high in _TENORS
    ]


def _rows(
    figures: Sequence[PremiumFigures | None], days: dict[str, int] | None = None
) -> Iterator[str]:
    cells = [
        (
            one.title,
            f"{one.rows:,}" + ("" if days is None else _on_days(days[one.title])),
            f"{one.bias:+.0%}",
            f"{one.low:+.0%} to {one.high:+.0%}",
            f"{one.points * 100:+.1f}",
            percent(one.spread, 1),
            percent(one.spread_modelled, 1),
        )
        for one in figures
        if one is not None
    ]
    titles = ("of", "rows", "bias", "tenths", "points", "spread", "modelled spread")
    yield from table(titles, cells)


def _on_days(count: int) -> str:
    return f" on {count} {'day' if count == 1 else 'days'}"
