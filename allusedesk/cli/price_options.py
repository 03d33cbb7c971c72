"""The option that names where prices come from."""

from __future__ import annotations

from pathlib import Path

from allusedesk.cli.command_parser import CommandParser


def add_prices(command: CommandParser, what: str, *, is_required: bool = False) -> None:
    """Add `--data PATH`, several times where several are wanted; none is an empty list."""
    command.add_argument(
        "--data",
        action="append",
        type=Path,
        required=is_required,
        default=None if is_required else [],
        metavar="PATH",
        help=f"{what}; may stand several times",
    )
