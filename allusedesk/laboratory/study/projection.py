"""The study's part about ten years: its own weeks lived on, beside the protocol's projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np

from allusedesk.laboratory.figures import sleeve_returns
from allusedesk.laboratory.study.figures import Floats, Tried
from allusedesk.laboratory.study.page_text import heading, percent, prose, table
from allusedesk.laboratory.study.plan import Study
from allusedesk.laboratory.wording import likely
from allusedesk.portfolio.projection_realised import (
    BLOCK_WEEKS,
    PATHS,
    ProjectionPlan,
    project_realised,
)
from allusedesk.protocol.rulebook import Rulebook

_CAPITAL, _YEARS = Decimal(300_000), 10
_TAXES = (Decimal(0), Decimal("0.30"))


def projection_part(study: Study, tried: Tried, rulebooks: Mapping[str, Rulebook]) -> Iterator[str]:
    """What the weeks of spans with all three tiers would make of the protocol's own capital."""
    yield from heading("Ten years of such weeks")
    yield from prose(
        f"{_CAPITAL:,.0f} USD over {_YEARS} years, {PATHS:,} paths drawn in blocks of "
        f"{BLOCK_WEEKS} weeks from the weeks of those spans in which all three sleeves had "
        "symbols, with forks, merges and reinvestment by each rulebook (page "
        "[projection.md](projection.md)); *targets* is what the protocol promises itself. In "
        "brackets stand 95% bounds of each probability by the number of paths alone. Fan and "
        "bounds take these weeks for all that can come: the doubt about their mean, in the tables "
        "above, is in neither."
    )
    rows = []
    for name, rulebook in rulebooks.items():
        weeks = _whole_weeks(tried, name)
        if len(weeks) < 2 * BLOCK_WEEKS:
            continue
        for tax in _TAXES:
            plan = ProjectionPlan(_CAPITAL, _YEARS, PATHS, tax=tax)
            told = project_realised(plan, weeks, rulebook, np.random.default_rng(study.seed))
            last = told.years[-1]
            ends = (last.spread[0], last.total, last.spread[-1], last.original)
            rows.append(
                (
                    name,
                    f"{len(weeks):,}",
                    percent(float(tax), 0),
                    *(f"{end:,.0f}" for end in ends),
                    likely(last.reaches_original, last.reaches_bounds),
                    likely(told.below_start, told.below_start_bounds),
                    likely(told.halved, told.halved_bounds),
                    likely(told.ruin, told.ruin_bounds),
                )
            )
    titles = ("rulebook", "weeks", "tax", "5%", "median", "95%", "targets")
    odds = ("reach them", "end under the start", "halved", "ruined")
    yield from table((*titles, *odds), rows)


def _whole_weeks(tried: Tried, rulebook: str) -> Floats:
    parts = [
        sleeve_returns(outcome)
        for trial, outcome in sorted(tried, key=lambda one: one[0].span.first)
        if trial.span.rulebook == rulebook
        and trial.plan.fills == "default"
        and all(tier.symbols for tier in trial.span.symbols)
    ]
    return np.concatenate(parts) if parts else np.empty((0, 3))
