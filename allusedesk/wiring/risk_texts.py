"""Scenarios, edges and other risk settings that ship with the desk, or that a person wrote."""

from __future__ import annotations

from pathlib import Path

from allusedesk.resource_files import resource_path
from allusedesk.risk.edges import Edges, read_edges
from allusedesk.risk.scenarios import MarketScenario, ScenariosRefused, read_scenarios
from allusedesk.settings import desk_home
from allusedesk.wiring.requests import RequestRefused


def scenarios_shipped() -> tuple[MarketScenario, ...]:
    """The scenarios of history."""
    path = resource_path("scenarios", "history.toml")
    return read_scenarios(path.read_text(encoding="utf-8"), path.name)


def scenarios_of(path: Path) -> tuple[MarketScenario, ...]:
    """A person's own scenarios.

    Raises RequestRefused for a file that cannot be read, and ScenariosRefused where one has the
    name of a day of history.
    """
    found = read_scenarios(_text(path), str(path))
    taken = {one.id for one in scenarios_shipped()}
    clash = next((one.id for one in found if one.id in taken), None)
    if clash is not None:
        raise ScenariosRefused(f"{path}: {clash!r} is the id of a day of history: choose another.")
    return found


def scenarios_for_screens() -> tuple[tuple[MarketScenario, ...], str]:
    """Those of history and the person's own, from `scenarios.toml` beside the settings.

    A file that cannot be read is left out, and the sentence says why; else it is empty.
    """
    shipped, own = scenarios_shipped(), desk_home() / "scenarios.toml"
    if not own.is_file():
        return shipped, ""
    try:
        return (*shipped, *scenarios_of(own)), ""
    except (RequestRefused, ScenariosRefused) as refusal:
        return shipped, str(refusal)


def edges_shipped() -> tuple[Edges, ...]:
    """The soft and hard edges of what the desk measures."""
    path = resource_path("risk_limits", "standard.toml")
    return read_edges(path.read_text(encoding="utf-8"), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise RequestRefused(f"{path} holds no text: name a TOML file.") from fault
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise RequestRefused(f"{path} cannot be read ({why}): name a TOML file.") from fault
