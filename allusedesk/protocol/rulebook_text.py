"""A rulebook's text to a `Rulebook`: strict, exact, each error naming the rule and the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from allusedesk.domain.toml_text import exact_number, read_toml, shortened
from allusedesk.domain.toml_values import ValueReader, read_number
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_check import contradictions
from allusedesk.protocol.rulebook_ranges import Interval

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-]+)\s*=\s*(.*)$")
_INTERVAL = re.compile(r"^([\[(])\s*(-inf|[-+]?[\d.]+)\s*,\s*(\+?inf|[-+]?[\d.]+)\s*([\])])$")
_TEXT_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*$')
_TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class RulebookRefused(Exception):
    """A text that is no rulebook; says which rule, in which line, and why."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the text the reading stands, and how to complain about it."""

    path: str
    lines: Mapping[str, int]

    def at(self, key: str | int) -> _Place:
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else key
        return _Place(f"{self.path}{step}", self.lines)

    def refusal(self, reason: str) -> RulebookRefused:
        path, line = self.path, None
        while path and line is None:
            inside = (
                n for key, n in self.lines.items() if re.match(rf"{re.escape(path)}[.\[]", key)
            )
            line = self.lines.get(path) or min(inside, default=None)
            path = re.sub(r"(^|\.)[^.\[\]]+$|\[\d+\]$", "", path)
        line = line or 1
        rule = shortened(self.path)
        return RulebookRefused(f"Rule {rule} in line {line} {shortened(reason)}.")


# A run is asked about one text several times over, by its desk, its broker and its record.
@lru_cache(maxsize=8)
def parse_rulebook(text: str) -> Rulebook:
    """The rulebook a TOML text holds, its numbers exact.

    Raises RulebookRefused for a text that is no TOML, for a key that is unknown, missing or of
    the wrong kind, and for rules that contradict each other.
    """
    try:
        table = read_toml(text, exact_number)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _TOML_PLACE.search(message)
        line = found.group(1) if found and found.group(1) else text.count("\n") + 1
        reason = _TOML_PLACE.sub("", message).strip().rstrip(".")
        raise RulebookRefused(f"The rulebook is no TOML in line {line}: {reason}.") from error
    root = _Place("", lines_of_rules(text))
    rulebook: Rulebook = _READER.record(Rulebook, table, root)
    for rule, reason in contradictions(rulebook):
        place = root
        for step in re.findall(r"[^.\[\]]+|\[\d+\]", rule):
            place = place.at(int(step[1:-1]) if step.startswith("[") else step)
        raise place.refusal(reason)
    return rulebook


def lines_of_rules(text: str) -> dict[str, int]:
    """The line of each dotted key; a key inside an array or inline table has its owner's line."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if depth == 0 and (header := _HEADER.match(line)):
            table = _indexed(header.group(2).replace(" ", ""), counts, header.group(1) == "[[")
            lines.setdefault(table, number)
            continue
        if depth == 0 and (key := _KEY.match(line)):
            lines.setdefault(f"{table}.{key.group(1)}" if table else key.group(1), number)
        bare = _TEXT_PART.sub("", line)
        depth = max(0, depth + sum(map(bare.count, "[{")) - sum(map(bare.count, "]}")))
    return lines


def _indexed(header: str, counts: dict[str, int], is_row: bool) -> str:  # noqa: FBT001
    """A header with the number of the row it stands in or begins, as in `outcomes.rows[3]`."""
    path = ""
    steps = header.split(".")
    for position, step in enumerate(steps):
        path = f"{path}.{step}" if path else step
        if is_row and position == len(steps) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path


def _interval(value: Any, place: _Place) -> Interval:  # noqa: ANN401
    found = _INTERVAL.match(value) if isinstance(value, str) else None
    if found is None:
        raise place.refusal(f'must be a range such as "(0.05, 0.15]", not {value!r}')
    left, low, high, right = found.groups()
    return Interval(
        None if low == "-inf" else read_number(low, place),
        None if high.endswith("inf") else read_number(high, place),
        left == "[",
        right == "]",
    )


_READER = ValueReader(
    {Interval: _interval}, "must be a table of rules", "is missing: the rulebook needs it"
)
