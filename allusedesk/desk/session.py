"""One sitting at the desk: window, engine and record, opened and closed in their order."""

from __future__ import annotations

import asyncio
import getpass

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

# How often a closing desk looks whether its engine has ended, and for how long.
_CLOSING_LOOK_SECONDS = 0.01
_CLOSING_SECONDS_MAX = 5.0


class DeskSession:
    """A window over one engine; `closed` is done once a person has closed the window."""

    def __init__(self, application: QApplication, request: DeskRequest) -> None:
        self.application = application
        self.request = request
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
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
        self.window.closing.connect(self._on_closing)
        self.context.commands.add(self._commands())
        self.context.commands.add(self.window.dock_commands())
        self.window.add_menus()

    def open(self) -> None:
        """Show the window; engine and panels come once it has been painted."""
        self.window.show()
        QTimer.singleShot(0, self._begin)

    async def close(self) -> None:
        """End the engine after the fact it is at, and let go of the record."""
        context = self.context
        context.bridge.stop()
        context.records.close()
        context.operations.close()
        engine = context.bridge.engine
        if engine is None:
            return
        engine.ask_to_stop()
        for _ in range(int(_CLOSING_SECONDS_MAX / _CLOSING_LOOK_SECONDS)):
            if engine.is_over:
                return
            await asyncio.sleep(_CLOSING_LOOK_SECONDS)

    def _begin(self) -> None:
        from allusedesk.wiring.desk_engine import DeskEngine

        engine = DeskEngine(self.request)
        engine.start()
        self.context.bridge.attach(engine)
        self.window.build_visible()

    def _on_closing(self) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def _commands(self) -> tuple[DeskCommand, ...]:
        return (DeskCommand("desk.quit", "Quit", "&Desk", self._quit, "Ctrl+Q", "Close the desk"),)

    def _quit(self) -> None:
        self.window.close()
