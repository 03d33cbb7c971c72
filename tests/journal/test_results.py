from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from allusedesk.journal.results import ResultsFile, ResultsUnusable

AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def test_runs_are_kept_under_numbers_and_read_again(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "folder" / "laboratory.results")
    assert file.lines() == ()
    long = "a body, " * 10_000
    assert file.keep("backtest", AT, "one", "+1 %", "short") == 1
    assert file.keep("search", AT, "two", "-1 %", long) == 2
    again = ResultsFile(file.path)
    assert [(line.number, line.kind, line.title) for line in again.lines()] == [
        (2, "search", "two"),
        (1, "backtest", "one"),
    ]
    assert again.read(2).body == long
    assert again.read(1).body == "short"
    assert again.read(1).line.kept_at == AT
    assert file.path.stat().st_mode & 0o077 == 0
    assert file.path.stat().st_size < len(long)


def test_a_run_that_was_never_kept_is_refused_plainly(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    with pytest.raises(ResultsUnusable, match="not there yet"):
        file.read(1)
    file.keep("backtest", AT, "one", "", "")
    with pytest.raises(ResultsUnusable, match="no run 7"):
        file.read(7)


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\x00" + b"x" * 90])
def test_a_foreign_or_damaged_file_is_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "laboratory.results"
    path.write_bytes(content)
    file = ResultsFile(path)
    for act in (file.lines, lambda: file.read(1), lambda: file.keep("k", AT, "", "", "")):
        with pytest.raises(ResultsUnusable, match="left as"):
            act()
    assert path.read_bytes() == content


def test_a_file_that_was_begun_and_not_written_is_gone_on_with(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    file.path.touch()
    assert file.lines() == ()
    with pytest.raises(ResultsUnusable, match="not there yet"):
        file.read(1)
    assert file.keep("backtest", AT, "one", "", "") == 1


def test_another_programs_database_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.results"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (one)")
    before = path.read_bytes()
    with pytest.raises(ResultsUnusable, match="was left as it is"):
        ResultsFile(path).keep("backtest", AT, "", "", "")
    assert path.read_bytes() == before


def test_many_begin_a_file_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / str(number) / "laboratory.results"
        start = Barrier(6)

        def keep(path: Path = path, start: Barrier = start) -> int:
            start.wait()
            return ResultsFile(path).keep("backtest", AT, "one", "", "body")

        with ThreadPoolExecutor(6) as pool:
            numbers = [each.result() for each in [pool.submit(keep) for _ in range(6)]]
        assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
        assert len(ResultsFile(path).lines()) == 6


def test_a_later_versions_file_is_left_to_it(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    file.keep("backtest", AT, "one", "", "")
    connection = sqlite3.connect(file.path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(ResultsUnusable, match=r"later version \(9\)"):
        file.lines()


def test_a_row_that_is_no_run_is_told(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    file.keep("backtest", AT, "one", "", "x" * 5_000)
    connection = sqlite3.connect(file.path)
    connection.execute("UPDATE runs SET body = x'0102'")
    connection.commit()
    connection.close()
    assert len(file.lines()) == 1
    with pytest.raises(ResultsUnusable, match="cannot be used"):
        file.read(1)


@pytest.mark.parametrize("column", ["kept_at", "title", "headline", "kind"])
def test_a_row_that_lost_a_word_is_told(column: str, tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    number = file.keep("backtest", AT, "a title", "a headline", "{}")
    with closing(sqlite3.connect(file.path)) as spoilt:
        spoilt.execute(f"UPDATE runs SET {column} = x'00'")
        spoilt.commit()
    for ask in (file.lines, lambda: file.read(number)):
        with pytest.raises(ResultsUnusable, match="run 1 lacks its words"):
            ask()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    file = ResultsFile(tmp_path / "taken" / "laboratory.results")
    for act in (file.check, lambda: file.keep("backtest", AT, "one", "", "")):
        with pytest.raises(ResultsUnusable, match="name another folder"):
            act()


def test_what_could_be_kept_is_known_before_and_nothing_is_made(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "new" / "newer" / "laboratory.results")
    file.check()
    assert not (tmp_path / "new").exists()
    file.keep("backtest", AT, "one", "", "")
    file.check()
    file.path.write_text("no database at all")
    with pytest.raises(ResultsUnusable, match="left as"):
        file.check()
