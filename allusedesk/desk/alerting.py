"""Alerts before the person at the desk: a line above the panels, the desktop's own notice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStyle, QSystemTrayIcon

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.context import DeskContext
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.notice_bar import Act
from allusedesk.desk.taking_note import acknowledge
from allusedesk.domain.alerts import Severity, StandingAlert

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.mail import MailDialog
    from allusedesk.engine.snapshot import DeskSnapshot

_LINES_MAX = 3
_MORE = "alerts.more"
_TRAY_MILLISECONDS = 10_000


class Alerting(QObject):
    """Shows each alert nobody took note of as one line, the worst first, and three at most.

    A new one is told by the desktop too, where it has a place for that.
    """

    def __init__(self, context: DeskContext, window: MainWindow) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._standing: tuple[StandingAlert, ...] | None = None
        self._lines: tuple[str, ...] = ()
        self.tray: QSystemTrayIcon | None = None
        self.dialog: MailDialog | None = None

    def commands(self) -> tuple[DeskCommand, ...]:
        """What a key or the palette can give."""
        return (
            DeskCommand(
                "alerts.acknowledge",
                "Take note of all alerts",
                "&Desk",
                self.acknowledge_all,
                "Ctrl+Shift+T",
                "Record that you have seen every alert that stands",
            ),
            DeskCommand(
                "alerts.mail",
                "Alerts by e-mail and figures…",
                "&Desk",
                self.open_mail,
                "",
                "Who is told of alerts, and whether figures are served on this machine",
            ),
        )

    def hear(self, picture: DeskSnapshot) -> None:
        """Show what stands in a picture."""
        watch = self._context.watch
        if watch is not None:
            watch.told.pictures_shown += 1
            watch.told.window_faults = self._context.notices.faults
        if picture.alerts == self._standing:
            return
        known = {(one.alert.id, one.raised_at) for one in self._standing or ()}
        fresh = [one for one in picture.alerts if (one.alert.id, one.raised_at) not in known]
        is_first, self._standing = self._standing is None, picture.alerts
        self._show_lines()
        if fresh and not is_first:
            self._tell_desktop(fresh)

    def acknowledge_all(self) -> None:
        """Take note of everything that stands."""
        unseen = [one for one in self._standing or () if not one.acknowledged_by]
        if not unseen:
            self._context.notices.say("No alert waits for anybody to take note of it.")
        acknowledge(self._context, unseen)

    def open_mail(self) -> None:
        """Ask where alerts and figures go."""
        from allusedesk.desk.dialogs.mail import MailDialog

        self.dialog = MailDialog(self._context, self._window)
        self.dialog.open()

    def _show_lines(self) -> None:
        unseen = [one for one in self._standing or () if not one.acknowledged_by]
        bar = self._window.notices
        wanted = {f"alert {one.alert.id}": one for one in unseen[:_LINES_MAX]}
        bar.release(_MORE)
        if tuple(wanted) != self._lines:
            # Shown anew, so that the worst stands first.
            for name in self._lines:
                bar.release(name)
            for name, one in wanted.items():
                is_critical = one.alert.severity is Severity.CRITICAL
                word = "CRITICAL" if is_critical else "Warning"
                note = Act("Take note", partial(acknowledge, self._context, (one,)), _NOTE_TIP)
                bar.hold(name, f"{word}: {one.alert.text}", note, is_warning=is_critical)
            self._lines = tuple(wanted)
        more = len(unseen) - len(wanted)
        if more > 0:
            show = Act("Health", partial(self._window.open_dock, "health"), "Show all alerts")
            text = f"{more} more alert{'' if more == 1 else 's'} in Health."
            bar.hold(_MORE, text, show, is_warning=False)

    def _tell_desktop(self, fresh: list[StandingAlert]) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self.tray is None:
            icon = self._window.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
            self.tray = QSystemTrayIcon(icon, self)
            self.tray.setToolTip("ALL-USE Desk")
            self.tray.show()
        worst = fresh[0].alert
        more = f" (and {len(fresh) - 1} more)" if len(fresh) > 1 else ""
        is_critical = worst.severity is Severity.CRITICAL
        kind = QSystemTrayIcon.MessageIcon
        self.tray.showMessage(
            "ALL-USE Desk",
            f"{worst.text}{more}",
            kind.Critical if is_critical else kind.Warning,
            _TRAY_MILLISECONDS,
        )


_NOTE_TIP = "Record that you have seen it; it stands in Health until it is over"
