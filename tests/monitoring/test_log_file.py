from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

from allusedesk.monitoring.log_file import RotatedFile, open_log, where

NOON = datetime(2026, 2, 11, 17, tzinfo=UTC)


def test_a_line_is_json_with_known_fields_alone(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "desk.log"
    log = open_log(path, lambda: NOON)
    log.warning("mail failed", count=3, password="hunter2", severity="x" * 500)
    (line,) = path.read_text().splitlines()
    told = json.loads(line)
    assert told == {
        "at": "2026-02-11T17:00:00+00:00",
        "level": "warning",
        "event": "mail failed",
        "count": 3,
        "severity": "x" * 200,
    }


def test_it_begins_anew_by_size_and_keeps_so_many(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "desk.log", bytes_max=100, kept=2)
    for number in range(40):
        file.write(f"line {number:02d} of a log")
    kept = sorted(one.name for one in tmp_path.iterdir())
    assert kept == ["desk.log", "desk.log.1", "desk.log.2"]
    lines = [
        line
        for name in ("desk.log.2", "desk.log.1", "desk.log")
        for line in (tmp_path / name).read_text().splitlines()
    ]
    assert lines == [f"line {number:02d} of a log" for number in range(40)][-len(lines) :]
    for name in kept:
        assert (tmp_path / name).stat().st_size <= 100
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_lines_from_many_threads_stay_whole(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "desk.log", bytes_max=2_000, kept=50)
    threads = [
        threading.Thread(target=lambda name=name: [file.write(name * 30) for _ in range(50)])
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line for one in tmp_path.iterdir() for line in one.read_text().splitlines()]
    assert len(lines) == 200
    assert all(len(line) == 30 and len(set(line)) == 1 for line in lines)
    assert file.lost == 0


def test_a_folder_that_cannot_be_written_loses_lines_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder is wanted")
    file = RotatedFile(tmp_path / "logs" / "desk.log")
    file.write("lost")
    assert file.lost == 1


def test_a_fault_is_told_by_kind_and_place() -> None:
    def fail() -> None:
        raise KeyError("secret-key-123")

    try:
        fail()
    except KeyError as fault:
        told = where(fault)
    assert told["fault"] == "KeyError"
    assert told["function"] == "fail"
    assert told["module"] == "test_log_file.py"
    assert "secret" not in str(told)
    assert where(ValueError("never raised")) == {"fault": "ValueError"}
