"""The handbook's strategy pages: one for each, and every figure of its example computed again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.strategy.definition import Definition
from tests.strategy.definitions import FOLDER, shipped
from tests.strategy.worked_examples import Row, figures_of
from tests.trading import ROOT

HANDBOOK = ROOT / "resources" / "handbook"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
OWN = [name for name in NAMES if shipped(name).protocol is None]


def page(name: str) -> str:
    return (HANDBOOK / f"strategy-{name}.md").read_text(encoding="utf-8")


def table(text: str, head: str) -> list[list[str]]:
    """The rows of the first table whose head begins so."""
    lines = text.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith(head)) + 2
    rows = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_each_strategy_has_its_page_and_each_page_its_strategy() -> None:
    pages = {path.stem.removeprefix("strategy-") for path in HANDBOOK.glob("strategy-*.md")}
    assert pages == set(NAMES)
    overview = (HANDBOOK / "strategies.md").read_text(encoding="utf-8")
    assert all(f"strategy-{name}.md" in overview for name in NAMES)


@pytest.mark.parametrize("name", OWN)
def test_the_figures_of_an_example_are_those_the_desk_computes(name: str) -> None:
    rows = [Row(*cells) for cells in table(page(name), "| leg |")]
    assert dict(table(page(name), "| figure |")) == figures_of(rows)


@pytest.mark.parametrize("name", OWN)
def test_an_example_has_the_legs_of_its_definition(name: str) -> None:
    definition: Definition = shipped(name)
    rules = {leg.name: leg for part in definition.parts for leg in part.legs}
    for cells in table(page(name), "| leg |"):
        row = Row(*cells)
        if row.kind == "shares":
            continue
        rule = rules[row.leg]
        assert (row.side, row.kind) == (rule.side.name.lower(), rule.right.name.lower())


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(OWN)))
def test_the_protocols_pages_say_what_the_rulebooks_say(name: str) -> None:
    tier = shipped(name).protocol
    assert tier is not None
    for row in table(page(name), "| rulebook |"):
        rulebook, deltas, days, entered, target = row
        text = Path(ROOT / "resources" / "rulebooks" / f"{rulebook}.toml").read_text("utf-8")
        rules = parse_rulebook(text).account(tier)
        assert deltas == f"{rules.delta.low} to {rules.delta.high}"
        assert days == f"{rules.days_to_expiry.low} to {rules.days_to_expiry.high}"
        assert entered == ", ".join(day.value for day in rules.entry_days)
        assert target == f"{float(rules.weekly_target):.1%}"
    example = re.search(r"([\d,]+) dollars at ([\d.]+)% a week are ([\d,.]+)", page(name))
    assert example is not None
    whole, part, income = (float(each.replace(",", "")) for each in example.groups())
    assert income == pytest.approx(whole * part / 100, abs=0.005)
