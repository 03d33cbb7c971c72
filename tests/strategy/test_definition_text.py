"""Definitions read: those that ship, and what is refused with the file and the key."""

from __future__ import annotations

import contextlib
import string
from dataclasses import fields, is_dataclass
from datetime import time
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import Side
from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import (
    DefinitionRefused,
    definition_on_record,
    parse_definition,
)
from tests.strategy.definitions import FOLDER, shipped

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
SPREAD = (FOLDER / "put-credit-spread.toml").read_text(encoding="utf-8")


def written(value: Any) -> str:
    """A value as TOML, so that what was read can be read again."""
    match value:
        case Right() | Side():
            return f'"{value.name.lower()}"'
        case Enum():
            return f'"{value.value}"'
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case time():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(written(each) for each in value)}]"
    assert is_dataclass(value)
    rows = [(one.name, getattr(value, one.name)) for one in fields(value)]
    inner = ", ".join(f"{name} = {written(item)}" for name, item in rows if item is not None)
    return f"{{ {inner} }}"


def as_text(definition: Definition) -> str:
    rows = [(one.name, getattr(definition, one.name)) for one in fields(definition)]
    return "\n".join(f"{name} = {written(item)}" for name, item in rows if item is not None)


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_that_ships_is_read_and_survives_its_own_text(name: str) -> None:
    definition = shipped(name)
    assert definition.name == name
    assert parse_definition(as_text(definition), "again") == definition


def test_ten_strategies_and_more_ship() -> None:
    assert len(NAMES) == 12
    assert {name for name in NAMES if shipped(name).protocol is not None} == {
        "protocol-gen",
        "protocol-rev",
        "protocol-com",
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("profit = 0.50", "profitt = 0.50", "parts[0].exit.profitt is unknown"),
        ("profit = 0.50", 'profit = "half"', "parts[0].exit.profit must be a number"),
        ("profit = 0.50", "profit = -1", "from zero to"),
        ("profit = 0.50", "profit = nan", "a finite number"),
        ('version = "1.0"', 'version = "new"', 'version must be two numbers such as "1.0"'),
        ('name = "put-credit-spread"', 'name = "Put Spread"', "name must be small letters"),
        ('tiers = ["gen", "rev", "com"]', "tiers = []", "tiers must name a tier"),
        ('"SPY"', '"spy.."', "symbols holds 'spy..', which is no symbol"),
        ("low = 28, high = 48", "low = 48, high = 28", "low must not be above high"),
        ("days_left = 14", "", "closed before its expiry"),
        ('right = "put"\nwidth', 'right = "call"\nwidth', "legs must be sell put, buy put or"),
        ("width = { low = 0.02", "delta = { low = 0.02", "width is missing"),
        ("delta = { low = 22", "away = { low = 0.1, high = 0.2 }\ndelta = { low = 22", "one of"),
        ("share = 0.05", "share = 2", "size.share must lie above zero and not above one"),
        ("units_max = 10", "units_max = 0", "size.units_max must be one at least"),
        ("units_max = 10", "units_max = 1.5", "must be a whole number"),
        ('structure = "credit spread"', 'structure = "straddle"', "must be one of shares, "),
        ("looks = [10:15:00, 15:30:00]", "looks = []", "looks is empty"),
        ("looks = [10:15:00, 15:30:00]", "looks = [10]", "must be a time of day"),
        ("[[parts.legs]]", "[parts.legs]", "a.toml is no TOML"),
        ('summary = "Sells', 'summary = ["Sells', "a.toml is no TOML"),
        ('["SPY"]', '["SPY", "QQQ", "SPY"]', "symbols names a symbol twice"),
        ("low = 22, high = 32", "low = 0, high = 0", "a delta is quoted from 0 to 100"),
        ("low = 22, high = 32", "low = 22, high = 101", "legs[0].delta is 22 to 101"),
        ("low = 28, high = 48", "low = 28, high = 5000", "no option lives that long"),
        ("10:15:00", "09:30:00", "looks[0] is 09:30:00, when no market is open"),
        ("15:30:00", "16:00:00", "looks[1] is 16:00:00, when no market is open"),
        ("profit = 0.50", "profit = 0", "leave at once what it opened"),
        ("loss = 2.00", "loss = 0", "exit.loss must lie above zero"),
        ("days_left = 14", "days_left = 28", "exit.days_left is 28 and what is opened may have 28"),
        ('title = "Put', 'title = "\\u001b[31mPut', "title and what else is told of it"),
        ('changelog = ["1.0:', 'changelog = ["1.0:\\n', "plain text without control signs"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_key(old: str, new: str, said: str) -> None:
    assert old in SPREAD
    with pytest.raises(DefinitionRefused) as refused:
        parse_definition(SPREAD.replace(old, new, 1), "a.toml")
    sentence = str(refused.value)
    assert sentence.startswith("a.toml")
    assert said in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_what_was_once_recorded_stays_readable_though_no_market_could_fulfil_it() -> None:
    text = SPREAD.replace("15:30:00", "16:00:00")
    with pytest.raises(DefinitionRefused, match="when no market is open"):
        parse_definition(text, "a.toml")
    assert definition_on_record(text).looks == (time(10, 15), time(16))


def test_calls_need_something_to_be_written_on() -> None:
    wheel = (FOLDER / "wheel.toml").read_text(encoding="utf-8")
    calls_alone = wheel[: wheel.index("[[parts]]")] + wheel[wheel.rindex("[[parts]]") :]
    with pytest.raises(DefinitionRefused, match="needs shares, which no other part buys"):
        parse_definition(calls_alone, "calls.toml")
    diagonal = (FOLDER / "diagonal.toml").read_text(encoding="utf-8")
    shorts = diagonal[: diagonal.index("[[parts]]")] + diagonal[diagonal.rindex("[[parts]]") :]
    with pytest.raises(DefinitionRefused, match="needs a long call"):
        parse_definition(shorts, "shorts.toml")


def test_the_protocol_has_no_parts_and_its_own_tier() -> None:
    text = (FOLDER / "protocol-gen.toml").read_text(encoding="utf-8")
    with pytest.raises(DefinitionRefused, match="must be the tier that protocol names"):
        parse_definition(text.replace('tiers = ["gen"]', 'tiers = ["rev"]'), "p.toml")


@given(some.text(alphabet=string.printable, max_size=60), some.integers(0, len(SPREAD)))
def test_garbage_is_refused_and_nothing_else_happens(garbage: str, place: int) -> None:
    text = SPREAD[:place] + garbage + SPREAD[place:]
    said = ""
    with contextlib.suppress(DefinitionRefused):
        said = parse_definition(text, "g.toml").id
    assert not said or "@" in said
