"""The nightly count is kept across runs, and a failure stops it with its story."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests import nightly
from tests.hostile import fuzzing
from tests.hostile.fuzzing import Fuzzed
from tests.nightly import Failed, Tally, run, spoil_files


def _parts(monkeypatch: pytest.MonkeyPatch, fails_at: int = -1) -> list[str]:
    done: list[str] = []

    def part(name: str, step: int) -> object:
        def act(tally: Tally, _pool: ProcessPoolExecutor) -> None:
            if len(done) == fails_at:
                raise Failed("Seed 17: a short story of what happened.")
            done.append(name)
            setattr(tally, name, getattr(tally, name) + step)

        return act

    goals = (("seeds", 4_000, nightly.SEEDS), ("kills", 500, nightly.KILLS))
    parts = tuple((part(name, step), name, goal) for name, step, goal in goals)
    cases = (part("cases", 5_000), "cases", nightly.CASES)
    monkeypatch.setattr(nightly, "PARTS", (*parts, cases))
    return done


def test_a_run_goes_on_where_the_last_ended_until_all_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out" / "nightly.json"
    path.parent.mkdir()
    Tally(seeds=4_000, kills=1_000, cases=5_000, seconds=3_600.0).keep(path)
    done = _parts(monkeypatch)

    assert run(60.0, 1, path) == 0
    assert done == ["seeds", "cases", "seeds"]
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert (kept["seeds"], kept["kills"], kept["cases"]) == (12_000, 1_000, 10_000)
    told = capsys.readouterr().out
    assert "All is counted: 12,000 of 10,000 seeds" in told
    assert [item.name for item in path.parent.iterdir()] == ["nightly.json"]


def test_a_failure_stops_the_run_and_keeps_what_was_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nightly.json"
    _parts(monkeypatch, fails_at=2)

    assert run(60.0, 1, path) == 1
    assert "Seed 17: a short story" in capsys.readouterr().out
    assert json.loads(path.read_text(encoding="utf-8"))["kills"] == 500


def test_a_run_without_time_does_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = _parts(monkeypatch)

    assert run(0.0, 1, tmp_path / "nightly.json") == 0
    assert done == []
    assert "Next time goes on from here: 0 of 10,000 seeds" in capsys.readouterr().out


def test_each_turn_spoils_the_next_kind_of_file_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []

    def fuzz(file: str, examples: int, number: int) -> Fuzzed:
        asked.append((file, number))
        return Fuzzed(examples, "" if number < len(fuzzing.FILES) + 1 else "a fault of the reader")

    monkeypatch.setattr(fuzzing, "fuzz", fuzz)
    tally = Tally()
    with ProcessPoolExecutor(1) as pool:
        for _ in range(len(fuzzing.FILES) + 1):
            spoil_files(tally, pool)
        with pytest.raises(Failed, match="a fault of the reader"):
            spoil_files(tally, pool)

    assert [file for file, _ in asked[:-1]] == [*fuzzing.FILES, fuzzing.FILES[0]]
    assert len({number for _, number in asked}) == len(asked)
    assert tally.spoilt == 1_000 * (len(fuzzing.FILES) + 1)
    assert tally.spoilt_in[fuzzing.FILES[0]] == 2_000
