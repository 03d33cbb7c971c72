"""Strategies as a screen shows and switches them: the catalogue in values, rules in words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.strategy.definition import (
    Band,
    Definition,
    EntryRule,
    ExitRule,
    LegRule,
    Part,
    SizeRule,
    Structure,
)
from allusedesk.strategy.definition_text import DefinitionRefused, definition_on_record
from allusedesk.wiring.requests import RequestRefused
from allusedesk.wiring.strategies import account_of, strategies_known


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One strategy in one version; `symbols` are empty where it trades those of its tier.

    `rules` are its parts in words, `text` the definition as it is recorded. `is_protocol` tells
    that it stands for the rulebook's own sleeve.
    """

    id: str
    title: str
    does: str
    tiers: tuple[AccountKind, ...]
    symbols: tuple[str, ...]
    rules: str
    text: str
    is_protocol: bool

    def is_made_for(self, account: AccountId) -> bool:
        """True where it may be switched on in a sleeve of that tier."""
        return kind_of(account) in self.tiers


@dataclass(frozen=True, slots=True)
class StrategyList:
    """Every strategy there is, by name; `faults` say which texts could not be read."""

    lines: tuple[StrategyLine, ...]
    faults: tuple[str, ...]


def strategies_listed(switched: Sequence[StrategySwitched]) -> StrategyList:
    """The catalogue, and what is on in the desk: by its text on record, whatever files say now."""
    known = strategies_known()
    found = {one.definition.id: _line(one.definition, one.text) for one in known.strategies}
    for one in switched:
        with suppress(DefinitionRefused):
            found[one.strategy] = _line(definition_on_record(one.text), one.text)
    return StrategyList(tuple(found[name] for name in sorted(found)), known.faults)


def switch_of(
    line: StrategyLine, account: AccountId, operator: str, reason: str, *, is_on: bool
) -> StrategySwitched:
    """The switch that a person asks for; raises RequestRefused where the sleeve does not fit."""
    if is_on:
        try:
            account_of(definition_on_record(line.text), str(account))
        except DefinitionRefused as refused:
            raise RequestRefused(str(refused)) from refused
    return StrategySwitched(account, line.id, line.text, is_on, operator, reason)


def _line(definition: Definition, text: str) -> StrategyLine:
    return StrategyLine(
        definition.id,
        definition.title,
        definition.summary,
        definition.tiers,
        definition.symbols,
        rules_in_words(definition),
        text,
        definition.protocol is not None,
    )


def rules_in_words(definition: Definition) -> str:
    """A definition's parts, one paragraph each; deltas are x 100, days are calendar days."""
    if definition.protocol is not None:
        return (
            f"It stands for the rulebook in the tier {definition.protocol.value}: while it is on, "
            "the rulebook opens there as ever, also beside other strategies."
        )
    looks = ", ".join(_clock(one) for one in definition.looks)
    paragraphs = [f"Looks at {looks}, New York time."]
    if definition.decided_by_class:
        paragraphs.append("Opens what its class asks for at each look, and nothing else.")
    paragraphs += [_part(part) for part in definition.parts]
    paragraphs.append(f"Versions: {' '.join(definition.changelog)}")
    return "\n\n".join(paragraphs)


def _clock(one: time) -> str:
    return f"{one:%H:%M}"


def _part(part: Part) -> str:
    lines = [f"{part.name.capitalize()}: {part.structure.value}."]
    lines += [f"  {_leg(leg)}" for leg in part.legs]
    lines.append(f"  Opens {_entry(part.entry)}.")
    lines.append(f"  Ends {_exit(part.exit)}.")
    lines.append(f"  Size: {_size(part.size, part.structure)}.")
    return "\n".join(lines)


def _leg(leg: LegRule) -> str:
    found = [f"{leg.side.name.capitalize()} a {leg.right.name.lower()} ({leg.name})"]
    if leg.days is not None:
        found.append(f"{leg.days} days to expiry")
    if leg.delta is not None:
        found.append(f"delta {leg.delta}")
    if leg.away is not None:
        found.append(f"{_percents(leg.away)} out of the money")
    if leg.width is not None:
        found.append(f"{_percents(leg.width)} of the spot beyond the leg before")
    return f"{', '.join(found)}."


def _entry(rule: EntryRule) -> str:
    found = [f"on {', '.join(day.value for day in rule.weekdays)}" if rule.weekdays else "any day"]
    if rule.vix is not None:
        found.append(f"VIX {rule.vix}")
    if rule.trend is not None:
        found.append(f"price {rule.trend.value} its 50-session average")
    if rule.clear_of_earnings:
        found.append("no earnings before the first expiry")
    if rule.above_basis:
        found.append("struck at what the shares cost or above")
    if rule.credit_min is not None:
        found.append(f"credit at least {_percent(rule.credit_min)} of the distance at risk")
    found.append(f"at most {rule.open_max} open in a symbol")
    if rule.days_apart:
        found.append(f"at least {rule.days_apart} days apart")
    return ", ".join(found)


def _exit(rule: ExitRule) -> str:
    found = []
    if rule.profit is not None:
        found.append(f"at a profit of {_percent(rule.profit)} of what it opened for")
    if rule.loss is not None:
        found.append(f"at a loss of {_percent(rule.loss)} of it")
    if rule.days_left is not None:
        found.append(f"{rule.days_left} days before its first expiry")
    if rule.delta is not None:
        found.append(f"when its delta leaves {rule.delta}")
    return ", or ".join(found) or "by no rule of its own"


def _size(rule: SizeRule, structure: Structure) -> str:
    is_on_others = structure in (Structure.COVERED_CALL, Structure.CALL_ON_CALL)
    of_what = "what it is written on" if is_on_others else "the sleeve's equity"
    return f"{_percent(rule.share)} of {of_what} each time, at most {rule.units_max:,} units"


def _percents(band: Band) -> str:
    return f"{_percent(band.low)} to {_percent(band.high)}"


def _percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f} %"
