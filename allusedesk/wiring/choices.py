"""What is chosen by name: a rulebook, an approval policy, the exchange's calendar."""

from __future__ import annotations

from pathlib import Path

from allusedesk.approvals.policy import APPROVE_ALL, APPROVE_NONE, Policy, parse_policy
from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.protocol.rulebook_conduct import ConductRules
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.resource_files import resource_path
from allusedesk.wiring.requests import RequestRefused

# What stands between a rulebook's name and the broker profile it is joined by.
PROFILE_SIGN = "+"
UNKNOWN_PROFILE = "unknown"


def rulebook_text(name: str) -> str:
    """The text of a rulebook that ships with the desk, or of a file in TOML.

    `classic+unknown` adds the broker profile after the plus sign to its rules. Raises
    RequestRefused where there is none.
    """
    name, plus, profile = name.partition(PROFILE_SIGN)
    if plus:
        return rulebook_text(name) + conduct_text(profile)
    if name.endswith(".toml"):
        try:
            return Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise RequestRefused(f"The rulebook {name} cannot be read ({fault}).") from fault
    folder = resource_path("rulebooks")
    shipped = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in shipped:
        raise RequestRefused(f"There is no rulebook {name!r}; there are: {', '.join(shipped)}.")
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


def conduct_text(profile: str) -> str:
    """The text of a broker profile that ships with the desk; raises RequestRefused for none."""
    folder = resource_path("conduct")
    shipped = sorted(path.stem for path in folder.glob("*.toml"))
    if profile not in shipped:
        raise RequestRefused(
            f"There is no broker profile {profile!r}; there are: {', '.join(shipped)}."
        )
    return (folder / f"{profile}.toml").read_text(encoding="utf-8")


def conduct_of(profile: str) -> ConductRules:
    """A broker profile that ships with the desk; raises RequestRefused for none."""
    rules = parse_rulebook(rulebook_text("classic") + conduct_text(profile)).conduct
    if rules is None:
        raise RequestRefused(f"The broker profile {profile!r} holds no [conduct]: restore it.")
    return rules


def exchange_calendar() -> ExchangeCalendar:
    """The calendar of the New York Stock Exchange that ships with the desk."""
    return calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))


def policy_of(approve: str) -> Policy:
    """The approval policy `all`, `none`, or that of a TOML file."""
    match approve:
        case "all":
            return APPROVE_ALL
        case "none":
            return APPROVE_NONE
    path = Path(approve)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise RequestRefused(
            f"The approval policy {approve} cannot be read ({fault}): "
            "give all, none or a TOML file."
        ) from fault
    return parse_policy(text, path.stem)
