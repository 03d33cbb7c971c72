"""Starts the desk or the command line, from `allusedesk` and from `python -m allusedesk` alike."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Open the desk for `allusedesk desk`, or with nothing typed where there is a screen."""
    typed = sys.argv[1:]
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if typed[:1] == ["desk"] or (not typed and (has_screen or sys.platform in ("darwin", "win32"))):
        from allusedesk.desk.launch import main as open_desk

        return open_desk(typed[1:])
    from allusedesk.cli.main import main as run_command

    return run_command()


if __name__ == "__main__":
    sys.exit(main())
