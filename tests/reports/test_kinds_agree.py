"""Every kind of report of a real winter: paper, CSV and JSON say the same, figure by figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind
from allusedesk.wiring.reporting import ReportWish, kinds_made, statement_of
from tests.reports.agreement import check_agreement, links
from tests.reports.drawn import page_texts

pytestmark = pytest.mark.long
PERIODS = {
    ReportKind.WEEKLY: ("2012-W05", "2011-W52"),
    ReportKind.MONTHLY: ("2012-02",),
    ReportKind.QUARTERLY: ("2012-Q1",),
    ReportKind.ANNUAL: ("2012", "2011"),
    ReportKind.RISK: ("2012-02",),
    ReportKind.REGULATORY: ("2012-02",),
    ReportKind.CLIENT: ("2012-02",),
    ReportKind.TAX: ("2011",),
}


def test_every_kind_has_a_period_here() -> None:
    assert set(PERIODS) == set(kinds_made())


@pytest.mark.parametrize(
    ("kind", "period"), [(kind, period) for kind, found in PERIODS.items() for period in found]
)
def test_paper_csv_and_json_agree(winter_journal: Path, kind: ReportKind, period: str) -> None:
    with ReadSide.open(winter_journal) as side:
        drawn = statement_of(side, ReportWish(kind, period))
    pdf = check_agreement(drawn)
    pages = len(page_texts(pdf))
    assert all(1 <= there <= pages for _, there in links(pdf))
