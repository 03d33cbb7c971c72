"""`allusedesk journal trust` over a rehearsal's journal, where no person decided anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_every_kind_is_shown_with_what_it_has_earned(run: Run, journal: Path) -> None:
    answer = run("journal trust --json", journal).answer
    kinds = {one["kind"]: one for one in answer["kinds"]}
    assert "entry" in kinds
    assert not {"resume", "emergency exit"} & set(kinds)
    entry = kinds["entry"]
    # A rehearsal's policy answers, and a policy is no person: nothing is earned by it.
    assert (entry["decided"], entry["score"], entry["level"]) == (0, "0.0000", "initial")
    assert entry["wanting"] == "learning: 10 more decided and a score of 0.70"
    assert answer["second_signature_above"] is None
    assert answer["reasons"] == []
    ran = run("journal trust", journal)
    assert "entry" in ran.out
    assert "Two signatures are needed never." in ran.out


def test_a_journal_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    run("journal trust", tmp_path / "absent").refused("absent")
