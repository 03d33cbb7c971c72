"""The page of rules against the code: its ids, and the answers it prints."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path

import pytest

from allusedesk.cli.main import main
from tests.protocol.examples import classic

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "resources" / "handbook" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\nallusedesk (.*?)\n```\n\nAnswers `(.*?)` by `(.*?)`", PAGE)
RULE = re.compile(r"[a-z_]+\.[a-z_]+")
# Dotted keys of the rulebook, which the check of its text names, are no rules that decide.
NOT_DECIDING = {"rulebook_check", "rulebook_text"}


def rules_in_code() -> set[str]:
    """Every text in the protocol that has the form of a rule's id."""
    found = set()
    for path in sorted((ROOT / "allusedesk" / "protocol").glob("*.py")):
        if path.stem in NOT_DECIDING:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if RULE.fullmatch(node.value) else set()
    return found


def test_every_rule_that_decides_is_on_the_page() -> None:
    named = set(re.findall(r"`([^`\n]+)`", PAGE))
    assert sorted(rules_in_code() - named) == []
    outcomes = {f"outcome.{row.code}" for row in classic().outcomes.rows}
    labels = {f"label.{row.label.lower()}" for row in classic().labels.rows}
    assert sorted((outcomes | labels) - named) == []


@pytest.mark.parametrize(("command", "verdict", "rule"), EXAMPLES)
def test_every_example_answers_as_printed(
    command: str, verdict: str, rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shlex.split(command), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["rule"]) == (verdict, rule)
    assert answer["comparisons"]


def test_the_page_shows_one_answer_of_each_question() -> None:
    asked = {shlex.split(command)[1] for command, _, _ in EXAMPLES}
    assert asked == {
        "outcome", "condition", "level", "entry", "order", "roll", "fork", "reinvest", "breaker",
    }  # fmt: skip
