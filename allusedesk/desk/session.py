"""One sitting at the desk: window, engine and record, opened and closed in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from allusedesk.desk.alerting import Alerting
from allusedesk.desk.arming import Arming
from allusedesk.desk.backing_up import BackingUp
from allusedesk.desk.blotter_commands import blotter_commands
from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook
from allusedesk.desk.context import DeskContext, Notices
from allusedesk.desk.crash_offer import CrashOffer
from allusedesk.desk.faults import Faults
from allusedesk.desk.first_paint import FirstPaint
from allusedesk.desk.halting import Halting
from allusedesk.desk.layouts import LAST, LayoutBook, LayoutFolder, LayoutRefused
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.lock import DeskLock, seconds_since_start
from allusedesk.desk.locking import Locking
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.operations import Operations
from allusedesk.desk.preferences import Preferences
from allusedesk.desk.question_commands import question_commands
from allusedesk.desk.records import Records
from allusedesk.desk.report_commands import report_commands
from allusedesk.desk.second_start import Door
from allusedesk.desk.sweeping import Sweeping
from allusedesk.desk.theme import Look, dress, read_theme
from allusedesk.desk.tour import Tour
from allusedesk.desk.window_commands import WindowCommands
from allusedesk.desk.wishes import Denials
from allusedesk.passphrase import Passphrase
from allusedesk.settings import Settings, desk_home
from allusedesk.wiring.crash_watch import crash_folder
from allusedesk.wiring.requests import DeskRequest


class DeskSession:
    """A window over one engine; `when_closed` is called once a person has closed the window.

    `next_request` is the desk to open after this one, where one was chosen.
    """

    def __init__(
        self, application: QApplication, request: DeskRequest, when_closed: Callable[[], None]
    ) -> None:
        self.application = application
        self.request = request
        self.next_request: DeskRequest | None = None
        self._first_paint: FirstPaint | None = None
        self._sweeping = Sweeping()
        notices = Notices()
        self.faults = Faults(notices)
        self.preferences = Preferences(desk_home(), notices)
        theme = read_theme(Look(self.preferences.settings.look))
        dress(application, theme)
        seconds = seconds_since_start()
        lock = DeskLock(
            Passphrase(self.preferences.home, seconds),
            lambda: self.preferences.settings.lock_minutes,
            lambda: self.preferences.operator,
            seconds,
        )
        self.context = DeskContext(
            bridge=Bridge(),
            records=Records(request.journal),
            operations=Operations(lanes=2),
            commands=CommandBook(),
            links=SymbolLinks(),
            notices=notices,
            theme=theme,
            operator=self.preferences.operator,
            preferences=self.preferences,
            lock=lock,
            new_window=MainWindow,
        )
        self.window = MainWindow(self.context)
        self.window.closing.connect(when_closed)
        self.layouts = LayoutBook(self.window, LayoutFolder(self.preferences.home / "layouts"))
        self.window_commands = WindowCommands(
            self.window, self.layouts, self.preferences, request, self._open_next
        )
        self.context.commands.add(self.window_commands.commands())
        self.halting = Halting(self.context, self.window)
        self.context.commands.add(self.halting.commands())
        self.halting.listen()
        self.window.strip.add_last(self.halting.button)
        self.locking = Locking(self.context, self.window, self.halting)
        self.context.commands.add(self.locking.commands())
        self.backing_up = BackingUp(self.context, request.journal)
        self.context.commands.add(self.backing_up.commands())
        self.arming = Arming(self.context, self.window)
        self.context.commands.add(self.arming.commands())
        self.context.commands.add(self.window.dock_commands())
        self.context.commands.add(blotter_commands(self.window.dock))
        self.context.commands.add(question_commands(self.window))
        self.context.commands.add(report_commands(self.window))
        self.context.commands.add(self.window.strip.pace.commands())
        self.tour = Tour(self.window, self.preferences)
        self.context.commands.add(self.tour.commands())
        self.denials = Denials(self.context)
        self.context.bridge.published.connect(self.denials.hear)
        self.alerting = Alerting(self.context, self.window)
        self.context.commands.add(self.alerting.commands())
        self.context.bridge.published.connect(self.alerting.hear)
        self.crashes = CrashOffer(self.context, self.window, crash_folder(self.preferences.home))
        self.context.commands.add(self.crashes.commands())
        self.context.bridge.lost.connect(self.crashes.note_engine)
        self.faults.keep = self.crashes.note
        self.door = Door(request.journal, self.window)
        self.context.commands.rebind_all(self.preferences.settings.keys)
        self.window.add_menus()
        self.preferences.changed.connect(self._heed)

    def open(self) -> None:
        """Show the window; engine and panels come once it has been painted."""
        self._restore_layout()
        self.faults.watch()
        self._first_paint = FirstPaint(self.window, self._begin)
        self.window.show()
        self.locking.begin()

    def close(self) -> None:
        """Ask the engine to end after the fact it is at, and let go of the record."""
        context = self.context
        self.faults.rest()
        self.locking.rest()
        self.backing_up.rest()
        self.door.rest()
        if self._first_paint is not None:
            self._first_paint.give_up()
        context.bridge.stop()
        context.records.close()
        context.operations.close()
        context.papers.close()
        if context.bridge.engine is not None:
            context.bridge.engine.ask_to_stop()
        self._sweeping.end_when(lambda: self.is_over)

    @property
    def is_over(self) -> bool:
        """True once the engine has ended and its journal is closed."""
        engine = self.context.bridge.engine
        return engine is None or engine.is_over

    def _begin(self) -> None:
        from allusedesk.wiring.desk_engine import DeskEngine
        from allusedesk.wiring.requests import advised
        from allusedesk.wiring.watching import Watch

        self._first_paint = None
        self._sweeping.begin()
        once = Qt.ConnectionType.SingleShotConnection
        self.context.bridge.published.connect(self._sweeping.settle, once)
        self.context.bridge.published.connect(self._heed_questions, once)
        watch = Watch(self.preferences.settings, self.preferences.home)
        self.context.watch = watch
        self.faults.note = watch.note_fault
        advice = self.preferences.settings.advice
        request = replace(self.request, desk=advised(self.request.desk, advice))
        engine = DeskEngine(request, watch=watch)
        engine.start()
        self.backing_up.begin()
        self.door.begin()
        self.context.bridge.attach(engine)
        # Qt places docks anew once the window is seen, so the layout is put a second time.
        if not self._restore_layout():
            self.window.share_room()
        self.window.build_visible()
        # It tells of questions although another panel stands before it.
        self.window.dock("approvals")
        self.layouts.note()
        if self.preferences.trouble:
            self.context.notices.warn(self.preferences.trouble)
        self.crashes.offer()
        if not self.preferences.settings.tour_done:
            self.tour.start()

    def _restore_layout(self) -> bool:
        """As the window stood when it was left, or crashed; the first layout where that fails."""
        try:
            return self.layouts.restore(LAST)
        except LayoutRefused as refusal:
            self.context.notices.warn(str(refusal))
            return False

    def _open_next(self, request: DeskRequest) -> None:
        self.next_request = request
        self.window.close()

    def _heed_questions(self) -> None:
        """Let recorded time stand still for questions, or not, as was chosen."""
        engine = self.context.bridge.engine
        does = self.preferences.settings.stands_at_questions
        if engine is not None:
            engine.steer(lambda clock: clock.heed_questions(does=does))

    def _heed(self, settings: Settings) -> None:
        """Wear and sign what was chosen."""
        self._heed_questions()
        if self.context.watch is not None:
            self.context.watch.heed(settings)
        self.context.operator = self.preferences.operator
        theme = read_theme(Look(settings.look))
        if theme != self.context.theme:
            dress(self.application, theme)
            self.window.wear(theme)
