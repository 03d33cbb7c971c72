"""Which strategies there are: those that ship, and those that a registered class writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import DefinitionRefused, parse_definition

ENTRY_POINTS = "allusedesk.strategies"


class StrategyWriter(Protocol):
    """What a class registered under `allusedesk.strategies` must offer.

    It is called without arguments, when the desk starts, and its text is treated as a file's is:
    checked, listed, and recorded whole when the strategy is switched on. One that decides by
    itself offers more (`StrategyDecider`).
    """

    def definition(self) -> str:
        """The strategy as the text of a definition."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One strategy of the catalogue: its definition, its text, and where that comes from.

    `writer` is the class behind it, None for a file.
    """

    definition: Definition
    text: str
    origin: str
    writer: Callable[[], Any] | None = None


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
    sources: list[tuple[str, object, Callable[[], Any] | None]] = [
        (origin, text, None) for origin, text in texts.items()
    ]
    for name, writer in writers:
        try:
            sources.append((f"The class {name}", writer().definition(), writer))
        except Exception as fault:  # noqa: BLE001 - code of others is isolated and told of
            faults.append(f"The class {name} gives no definition ({fault}): correct or remove it.")
    for origin, text, source in sources:
        try:
            listed = listed_of(text, origin, source)
        except DefinitionRefused as refused:
            faults.append(str(refused))
            continue
        name = listed.definition.id
        if name in found:
            other = found[name].origin
            faults.append(f"{origin} defines {name}, and so does {other}: rename one.")
            continue
        found[name] = listed
    return Catalogue(tuple(found[name] for name in sorted(found)), tuple(faults))


def listed_of(text: object, origin: str, writer: Callable[[], Any] | None = None) -> Listed:
    """A text with what it defines; raises DefinitionRefused where it is not for its origin."""
    if not isinstance(text, str):
        raise DefinitionRefused(f"{origin} gives no text: `definition()` returns TOML.")
    definition = parse_definition(text, origin)
    decides = callable(getattr(writer, "decide", None))
    if definition.decided_by_class and not decides:
        raise DefinitionRefused(
            f"{origin}: decided_by_class needs a registered class with a method `decide`."
        )
    if decides and not definition.decided_by_class:
        raise DefinitionRefused(
            f"{origin} has a method `decide` that would never be asked: its definition does not "
            "say decided_by_class = true."
        )
    return Listed(definition, text, origin, writer)


def _version(listed: Listed) -> tuple[int, ...]:
    return tuple(int(part) for part in listed.definition.version.split("."))
