"""Which strategies there are: those that ship, and those that a registered class writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import DefinitionRefused, parse_definition

ENTRY_POINTS = "allusedesk.strategies"


class StrategyWriter(Protocol):
    """What a class registered under `allusedesk.strategies` must offer.

    It is called without arguments, when the desk starts, and its text is treated as a file's is:
    checked, listed, and recorded whole when the strategy is switched on.
    """

    def definition(self) -> str:
        """The strategy as the text of a definition."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One strategy of the catalogue: its definition, its text, and where that comes from."""

    definition: Definition
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every strategy that can be switched on, by name; `faults` say what could not be read."""

    strategies: tuple[Listed, ...]
    faults: tuple[str, ...] = ()

    def find(self, wanted: str) -> Listed | None:
        """The strategy of a name, or of a name and version; of several versions the latest."""
        name, _, version = wanted.partition("@")
        found = [
            one
            for one in self.strategies
            if one.definition.name == name and version in ("", one.definition.version)
        ]
        return max(found, key=_version, default=None)


def catalogue_of(
    texts: Mapping[str, str], writers: Iterable[tuple[str, Callable[[], StrategyWriter]]] = ()
) -> Catalogue:
    """The catalogue of texts by origin, and of classes by the names they are registered under.

    What cannot be read is left out and told among the faults, so that one bad definition does not
    hide the others; so is a second one of the same name and version.
    """
    found: dict[str, Listed] = {}
    faults: list[str] = []
    sources = list(texts.items())
    for name, writer in writers:
        try:
            sources.append((f"The class {name}", writer().definition()))
        except (TypeError, AttributeError, ValueError) as fault:
            faults.append(f"The class {name} gives no definition ({fault}): correct or remove it.")
    for origin, text in sources:
        try:
            definition = parse_definition(text, origin)
        except DefinitionRefused as refused:
            faults.append(str(refused))
            continue
        if definition.id in found:
            other = found[definition.id].origin
            faults.append(f"{origin} defines {definition.id}, and so does {other}: rename one.")
            continue
        found[definition.id] = Listed(definition, text, origin)
    return Catalogue(tuple(found[name] for name in sorted(found)), tuple(faults))


def _version(listed: Listed) -> tuple[int, ...]:
    return tuple(int(part) for part in listed.definition.version.split("."))
