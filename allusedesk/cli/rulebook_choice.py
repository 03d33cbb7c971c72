"""Rulebooks by name or by file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from allusedesk.cli.command_parser import Refusal
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from allusedesk.resource_files import resource_path


def rulebooks_shipped() -> dict[str, Path]:
    """The file of every rulebook that ships with the desk, by its name."""
    return {path.stem: path for path in sorted(resource_path("rulebooks").glob("*.toml"))}


def rulebook_chosen(name: str) -> Rulebook:
    """A shipped rulebook by its name or its id. Raises Refusal with what there is."""
    wanted, _, version = name.partition("@")
    shipped = rulebooks_shipped()
    if wanted in shipped:
        rulebook = parse_rulebook(text_of(shipped[wanted]))
        if version in ("", rulebook.version):
            return rulebook
        raise Refusal(f"There is no {name}: this desk has {rulebook.id}.")
    raise Refusal(f"There is no rulebook {name!r}: this desk has {', '.join(shipped)}.")


def rulebook_read(name_or_file: str) -> tuple[Rulebook, str]:
    """A rulebook and its text, shipped or from a file.

    Raises Refusal where there is none, RulebookRefused where the text is none.
    """
    path = Path(name_or_file)
    if path.suffix == ".toml" or path.is_file():
        text = text_of(path)
        try:
            return parse_rulebook(text), text
        except RulebookRefused as refusal:
            raise RulebookRefused(f"{path}: {refusal}") from refusal
    rulebook = rulebook_chosen(name_or_file)
    return rulebook, text_of(rulebooks_shipped()[rulebook.name])


def rulebook_for(name_or_file: str, capital: Decimal) -> tuple[str, Rulebook]:
    """The rulebook a desk or a trial of this capital begins with, and what it is asked for by.

    That is the file, or the name without its version. Raises Refusal, also for a capital below
    the rulebook's least.
    """
    if name_or_file.endswith(".toml"):
        try:
            named, rulebook = name_or_file, rulebook_read(name_or_file)[0]
        except RulebookRefused as refusal:
            raise Refusal(str(refusal)) from refusal
    else:
        rulebook = rulebook_chosen(name_or_file)
        named = rulebook.name
    least = rulebook.capital.start_min
    if capital < least:
        raise Refusal(f"The smallest start capital is {least}: raise --capital {capital}.")
    return named, rulebook


def text_of(path: Path) -> str:
    """The text of a file. Raises Refusal."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is no text in UTF-8: name a rulebook in TOML.") from error
    except OSError as error:
        raise Refusal(f"{path} cannot be read ({error.strerror}): check the path.") from error
