"""`allusedesk brief`: text for a person, one object for a machine, a sentence for a wrong day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        ("morning", ["The market", "Needs you", "Overnight", "Due"]),
        ("evening", ["Done", "Result", "Open", "Next"]),
    ],
)
def test_a_brief_is_printed_and_told_to_machines(
    run: Run, journal: Path, kind: str, titles: list[str]
) -> None:
    ran = run(f"brief {kind}", journal, "--day", "2012-01-06")
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{kind.title()} brief of Fri 2012-01-06 (rehearsal)\n")
    answer = run(f"brief {kind} --json", journal, "--day", "2012-01-06").answer
    assert [part["title"] for part in answer["parts"]] == titles
    assert answer["day"] == "2012-01-06"
    assert answer["entries"]
    for part in answer["parts"]:
        for one in part["sentences"]:
            assert one["text"] in ran.out
            assert (
                "".join(each if isinstance(each, str) else each["text"] for each in one["parts"])
                == one["text"].split(" [")[0]
            )


def test_the_newest_one_is_told_where_no_day_is_named(run: Run, journal: Path) -> None:
    assert run("brief evening --json", journal).answer["day"] == "2012-01-13"


def test_a_day_without_a_session_and_a_file_that_is_none(
    run: Run, journal: Path, tmp_path: Path
) -> None:
    run("brief morning", journal, "--day", "2012-01-07").refused("no session on Sat 2012-01-07")
    run("brief morning", tmp_path / "absent").refused("absent")
    assert run("brief noon", journal).code == 2
