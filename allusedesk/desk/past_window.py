"""Windows on the past: the desk as it was after an entry, marked, and deaf to commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook
from allusedesk.desk.context import DeskContext, Notices
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.operations import Operation

if TYPE_CHECKING:
    from allusedesk.desk.main_window import MainWindow
    from allusedesk.engine.snapshot import DeskSnapshot

# Panels that show a picture; those that read the running record would show the present.
PAST_DOCKS = ("positions", "orders", "accounts", "approvals")


class PastWindows(QObject):
    """Re-opens moments of the record, each in a window of its own."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.context = context
        self.windows: list[MainWindow] = []

    def open(self, sequence: int) -> Operation:
        """Fold the record up to an entry elsewhere, then show the desk as it was."""
        from allusedesk.wiring.past_desk import reopen

        journal = self.context.records.journal

        def work(operation: Operation) -> DeskSnapshot | None:
            def tell(fraction: float) -> bool:
                operation.tell(fraction, f"Folding the record up to entry {sequence:,}")
                return operation.is_stopped

            return reopen(journal, sequence, tell)

        return self.context.operations.begin(
            f"Re-opening entry {sequence:,}", work, lambda found: self._show(sequence, found)
        )

    def _show(self, sequence: int, found: DeskSnapshot | None) -> None:
        from allusedesk.wiring.past_desk import PastDesk

        if found is None:
            return
        here = self.context
        bridge = Bridge()
        context = DeskContext(
            bridge=bridge,
            records=here.records,
            operations=here.operations,
            commands=CommandBook(),
            links=SymbolLinks(),
            notices=Notices(),
            theme=here.theme,
            operator=here.operator,
            preferences=here.preferences,
            lock=here.lock,
            new_window=here.new_window,
        )
        window = here.new_window(context, PAST_DOCKS)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.name = f"ALL-USE Desk: THE PAST, entry {sequence:,}"
        window.setWindowTitle(window.name)
        window.notices.hold(
            "past",
            f"THE PAST: the desk as it was after entry {sequence:,}. Nothing here can be changed "
            "or answered; quotes are those the record knew by then.",
        )
        window.destroyed.connect(lambda: self._forget(window))
        self.windows.append(window)
        window.show()
        window.build_visible()
        bridge.show_once(PastDesk(sequence, found))

    def _forget(self, window: MainWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)
