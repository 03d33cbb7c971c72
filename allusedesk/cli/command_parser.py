"""The parser every command is made of: an example in each help, `--json`, plain refusals."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

DONE, ANSWER_IS_NO, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

# The class is generic for type checkers only, hence the quotes.
Commands: TypeAlias = "argparse._SubParsersAction[CommandParser]"  # noqa: SLF001

_NEGATIVE = re.compile(r"-(?:\.?\d|inf|nan)", re.IGNORECASE)


class Refusal(Exception):
    """Wrong usage or bad input; the text is one plain sentence that says what to do."""


class CommandParser(argparse.ArgumentParser):
    """A parser that refuses in one sentence and shows `example` below its help."""

    def __init__(self, *args: Any, example: str = "", **keywords: Any) -> None:  # noqa: ANN401
        if example:
            keywords["epilog"] = f"example:\n  {example}"
        keywords["formatter_class"] = argparse.RawDescriptionHelpFormatter
        keywords["allow_abbrev"] = False
        super().__init__(*args, **keywords)
        # Suppressed, so that a sub-command does not undo what stood before its name.
        self.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON object and nothing else",
        )

    def error(self, message: str) -> NoReturn:
        """Refuse what was typed; raises Refusal."""
        said = message[0].upper() + message[1:].rstrip(".")
        raise Refusal(f"{said}: `{self.prog} --help` shows how to ask.")


def wants_json(options: argparse.Namespace) -> bool:
    """Tell whether the answer is for a machine."""
    return bool(getattr(options, "json", False))


def negatives_joined(arguments: Sequence[str]) -> list[str]:
    """Arguments in which `--cost -1e-2` reads `--cost=-1e-2`, since argparse sees an option."""
    joined: list[str] = []
    for argument in arguments:
        before = joined[-1] if joined else ""
        is_option = before.startswith("--") and len(before) > len("--") and "=" not in before
        if is_option and _NEGATIVE.match(argument):
            joined[-1] = f"{before}={argument}"
        else:
            joined.append(argument)
    return joined
