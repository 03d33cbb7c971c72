"""Starts the desk or the command line, from `allusedesk` and from `python -m allusedesk` alike."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.main import main as run_command

if TYPE_CHECKING:
    from allusedesk.wiring.requests import DeskRequest


_OTHERS_MAY_NOTHING = 0o077
# What BSD's sysexits calls a fault within a program.
FAILED = 70


class Window:
    """The desk's window, imported when it is wanted: the command line goes without Qt."""

    def open_desk(self, request: DeskRequest) -> int:
        from allusedesk.desk.launch import open_desk

        return open_desk(request)

    def picture_window(self, out: Path) -> list[Path]:
        from allusedesk.desk.window_pictures import make_pictures

        return make_pictures(out, every_panel=False)


def main() -> int:
    """Run what was typed; with nothing typed and a screen to show it on, open the desk.

    Whatever is written from here on, by us or by a library, is its owner's alone.
    """
    os.umask(_OTHERS_MAY_NOTHING)
    typed = sys.argv[1:]
    has_screen = sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    try:
        return run_command(typed or (["desk"] if has_screen else []), Window())
    except Exception as fault:  # noqa: BLE001 - the border of the program: kept and told
        sys.stderr.write(f"{_kept(fault)}\n")
        return FAILED


def _kept(fault: Exception) -> str:
    """What to say of a fault that nobody foresaw, after it was kept as a report."""
    from allusedesk.settings import desk_home
    from allusedesk.wiring.crash_watch import crash_folder

    path = crash_folder(desk_home()).write(fault)
    where = "No report of it could be kept" if path is None else f"A report is in {path}"
    return (
        f"allusedesk: it failed where it should not ({type(fault).__name__}). {where}, and nothing "
        "was sent anywhere; try again, and show the report to whoever helps you."
    )


if __name__ == "__main__":
    sys.exit(main())
