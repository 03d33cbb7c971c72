"""A changed rulebook: numbers replaced in a text, under a new version and a changelog line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import RulebookRefused, lines_of_rules, parse_rulebook

_VALUE = re.compile(r"^(\s*[A-Za-z0-9_]+\s*=\s*)([^#\[{]+?)(\s*(?:#.*)?)$")
_VERSION = re.compile(r'^version\s*=\s*".*"\s*$')
_CHANGELOG = re.compile(r"^(changelog\s*=\s*\[.*)\]\s*$")


def changed_text(
    text: str, changes: Sequence[tuple[str, str]], version: str, reason: str
) -> tuple[str, Rulebook]:
    """The text with each dotted rule set anew, its next version and why; and what it says.

    Raises RulebookRefused for a rule that does not stand on a line of its own, for a version that
    is not new, and for whatever the changed text would contradict.
    """
    if parse_rulebook(text).version == version:
        raise RulebookRefused(f"Version {version} is the one at hand: give the new one its own.")
    lines, places = text.splitlines(), lines_of_rules(text)
    for rule, value in changes:
        place = places.get(rule)
        found = _VALUE.match(lines[place - 1]) if place is not None else None
        if place is None or found is None:
            raise RulebookRefused(
                f"Rule {rule} does not stand on a line of its own: name one as rulebook show "
                "prints it, such as recovery.weeks."
            )
        lines[place - 1] = f"{found.group(1)}{value}{found.group(3)}"
    said = '"' + f"{version}: {reason}".replace("\\", "/").replace('"', "'") + '"'
    for number, line in enumerate(lines):
        changelog = _CHANGELOG.match(line)
        if _VERSION.match(line):
            lines[number] = f'version = "{version}"'
        elif changelog:
            lines[number] = f"{changelog.group(1)}, {said}]"
    changed = "\n".join(lines) + "\n"
    return changed, parse_rulebook(changed)
