"""Every figure of a chart as a row and a column, the way a spreadsheet holds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from allusedesk.reports.cells import Cell, Number, Qualifier
from allusedesk.reports.chart_values import (
    AnyChart,
    Chart,
    Charted,
    Grid,
    LossRecord,
    ProjectionFan,
    Series,
    TimeChart,
    Timeline,
    Waterfall,
)
from allusedesk.reports.wording import exact, gap_shown, moment_shown, shown


@dataclass(frozen=True, slots=True)
class ChartFigure:
    """One figure of a chart: exactly, as it is written, in its unit and of its kind."""

    row: str
    column: str
    cell: Cell
    value: str
    shown: str
    unit: str = ""
    qualifier: Qualifier | None = None


def chart_figures(chart: AnyChart) -> Iterator[ChartFigure]:
    """Every figure and every text of a chart, series by series, thinned nowhere."""
    match chart:
        case Chart():
            yield from _series_figures(chart.series, chart.categories, chart.unit)
        case TimeChart():
            days = [day.isoformat() for day in chart.days]
            yield from _series_figures(chart.series, days, chart.unit)
            if chart.drawdown is not None:
                yield from _series_figures((chart.drawdown,), days, "")
        case Waterfall():
            steps = (chart.begin, *chart.parts, chart.end)
            for place, step in enumerate(steps):
                is_part = 0 < place < len(steps) - 1
                yield _figure(
                    str(place + 1), step.name, step.value, "", chart.qualifier, is_signed=is_part
                )
        case ProjectionFan():
            if chart.note:
                yield _figure("", "note", chart.note)
            years = [f"{year.normalize():f}" for year in chart.years]
            yield from _series_figures((*chart.bands, *chart.lines), years, "")
        case Grid():
            for row, cells in zip(chart.rows, chart.cells, strict=True):
                for column, value in zip(chart.columns, cells, strict=True):
                    yield _figure(row, column, value, chart.unit, chart.qualifier, is_signed=True)
        case Timeline():
            yield from _timeline_figures(chart)
        case LossRecord():
            days = [day.isoformat() for day in chart.days]
            yield from _series_figures((chart.results, chart.limits), days, "")
            for place in chart.exceptions():
                yield _figure(days[place], "exception", "beyond the limit")


def _figure(
    row: str,
    column: str,
    cell: Cell,
    unit: str = "",
    qualifier: Qualifier | None = None,
    *,
    is_signed: bool = False,
) -> ChartFigure:
    written = shown(cell, is_signed=is_signed)
    return ChartFigure(row, column, cell, exact(cell), written, unit, qualifier)


def _series_figures(
    series: Sequence[Series], rows: Sequence[str], unit: str
) -> Iterator[ChartFigure]:
    for line in series:
        for row, value in zip(rows, line.values, strict=True):
            yield _figure(row, line.name, value, _unit_of(value, unit), line.qualifier)


def _unit_of(value: Charted | None, unit: str) -> str:
    """Money and per cent say their unit themselves."""
    return unit if isinstance(value, Number) else ""


def _timeline_figures(chart: Timeline) -> Iterator[ChartFigure]:
    for number, (one, gap) in enumerate(zip(chart.events, chart.gaps(), strict=True), start=1):
        row = str(number)
        moment = moment_shown(one.instant)
        yield ChartFigure(row, "instant", one.instant, exact(one.instant), moment)
        cell = None if gap is None else gap // timedelta(milliseconds=1)
        yield ChartFigure(row, "gap", cell, exact(cell), gap_shown(gap), "ms")
        yield _figure(row, "what", one.what)
        if one.note:
            yield _figure(row, "note", one.note)
        yield _figure(row, "entry", one.entry)
