"""One sitting at the desk: window, engine and record, opened and closed in their order."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook, DeskCommand
from allusedesk.desk.context import DeskContext, Notices
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.operations import Operations
from allusedesk.desk.records import Records
from allusedesk.desk.theme import Look, dress, read_theme
from allusedesk.wiring.requests import DeskRequest


class DeskSession:
    """A window over one engine; `when_closed` is called once a person has closed the window."""

    def __init__(
        self, application: QApplication, request: DeskRequest, when_closed: Callable[[], None]
    ) -> None:
        self.application = application
        self.request = request
        theme = read_theme(Look.SYSTEM)
        dress(application, theme)
        self.context = DeskContext(
            bridge=Bridge(),
            records=Records(request.journal),
            operations=Operations(lanes=2),
            commands=CommandBook(),
            links=SymbolLinks(),
            notices=Notices(),
            theme=theme,
            operator=getpass.getuser(),
        )
        self.window = MainWindow(self.context)
        self.window.closing.connect(when_closed)
        self.context.commands.add(self._commands())
        self.context.commands.add(self.window.dock_commands())
        self.window.add_menus()

    def open(self) -> None:
        """Show the window; engine and panels come once it has been painted."""
        self.window.show()
        QTimer.singleShot(0, self._begin)

    def close(self) -> None:
        """Ask the engine to end after the fact it is at, and let go of the record."""
        context = self.context
        context.bridge.stop()
        context.records.close()
        context.operations.close()
        if context.bridge.engine is not None:
            context.bridge.engine.ask_to_stop()

    @property
    def is_over(self) -> bool:
        """True once the engine has ended and its journal is closed."""
        engine = self.context.bridge.engine
        return engine is None or engine.is_over

    def _begin(self) -> None:
        from allusedesk.wiring.desk_engine import DeskEngine

        engine = DeskEngine(self.request)
        engine.start()
        self.context.bridge.attach(engine)
        self.window.build_visible()

    def _commands(self) -> tuple[DeskCommand, ...]:
        return (DeskCommand("desk.quit", "Quit", "&Desk", self._quit, "Ctrl+Q", "Close the desk"),)

    def _quit(self) -> None:
        self.window.close()
