from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import PeriodUnknown, ReportKind, Span, period_named, periods_of


def test_periods_are_those_the_record_was_run_through(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as side:
        months = periods_of(side, Span.MONTH)
        assert [one.name for one in months] == [
            "2011-12",
            "2012-01",
            "2012-02",
            "2012-03",
            "2012-04",
        ]
        assert (months[2].first, months[2].last) == (date(2012, 2, 1), date(2012, 2, 29))
        assert [one.is_over for one in months] == [True, True, True, True, False]
        *earlier, last = periods_of(side, Span.WEEK)
        assert (earlier[-1].name, earlier[-1].is_over) == ("2012-W13", True)
        assert (last.name, last.is_over) == ("2012-W14", False)
        quarters = periods_of(side, Span.QUARTER)
        assert [one.name for one in quarters] == ["2011-Q4", "2012-Q1", "2012-Q2"]
        assert [one.name for one in periods_of(side, Span.YEAR)] == ["2011", "2012"]


def test_a_period_is_asked_for_by_name(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as side:
        assert period_named(side, ReportKind.WEEKLY, "last").name == "2012-W14"
        assert period_named(side, ReportKind.RISK, "2012-Q1").last == date(2012, 3, 31)
        for kind, name in (
            (ReportKind.MONTHLY, "2012-W01"),
            (ReportKind.MONTHLY, "2012-05"),
            (ReportKind.MONTHLY, "2012-13"),
            (ReportKind.ANNUAL, "soon"),
            (ReportKind.WEEKLY, ""),
        ):
            with pytest.raises(PeriodUnknown):
                period_named(side, kind, name)
