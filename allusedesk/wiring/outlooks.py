"""What projections say at the end of a year: the protocol's own, and the desk's weeks lived on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from allusedesk.domain.money import Money, total
from allusedesk.journal.queries import record
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.projection import CannotProject, original_totals
from allusedesk.portfolio.projection_families import QUARTER_WEEKS
from allusedesk.portfolio.projection_realised import (
    BLOCK_WEEKS,
    ProjectionPlan,
    RealisedProjection,
    project_realised,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR
from allusedesk.reports.periods.annual_outlook import Outlook
from allusedesk.reports.statement import ProjectionFan, Qualifier, Series
from allusedesk.reports.wording import counted
from allusedesk.wiring.laboratory.own_weeks import OwnWeeks, weeks_of_journal
from allusedesk.wiring.laboratory.projecting import fan_of
from allusedesk.wiring.requests import RequestRefused

YEARS = 5
_PATHS = 2_000
_SEED = 1
_FAR = 3


def outlook_at(side: ReadSide, last: date, rulebook: Rulebook) -> Outlook:
    """The projections of the record up to the close of `last`, of which nothing later is known."""
    lived = _weeks_lived(side, last)
    opened = record.sleeves(side)
    first = opened[0].family if opened else ""
    capital = total([one.base for one in opened if one.family == first])
    remarks: list[str] = []
    original: tuple[Money, ...] = ()
    try:
        totals = original_totals(capital.amount, len(lived), rulebook)
        original = tuple(Money(amount) for amount in totals)
    except CannotProject as refusal:
        remarks.append(str(refusal))
    fan = None
    try:
        fan, told = _fan(side, last, lived, rulebook)
        remarks.append(told)
    except (CannotProject, RequestRefused) as refusal:
        remarks.append(f"No projection of the desk's own weeks is shown: {refusal}")
    return Outlook(capital, original, fan, tuple(remarks))


def _weeks_lived(side: ReadSide, last: date) -> list[str]:
    """The whole weeks up to a close in which the desk was run."""
    whole = {week.week for week in record.weeks(side) if week.last_session <= last}
    marked = dict.fromkeys(one.week for one in record.weekly_returns(side))
    return [week for week in marked if week in whole]


def _fan(
    side: ReadSide, last: date, lived: list[str], rulebook: Rulebook
) -> tuple[ProjectionFan, str]:
    if len(lived) < 2 * BLOCK_WEEKS:
        raise RequestRefused(
            f"the record holds {counted(len(lived), 'whole week')}, and it takes "
            f"{2 * BLOCK_WEEKS} to draw from."
        )
    known = weeks_of_journal(side, "this journal")
    weeks = replace(known, returns=known.returns[: len(lived)], last=lived[-1])
    marks = record.balances(side, last, last)
    capital = total([mark.equity for mark in marks]).amount
    plan = ProjectionPlan(
        capital=capital,
        years=YEARS,
        paths=_PATHS,
        tax=rulebook.reinvestment.tax,
        least=weeks.least,
    )
    told = project_realised(plan, weeks.returns, rulebook, np.random.default_rng(_SEED))
    return _drawn(told, capital, weeks), _sentences(told, weeks)


def _drawn(told: RealisedProjection, capital: Decimal, weeks: OwnWeeks) -> ProjectionFan:
    """Quantiles at each quarter's end, and the protocol's targets beside them."""
    targets = original_totals(capital, YEARS * WEEKS_OF_A_YEAR, weeks.rulebook)[::QUARTER_WEEKS]
    note = f"Bands: 5% to 95% and 25% to 75% of {told.plan.paths:,} paths. No promise."
    lines: tuple[Series, ...] = (
        Series("targets", tuple(Money(one) for one in targets), Qualifier.TARGET),
    )
    if targets[-1] > told.years[-1].spread[-1] * _FAR:
        # So far above every path the targets would press them into one line.
        lines = ()
        note += f" The targets, {targets[-1]:,.0f} USD after {YEARS} years, lie far above."
    title = f"{capital:,.0f} USD over {YEARS} years from here, by the desk's own weeks"
    return fan_of(told, title, lines, note)


def _sentences(told: RealisedProjection, weeks: OwnWeeks) -> str:
    year = told.years[-1]
    return (
        f"The fan draws from {weeks.told} Weeks are drawn in blocks of {told.plan.block_weeks}, "
        f"{told.plan.paths:,} times; {told.ruin:.1%} of the paths are ruined, {told.halved:.1%} "
        f"halve at some time, {told.below_start:.1%} end under the start, and "
        f"{year.reaches_original:.1%} reach the targets after {year.year} years. It supposes that "
        "weeks to come are like those lived, which nobody knows."
    )
