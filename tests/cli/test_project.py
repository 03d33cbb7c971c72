from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_the_years_are_those_of_the_protocol(run: Run) -> None:
    answer = run("project --model original --capital 300000 --years 5 --json").answer
    assert [row["year"] for row in answer["years"]] == [1, 2, 3, 4, 5]
    last = answer["years"][-1]
    figures = {name: last[name] for name in ("gen", "rev", "com", "forks", "total")}
    assert figures == {
        "gen": "138239.26",
        "rev": "1051687.14",
        "com": "308550.58",
        "forks": "2181053.99",
        "total": "3679530.97",
    }
    assert last["forks_active"] == 29
    assert answer["qualifier"] == "target"


def test_a_person_is_told_that_it_is_no_promise(run: Run) -> None:
    ran = run("project --model original --capital 300000 --years 1")
    assert "503,893.35" in ran.out
    assert "not a promise" in ran.out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--model original --capital 9999.99 --years 1", "10000"),
        ("--model original --capital 300000 --years 0", "--years"),
        ("--model original --capital 300000 --years 1.5", "1.5"),
        ("--model original --capital 300000 --years 1000", "40"),
        ("--model original --capital nan --years 1", "nan"),
        ("--model original --capital 300000", "--years"),
        ("--model dreamt --capital 300000 --years 1", "dreamt"),
        ("--model original --capital 300000 --years 1 --rulebook absent", "absent"),
    ],
)
def test_what_cannot_be_projected_is_refused(run: Run, options: str, word: str) -> None:
    run(f"project {options}").refused(word)
