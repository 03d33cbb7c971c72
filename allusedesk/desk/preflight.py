"""Looks whether a desk can start here at all; what keeps it is one sentence with what to do."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from allusedesk.journal.writer_lock import Writer, writer_of
from allusedesk.resource_files import resource_path

# 6.12.0 loses a reference to None in every call of a void method. Python 3.12 has an immortal
# None and does not notice; before that the process aborts within seconds.
_LOSES_NONE = (6, 12)
_HAS_IMMORTAL_NONE = (3, 12)

FONT_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")
# A record that cannot grow stops the desk, so it does not begin on the last megabytes.
BYTES_FREE_MIN = 64 * 1024 * 1024
_BYTES_IN_MB = 1_000_000

# What is imported, and what it is called where libraries are installed.
_LIBRARIES = {
    "qasync": "qasync",
    "pyqtgraph": "pyqtgraph",
    "numpy": "numpy",
    "scipy": "scipy",
    "immutables": "immutables",
    "sqlite_utils": "sqlite-utils",
    "pydantic": "pydantic",
    "tomlkit": "tomlkit",
    "platformdirs": "platformdirs",
    "keyring": "keyring",
    "argon2": "argon2-cffi",
    "structlog": "structlog",
    "prometheus_client": "prometheus_client",
    "tzdata": "tzdata",
}
# The Debian packages of what Qt wants of the system.
_SYSTEM_PACKAGES = {
    "libEGL.so": "libegl1",
    "libGL.so": "libgl1",
    "libxkbcommon.so": "libxkbcommon0",
    "libxkbcommon-x11.so": "libxkbcommon-x11-0",
    "libfontconfig.so": "libfontconfig1",
    "libdbus-1.so": "libdbus-1-3",
    "libglib-2.0.so": "libglib2.0-0",
    "libX11.so": "libx11-6",
    "libX11-xcb.so": "libx11-xcb1",
    "libxcb-cursor.so": "libxcb-cursor0",
    "libxcb-icccm.so": "libxcb-icccm4",
    "libxcb-image.so": "libxcb-image0",
    "libxcb-keysyms.so": "libxcb-keysyms1",
    "libxcb-render-util.so": "libxcb-render-util0",
    "libxcb-shape.so": "libxcb-shape0",
    "libxcb-xkb.so": "libxcb-xkb1",
}
_AGAIN = "install the desk again, or run packaging/bootstrap.sh in a checkout"


class StartRefused(Exception):
    """The desk cannot start; the text says what is wrong and what to do."""


def check_program() -> None:
    """Raise StartRefused where a library is missing, or Qt is one known to abort here."""
    missing = [name for module, name in _LIBRARIES.items() if not _is_there(module)]
    if missing:
        raise StartRefused(
            f"The desk needs {_listed(missing)}, which cannot be found here, so nothing was "
            f"started: {_AGAIN}."
        )
    check_qt()
    for name in FONT_FILES:
        try:
            resource_path("fonts", name)
        except FileNotFoundError as fault:
            raise StartRefused(
                f"The font {name} is missing, so figures could not be read: {_AGAIN}."
            ) from fault


def check_qt() -> None:
    """Raise StartRefused where Qt is missing, lacks something, or is known to abort."""
    try:
        from PySide6 import QtWidgets
        from PySide6 import __version__ as found
    except ImportError as missing:
        raise StartRefused(_of_missing_qt(str(missing))) from missing
    refuse_pair(found, sys.version_info[:2])
    # Kept from being an unused name: the import itself is what was tried.
    del QtWidgets


def refuse_pair(qt: str, python: tuple[int, int]) -> None:
    """Raise StartRefused for a Qt that loses references on a Python without immortal ones."""
    major, minor = (int(part) for part in qt.split(".")[:2])
    if (major, minor) >= _LOSES_NONE and python < _HAS_IMMORTAL_NONE:
        raise StartRefused(
            f"Qt {qt} crashes on Python {python[0]}.{python[1]} within seconds, with orders open "
            "or not: install PySide6-Essentials 6.11.3."
        )


def check_screen() -> None:
    """Raise StartRefused where Qt would abort for want of its screen; only X can be asked."""
    display = os.environ.get("DISPLAY", "")
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    is_x = display and (platform == "xcb" or not (platform or os.environ.get("WAYLAND_DISPLAY")))
    if not sys.platform.startswith("linux") or not is_x:
        return
    import PySide6

    plugin = Path(PySide6.__path__[0], "Qt", "plugins", "platforms", "libqxcb.so")
    if not plugin.exists():
        # A system's own Qt keeps it elsewhere, and knows what it needs.
        return
    try:
        ctypes.CDLL(str(plugin))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as missing:
        raise StartRefused(_of_missing_qt(str(missing))) from missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    line = ctypes.c_void_p(xcb.xcb_connect(None, None))
    is_deaf = xcb.xcb_connection_has_error(line)
    xcb.xcb_disconnect(line)
    if is_deaf:
        raise StartRefused(
            f"The screen {display} that the variable DISPLAY names does not answer, so there is "
            "nowhere to show a window: start the desk from the screen's own session, or use "
            "allusedesk run --headless."
        )


def check_folder(folder: Path, what: str) -> None:
    """Raise StartRefused where a folder cannot be made and written, or its disk is full.

    `what` says what lies there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"a trial")
            trial.flush()
        free = shutil.disk_usage(folder).free
    except OSError as fault:
        raise StartRefused(
            f"{folder} cannot be written ({fault.strerror or fault}), and {what} must lie there: "
            "make room, give yourself the right to write there, or name another folder."
        ) from fault
    if free < BYTES_FREE_MIN:
        raise StartRefused(
            f"The disk of {folder} has {free // _BYTES_IN_MB} MB left, and {what} needs "
            f"{BYTES_FREE_MIN // _BYTES_IN_MB} MB to grow: make room, then start again."
        )


def other_desk(journal: Path) -> Writer | None:
    """Who writes this journal already; None where nobody does."""
    try:
        return writer_of(journal)
    except OSError:
        # Whether it can be written is told when the desk opens it.
        return None


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _of_missing_qt(said: str) -> str:
    """What an import or a loader said, as what to install."""
    found = re.match(r"([\w.+-]+\.so[\w.]*): cannot open shared object", said)
    if found is None:
        return (
            "Qt is not installed, so the desk has no window: install PySide6-Essentials 6.11.3, "
            "or use the command line."
        )
    name = found[1]
    package = _SYSTEM_PACKAGES.get(name[: name.index(".so") + 3])
    how = f"type sudo apt install {package}" if package else "install the package that has it"
    return (
        f"The window needs {name}, which this system lacks: {how}, then start again. The command "
        "line works without it."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
