"""Where a live desk is armed and disarmed: by menu, key and palette."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.domain.arming import DisarmingRequested
from allusedesk.domain.inputs import Mode

_DESK = "&Desk"


class Arming(QObject):
    """Opens the checklist of a live desk, and disarms it at a person's word without a question."""

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        super().__init__(window)
        self.context = context
        self.window = window

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key or the palette can give."""
        return (
            DeskCommand(
                "live.arm",
                "Arm the live desk…",
                _DESK,
                self.open,
                "Ctrl+Alt+A",
                "The checklist, with the evidence of each line; nothing is armed by opening it",
            ),
            DeskCommand(
                "live.disarm",
                "Disarm the live desk",
                _DESK,
                self.disarm,
                "Ctrl+Alt+D",
                "At once: no order leaves any more, resting openings are taken back",
            ),
        )

    def open(self) -> None:
        """Show the checklist, where there is something to arm."""
        from allusedesk.desk.dialogs.arm import ArmDialog

        latest = self.context.bridge.latest
        if latest is None or latest.mode is not Mode.LIVE:
            self.context.notices.say(
                "This desk trades at the simulated broker, so there is nothing to arm: connect a "
                "broker under Desk, Connections…, and open a desk on it."
            )
            return
        ArmDialog(self.context, self.window).open()

    def disarm(self) -> None:
        """Disarm at once."""
        latest = self.context.bridge.latest
        if latest is None or latest.armed is None:
            self.context.notices.say("The desk is not armed: no order leaves it.")
            return
        try:
            self.context.bridge.admit(DisarmingRequested(self.context.operator, "by hand"))
        except RuntimeError as fault:
            self.context.notices.warn(str(fault))
