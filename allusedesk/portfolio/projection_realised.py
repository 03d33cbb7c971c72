"""The honest projection: paths whose weeks are drawn from the desk's own (protocol, section 13)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.money import CENT
from allusedesk.portfolio.projection import CannotProject, project_original
from allusedesk.portfolio.projection_families import (
    COM,
    GEN,
    QUARTER_WEEKS,
    REV,
    TIERS,
    FamiliesOfPaths,
    Floats,
    Tally,
    Terms,
    TooManyFamilies,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

# A quarter holds a whole assignment, its calls and an earnings date of each name.
BLOCK_WEEKS = QUARTER_WEEKS
PERCENTS = (5, 25, 50, 75, 95)
PATHS = 10_000
# So many paths at once stay within a processor's caches.
_BATCH = 1_000
_MIDDLE = PERCENTS.index(50)
_NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class ProjectionPlan:
    """What is projected; money in dollars, `tax` the part of a quarter's net gain set aside.

    `least` are the smallest Gen, Rev and Com that can trade a lot, `withdrawal` is wanted each
    year, `reach` are totals whose probability is asked for.
    """

    capital: Decimal
    years: int
    paths: int = PATHS
    block_weeks: int = BLOCK_WEEKS
    tax: Decimal = Decimal(0)
    withdrawal: Decimal = Decimal(0)
    least: tuple[Decimal, Decimal, Decimal] = (Decimal(0), Decimal(0), Decimal(0))
    reach: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class RealisedYear:
    """The ends of a year: medians over the paths, each of its own, so they need not add up.

    `spread` holds the total at each of PERCENTS; `original` is what the targets promise, and
    `reaches_original` the part of paths at or above it.
    """

    year: int
    gen: Decimal
    rev: Decimal
    com: Decimal
    forks: Decimal
    total: Decimal
    forks_active: int
    spread: tuple[Decimal, ...]
    original: Decimal
    reaches_original: float
    reaches_bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reached:
    """The part of paths that hold a total at the end, and that held it at some quarter's end."""

    total: Decimal
    at_end: float
    ever: float
    at_end_bounds: tuple[float, float]
    ever_bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RealisedProjection:
    """Fans and probabilities over all paths, probabilities as parts of one.

    Each probability has bounds beside it, between which it lies with 95 % by the count of paths
    alone; that the weeks themselves may have been lucky is not in them. `fan` is (quarters + 1,
    percents): the total at the start and at each quarter's end. A path is
    ruined once, at a quarter's end, all its families hold less than the rulebook's smallest start
    capital or no sleeve can trade a lot; it then stands still. `too_small` is the part of its
    weeks in which main Gen, Rev and Com could not trade.
    """

    plan: ProjectionPlan
    weeks_known: int
    years: tuple[RealisedYear, ...]
    fan: tuple[tuple[float, ...], ...]
    ruin: float
    ruin_bounds: tuple[float, float]
    below_start: float
    below_start_bounds: tuple[float, float]
    halved: float
    halved_bounds: tuple[float, float]
    reached: tuple[Reached, ...]
    forks_made: tuple[int, ...]
    merges: tuple[int, ...]
    too_small: tuple[float, ...]
    tax_mean: Decimal
    ladder_mean: Decimal
    withdrawn_mean: Decimal
    fell_short: float


@dataclass(frozen=True, slots=True)
class _Paths:
    """What is kept of some paths: sleeves (years, 5, paths) and totals (quarters + 1, paths)."""

    ends: Floats
    totals: Floats
    tally: Tally
    is_ruined: NDArray[np.bool_]


def project_realised(
    plan: ProjectionPlan, weeks: Floats, rulebook: Rulebook, generator: np.random.Generator
) -> RealisedProjection:
    """Project `plan` over weeks drawn in blocks from `weeks`, shape (weeks, 3): Gen, Rev, Com.

    Blocks of `block_weeks` begin at any week with equal chance and run round the end (circular
    block bootstrap, Politis and Romano 1992); tiers keep their common week. The first paths are
    the same however many follow. Raises CannotProject for what cannot be projected.
    """
    _refuse_what_cannot(plan, weeks)
    original = project_original(plan.capital, plan.years, rulebook)
    batches = list(_batches(plan, weeks, rulebook, generator))
    joined = _Paths(
        np.concatenate([one.ends for one in batches], axis=-1),
        np.concatenate([one.totals for one in batches], axis=-1),
        Tally.joined([one.tally for one in batches]),
        np.concatenate([one.is_ruined for one in batches]),
    )
    goals = [year.total for year in original]
    return _told(plan, len(weeks), joined, goals)


def _refuse_what_cannot(plan: ProjectionPlan, weeks: Floats) -> None:
    if not len(weeks) or weeks.shape[1:] != (len(TIERS),):
        raise CannotProject("There are no weeks of Gen, Rev and Com to draw from: name a record.")
    if not np.isfinite(weeks).all() or bool((weeks < -1).any()):
        raise CannotProject(
            "A week of the record lost more than its sleeve held, or has no figure: a projection "
            "cannot be drawn from it."
        )
    taken = (plan.withdrawal, *plan.least)
    if not 0 <= plan.tax <= 1 or any(not one.is_finite() or one < 0 for one in taken):
        raise CannotProject(
            "A tax is a part from 0 to 1, and withdrawals and smallest sleeves are dollars from 0 "
            "on: give such ones."
        )
    if plan.paths < 1 or plan.block_weeks < 1:
        raise CannotProject("A projection needs one path and blocks of one week at the least.")
    if len(weeks) > 1 and len(weeks) < 2 * plan.block_weeks:
        raise CannotProject(
            f"{len(weeks)} weeks hold no two blocks of {plan.block_weeks} weeks: give a longer "
            "record or shorter blocks."
        )


def _batches(
    plan: ProjectionPlan, weeks: Floats, rulebook: Rulebook, generator: np.random.Generator
) -> Iterator[_Paths]:
    for first in range(0, plan.paths, _BATCH):
        count = min(_BATCH, plan.paths - first)
        drawn = _drawn_weeks(len(weeks), plan, count, generator)
        try:
            yield _played(plan, np.ascontiguousarray(weeks.T), drawn, rulebook)
        except TooManyFamilies as many:
            raise CannotProject(
                "Its weeks earn so much that the paths fork into more families than can be "
                f"followed over {plan.years} years: ask for fewer years."
            ) from many


def _drawn_weeks(
    known: int, plan: ProjectionPlan, paths: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Which known week each path lives in each of its weeks, shape (paths, weeks)."""
    wanted = plan.years * WEEKS_OF_A_YEAR
    blocks = -(-wanted // plan.block_weeks)
    starts = generator.integers(0, known, size=(paths, blocks, 1))
    found = (starts + np.arange(plan.block_weeks)) % known
    return found.reshape(paths, -1)[:, :wanted]


def _played(
    plan: ProjectionPlan, weeks: Floats, drawn: NDArray[np.int64], rulebook: Rulebook
) -> _Paths:
    quarters_of_a_year = WEEKS_OF_A_YEAR // QUARTER_WEEKS
    terms = Terms(
        float(plan.tax),
        float(plan.withdrawal) / quarters_of_a_year,
        (float(plan.least[GEN]), float(plan.least[REV]), float(plan.least[COM])),
    )
    paths, horizon = drawn.shape
    world = FamiliesOfPaths(float(plan.capital), paths, rulebook, terms)
    totals = np.empty((horizon // QUARTER_WEEKS + 1, paths))
    ends = np.empty((plan.years, 5, paths))
    totals[0] = world.totals()
    for week in range(1, horizon + 1):
        world.live_week(week, weeks[:, drawn[:, week - 1]])
        if week % QUARTER_WEEKS == 0:
            totals[week // QUARTER_WEEKS] = world.totals()
        if week % WEEKS_OF_A_YEAR == 0:
            main = [world.main(tier) for tier in (GEN, REV, COM)]
            whole = world.totals()
            forks = whole - world.tally.ladder - main[GEN] - main[REV] - main[COM]
            ends[week // WEEKS_OF_A_YEAR - 1] = [*main, forks, world.tally.active]
    return _Paths(ends, totals, world.tally, world.is_ruined)


def _told(
    plan: ProjectionPlan, weeks_known: int, paths: _Paths, goals: list[Decimal]
) -> RealisedProjection:
    fan = np.percentile(paths.totals, PERCENTS, axis=1).T
    quarters_of_a_year = WEEKS_OF_A_YEAR // QUARTER_WEEKS
    years = []
    for index, goal in enumerate(goals):
        place = (index + 1) * quarters_of_a_year
        gen, rev, com, forks, active = np.median(paths.ends[index], axis=1)
        spread = tuple(_cents(value) for value in fan[place])
        # A total that is the goal to the cent reaches it, whatever its last binary digit.
        reaches = np.round(paths.totals[place], 2) >= float(goal)
        years.append(
            RealisedYear(
                index + 1,
                _cents(gen),
                _cents(rev),
                _cents(com),
                _cents(forks),
                spread[_MIDDLE],
                round(active),
                spread,
                goal,
                _part(reaches),
                _bounds(reaches),
            )
        )
    tally, capital = paths.tally, float(plan.capital)
    is_below = paths.totals[-1] < capital
    is_halved = (paths.totals < capital / 2).any(axis=0)
    lived = plan.years * WEEKS_OF_A_YEAR * plan.paths
    return RealisedProjection(
        plan,
        weeks_known,
        tuple(years),
        tuple(tuple(float(value) for value in row) for row in fan),
        ruin=_part(paths.is_ruined),
        ruin_bounds=_bounds(paths.is_ruined),
        below_start=_part(is_below),
        below_start_bounds=_bounds(is_below),
        halved=_part(is_halved),
        halved_bounds=_bounds(is_halved),
        reached=tuple(_reached(total, paths.totals) for total in plan.reach),
        forks_made=_counts(tally.made),
        merges=_counts(tally.merged),
        too_small=tuple(float(weeks) / lived for weeks in tally.weeks_too_small.sum(axis=1)),
        tax_mean=_cents(tally.tax.mean()),
        ladder_mean=_cents(tally.ladder.mean()),
        withdrawn_mean=_cents(tally.withdrawn.mean()),
        fell_short=_part(tally.fell_short),
    )


def _reached(total: Decimal, totals: Floats) -> Reached:
    is_there = np.round(totals, 2) >= float(total)
    at_end, ever = is_there[-1], is_there.any(axis=0)
    return Reached(total, _part(at_end), _part(ever), _bounds(at_end), _bounds(ever))


def _counts(found: NDArray[np.int64]) -> tuple[int, ...]:
    """The counts at PERCENTS, each one that really occurred."""
    return tuple(int(value) for value in np.percentile(found, PERCENTS, method="lower"))


def _part(found: NDArray[np.bool_] | np.bool_) -> float:
    return int(np.count_nonzero(found)) / found.size


def _bounds(found: NDArray[np.bool_] | np.bool_) -> tuple[float, float]:
    """Wilson's interval of 95 % (1927), which says something even where no path or each did."""
    count, hits = found.size, int(np.count_nonzero(found))
    square = _NORMAL_95 * _NORMAL_95
    middle = (hits + square / 2) / (count + square)
    spread = math.sqrt(hits * (count - hits) / count + square / 4) * _NORMAL_95 / (count + square)
    low = max(middle - spread, 0.0) if hits else 0.0
    return low, min(middle + spread, 1.0) if hits < count else 1.0


def _cents(amount: float | np.floating) -> Decimal:
    return Decimal(float(amount)).quantize(CENT, ROUND_HALF_EVEN)
