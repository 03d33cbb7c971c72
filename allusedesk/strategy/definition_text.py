"""A strategy's text to its definition: strict, exact, each error naming the file and the key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import Side
from allusedesk.domain.toml_text import exact_number, read_toml, shortened
from allusedesk.domain.toml_values import (
    OwnReader,
    ValueReader,
    as_written,
    read_member,
    read_number,
    read_whole,
)
from allusedesk.strategy.definition import Band, Definition
from allusedesk.strategy.definition_check import contradictions, impossibilities

_LARGEST = Decimal(10) ** 9
_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


class DefinitionRefused(Exception):
    """A text that is no strategy; says in which file, at which key, and why."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file the reading stands, and how to complain about it."""

    origin: str
    path: str = ""

    def at(self, key: str | int) -> _Place:
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else key
        return _Place(self.origin, f"{self.path}{step}")

    def refusal(self, reason: str) -> DefinitionRefused:
        where = f"{shortened(self.path)} " if self.path else "it "
        return DefinitionRefused(f"{self.origin}: {where}{shortened(reason)}.")


def parse_definition(text: str, origin: str) -> Definition:
    """The strategy a TOML text defines, its numbers exact; `origin` names the text in refusals.

    Raises DefinitionRefused for a text that is no TOML, for a key that is unknown, missing or of
    the wrong kind, and for a definition that contradicts itself.
    """
    found = _parsed(text, origin)
    for key, reason in impossibilities(found):
        raise _Place(origin, key).refusal(reason)
    return found


def _parsed(text: str, origin: str) -> Definition:
    root = _Place(origin)
    try:
        table = read_toml(text, exact_number)
    except tomllib.TOMLDecodeError as error:
        reason = str(error).strip().rstrip(".")
        raise DefinitionRefused(f"{origin} is no TOML: {shortened(reason)}.") from error
    found: Definition = _READER.record(Definition, table, root)
    if not _NAME.fullmatch(found.name):
        raise root.at("name").refusal("must be small letters, digits and hyphens")
    if not _VERSION.fullmatch(found.version):
        raise root.at("version").refusal('must be two numbers such as "1.0"')
    for key, reason in contradictions(found):
        raise _Place(origin, key).refusal(reason)
    return found


@lru_cache(maxsize=64)
def definition_on_record(text: str) -> Definition:
    """The definition behind a text that a journal holds; raises as `parse_definition` does.

    What no market could ever fulfil is let pass: a text that was once accepted stays readable.
    """
    return _parsed(text, "The strategy's text")


def _band(value: Any, place: _Place) -> Band:  # noqa: ANN401
    band: Band = _READER.record(Band, value, place)
    if band.low > band.high:
        raise place.refusal(f"goes from {band.low} to {band.high}: low must not be above high")
    return band


def _named(kind: type[Enum]) -> OwnReader:
    """Rights and sides are written in words, not by the letters and signs of records."""
    names = {member.name.lower(): member for member in kind}
    return lambda value, place: read_member(names, value, place)


def _number(value: Any, place: _Place) -> Decimal:  # noqa: ANN401
    number = read_number(value, place)
    if isinstance(value, str) or not 0 <= number <= _LARGEST:
        raise place.refusal(f"must be a number from zero to {_LARGEST:,}, not {as_written(value)}")
    return number


def _whole(value: Any, place: _Place) -> int:  # noqa: ANN401
    _number(value, place)
    return read_whole(value, place)


_READER = ValueReader(
    {Band: _band, Right: _named(Right), Side: _named(Side), Decimal: _number, int: _whole}
)
