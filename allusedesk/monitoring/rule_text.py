"""Alert rules as TOML: read, and refused in a sentence where they could not be held."""

from __future__ import annotations

import tomllib
from typing import Any

from allusedesk.domain.alerts import Severity
from allusedesk.domain.toml_text import read_toml
from allusedesk.monitoring.alerts import AlertRule

_NUMBERS = ("limit", "clears_at", "for_seconds", "clear_seconds")
_TEXTS = ("id", "measure", "severity", "breaks", "text")


class AlertRulesRefused(ValueError):
    """Rules that cannot be held; the text says which and why."""


def parse_alert_rules(text: str) -> tuple[AlertRule, ...]:
    """The rules in a text, in its order; raises AlertRulesRefused."""
    try:
        tables = read_toml(text)["rule"]
    except (tomllib.TOMLDecodeError, KeyError) as fault:
        raise AlertRulesRefused(f"The alert rules cannot be read: {fault}.") from fault
    rules = tuple(_rule(table) for table in tables)
    ids = [rule.id for rule in rules]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise AlertRulesRefused(f"Two alert rules are called {twice[0]}: give one another id.")
    return rules


def _rule(table: dict[str, Any]) -> AlertRule:
    name = table.get("id", "without an id")
    for key in _TEXTS:
        if not isinstance(table.get(key), str):
            raise AlertRulesRefused(f"Alert rule {name} needs {key} as a text.")
    for key in _NUMBERS:
        if not isinstance(table.get(key), int | float):
            raise AlertRulesRefused(f"Alert rule {name} needs {key} as a number.")
    unknown = sorted(set(table) - {*_NUMBERS, *_TEXTS})
    if unknown:
        raise AlertRulesRefused(f"Alert rule {name} has {unknown[0]}, which says nothing here.")
    if table["breaks"] not in {"above", "below"}:
        raise AlertRulesRefused(f"Alert rule {name} breaks above or below its limit, not else.")
    try:
        rule = AlertRule(
            id=name,
            measure=table["measure"],
            severity=Severity(table["severity"]),
            limit=float(table["limit"]),
            clears_at=float(table["clears_at"]),
            is_above=table["breaks"] == "above",
            for_seconds=float(table["for_seconds"]),
            clear_seconds=float(table["clear_seconds"]),
            text=table["text"],
        )
        rule.alert("", 0.0)
    except (ValueError, KeyError, IndexError) as fault:
        raise AlertRulesRefused(f"Alert rule {name} cannot be held: {fault}.") from fault
    if rule.is_broken(rule.clears_at):
        raise AlertRulesRefused(f"Alert rule {name} would clear while its limit is broken.")
    return rule
