"""Refuses a pair of Qt and Python known to crash, in words an operator understands."""

from __future__ import annotations

import sys

# 6.12.0 loses a reference to None in every call of a void method. Python 3.12 has an immortal
# None and does not notice; before that the process aborts within seconds.
_LOSES_NONE = (6, 12)
_HAS_IMMORTAL_NONE = (3, 12)


class QtRefused(Exception):
    """Qt is missing or would crash; the text says what to install."""


def check_qt() -> None:
    """Raise QtRefused where Qt is missing or this pair of Qt and Python is known to abort."""
    try:
        from PySide6 import __version__ as found
    except ImportError as missing:
        raise QtRefused(
            "Qt is not installed, so the desk has no window: install PySide6-Essentials 6.11.3, "
            "or use the command line."
        ) from missing
    refuse_pair(found, sys.version_info[:2])


def refuse_pair(qt: str, python: tuple[int, int]) -> None:
    """Raise QtRefused for a Qt that loses references on a Python without immortal ones."""
    major, minor = (int(part) for part in qt.split(".")[:2])
    if (major, minor) >= _LOSES_NONE and python < _HAS_IMMORTAL_NONE:
        raise QtRefused(
            f"Qt {qt} crashes on Python {python[0]}.{python[1]} within seconds, with orders open "
            "or not: install PySide6-Essentials 6.11.3."
        )
