"""The lists of the import contracts against the tree, so that no room is forgotten."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.house.sources import ROOT, package_modules

# Beyond whole stages, these modules of mixed stages decide and so stand under the core's rule.
CORE_STAGES = "domain protocol market.* portfolio strategy learning risk approvals execution.*"
CORE_MODULES = re.compile(
    r"allusedesk\.(engine\.(state|step|snapshot|what_if)\w*|reports\.statement|monitoring\.alerts)"
)
DOORS = re.compile(
    r"allusedesk\.(market\.feeds\.(?!feed$|(live|alpaca|interactive_brokers)_)\w+|"
    r"market\.archive|"
    r"execution\.brokers\.(?!(broker|line|armed)$|(alpaca|interactive_brokers)_)\w+)"
)

# The sources each contract must name as soon as the room exists.
SOURCES = {
    "The engine runs without Qt": "wiring cli engine journal reports monitoring execution market",
    "SQLite stays in the journal": "desk cli wiring reports monitoring engine laboratory answers",
    "The journal knows facts, not opinions": "journal",
    "Words, rules and record need no arrays": "domain protocol journal",
    "Advice is read, never obeyed": "protocol strategy risk execution",
    "Screens show, they do not decide": "desk",
    "Vendors stay behind their doors": (
        "desk cli wiring engine journal reports monitoring laboratory answers"
    ),
}
# And what it forbids within the house.
FORBIDDEN = {
    "The journal knows facts, not opinions": (
        "market protocol portfolio strategy learning risk approvals execution"
    ),
    "Advice is read, never obeyed": "learning",
    "Screens show, they do not decide": (
        "protocol market strategy portfolio learning risk approvals execution"
    ),
}


def contracts() -> dict[str, dict[str, Any]]:
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {table["name"]: table for table in tables["contracts"]}


def built(names: str) -> list[str]:
    """Those of the names that exist, in full."""
    there = package_modules()
    return [f"allusedesk.{n}" for n in names.split() if f"allusedesk.{n.rstrip('.*')}" in there]


def test_a_layer_stands_in_parentheses_until_it_is_built() -> None:
    layers = " | ".join(contracts()["A stage imports only what lies upstream of it"]["layers"])
    for name in layers.split(" | "):
        exists = f"allusedesk.{name.strip('()')}" in package_modules()
        assert name.startswith("(") != exists, name


def test_every_room_of_the_core_is_under_its_rule() -> None:
    listed = set(contracts()["The core touches nothing outside"]["source_modules"])
    modules = {name for name in package_modules() if CORE_MODULES.fullmatch(name)}
    assert listed == {*built(CORE_STAGES), *modules}


@pytest.mark.parametrize("name", SOURCES)
def test_every_room_stands_in_the_contract_meant_for_it(name: str) -> None:
    contract = contracts().get(name)
    forbidden = built(FORBIDDEN[name]) if name in FORBIDDEN else ["(libraries)"]
    expected = built(SOURCES[name]) if forbidden else []
    assert set(contract["source_modules"] if contract else []) == set(expected)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_every_room_is_closed_to_those_who_must_not_enter(name: str) -> None:
    contract = contracts().get(name)
    expected = built(FORBIDDEN[name]) if built(SOURCES[name]) else []
    assert set(contract["forbidden_modules"] if contract else []) == set(expected)


def test_every_door_is_chosen_by_the_wiring_alone() -> None:
    doors = {name for name in package_modules() if DOORS.fullmatch(name)}
    contract = contracts().get("Only the wiring chooses a door")
    named = set(contract["protected_modules"]) if contract else set()
    assert named == ({*doors} if "allusedesk.wiring" in package_modules() else set())


def test_brokers_are_strangers_to_each_other() -> None:
    brokers = {name for name in package_modules() if DOORS.fullmatch(name) and ".brokers." in name}
    contract = contracts().get("Brokers are strangers to each other")
    assert set(contract["modules"] if contract else []) == (brokers if len(brokers) > 1 else set())
