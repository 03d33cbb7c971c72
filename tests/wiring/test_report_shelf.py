"""The list of reports: every period once, how final it is, and the file that was cut."""

from __future__ import annotations

import shutil
from pathlib import Path

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind
from allusedesk.wiring.report_shelf import Maturity, ShelvedReport, shelved, stem_of
from allusedesk.wiring.reporting import ReportWish


def _listed(journal: Path, folder: Path) -> dict[tuple[str, str, str], ShelvedReport]:
    with ReadSide.open(journal) as side:
        found = shelved(side, folder)
    assert len({one.key for one in found}) == len(found)
    return {one.key: one for one in found}


def test_each_report_is_as_final_as_its_last_week(spring_journal: Path, tmp_path: Path) -> None:
    found = _listed(spring_journal, tmp_path)
    assert found["weekly", "2012-W13", ""].maturity is Maturity.FINAL
    assert found["weekly", "2012-W14", ""].maturity is Maturity.RUNNING
    assert found["monthly", "2012-03", ""].maturity is Maturity.FINAL
    assert found["monthly", "2012-04", ""].maturity is Maturity.RUNNING
    assert found["monthly", "2012-04", ""].is_regular
    assert not found["regulatory", "2012-01", ""].is_regular
    assert found["client", "2012-01", "F1"].is_regular
    assert all(one.file is None for one in found.values())


def test_the_final_file_goes_before_the_provisional_one(
    spring_journal: Path, tmp_path: Path
) -> None:
    early = tmp_path / f"{stem_of(ReportWish(ReportKind.WEEKLY, '2012-W12'), is_final=False)}.pdf"
    early.touch()
    assert _listed(spring_journal, tmp_path)["weekly", "2012-W12", ""].file == early
    final = tmp_path / f"{stem_of(ReportWish(ReportKind.WEEKLY, '2012-W12'), is_final=True)}.pdf"
    final.touch()
    assert _listed(spring_journal, tmp_path)["weekly", "2012-W12", ""].file == final
    assert _listed(spring_journal, tmp_path)["weekly", "2012-W11", ""].file is None


def test_a_provisional_week_says_so(spring_journal: Path, tmp_path: Path) -> None:
    copied = tmp_path / spring_journal.name
    shutil.copy(spring_journal, copied)
    with ReadSide.open(copied) as side:
        side.rows("DELETE FROM closings WHERE is_final")
        one = next(one for one in shelved(side, tmp_path) if one.period.name == "2012-W12")
    assert one.maturity is Maturity.PROVISIONAL
