"""A rulebook with some of its numbers changed, as a trial tries it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allusedesk.laboratory.trial import Setting

_PLACES_MAX = 18


class OverrideRefused(Exception):
    """A rule that cannot be set; says which, and what to write instead."""


def overridden(text: str, overrides: Sequence[tuple[str, Setting]]) -> str:
    """The rulebook's text with each dotted rule set, such as `accounts.gen.delta.low`.

    A place in a list is its number from 0, as in `condition.effects.1.deploy_low`. The text is
    returned as it is where nothing is set. Raises OverrideRefused for a rule the text has not.
    """
    if not overrides:
        return text
    # Only a trial with other numbers needs a writer of TOML.
    import tomlkit

    document = tomlkit.parse(text)
    for rule, value in overrides:
        *steps, last = rule.split(".")
        place: Any = document
        for step in steps:
            place = _inside(place, step, rule)
        _inside(place, last, rule)
        key: str | int = int(last) if isinstance(place, list) else last
        place[key] = _written(value)
    return tomlkit.dumps(document)


def read_setting(text: str) -> Setting:
    """What a person typed as a value: true, false, a whole number, a number, or a word."""
    if text in {"true", "false"}:
        return text == "true"
    if len(text) > _PLACES_MAX * 2:
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    # No rule has so many digits, and writing them out would take for ever.
    is_plain = number.is_finite() and abs(number.adjusted()) <= _PLACES_MAX
    return number if is_plain else text


def _inside(place: Any, step: str, rule: str) -> Any:  # noqa: ANN401 - TOML holds anything
    if isinstance(place, list) and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    if isinstance(place, dict) and step in place:
        return place[step]
    raise OverrideRefused(
        f"The rulebook has no rule {rule!r} ({step!r} is not there): write its dotted name as in "
        "the rulebook's text, such as accounts.gen.delta.low."
    )


def _written(value: Setting) -> Any:  # noqa: ANN401 - TOML holds anything
    import tomlkit

    # A float of TOML is written as its digits stand, so that 0.05 stays 0.05.
    return tomlkit.value(f"{value:f}") if isinstance(value, Decimal) else value
