"""Starts the command line, from `allusedesk` and from `python -m allusedesk` alike."""

from __future__ import annotations

import sys

from allusedesk.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
