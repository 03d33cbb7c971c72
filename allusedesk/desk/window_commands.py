"""Commands of the window itself: the palette, layouts, looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.layouts import LayoutBook, LayoutRefused
from allusedesk.desk.main_window import HELP_MENU, MainWindow
from allusedesk.desk.palette import CommandPalette
from allusedesk.desk.preferences import Preferences
from allusedesk.desk.theme import Look
from allusedesk.wiring.requests import DeskRequest

if TYPE_CHECKING:
    from allusedesk.desk.handbook_window import HandbookWindow

_DESK, _VIEW = "&Desk", "&View"


class WindowCommands:
    """Everything a person can do to the window; each asks with a dialog that is never modal."""

    def __init__(
        self,
        window: MainWindow,
        layouts: LayoutBook,
        preferences: Preferences,
        request: DeskRequest,
        when_chosen: Callable[[DeskRequest], None],
    ) -> None:
        self.window = window
        self.layouts = layouts
        self.preferences = preferences
        self._request = request
        self._when_chosen = when_chosen
        self._handbook: HandbookWindow | None = None

    def commands(self) -> tuple[DeskCommand, ...]:
        """All of them, for the command book."""
        looks = tuple(
            DeskCommand(
                f"look.{look.value}",
                {"system": "Colours of the system"}.get(
                    look.value, f"{look.value.title()} colours"
                ),
                _VIEW,
                partial(self.preferences.change, look=look.value),
            )
            for look in Look
        )
        return (
            DeskCommand(
                "palette",
                "Command palette",
                _DESK,
                self.open_palette,
                "Ctrl+Shift+P",
                "Find any command by a few letters",
            ),
            DeskCommand(
                "desk.open",
                "Open a desk…",
                _DESK,
                self.open_desk,
                "Ctrl+N",
                "Choose market, rules and money; tried before it is opened",
            ),
            DeskCommand(
                "connections",
                "Connections…",
                _DESK,
                self.open_connections,
                "Ctrl+Alt+C",
                "Choose a broker and a source of quotes; tested before they are kept",
            ),
            DeskCommand("import", "Import history…", _DESK, self.open_import, "Ctrl+I"),
            DeskCommand("settings", "Settings…", _DESK, self.open_settings, "Ctrl+,"),
            DeskCommand("keys", "Keys…", _DESK, self.open_keys, tip="Read and change all keys"),
            DeskCommand("desk.quit", "Quit", _DESK, self._quit, "Ctrl+Q", "Close the desk"),
            DeskCommand("layout.keep", "Keep layout as…", _VIEW, self.keep_layout, "Ctrl+Alt+S"),
            DeskCommand("layout.use", "Use layout…", _VIEW, self.use_layout, "Ctrl+Alt+L"),
            DeskCommand("layout.remove", "Forget layout…", _VIEW, self.remove_layout),
            DeskCommand("layout.undo", "Undo layout change", _VIEW, self._undo, "Ctrl+Alt+Z"),
            DeskCommand("layout.redo", "Redo layout change", _VIEW, self._redo, "Ctrl+Alt+Y"),
            DeskCommand("layout.first", "First layout", _VIEW, self._first, "Ctrl+Alt+0"),
            *looks,
            DeskCommand(
                "handbook",
                "Handbook",
                HELP_MENU,
                self.open_handbook,
                "F1",
                "The page of whatever has the keyboard",
            ),
        )

    def open_palette(self) -> None:
        """Show the palette over the window."""
        context = self.window.context
        CommandPalette(context.commands, context.theme, self.window).open()

    def open_desk(self) -> None:
        """Ask which desk to open in place of this one."""
        from allusedesk.desk.dialogs.new_desk import NewDeskDialog

        dialog = NewDeskDialog(self.window.context, self._request, self.window)
        dialog.chosen.connect(self._when_chosen)
        dialog.open()

    def open_connections(self) -> None:
        """Show which broker and feed are connected, and try others."""
        from allusedesk.desk.dialogs.connections import ConnectionsDialog

        ConnectionsDialog(self.window.context, self.window).open()

    def open_import(self) -> None:
        """Show what vendors' files hold, and keep it."""
        from allusedesk.desk.dialogs.import_history import ImportDialog

        ImportDialog(self.window.context, self.window).open()

    def open_settings(self) -> None:
        """Show what may be chosen."""
        from allusedesk.desk.dialogs.settings import SettingsDialog

        SettingsDialog(self.preferences, self.window).open()

    def open_keys(self) -> None:
        """Show every command with its keys."""
        from allusedesk.desk.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self.window.context, self.window).open()

    def open_handbook(self) -> None:
        """Show the handbook at the page of the panel that has the keyboard."""
        from allusedesk.desk.handbook_window import HandbookWindow

        if self._handbook is None:
            self._handbook = HandbookWindow(self.window)
        self._handbook.show_page(self.window.page_in_focus())

    def keep_layout(self) -> None:
        """Ask for a name and keep the layout under it."""
        self._ask("Keep layout as", "Name of the layout", (), self._keep)

    def use_layout(self) -> None:
        """Ask which layout to use."""
        self._choose("Use layout", self._use)

    def remove_layout(self) -> None:
        """Ask which layout to forget."""
        self._choose("Forget layout", self.layouts.folder.remove)

    def _choose(self, title: str, take: Callable[[str], None]) -> None:
        names = self.layouts.folder.names()
        if not names:
            self.window.context.notices.say(
                "No layout was kept yet: arrange the panels and choose “Keep layout as…”."
            )
            return
        self._ask(title, "Layout", names, take)

    def _ask(
        self, title: str, label: str, names: tuple[str, ...], take: Callable[[str], None]
    ) -> None:
        dialog = QInputDialog(self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        if names:
            dialog.setComboBoxItems(list(names))
            dialog.setComboBoxEditable(False)
        elif self.preferences.settings.layout:
            dialog.setTextValue(self.preferences.settings.layout)
        dialog.textValueSelected.connect(take)
        dialog.open()

    def _keep(self, name: str) -> None:
        try:
            self.layouts.keep(name)
        except (LayoutRefused, OSError) as fault:
            self.window.context.notices.warn(str(fault))
            return
        self.preferences.change(layout=name)

    def _use(self, name: str) -> None:
        try:
            self.layouts.restore(name)
        except LayoutRefused as refusal:
            self.window.context.notices.warn(str(refusal))
            return
        self.preferences.change(layout=name)

    def _undo(self) -> None:
        if not self.layouts.undo():
            self.window.context.notices.say("There is no earlier layout to go back to.")

    def _redo(self) -> None:
        if not self.layouts.redo():
            self.window.context.notices.say("No layout change was undone.")

    def _first(self) -> None:
        self.window.arrange()

    def _quit(self) -> None:
        self.window.close()
