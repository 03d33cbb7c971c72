"""The window: docks, menus, the status strip, and what is said to the person before it."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenuBar, QTabWidget, QVBoxLayout, QWidget

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.catalogue import DOCKS, DockSpec, Place
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.jumping import lead_into
from allusedesk.desk.mode_words import mode_in_words
from allusedesk.desk.notice_bar import NoticeBar
from allusedesk.desk.room import Roomy
from allusedesk.desk.status_strip import StatusStrip
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

HELP_MENU = "&Help"
_NAME = "ALL-USE Desk"
_AREA = Qt.DockWidgetArea.LeftDockWidgetArea
# Shares of the window's width and height, as Qt wants them: in proportion.
_WIDTHS = {Place.LEFT: 420, Place.MIDDLE: 640, Place.RIGHT: 480}
_HEIGHTS = (560, 340)


class MainWindow(QMainWindow):
    """Every panel of the desk; `closing` comes when a person wants to leave."""

    closing = Signal()

    def __init__(self, context: DeskContext, names: tuple[str, ...] | None = None) -> None:
        """`names` are the panels it has, all of the catalogue where it is left out."""
        super().__init__()
        self.context = context
        self.specs = tuple(spec for spec in DOCKS if names is None or spec.id in names)
        self.frames: dict[str, QDockWidget] = {}
        self.docks: dict[str, Dock] = {}
        # Before the first paint no panel is built by being seen.
        self._is_furnished = False
        self._is_covered = False
        # What a layout keeps of panels that are not built yet.
        self.kept: dict[str, dict[str, Any]] = {}
        self.setObjectName("desk")
        self.name = _NAME
        self.setWindowTitle(self.name)
        self.resize(1440, 900)
        self.setDockNestingEnabled(True)
        top = QTabWidget.TabPosition.North
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, top)
        self.menus = QMenuBar()
        self.strip = StatusStrip(context.theme, context.bridge)
        self.notices = NoticeBar(context.notices, context.theme)
        self._place_head()
        for spec in self.specs:
            self._add_frame(spec)
        self.arrange()
        lead_into(self, context.jumps)
        self.context.commands.raised.connect(context.notices.fault)
        self.context.operations.failed.connect(context.notices.warn)
        self.context.papers.failed.connect(context.notices.warn)
        self.context.records.operations.failed.connect(context.notices.warn)
        bridge = context.bridge
        bridge.published.connect(self.take)
        bridge.lost.connect(self._show_lost)
        bridge.found.connect(self._show_found)
        bridge.over.connect(self._show_over)

    def add_menus(self) -> None:
        """Make the menus from the commands there are, group by group."""
        self.menus.clear()
        groups = self.context.commands.groups()
        # Help stands last, as everywhere; the other menus in the order they were added.
        for group in sorted(groups, key=lambda name: name == HELP_MENU):
            menu = self.menus.addMenu(group)
            menu.setObjectName(group)
            menu.addActions(groups[group])

    def dock_commands(self) -> tuple[DeskCommand, ...]:
        """One command a panel, which shows it and puts the keyboard there."""
        return tuple(
            DeskCommand(
                f"dock.{spec.id}",
                spec.title,
                "&View",
                partial(self.open_dock, spec.id),
                spec.keys,
                f"Show {spec.title} and put the keyboard there",
            )
            for spec in self.specs
        )

    def open_dock(self, name: str) -> None:
        """Show a panel, in front, with the keyboard in it."""
        frame = self.frames[name]
        frame.show()
        frame.raise_()
        self.dock(name).take_keyboard()

    def page_in_focus(self) -> str:
        """The handbook's page of the panel that has the keyboard, else that of the whole desk."""
        focused = self.focusWidget()
        for spec in self.specs:
            if self.frames[spec.id].isAncestorOf(focused):
                return spec.page
        return "desk"

    def dock(self, name: str) -> Dock:
        """The panel itself, built when it is first wanted."""
        found = self.docks.get(name)
        if found is None:
            spec = next(spec for spec in self.specs if spec.id == name)
            found = self.docks[name] = spec.build(self.context)
            found.setObjectName(f"dock.{name}.panel")
            self.frames[name].setWidget(Roomy(found))
            if name in self.kept:
                found.restore(self.kept[name])
            if self._is_covered:
                self._enable_panels()
        return found

    def arrange(self) -> None:
        """Put every panel where it stands at first: three columns above, tables below.

        All stand in one area and divide it, for only then can room be shared between them.
        """
        for frame in self.frames.values():
            # Else a panel that stood in a window of its own would stay there.
            frame.setFloating(False)
            self.removeDockWidget(frame)
        first = self._first_of_each_place()
        upper = [first[place] for place in _WIDTHS if place in first]
        column = [*upper[:1], *(first[place] for place in (Place.BOTTOM,) if place in first)]
        self.addDockWidget(_AREA, column[0])
        for above, below in pairwise(column):
            self.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for left, right in pairwise(upper):
            self.splitDockWidget(left, right, Qt.Orientation.Horizontal)
        for spec in self.specs:
            frame = self.frames[spec.id]
            if frame is not first[spec.place]:
                self.tabifyDockWidget(first[spec.place], frame)
            frame.show()
        for frame in first.values():
            frame.raise_()
        self.share_room()

    def share_room(self) -> None:
        """Let the middle be widest, and tables below have what a dozen rows need.

        Qt heeds it only once the window is seen.
        """
        first = self._first_of_each_place()
        upper = [place for place in _WIDTHS if place in first]
        self.resizeDocks(
            [first[place] for place in upper],
            [_WIDTHS[place] for place in upper],
            Qt.Orientation.Horizontal,
        )
        if upper and Place.BOTTOM in first:
            pair = [first[upper[0]], first[Place.BOTTOM]]
            self.resizeDocks(pair, list(_HEIGHTS), Qt.Orientation.Vertical)

    def _first_of_each_place(self) -> dict[Place, QDockWidget]:
        first: dict[Place, QDockWidget] = {}
        for spec in self.specs:
            first.setdefault(spec.place, self.frames[spec.id])
        return first

    def wear(self, theme: Theme) -> None:
        """Hand a theme to all that paint themselves."""
        self.context.theme = theme
        self.strip.wear(theme)
        self.notices.wear(theme)
        for dock in self.docks.values():
            dock.wear(theme)

    def take(self, picture: DeskSnapshot) -> None:
        """Show a picture in the strip and in every panel; one that fails stops no other."""
        self.strip.show_picture(picture)
        self._write_mode(picture)
        for name, dock in self.docks.items():
            try:
                dock.take(picture)
            except Exception as fault:  # noqa: BLE001 - an observer is isolated and shown
                self.context.notices.fault(f"The panel {name} could not be drawn: {fault!r}")

    def cover(self, *, is_covered: bool) -> None:
        """Let nothing but the strip be seen or reached, or let all be seen again.

        Panels within the window are hidden by what stands over them, those in windows of their
        own hide what they show. The menus stay: only through them do keys reach a command, that
        of the kill switch too.
        """
        self._is_covered = is_covered
        self.strip.pace.setEnabled(not is_covered)
        self.notices.cover(is_covered=is_covered)
        self._enable_panels()

    def _enable_panels(self) -> None:
        is_reached = not self._is_covered and not self.context.bridge.is_lost
        for frame in self.frames.values():
            frame.setEnabled(is_reached)
            shown = frame.widget()
            if shown is not None:
                shown.setVisible(not (self._is_covered and frame.isFloating()))

    def _write_mode(self, picture: DeskSnapshot) -> None:
        """The mode stands in the window's title too, where every list of windows shows it."""
        title = f"{mode_in_words(picture)} - {self.name}"
        if self.windowTitle() != title:
            self.setWindowTitle(title)

    def closeEvent(self, event: Any) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _add_frame(self, spec: DockSpec) -> None:
        frame = QDockWidget(spec.title, self)
        frame.setObjectName(f"dock.{spec.id}")
        frame.visibilityChanged.connect(partial(self._on_seen, spec.id))
        self.frames[spec.id] = frame
        self.addDockWidget(_AREA, frame)

    def _on_seen(self, name: str, is_seen: bool) -> None:  # noqa: FBT001 - a signal's argument
        if is_seen and self._is_furnished and self.isVisible():
            self.dock(name)

    def build_visible(self) -> None:
        """Build the panels that can be seen; done after the first paint, for they are heavy."""
        self._is_furnished = True
        for name, frame in self.frames.items():
            if frame.isVisible() and not frame.visibleRegion().isEmpty():
                self.dock(name)

    def _place_head(self) -> None:
        """Menus, strip and notices above the panels; the panels have the whole rest."""
        head = QWidget()
        rows = QVBoxLayout(head)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.menus)
        rows.addWidget(self.strip)
        rows.addWidget(self.notices)
        self.setMenuWidget(head)

    def _show_lost(self, sentence: str) -> None:
        self.notices.hold("engine", sentence)
        self.strip.show_engine("ENGINE LOST" if self.context.bridge.latest else "NOT OPEN")
        self._enable_panels()

    def _show_found(self) -> None:
        self.notices.release("engine")
        self.strip.show_engine("")
        self._enable_panels()

    def _show_over(self) -> None:
        self.notices.hold("engine", "The recorded time is over: nothing more happens here.")
