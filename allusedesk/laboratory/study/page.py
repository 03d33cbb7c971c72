"""The study as a page of the handbook: tables of figures, and what they say in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter

from allusedesk.laboratory.figures import desk_returns
from allusedesk.laboratory.study.figures import (
    CodeShare,
    CostFigures,
    SpanFigures,
    TierFigures,
    Tried,
    costs_of,
    labels_of,
    outcomes_of,
    spans_of,
    tiers_of,
    worst_weeks,
    year_of,
)
from allusedesk.laboratory.study.page_text import heading, items, percent, prose, table
from allusedesk.laboratory.study.plan import Study, sound_weeks
from allusedesk.laboratory.study.premiums import Premiums, premium_part, premium_sentences
from allusedesk.laboratory.study.projection import projection_part
from allusedesk.laboratory.trial import FILLS
from allusedesk.portfolio.projection_realised import BLOCK_WEEKS
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR, frequencies_normalised

_YEARS = (2008, 2020, 2022)

Rulebooks = Mapping[str, Rulebook]
Held = Mapping[tuple[date, date], float]
Tiers = dict[str, tuple[TierFigures, ...]]


def study_page(
    study: Study,
    tried: Tried,
    rulebooks: Rulebooks,
    premiums: Premiums,
    held: Held,
) -> str:
    """The whole page; the same trials and premiums make the same bytes.

    `rulebooks` are those the spans name, `premiums` the compared chains by title, `held` what
    the trend's index itself made of a year, by a span's first and last day.
    """
    spoilt = list(_spoilt(study, tried))
    tried = [(trial, sound_weeks(study, trial, outcome)) for trial, outcome in tried]
    names = sorted({span.rulebook for span in study.spans})
    tiers = {name: tiers_of(tried, name, study.seed) for name in names}
    spans, costs = spans_of(tried), costs_of(tried, study.seed)
    parts = [
        *_opening(study),
        *_verdict(
            tiers,
            spans,
            (
                *_held_sentences(spans, study.trend, held),
                *_cost_sentences(costs),
                *premium_sentences(premiums, study.seed),
            ),
        ),
        *_targets(tiers),
        *_by_span(spans, study.trend, held),
        *_by_outcome(tried, rulebooks, study.seed),
        *_bad_years(tried, names),
        *_worst(tried, names),
        *_costs(costs),
        *projection_part(study, tried, rulebooks),
        *premium_part(premiums, study.seed),
        *_left_out(study, spoilt),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _opening(study: Study) -> Iterator[str]:
    yield from ("# Study: does the protocol reach its targets?", "")
    yield from prose(
        "`allusedesk study` made this page; run again on the same prices it makes the same bytes. "
        "Both rulebooks were tried by the very engine that trades, on every span for which the "
        f"data has unadjusted prices, each begun anew with {study.capital:,.0f} USD, every "
        f"proposal approved, trends from {study.trend}, seed {study.seed}."
    )
    yield from prose(
        "Shares and indexes are recorded prices. **Option premiums are modelled** from them (page "
        "[models.md](models.md)) but for a few recorded days, so every return hangs on that model, "
        "and a table below says how far off it is. Weekly options on shares were first listed in "
        "2010: before that the study asks what the rules would have done."
    )


def _verdict(tiers: Tiers, spans: Sequence[SpanFigures], others: Sequence[str]) -> Iterator[str]:
    yield from heading("What the figures say")
    every = [one for found in tiers.values() for one in found]
    told = [_answer(every), *(_sentence(one) for one in every)]
    own = [one for one in spans if one.fills == "default"]
    if own:
        by_growth = attrgetter("growth")
        worst, best = min(own, key=by_growth), max(own, key=by_growth)
        told.append(
            f"The whole desk made between {percent(worst.growth, 1)} ({worst.span.rulebook}, "
            f"{worst.span.name}) and {percent(best.growth, 1)} a year ({best.span.rulebook}, "
            f"{best.span.name})."
        )
    told += others
    told.append(
        "The shares are the rulebooks' own, named by people who knew how they had risen: with "
        "shares chosen in advance it would probably have been less."
    )
    told.append(
        "All bounds on returns hold the chance of the weeks alone: what modelled premiums are "
        "wrong by comes on top of them."
    )
    told.append("All of it is before tax, and no week here promises any other.")
    yield from items(told)


def _answer(every: Sequence[TierFigures]) -> str:
    """Yes, no, or how many cannot be told: a bound that holds the target is no proof."""
    reached = sum(one.mean.low >= one.target for one in every)
    open_yet = sum(one.mean.low < one.target <= one.mean.high for one in every)
    if reached:
        return f"{reached} of the {len(every)} sleeves reach their targets on these prices."
    if open_yet:
        return (
            f"**Not shown.** Not one of the {len(every)} sleeves surely reaches its target on "
            f"these prices; of {open_yet} these weeks cannot tell."
        )
    return f"**No.** Not one of the {len(every)} sleeves reaches its target on these prices."


def _sentence(one: TierFigures) -> str:
    """Whether a tier reaches its target, as far as its weeks can tell."""
    title = f"{one.kind.label} of {one.rulebook}"
    missed = f"{percent(one.mean.value)} a week against {percent(one.target)}"
    if one.mean.low >= one.target:
        return f"{title} reaches its target: {missed}."
    if one.mean.high >= one.target:
        return f"{title} may or may not reach its target: {missed}, within its bounds."
    if one.mean.low > 0:
        return (
            f"{title} does not reach its target: {missed}. On modelled premiums it earned more "
            "than nothing."
        )
    if one.mean.high < 0:
        return f"{title} does not reach its target: {missed}. It lost money."
    return (
        f"{title} does not reach its target: {missed}. Whether it earns anything at all, these "
        "weeks cannot tell."
    )


def _targets(tiers: Tiers) -> Iterator[str]:
    yield from heading("Each sleeve against its target")
    yield from prose(
        "Mean weekly return at default fills, with the bounds between which 95% of resampled means "
        f"lie (circular blocks of {BLOCK_WEEKS} weeks), before tax, over all weeks of all spans in "
        "which the sleeve had symbols. A year is what such weeks compound to."
    )
    rows = [
        (
            one.rulebook,
            one.kind.label,
            f"{one.weeks:,}",
            percent(one.mean.value),
            f"{percent(one.mean.low)} to {percent(one.mean.high)}",
            percent(one.target),
            percent(one.reached, 0),
            percent(one.up, 0),
            percent(one.worst, 1),
            percent(one.growth, 1),
            percent((1 + one.target) ** WEEKS_OF_A_YEAR - 1, 0),
        )
        for found in tiers.values()
        for one in found
    ]
    titles = (
        "rulebook",
        "sleeve",
        "weeks",
        "mean week",
        "95% bounds",
        "target",
        "weeks at target",
        "weeks up",
        "worst week",
        "a year",
        "target a year",
    )
    yield from table(titles, rows)


def _held_sentences(spans: Sequence[SpanFigures], trend: str, held: Held) -> Iterator[str]:
    """In how many spans the desk made more than the index it reads the trend from."""
    own = [one for one in spans if one.fills == "default" and _days(one) in held]
    if own:
        more = sum(one.growth > held[_days(one)] for one in own)
        yield (
            f"Holding {trend} and doing nothing would have made more, dividends left aside, in "
            f"{len(own) - more} of {len(own)} spans."
        )


def _days(one: SpanFigures) -> tuple[date, date]:
    return one.span.first, one.span.last


def _cost_sentences(costs: Sequence[CostFigures]) -> Iterator[str]:
    """Whether the price of fills shows at all."""
    found = [one.difference for one in costs if one.difference is not None]
    if found:
        seen = sum(one.high < 0 for one in found)
        least, most = min(one.value for one in found), max(one.value for one in found)
        yield (
            f"Full spreads instead of mid moved the mean week by {percent(least, 3)} to "
            f"{percent(most, 3)}; in {seen} of {len(found)} spans that is a loss beyond its "
            "bounds. Where recorded spreads were wider than modelled ones, it would have cost more."
        )


def _by_span(spans: Sequence[SpanFigures], trend: str, held: Held) -> Iterator[str]:
    yield from heading("Span by span")
    yield from prose(
        "The whole desk at default fills; a dash where a sleeve had no symbol with prices. It "
        "waited in cash but for hedges of its family, which holds the desk's own year down. "
        f"*{trend}* is what its price alone made of a year, without dividends."
    )
    rows = [
        (
            one.span.rulebook,
            one.span.name,
            str(one.weeks),
            percent(one.growth, 1),
            _or_dash(held.get(_days(one))),
            percent(one.drawdown, 1),
            *("-" if mean is None else percent(mean) for mean in one.means),
            percent(one.modelled, 1),
        )
        for one in spans
        if one.fills == "default"
    ]
    titles = (
        "rulebook",
        "span",
        "weeks",
        "a year",
        trend,
        "deepest fall",
        "Gen week",
        "Rev week",
        "Com week",
        "quotes modelled",
    )
    yield from table(titles, rows)


def _by_outcome(tried: Tried, rulebooks: Rulebooks, seed: int) -> Iterator[str]:
    yield from heading("Outcomes against those quoted")
    yield from prose(
        "Each position of each week has one outcome, and a sleeve's week without any is W-IDL. The "
        "quoted weeks sum to 60, so each was divided by 60; zeros are quoted with the call weeks. "
        "Bounds as above. Idle weeks of a sleeve without symbols are left out, but for those of "
        "forks."
    )
    by_code: dict[str, list[CodeShare]] = {}
    for name in rulebooks:
        quoted = frequencies_normalised(rulebooks[name]).shares
        for share in outcomes_of(tried, name, quoted, seed):
            by_code.setdefault(share.code, []).append(share)
    rows = [
        (
            code,
            percent(shares[0].quoted or 0.0, 1),
            *(cell for share in shares for cell in _share_cells(share)),
        )
        for code, shares in by_code.items()
    ]
    columns = ((name, "95% bounds", "times") for name in rulebooks)
    titles = ("outcome", "quoted", *(cell for three in columns for cell in three))
    yield from table(titles, rows)
    yield from prose("Weeks by label:")
    told = []
    for name in rulebooks:
        labels = [f"{one.code} {percent(one.share, 0)}" for one in labels_of(tried, name)]
        told.append(f"{name}: {', '.join(labels) or 'none'}.")
    yield from items(told)


def _share_cells(one: CodeShare) -> tuple[str, str, str]:
    bounds = "-"
    if one.low is not None and one.high is not None:
        bounds = f"{percent(one.low, 1)} to {percent(one.high, 1)}"
    return percent(one.share, 1), bounds, f"{one.count:,}"


def _bad_years(tried: Tried, names: Sequence[str]) -> Iterator[str]:
    yield from heading("2008, 2020 and 2022")
    rows = []
    for year in _YEARS:
        for name in names:
            found = year_of(tried, name, year)
            if found is not None:
                labels = ", ".join(f"{label} {count}" for label, count in found.labels)
                cells = (found.gain, found.drawdown, found.worst, *found.tiers)
                shown = [_or_dash(cell) for cell in cells]
                rows.append((str(year), name, str(found.weeks), *shown, labels))
    titles = ("year", "rulebook", "weeks", "gain", "deepest fall", "worst week")
    yield from table((*titles, "Gen", "Rev", "Com", "labels"), rows)


def _worst(tried: Tried, names: Sequence[str]) -> Iterator[str]:
    yield from heading("The worst weeks")
    rows = []
    for name in names:
        for seen in worst_weeks(tried, name):
            sleeves = [_or_dash(value) for value in seen.tiers]
            label = seen.week.label or "none"
            rows.append((name, seen.week.week, percent(seen.value, 1), *sleeves, label))
    yield from table(("rulebook", "week", "desk", "Gen", "Rev", "Com", "label"), rows)


def _costs(costs: Sequence[CostFigures]) -> Iterator[str]:
    yield from heading("What fills cost")
    yield from prose(
        "The same spans with fills at mid, at a drawn part of half the spread (default), and at "
        "the full half: what the whole desk made of a year, after commissions. *Full less mid* is "
        "of the mean week. Another fill changes which orders trade and what is held next, so the "
        "three drift apart into different books: where the bounds hold zero, the difference is "
        "that drift and no price of fills, and a dearer fill may even end higher by chance."
    )
    rows = [
        (
            one.span.rulebook,
            one.span.name,
            *(_or_dash(growth) for growth in one.growths),
            *_difference_cells(one),
            f"{one.fills_a_year:,.0f}",
            f"{one.commissions_a_year:,.0f} USD",
        )
        for one in costs
    ]
    difference = ("full less mid", "95% bounds")
    titles = ("rulebook", "span", *FILLS, *difference, "fills a year", "commissions a year")
    yield from table(titles, rows)


def _difference_cells(one: CostFigures) -> tuple[str, str]:
    found = one.difference
    if found is None:
        return "-", "-"
    return percent(found.value, 3), f"{percent(found.low, 3)} to {percent(found.high, 3)}"


def _or_dash(value: float | None) -> str:
    return "-" if value is None else percent(value, 1)


def _spoilt(study: Study, tried: Tried) -> Iterator[str]:
    """Each week that was left out for a bad price, and what it would have told."""
    for one in study.spoilt:
        seen = []
        for trial, outcome in tried:
            traded = any(one.symbol in tier.symbols for tier in trial.span.symbols)
            for week, value in zip(outcome.weeks, desk_returns(outcome), strict=True):
                if traded and week.week == one.week and trial.plan.fills == "default":
                    seen.append(f"{trial.span.rulebook} {percent(float(value), 1)}")
        if seen:
            yield (
                f"{one.week}, left out of every figure: {one.symbol} has {one.why}. The desk took "
                f"it for a price and would show {', '.join(seen)}."
            )


def _left_out(study: Study, spoilt: Sequence[str]) -> Iterator[str]:
    yield from heading("What was tried, and what was left out")
    rows = [
        (
            one.rulebook,
            f"{one.first} to {one.last}",
            *(", ".join(tier.symbols) or "-" for tier in one.symbols),
        )
        for one in sorted(study.spans, key=lambda one: (one.rulebook, one.first))
    ]
    yield from table(("rulebook", "days", "Gen", "Rev", "Com"), rows)
    told = [f"{one.what}: {one.why}" for one in study.left_out]
    told += spoilt
    told.append(
        "Spans are not continued from one to the next: positions, bases and forks begin anew."
    )
    yield from items(told)
