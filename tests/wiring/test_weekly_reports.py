"""A report that cannot be written is an alert, never the end of a desk."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from allusedesk.domain.inputs import AlertCleared, AlertRaised, Input
from allusedesk.domain.weeks import WeekId
from allusedesk.wiring import weekly_reports
from allusedesk.wiring.weekly_reports import ReportsOfDesk, WeeklyReports

WEEK = WeekId(2012, 2)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Reports that were written, and by which thread, in place of their pages."""
    made: list[tuple[str, str]] = []

    def write(_journal: Path, _week: str, stem: Path) -> None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        made.append((stem.name, threading.current_thread().name))

    monkeypatch.setattr(weekly_reports, "write_report", write)
    return made


@pytest.mark.parametrize("is_real_time", [False, True])
def test_what_keeps_a_report_from_being_written_is_told_until_one_is(
    written: list[tuple[str, str]], tmp_path: Path, *, is_real_time: bool
) -> None:
    folder = tmp_path / "reports"
    folder.write_text("a file stands in the way")
    told: list[Input] = []
    reports = ReportsOfDesk(
        WeeklyReports(tmp_path / "paper.journal", folder), is_real_time=is_real_time
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
    assert "2012-W02 could not be written" in raised.alert.text
    assert str(folder) in raised.alert.text
    assert cleared == AlertCleared(raised.alert.id)


def test_closing_waits_for_the_report_that_is_being_written(
    written: list[tuple[str, str]], tmp_path: Path
) -> None:
    reports = ReportsOfDesk(WeeklyReports(tmp_path / "a", tmp_path / "b"), is_real_time=True)
    assert reports._writing is not None
    held = threading.Event()
    reports._writing.submit(held.wait)
    reports.cut(WEEK, is_final=True)
    threading.Timer(0.2, held.set).start()
    reports.close()
    assert len(written) == 1
