"""What is written along the axes of a chart: scale, and no figure of the statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from allusedesk.reports.chart_values import (
    AnyChart,
    Chart,
    ChartKind,
    LossRecord,
    ProjectionFan,
    TimeChart,
    figures_of,
)
from allusedesk.reports.paper import bar_drawing, fan_drawing, time_drawing
from allusedesk.reports.paper.chart_pieces import tick_texts, ticks_between
from allusedesk.reports.paper.charts import ticks_of


def scale_texts(chart: AnyChart) -> tuple[str, ...]:
    match chart:
        case Chart(kind=ChartKind.LINES):
            return tuple(tick_texts(ticks_of(chart), chart.series))
        case Chart(kind=ChartKind.BARS | ChartKind.STACKED) if figures_of(chart.series):
            return tuple(tick_texts(bar_ticks(chart), chart.series))
        case TimeChart() if figures_of(chart.series):
            return (*time_texts(chart), *every_date(chart.days))
        case ProjectionFan() if figures_of((*chart.bands, *chart.lines)):
            years = fan_drawing._year_ticks(chart)
            texts = fan_drawing._scale_of(chart).texts
            return (*texts, *(fan_drawing._plain(year) for year in years))
        case LossRecord() if figures_of((chart.results,)):
            texts = tick_texts(time_drawing._record_ticks(chart), (chart.results,))
            return (*texts, *every_date(chart.days))
        case _:
            return ()


def bar_ticks(chart: Chart) -> tuple[Decimal, ...]:
    if chart.kind is ChartKind.STACKED:
        return bar_drawing._stack_ticks(chart)
    figures = figures_of(chart.series)
    return ticks_between(min(*figures, Decimal(0)), max(*figures, Decimal(0)))


def time_texts(chart: TimeChart) -> list[str]:
    texts = tick_texts(time_drawing._ticks(chart.series), chart.series)
    if chart.drawdown is not None and figures_of((chart.drawdown,)):
        beneath = time_drawing._ticks_beneath(chart.drawdown)
        texts += tick_texts(beneath, (chart.drawdown,))
    return texts


def every_date(days: Sequence[date]) -> list[str]:
    """Every date that could stand under the axis, whatever the room."""
    found = [
        text
        for room in (200, 300, 400, 450, 500)
        for _, text in time_drawing._dates(days[0], days[-1], room)
    ]
    months = time_drawing._firsts_of_months(days[0], days[-1], 1)
    return [*found, *(day.isoformat() for day in months)]
