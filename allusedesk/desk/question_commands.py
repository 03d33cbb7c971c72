"""Questions within reach from anywhere: the one with the least time left is a key away."""

from __future__ import annotations

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.main_window import MainWindow


def question_commands(window: MainWindow) -> tuple[DeskCommand, ...]:
    """What a key or the palette can give about questions, from anywhere in a window."""

    def open_next() -> None:
        from allusedesk.desk.docks.approvals import ApprovalsDock

        window.open_dock("approvals")
        dock = window.dock("approvals")
        if isinstance(dock, ApprovalsDock):
            dock.open_next()

    return (
        DeskCommand(
            "approvals.next",
            "Answer the next question",
            "&Trade",
            open_next,
            "F8",
            "Open the question with the least time left",
        ),
    )
