"""What the command line needs of a screen; whoever starts the program hands it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from allusedesk.wiring.requests import DeskRequest


class Screens(Protocol):
    """The desk's window, as far as a command opens or pictures it."""

    def open_desk(self, request: DeskRequest) -> int:
        """Open the desk and return its exit code once it was closed."""
        ...

    def picture_window(self, out: Path) -> list[Path]:
        """Picture the window of a desk over the sample weeks; returns the files."""
        ...
