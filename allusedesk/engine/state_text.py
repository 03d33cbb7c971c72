"""The engine's state as text: opening a long journal begins there and folds only the tail."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any, get_type_hints

from allusedesk.engine.state import DeskState
from allusedesk.journal.codec import read_value, write_value
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook

_FORMAT = 4
_PARSED_AGAIN = "rulebook"


class StateUnreadable(ValueError):
    """A text that is no state of this desk; the journal's entries are folded instead."""


def write_state(state: DeskState) -> str:
    """The state as one line of JSON; the rulebook stands in it as its own text."""
    hints = get_type_hints(DeskState)
    content = ",".join(
        f'"{field.name}":{write_value(hints[field.name], getattr(state, field.name))}'
        for field in fields(DeskState)
        if field.name != _PARSED_AGAIN
    )
    return f'{{"format":{_FORMAT},"state":{{{content}}}}}'


def read_state(text: str) -> DeskState:
    """The state behind a text; raises StateUnreadable where it is none of this version."""
    hints = get_type_hints(DeskState)
    try:
        outer = json.loads(text)
        content = outer["state"]
        if outer["format"] != _FORMAT:
            raise StateUnreadable(f"Format {outer['format']} of a state is not known here.")
        values: dict[str, Any] = {
            name: read_value(hints[name], item) for name, item in content.items()
        }
        rulebook = parse_rulebook(values["rulebook_text"]) if values["rulebook_text"] else None
        return replace(DeskState(rulebook=rulebook), **values)
    except (
        ValueError,
        TypeError,
        KeyError,
        ArithmeticError,
        RecursionError,
        RulebookRefused,
    ) as fault:
        raise StateUnreadable(f"The text is no state of this desk: {fault!s:.200}.") from fault
