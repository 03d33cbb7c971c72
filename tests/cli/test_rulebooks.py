from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allusedesk.resource_files import resource_path

Run = Callable[..., Any]


@pytest.fixture
def classic() -> str:
    return resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")


def test_classic_is_listed(run: Run) -> None:
    listed = run("rulebook list --json").answer["rulebooks"]
    assert "classic@1.0" in [row["id"] for row in listed]
    assert "classic@1.0" in run("rulebook list").out


def test_a_rulebook_is_shown_as_written_and_as_values(run: Run, classic: str) -> None:
    assert run("rulebook show classic").out == classic
    rules = run("rulebook show classic --json").answer["rules"]
    assert rules["accounts"]["gen"]["delta"] == {"low": "40", "high": "50"}
    run("rulebook show absent").refused("absent", "classic")


def test_a_sound_rulebook_passes(run: Run) -> None:
    ran = run("rulebook check", resource_path("rulebooks", "classic.toml"))
    assert (ran.code, ran.out) == (0, "classic@1.0 is a sound rulebook.\n")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("volume_min = 100", 'volume_min = "many"', "orders.volume_min"),
        ("volume_min = 100", "volume_max = 100", "orders.volume_max"),
        ("[orders]", "[orders", "line"),
        ("capital_share = 0.40", "capital_share = 0.50", "accounts"),
    ],
)
def test_a_bad_rulebook_is_a_no_with_rule_and_line(
    run: Run, tmp_path: Path, classic: str, before: str, after: str, words: str
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(classic.replace(before, after, 1))
    ran = run("rulebook check", bad)
    assert (ran.code, ran.err) == (1, "")
    assert words in ran.out
    assert "line" in ran.out
    assert "bad.toml" in ran.out
    assert run("rulebook check --json", bad).answer["passed"] is False
    run("rulebook show", bad).refused("bad.toml")


def test_a_file_that_cannot_be_read_is_refused(run: Run, tmp_path: Path) -> None:
    run("rulebook check", tmp_path / "absent.toml").refused("absent.toml")
    picture = tmp_path / "picture.toml"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    run("rulebook check", picture).refused("picture.toml")


def test_differences_are_named_by_rule(run: Run, tmp_path: Path, classic: str) -> None:
    other = tmp_path / "other.toml"
    changed = classic.replace('version = "1.0"', 'version = "1.1"', 1)
    changed = changed.replace("volume_min = 100", "volume_min = 150", 1)
    changed = changed.replace('symbols = ["TSLA", "NVDA"]', 'symbols = ["TSLA"]', 1)
    other.write_text(changed)
    found = run("rulebook diff --json classic", other).answer["differences"]
    assert {row["rule"]: (row["a"], row["b"]) for row in found} == {
        "version": ("1.0", "1.1"),
        "accounts.gen.symbols": ("TSLA, NVDA", "TSLA"),
        "orders.volume_min": ("100", "150"),
    }
    assert "orders.volume_min" in run("rulebook diff classic", other).out


def test_rows_that_only_one_has_are_differences(run: Run, tmp_path: Path, classic: str) -> None:
    other = tmp_path / "other.toml"
    row = '[[labels.rows]]\nlabel = "Roll"\nfacts = ["roll"]\n'
    assert row in classic
    other.write_text(classic.replace(row, "", 1))
    found = run("rulebook diff --json classic", other).answer["differences"]
    assert ("-" in {row["b"] for row in found}) is True


def test_a_rulebook_says_the_same_as_itself(run: Run) -> None:
    assert "the same" in run("rulebook diff classic classic").out
