from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli import check
from tests.doors.servers.tws import TwsServer

Run = Callable[..., Any]


def test_a_sound_desk_is_well(run: Run, journal: Path) -> None:
    ran = run("check --json --journal", journal)
    assert ran.code == 0, ran.out
    names = [row["name"] for row in ran.answer["checks"]]
    assert names[:3] == ["Python", "libraries", "time zone"]
    assert f"journal {journal}" in names
    assert all(row["sentence"].endswith(".") for row in ran.answer["checks"])


def test_an_absent_journal_makes_it_unwell(run: Run, tmp_path: Path) -> None:
    ran = run("check --journal", tmp_path / "absent")
    assert ran.code == 1
    assert "BAD" in ran.out
    assert "no journal at" in ran.out


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("_LIBRARIES", ("numpy", "no-such-library"), "no-such-library"),
        ("_PYTHON_FIRST", (9, 9), "3.11 to 3.13"),
    ],
)
def test_what_is_missing_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: object, finding: str
) -> None:
    monkeypatch.setattr(check, name, value)
    ran = run("check")
    assert ran.code == 1
    assert finding in ran.out


def test_what_is_connected_is_reached_and_what_does_not_answer_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    with TwsServer() as server:
        here = f'host = "127.0.0.1"\nname = "interactive_brokers"\nport = {server.port}\n'
        (tmp_path / "settings.toml").write_text(f"[broker]\n{here}[feed]\n{here}")
        found = {one["name"]: one for one in run("check --json").answer["checks"]}
        assert found["connections"]["passed"]
        assert "DU1234567, a practice account" in found["connections"]["sentence"]
    ran = run("check --json")
    assert ran.code == 1
    [broken] = [one for one in ran.answer["checks"] if not one["passed"]]
    assert broken["name"] == "connections"
    assert "Nothing listens" in broken["sentence"]
