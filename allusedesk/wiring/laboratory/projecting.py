"""Projections as they are shown: the desk's own weeks lived on, as rows, curves and a fan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from allusedesk.domain.money import Money
from allusedesk.laboratory.wording import likely
from allusedesk.portfolio.projection import CannotProject
from allusedesk.portfolio.projection_realised import (
    BLOCK_WEEKS,
    PATHS,
    ProjectionPlan,
    RealisedProjection,
    project_realised,
)
from allusedesk.reports.statement import ProjectionFan, Qualifier, Series
from allusedesk.wiring.laboratory.own_weeks import OwnWeeks
from allusedesk.wiring.requests import RequestRefused

_QUARTERS_OF_A_YEAR = 4
_BANDS = ("5%", "25%", "median", "75%", "95%")


@dataclass(frozen=True, slots=True)
class ProjectionWish:
    """What is to be projected: dollars, years, the part of gains taxed, dollars a year taken."""

    capital: Decimal
    years: int
    tax: Decimal
    withdrawal: Decimal
    seed: int = 1
    paths: int = PATHS


@dataclass(frozen=True, slots=True)
class ProjectedRow:
    """A year in a table; totals in dollars, `reach` the part of paths at the targets."""

    year: int
    low: float
    median: float
    high: float
    original: float
    reach: float
    forks: int


@dataclass(frozen=True, slots=True)
class ProjectionView:
    """Curves by years (a quarter apart), rows by year, and what to bear in mind."""

    quarters: tuple[float, ...]
    fan: tuple[tuple[float, ...], ...]
    original: tuple[tuple[float, float], ...]
    rows: tuple[ProjectedRow, ...]
    remarks: tuple[str, ...]


def projection_view(weeks: OwnWeeks, wish: ProjectionWish) -> ProjectionView:
    """Live the weeks on as wished; raises RequestRefused for what cannot be projected."""
    count = len(weeks.returns)
    plan = ProjectionPlan(
        capital=wish.capital,
        years=wish.years,
        paths=wish.paths,
        # A short record holds two blocks at the least.
        block_weeks=max(1, min(BLOCK_WEEKS, count // 2)),
        tax=wish.tax,
        withdrawal=wish.withdrawal,
        least=weeks.least,
    )
    generator = np.random.default_rng(wish.seed)
    try:
        told = project_realised(plan, weeks.returns, weeks.rulebook, generator)
    except CannotProject as refusal:
        raise RequestRefused(str(refusal)) from refusal
    original = [(float(year.year), float(year.original)) for year in told.years]
    return ProjectionView(
        quarters=tuple(place / _QUARTERS_OF_A_YEAR for place in range(len(told.fan))),
        fan=told.fan,
        original=((0.0, float(wish.capital)), *original),
        rows=tuple(
            ProjectedRow(
                year.year,
                float(year.spread[0]),
                float(year.total),
                float(year.spread[-1]),
                float(year.original),
                year.reaches_original,
                year.forks_active,
            )
            for year in told.years
        ),
        remarks=_remarks(weeks, told),
    )


def fan_of(
    told: RealisedProjection, title: str, lines: tuple[Series, ...], note: str
) -> ProjectionFan:
    """The quarters as they are drawn on paper: quantiles of the paths, and what lies beside."""
    return ProjectionFan(
        title=title,
        years=tuple(Decimal(place) / _QUARTERS_OF_A_YEAR for place in range(len(told.fan))),
        bands=tuple(
            Series(name, tuple(dollars_of(row[at]) for row in told.fan), Qualifier.MODELLED)
            for at, name in enumerate(_BANDS)
        ),
        lines=lines,
        note=note,
    )


def dollars_of(amount: float) -> Money:
    """An amount to the whole dollar, which is finer than any drawing."""
    return Money(Decimal(f"{amount:.0f}"))


def _remarks(weeks: OwnWeeks, told: RealisedProjection) -> tuple[str, ...]:
    plan = told.plan
    taken = f"{told.withdrawn_mean:,.0f} USD taken on average"
    count = len(weeks.returns)
    short = (
        f"Only {count} {'week' if count == 1 else 'weeks'}: what so few can tell of {plan.years} "
        f"years is next to nothing. From {2 * BLOCK_WEEKS} weeks on blocks hold a whole quarter."
    )
    return (
        *((short,) if plan.block_weeks < BLOCK_WEEKS else ()),
        f"Drawn from {weeks.told}",
        (
            f"{plan.paths:,} paths in blocks of {plan.block_weeks} weeks: "
            f"{likely(told.ruin, told.ruin_bounds)} ruined, "
            f"{likely(told.halved, told.halved_bounds)} halved at some time, "
            f"{likely(told.below_start, told.below_start_bounds)} end under the start; "
            f"{told.tax_mean:,.0f} USD set aside for tax, {taken}. No promise."
        ),
        (
            "In brackets: 95% by the number of paths alone; weeks that were luckier than those to "
            "come are neither in them nor in the fan."
        ),
    )
