"""Crash reports: where and with what, never what was said; private, few, and taken over once."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from allusedesk.monitoring.crash_reports import KEPT_AT_MOST, CrashFolder

AT = datetime(2026, 3, 2, 14, 30, 5, tzinfo=UTC)
LOG = Path("logs") / "desk.log"
CANARY = "canary-correct-horse-battery"
_CRASHES = (
    "import faulthandler, sys; from datetime import datetime, UTC; from pathlib import Path; "
    "from allusedesk.monitoring.crash_reports import CrashFolder; "
    "folder = CrashFolder(Path(sys.argv[1]), lambda: datetime.now(UTC), 'desk 0', Path('l')); "
    "folder.watch(); secret = sys.argv[2]; "
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[CrashFolder]:
    was_enabled = faulthandler.is_enabled()
    made = CrashFolder(tmp_path, lambda: AT, "allusedesk 0.1.0", LOG)
    yield made
    made.rest()
    if was_enabled:
        faulthandler.enable()


def raised(secret: str) -> Exception:
    """A fault that says a secret, and so does the one it came from."""

    def inner(passphrase: str) -> None:
        raise KeyError(passphrase)

    try:
        try:
            inner(secret)
        except KeyError as fault:
            raise ValueError(f"the password {secret} is wrong") from fault
    except ValueError as fault:
        return fault


def test_a_report_tells_where_with_what_and_after_what(folder: CrashFolder, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / LOG).write_text("".join(f'{{"event": "line {n}"}}\n' for n in range(100)))
    path = folder.write(raised("x"))
    assert path is not None
    text = path.read_text()
    assert "When: 2026-03-02 14:30:05 UTC" in text
    assert "What: ValueError in test_crash_reports.py, line " in text
    assert "Program: allusedesk 0.1.0" in text
    assert f"numpy {np.__version__}" in text
    first, second = text.index("builtins.KeyError"), text.index("builtins.ValueError")
    assert first < second
    assert "in inner" in text
    assert '"line 99"' in text
    assert '"line 59"' not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_no_secret_enters_a_report(folder: CrashFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what the fault says, in values it met, in the surroundings of the process."""
    monkeypatch.setenv("BROKER_SECRET", CANARY)
    path = folder.write(raised(CANARY))
    assert path is not None
    assert CANARY not in path.read_text()
    assert "correct-horse" not in path.read_text()


def test_a_fault_of_the_system_is_told_by_its_number(folder: CrashFolder) -> None:
    path = folder.write(OSError(28, CANARY, f"/home/{CANARY}"))
    assert path is not None
    assert "builtins.OSError (No space left on device)" in path.read_text()
    assert CANARY not in path.read_text()


def test_a_fault_that_comes_again_is_reported_once(folder: CrashFolder) -> None:
    for _ in range(3):
        folder.write(raised("x"))
    assert len(folder.reports()) == 1


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_AT_MOST + 3):
        at = AT + timedelta(minutes=number)
        assert CrashFolder(tmp_path, lambda at=at: at, "p", LOG).write(raised("x")) is not None
    reports = CrashFolder(tmp_path, lambda: AT, "p", LOG).reports()
    assert len(reports) == KEPT_AT_MOST
    assert reports[0].at == "2026-03-02 14:42:05 UTC"
    assert reports[-1].at == "2026-03-02 14:33:05 UTC"


def test_kept_ones_are_not_new_and_deleted_ones_are_gone(folder: CrashFolder) -> None:
    folder.write(raised("x"))
    (report,) = folder.reports()
    assert report.is_new
    folder.keep(report.path)
    (report,) = folder.reports()
    assert not report.is_new
    assert folder.keep(report.path) == report.path
    folder.delete(report.path)
    folder.delete(report.path)
    assert folder.reports() == []


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_text("a file")
    folder = CrashFolder(tmp_path, lambda: AT, "p", LOG)
    folder.watch()
    assert folder.write(raised("x")) is None
    assert folder.reports() == []
    folder.rest()


@pytest.mark.parametrize(
    ("death", "signal"), [("faulthandler._sigsegv()", -11), ("faulthandler._sigabrt()", -6)]
)
def test_a_hard_crash_is_reported_by_the_next_start(
    folder: CrashFolder, tmp_path: Path, death: str, signal: int
) -> None:
    command = [sys.executable, "-c", _CRASHES + death, str(tmp_path), CANARY]
    environment = {**os.environ, "MAIL_PASSWORD": CANARY}
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ended.returncode == signal
    assert folder.reports() == []
    folder.watch()
    (report,) = folder.reports()
    assert report.what == "The program was ended by a hard crash."
    assert report.is_new
    text = folder.text(report.path)
    assert "Fatal Python error" in text
    assert "Program: desk 0" in text
    assert CANARY not in text
    assert report.path.stat().st_mode & 0o777 == 0o600
    assert not [one for one in folder.folder.glob("running-*") if str(os.getpid()) not in one.name]


def test_one_that_was_killed_leaves_no_report_and_one_that_lives_is_let_be(
    folder: CrashFolder, tmp_path: Path
) -> None:
    lives = subprocess.Popen(
        [sys.executable, "-c", _CRASHES + "print('up', flush=True); input()", str(tmp_path), "x"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert lives.stdout is not None
        assert lives.stdout.readline() == "up\n"
        trace = tmp_path / "crashes" / f"running-{lives.pid}.trace"
        folder.watch()
        assert trace.exists()
    finally:
        lives.kill()
        lives.communicate()
    folder.rest()
    folder.watch()
    assert not trace.exists()
    assert folder.reports() == []


def test_an_end_as_it_should_be_leaves_nothing(folder: CrashFolder) -> None:
    folder.watch()
    folder.rest()
    assert list(folder.folder.iterdir()) == []
