"""Layouts as documents: named, versioned, undone and redone, and never lost to damage."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QTimer

from allusedesk.desk.main_window import MainWindow
from allusedesk.domain.toml_text import shortened
from allusedesk.settings import set_aside, write_whole

LAYOUT_VERSION = 1
LAST = "last"
_NAME = re.compile(r"[\w][\w .-]{0,39}")
_CHANGED_MILLISECONDS = 400
_STEPS_MAX = 50


class LayoutRefused(Exception):
    """A layout that cannot be used; the text says why and what is shown instead."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement of the window: Qt's own state, and what each panel keeps.

    A layout of an earlier version is brought up to date when it is read; one of a later version
    is refused.
    """

    name: str
    geometry: str
    state: str
    visible: tuple[str, ...]
    panels: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = LAYOUT_VERSION


class LayoutFolder:
    """The layouts kept in a folder, one plain file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> tuple[str, ...]:
        """The names of all layouts but the one kept for a crash, in alphabetical order."""
        found = sorted(file.stem for file in self.folder.glob("*.json"))
        return tuple(name for name in found if name != LAST)

    def write(self, layout: Layout) -> None:
        """Keep a layout under its name. Raises LayoutRefused for a name that is none."""
        if not _NAME.fullmatch(layout.name):
            raise LayoutRefused(
                f"{layout.name!r} is no name for a layout: use letters, digits, blanks and dashes, "
                "forty at most."
            )
        file = self._file(layout.name)
        if _is_later(file):
            # A later desk made it: this one keeps its own beside it and loses nothing of it.
            set_aside(file)
        write_whole(file, json.dumps(asdict(layout), indent=1))

    def read(self, name: str) -> Layout | None:
        """The layout of that name; None where there is none.

        A damaged one is set aside and refused, one of a later desk refused and left alone until
        another takes its name.
        """
        file = self._file(name)
        try:
            table = json.loads(file.read_text(encoding="utf-8"))
            version = table["version"]
            if type(version) is int and version > LAYOUT_VERSION:
                raise LayoutRefused(
                    f"The layout {name} was made by a later desk, so the first layout is shown: "
                    "update this desk to use it."
                )
            return Layout(
                name=name,
                geometry=_hex(table["geometry"]),
                state=_hex(table["state"]),
                visible=tuple(str(one) for one in table["visible"]),
                panels={str(one): dict(kept) for one, kept in table["panels"].items()},
            )
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise LayoutRefused(
                f"The layout {name} cannot be read from {self.folder} ({fault.strerror or fault}): "
                "the first layout is shown. Check the folder's rights."
            ) from fault
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
            aside = set_aside(file)
            where = f"now lies in {aside.name}" if aside.exists() else "stays where it is"
            raise LayoutRefused(
                f"The layout {name} is damaged ({shortened(repr(fault))}) and {where}; the first "
                "layout is shown instead."
            ) from fault

    def remove(self, name: str) -> None:
        """Forget a layout; one that is not there is no error."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class LayoutBook(QObject):
    """The layout of one window: taken, put back, and stepped through backwards and forwards."""

    def __init__(self, window: MainWindow, folder: LayoutFolder) -> None:
        super().__init__(window)
        self.window = window
        self.folder = folder
        self._done: list[Layout] = []
        self._undone: list[Layout] = []
        self._is_putting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHANGED_MILLISECONDS)
        self._timer.timeout.connect(self.note)
        for frame in window.frames.values():
            frame.dockLocationChanged.connect(self._on_change)
            frame.visibilityChanged.connect(self._on_change)
            frame.topLevelChanged.connect(self._on_change)
        window.closing.connect(self.rest)

    def taken(self, name: str = LAST) -> Layout:
        """The window's arrangement as it stands."""
        window = self.window
        return Layout(
            name=name,
            geometry=bytes(window.saveGeometry().data()).hex(),
            state=bytes(window.saveState(LAYOUT_VERSION).data()).hex(),
            visible=tuple(
                name for name, frame in sorted(window.frames.items()) if not frame.isHidden()
            ),
            panels={
                **window.kept,
                **{name: dock.kept() for name, dock in sorted(window.docks.items())},
            },
        )

    def put(self, layout: Layout) -> None:
        """Arrange the window so. Raises LayoutRefused where Qt will not have it.

        Panels that the layout does not know, being newer, keep their first place.
        """
        window = self.window
        self._is_putting = True
        try:
            state = QByteArray(bytes.fromhex(layout.state))
            if not window.restoreState(state, LAYOUT_VERSION):
                window.arrange()
                raise LayoutRefused(
                    f"The layout {layout.name} does not fit this desk, so the first layout is "
                    "shown: arrange the panels and save it again."
                )
            if layout.geometry:
                window.restoreGeometry(QByteArray(bytes.fromhex(layout.geometry)))
            window.kept = dict(layout.panels)
            for name in layout.panels.keys() & window.docks.keys():
                window.docks[name].restore(layout.panels[name])
        finally:
            self._is_putting = False

    def note(self) -> None:
        """Take the arrangement as a step that can be undone, and keep it in case of a crash."""
        layout = self.taken()
        if self._done and _same(self._done[-1], layout):
            return
        self._done.append(layout)
        del self._done[:-_STEPS_MAX]
        self._undone.clear()
        try:
            self.folder.write(layout)
        except OSError as fault:
            self.window.context.notices.warn(
                f"The layout could not be kept in {self.folder.folder} "
                f"({fault.strerror or fault}): it holds until the desk is closed. Make room or "
                "check the folder's rights."
            )

    def undo(self) -> bool:
        """Go back one step; False where there is none."""
        if len(self._done) < 2:
            return False
        self._undone.append(self._done.pop())
        self.put(self._done[-1])
        return True

    def redo(self) -> bool:
        """Take back the last undoing; False where there is none."""
        if not self._undone:
            return False
        self._done.append(self._undone.pop())
        self.put(self._done[-1])
        return True

    def restore(self, name: str) -> bool:
        """Put the layout of that name; False where there is none. Raises LayoutRefused."""
        layout = self.folder.read(name)
        if layout is None:
            return False
        self.put(layout)
        return True

    def keep(self, name: str) -> None:
        """Keep the arrangement under a name. Raises LayoutRefused and OSError."""
        self.folder.write(self.taken(name))

    def rest(self) -> None:
        """Keep what was changed last and follow no more; the window is about to go."""
        for frame in self.window.frames.values():
            frame.dockLocationChanged.disconnect(self._on_change)
            frame.visibilityChanged.disconnect(self._on_change)
            frame.topLevelChanged.disconnect(self._on_change)
        self.window.closing.disconnect(self.rest)
        if self._timer.isActive():
            self._timer.stop()
            self.note()

    def _on_change(self) -> None:
        if not self._is_putting and self.window.isVisible():
            self._timer.start()


def _is_later(file: Path) -> bool:
    try:
        version = json.loads(file.read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return type(version) is int and version > LAYOUT_VERSION


def _same(one: Layout, other: Layout) -> bool:
    return one.state == other.state and one.panels == other.panels


def _hex(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no state of a window")
    return bytes.fromhex(text).hex()
