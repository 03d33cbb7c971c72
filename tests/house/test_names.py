from __future__ import annotations

import ast
import re

import pytest

from tests.house.sources import package_modules, parsed

FORBIDDEN_TEXT = (
    "util utils helper helpers manager framework enhanced advanced comprehensive system common "
    "misc base core service handler processor data info"
)
FORBIDDEN = frozenset(FORBIDDEN_TEXT.split())


def words(name: str) -> set[str]:
    """The words between underscores, dots or capitals, in small letters."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return {word for word in re.split(r"[._]+", spaced.lower()) if word}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("market.data_feed", {"data"}),
        ("OrderManager", {"manager"}),
        ("HTTPHandler", {"handler"}),
        ("database", set()),
        ("Information", set()),
        ("score_baseline", set()),
    ],
)
def test_forbidden_words_are_found_as_whole_words(name: str, found: set[str]) -> None:
    assert words(name) & FORBIDDEN == found


def test_modules_have_names_that_say_something() -> None:
    bad = {name: words(name) & FORBIDDEN for name in package_modules()}
    assert {name: found for name, found in bad.items() if found} == {}


def test_classes_have_names_that_say_something() -> None:
    bad = [
        f"{module}.{node.name}"
        for module, path in package_modules().items()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and words(node.name) & FORBIDDEN
    ]
    assert bad == []


def test_events_and_commands_never_share_a_name() -> None:
    named: dict[str, set[str]] = {"events": set(), "commands": set()}
    for module, path in package_modules().items():
        for kind, names in named.items():
            if module.startswith(f"allusedesk.domain.{kind}"):
                names |= {n.name for n in parsed(path).body if isinstance(n, ast.ClassDef)}
    assert named["events"] & named["commands"] == set()
