"""Sharpe and Sortino of a record, read as the monthly report reads them."""

from __future__ import annotations

from datetime import date

from allusedesk.answers.asking import RatioRow, RatiosMeasured
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.return_statistics import ReturnStatistics
from allusedesk.reports.kinds import Span, periods_of
from allusedesk.reports.periods.reading import name_of, read_returns
from allusedesk.reports.periods.returns import ratio, too_few_weeks
from allusedesk.reports.periods.words import percent
from allusedesk.reports.statement import Qualifier
from allusedesk.reports.wording import MINUS, shown


def ratios_of_record(side: ReadSide, until: date) -> RatiosMeasured | None:
    """The ratios of the last month begun by `until`; None where no month of the record is.

    Each figure is the very text of that month's report, a plain minus sign apart.
    """
    months = [one for one in periods_of(side, Span.MONTH) if one.first <= until]
    if not months:
        return None
    evidence, _, returns = read_returns(side, months[-1])
    rows = tuple(
        RatioRow(
            curve.name if curve is not returns.whole else "the desk",
            found.count,
            _plain(shown(percent(found.volatility))),
            _ratio(found.sharpe),
            _ratio(found.sortino),
        )
        for curve, found in zip(returns.curves, returns.statistics, strict=True)
        if found is not None
    )
    desk: ReturnStatistics | None = returns.of_desk
    weeks = evidence.week_ends[-desk.count :] if desk is not None else ()
    first = next((day for day in evidence.days if weeks and day.on >= weeks[0]), evidence.days[-1])
    return RatiosMeasured(
        month=name_of(months[-1]),
        last=evidence.days[-1].on,
        rows=rows,
        free=f"{shown(percent(returns.free.year))} a year",
        error=""
        if desk is None or desk.sharpe_error is None
        else _plain(shown(ratio(desk.sharpe_error))),
        entries=(first.sequence, evidence.days[-1].sequence),
        is_modelled=returns.seen is Qualifier.MODELLED,
        silence=too_few_weeks(evidence) if desk is None else "",
    )


def _ratio(value: float | None) -> str:
    return "" if value is None else _plain(shown(ratio(value), is_signed=True))


def _plain(text: str) -> str:
    return text.replace(MINUS, "-")
