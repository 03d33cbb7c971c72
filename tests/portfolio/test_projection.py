from __future__ import annotations

from decimal import Decimal

import pytest

from allusedesk.portfolio.projection import CannotProject, original_totals, project_original
from tests.protocol.examples import classic, classic_with

# The table of the protocol, section 13: year, Gen, Rev, Com, forks, total, forks active.
TABLE = [
    (1, "123444.37", "147153.75", "115148.76", "118146.47", "503893.35", 2),
    (2, "126987.60", "240602.50", "147324.87", "322456.81", "837371.77", 5),
    (3, "130632.53", "393395.10", "188491.96", "664364.47", "1376884.06", 9),
    (5, "138239.26", "1051687.14", "308550.58", "2181053.99", "3679530.97", 29),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"year {row[0]}")
def test_a20_every_figure_of_the_table_to_the_cent(
    row: tuple[int, str, str, str, str, str, int],
) -> None:
    year = project_original(Decimal(300_000), 10, classic())[row[0] - 1]
    figures = (year.gen, year.rev, year.com, year.forks, year.total)
    assert (year.year, *(str(figure) for figure in figures), year.forks_active) == row


def test_forks_come_home_at_their_number() -> None:
    soon = classic_with(("merge_total_min = 500000", "merge_total_min = 90000"))
    years = project_original(Decimal(300_000), 3, soon)
    assert years[-1].merges > 0
    assert years[-1].forks_made == years[-1].forks_active + years[-1].merges
    later = project_original(Decimal(300_000), 3, classic())
    assert years[-1].com > later[-1].com


def test_without_a_fork_rule_everything_stays_with_the_family() -> None:
    alone = classic_with(('account = "gen"\nsurplus_min', 'account = "rev"\nsurplus_min'))
    (year,) = project_original(Decimal(300_000), 1, alone)
    assert (year.forks, year.forks_active) == (Decimal("0.00"), 0)
    assert year.gen > 200_000


def test_a_capital_too_small_and_no_year_at_all_are_refused() -> None:
    with pytest.raises(CannotProject, match="10000"):
        project_original(Decimal("9999.99"), 1, classic())
    with pytest.raises(CannotProject, match="one year"):
        project_original(Decimal(10_000), 0, classic())


def test_week_by_week_it_is_the_same_projection() -> None:
    totals = original_totals(Decimal(300_000), 104, classic())
    years = project_original(Decimal(300_000), 2, classic())
    assert len(totals) == 105
    assert totals[0] == 300_000
    assert [totals[52], totals[104]] == [year.total for year in years]
    with pytest.raises(CannotProject):
        original_totals(Decimal("9999.99"), 1, classic())


def test_more_forks_than_can_be_followed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allusedesk.portfolio.projection.FORKS_MAX", 20)
    assert project_original(Decimal(300_000), 4, classic())[-1].forks_active <= 20
    with pytest.raises(CannotProject, match=r"In year 5 there are more than 20 .* 4 years at most"):
        project_original(Decimal(300_000), 40, classic())
