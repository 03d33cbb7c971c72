"""Reports are cut when their time has come, once; one that cannot be is an alert, no end."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path
from typing import Self

import pytest

from allusedesk.domain.inputs import AlertCleared, AlertRaised, Input
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind
from allusedesk.settings import ClientChoice
from allusedesk.wiring import reports_of_desk
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.reporting import ReportWish
from allusedesk.wiring.reports_of_desk import CutReports, DueReport, ReportsOfDesk
from allusedesk.wiring.requests import DeskRequest
from tests.desk.asking import request_of

WEEK = WeekId(2012, 2)
NOBODY = ClientChoice()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Reports that were written, and by which thread, in place of their pages."""
    made: list[tuple[str, str]] = []

    def write(_journal: Path, _wish: ReportWish, stem: Path) -> tuple[Path, ...]:
        made.append((stem.name, threading.current_thread().name))
        file = stem.with_name(f"{stem.name}.pdf")
        file.touch()
        return (file,)

    monkeypatch.setattr(reports_of_desk, "write_report", write)
    monkeypatch.setattr(CutReports, "_ended", lambda *_: [])
    monkeypatch.setattr(reports_of_desk, "ReadSide", _NoRecord)
    return made


class _NoRecord:
    @classmethod
    def open(cls, _path: Path) -> _NoRecord:
        return cls()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""


@pytest.mark.parametrize("is_real_time", [False, True])
def test_what_keeps_a_report_from_being_written_is_told_until_one_is(
    written: list[tuple[str, str]], tmp_path: Path, *, is_real_time: bool
) -> None:
    folder = tmp_path / "reports"
    folder.write_text("a file stands in the way")
    told: list[Input] = []
    reports = ReportsOfDesk(
        CutReports(tmp_path / "paper.journal", folder, with_evidence=False),
        is_real_time=is_real_time,
    )
    reports.tell(told.append)
    reports.cut(WEEK, is_final=False)
    reports.cut(WEEK, is_final=True)
    if is_real_time:
        reports._writing.submit(folder.unlink).result()  # type: ignore[union-attr]
    else:
        folder.unlink()
    reports.cut(WEEK, is_final=True)
    reports.cut(WEEK, is_final=True)
    reports.close()

    assert [name for name, _ in written] == ["weekly-2012-W02-final"] * 2
    here = threading.current_thread().name
    assert all((thread != here) is is_real_time for _, thread in written)
    raised, again, cleared = told
    assert isinstance(raised, AlertRaised)
    assert isinstance(again, AlertRaised)
    assert "The weekly report for 2012-W02 could not be written" in raised.alert.text
    assert str(folder) in raised.alert.text
    assert cleared == AlertCleared(raised.alert.id)
    assert sorted(file.name for file in folder.iterdir()) == ["weekly-2012-W02-final.pdf"]


def test_closing_waits_for_the_report_that_is_being_written(
    written: list[tuple[str, str]], tmp_path: Path
) -> None:
    cutting = CutReports(tmp_path / "a", tmp_path / "b", with_evidence=True)
    reports = ReportsOfDesk(cutting, is_real_time=True)
    assert reports._writing is not None
    held = threading.Event()
    reports._writing.submit(held.wait)
    reports.cut(WEEK, is_final=True)
    threading.Timer(0.2, held.set).start()
    reports.close()
    assert len(written) == 1


def test_a_desk_that_closes_leaves_what_takes_long_for_the_next_week(
    written: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = ReportWish(ReportKind.RISK, "2012-W02")
    monkeypatch.setattr(CutReports, "_ended", lambda *_: [DueReport(wish, "risk-2012-W02-final")])
    cutting = CutReports(tmp_path / "a", tmp_path / "b", with_evidence=True)
    reports = ReportsOfDesk(cutting, is_real_time=True)
    held = threading.Event()
    assert reports._writing is not None
    reports._writing.submit(held.wait)
    reports.cut(WEEK, is_final=True)
    threading.Timer(0.2, held.set).start()
    reports.close()
    assert [name for name, _ in written] == ["weekly-2012-W02-final"]


@pytest.fixture
def journal(spring_journal: Path, tmp_path: Path) -> Path:
    """A journal from January to April, to be changed by one test alone."""
    copied = tmp_path / spring_journal.name
    shutil.copy(spring_journal, copied)
    return copied


def _due(
    journal: Path, week: WeekId, choice: ClientChoice = NOBODY, *, with_evidence: bool = False
) -> list[str]:
    cutting = CutReports(journal, journal.parent / "reports", with_evidence, lambda: choice)
    return [
        f"{one.stem}.zip" if one.is_pack else one.stem for one in cutting.due(week, is_final=True)
    ]


def test_what_ended_is_due_and_what_lies_there_is_not(journal: Path) -> None:
    found = _due(journal, WeekId(2012, 13))
    assert found[0] == "weekly-2012-W13-final"
    months = ["2012-01", "2012-02", "2012-03"]
    assert [name for name in found if "monthly" in name] == [
        f"monthly-{month}-final" for month in months
    ]
    assert "quarterly-2012-Q1-final" in found
    assert not [name for name in found if "2012-04" in name or "2012-Q2" in name]
    # What reads the record as a whole would hold up recorded time.
    assert not [name for name in found if name.startswith(("client", "risk", "regulatory"))]
    folder = journal.parent / "reports"
    folder.mkdir()
    (folder / "monthly-2012-02-final.pdf").write_bytes(b"as it was")
    left = [name for name in _due(journal, WeekId(2012, 13)) if "monthly" in name]
    assert left == ["monthly-2012-01-final", "monthly-2012-03-final"]
    cutting = CutReports(journal, folder, with_evidence=False)
    assert [one.stem for one in cutting.due(WEEK, is_final=False)] == [
        "weekly-2012-W02-provisional"
    ]


def test_clients_and_packs_are_cut_where_they_were_asked_for(journal: Path) -> None:
    choice = ClientChoice(shows_targets=True, responsible="Ann", cuts_statements=True)
    found = _due(journal, WeekId(2012, 13), choice, with_evidence=True)
    assert "client-F1-2012-03-final" in found
    assert found.count("regulatory-2012-Q1-final") == 1
    assert found.count("regulatory-2012-Q1-final.zip") == 1
    weeks = ["2012-W11", "2012-W12", "2012-W13"]
    assert [name for name in found if "risk" in name] == [f"risk-{week}-final" for week in weeks]
    cutting = CutReports(journal, journal.parent / "reports", True, lambda: choice)
    client = next(
        one for one in cutting.due(WEEK, is_final=True) if one.wish.kind is ReportKind.CLIENT
    )
    assert client.wish.targets_by == "Ann"
    assert client.title == "client report of F1 for 2012-01"


def test_a_month_that_ends_with_a_week_is_cut_with_it_and_not_again(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the session after, before anything was marked on it, its last week is closed for good."""
    with ReadSide.open(journal) as side:
        # Friday the thirtieth of March was the last session of its month and of its quarter.
        side.rows("DELETE FROM marks WHERE on_day > '2012-03-30'")
        side.rows("DELETE FROM closings WHERE week > '2012-W13'")
    monkeypatch.setattr(reports_of_desk, "kinds_made", lambda: (ReportKind.MONTHLY,))
    folder = journal.parent / "reports"
    cutting = CutReports(journal, folder, with_evidence=False)
    due = cutting.due(WeekId(2012, 13), is_final=True)
    assert due[-1].stem == "monthly-2012-03-final"
    cutting.write(due[-1])
    assert sorted(file.name for file in folder.iterdir()) == [
        f"monthly-2012-03-final.{form}" for form in ("csv", "json", "pdf")
    ]
    again = cutting.due(WeekId(2012, 13), is_final=True)
    assert "monthly-2012-03-final" not in [one.stem for one in again]


def test_one_that_cannot_be_made_keeps_no_other_from_being_written(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Input] = []
    tried: list[str] = []

    def write(_journal: Path, wish: ReportWish, stem: Path) -> tuple[Path, ...]:
        tried.append(stem.name)
        if wish.kind is ReportKind.MONTHLY:
            raise ValueError("a figure is missing")
        file = stem.with_name(f"{stem.name}.pdf")
        file.touch()
        return (file,)

    monkeypatch.setattr(reports_of_desk, "write_report", write)
    cutting = CutReports(journal, journal.parent / "reports", with_evidence=False)
    reports = ReportsOfDesk(cutting, is_real_time=False)
    reports.tell(told.append)
    reports.cut(WeekId(2012, 13), is_final=True)
    assert tried[0] == "weekly-2012-W13-final"
    assert len(tried) > len([one for one in told if isinstance(one, AlertRaised)]) == 3
    assert "quarterly-2012-Q1-final" in tried


@pytest.mark.long
def test_a_desk_cuts_its_month_once_and_makes_up_what_is_missing(tmp_path: Path) -> None:
    """January ends on a Tuesday: its report comes with its week's, on Monday the sixth."""
    folder = tmp_path / "desk" / "reports"

    def run_to(day: str) -> dict[str, bytes]:
        words = ["--out", str(tmp_path / "desk"), "--approve", "all", "--speed", "max"]
        request = request_of([*words, "--from", "2012-01-30", "--to", day])
        assert isinstance(request, DeskRequest)
        asyncio.run(build_paper_desk(request.desk, None).run())
        return {file.name: file.read_bytes() for file in folder.glob("*")}

    assert run_to("2012-02-02") == {}
    then = run_to("2012-02-07")
    months = [f"monthly-2012-01-final.{form}" for form in ("csv", "json", "pdf")]
    assert sorted(name for name in then if name.startswith("monthly")) == months
    assert then["monthly-2012-01-final.pdf"].startswith(b"%PDF")
    later = run_to("2012-02-14")
    assert {name: later[name] for name in months} == {name: then[name] for name in months}
    for name in months:
        (folder / name).unlink()
    assert set(months) <= set(run_to("2012-02-21"))
