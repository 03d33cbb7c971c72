"""The first-run tour: a card above the panels that ends with a trade approved on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.preferences import Preferences

if TYPE_CHECKING:
    from allusedesk.desk.dialogs.approve import ApprovalDialog

_HELP = "&Help"
_LOOK_MILLISECONDS = 200
_LINE_WIDTH = 2


@dataclass(frozen=True, slots=True)
class TourStep:
    """One thing to know. `target` is what it points at, `is_done` tells when it was tried."""

    title: str
    text: str
    target: Callable[[Tour], QWidget | None]
    is_done: Callable[[Tour], bool] | None = None


class TourCard(QFrame):
    """The text of a step with its buttons; never modal, reached by Tab, closed at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("First tour")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setAccessibleName("What to know, and what to try")
        self.back = QPushButton("Back")
        self.next = QPushButton("Next  (F2)")
        self.leave = QPushButton("Leave the tour")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.title)
        row.addWidget(self.text, 1)
        for button in (self.leave, self.back, self.next):
            button.setAutoDefault(False)
            row.addWidget(button)


class TourPointer(QWidget):
    """A frame round what the card speaks of; the mouse goes through it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def point_at(self, target: QWidget | None) -> None:
        """Frame a widget that can be seen; nothing where there is none."""
        if target is None or not target.isVisible():
            self.hide()
            return
        window = target.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        if self.geometry() != place:
            self.setGeometry(place)
        self.show()
        self.raise_()

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), _LINE_WIDTH))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class Tour(QObject):
    """Leads through the desk step by step; a step that was tried leads on by itself.

    It ends with a question that the person has answered with yes. Taken or declined, it does not
    come again by itself.
    """

    def __init__(self, window: MainWindow, preferences: Preferences) -> None:
        super().__init__(window)
        self.window = window
        self.preferences = preferences
        self.place = -1
        self.card: TourCard | None = None
        self.pointer: TourPointer | None = None
        self._approved_before = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def commands(self) -> tuple[DeskCommand, ...]:
        """The tour again, and its next step."""
        return (
            DeskCommand("tour", "First tour", _HELP, self.start, tip="Two minutes, on paper"),
            DeskCommand("tour.next", "Next step of the tour", _HELP, self.go_on, "F2"),
        )

    @property
    def is_running(self) -> bool:
        return self.place >= 0

    @property
    def step(self) -> TourStep:
        """The step that is shown."""
        return STEPS[self.place]

    @property
    def question(self) -> ApprovalDialog | None:
        """The question that is open on the screen."""
        from allusedesk.desk.docks.approvals import ApprovalsDock

        dock = self.window.docks.get("approvals")
        return dock.approving.dialog if isinstance(dock, ApprovalsDock) else None

    @property
    def was_approved(self) -> bool:
        """True once a question was answered with yes since the tour began."""
        return self._approvals() > self._approved_before

    def start(self) -> None:
        """Begin, or begin again."""
        if self.card is None:
            self.card, self.pointer = TourCard(), TourPointer()
            self.card.back.clicked.connect(self.go_back)
            self.card.next.clicked.connect(self.go_on)
            self.card.leave.clicked.connect(self.leave)
            self._come_home()
        self._approved_before = self._approvals()
        self._show(0)
        self._timer.start()

    def go_on(self) -> None:
        """The next step; after the last one it is over. Does nothing where no tour is taken."""
        if not self.is_running:
            return
        if self.place + 1 == len(STEPS):
            self.leave()
        else:
            self._show(self.place + 1)

    def go_back(self) -> None:
        """The step before."""
        if self.place > 0:
            self._show(self.place - 1)

    def leave(self) -> None:
        """End it for good; it can be taken again from the menu."""
        self.place = -1
        self._timer.stop()
        if self.card is not None and self.pointer is not None:
            self.card.deleteLater()
            self.pointer.deleteLater()
            self.card = self.pointer = None
        if not self.preferences.settings.tour_done:
            self.preferences.change(tour_done=True)

    def look(self) -> None:
        """Follow what the person does; called by the timer."""
        if not self.is_running or self.pointer is None:
            return
        self._stand_beside_the_question()
        if self.step.is_done is not None and self.step.is_done(self):
            self.go_on()
            return
        self.pointer.point_at(self.step.target(self))

    def _show(self, place: int) -> None:
        if self.card is None or self.pointer is None:
            return
        self.place = place
        self.card.title.setText(f"{place + 1} of {len(STEPS)}: {self.step.title}")
        self.card.text.setText(self.step.text)
        self.card.back.setEnabled(place > 0)
        is_last = place + 1 == len(STEPS)
        self.card.next.setText("Finish  (F2)" if is_last else "Next  (F2)")
        self.pointer.point_at(self.step.target(self))

    def _approvals(self) -> int:
        """The newest entry by which a question was answered with yes."""
        picture = self.window.context.bridge.latest
        ends = () if picture is None else picture.outcomes
        return max((one.sequence for one in ends if one.kind == "ProposalApproved"), default=0)

    def _stand_beside_the_question(self) -> None:
        """The dialog shuts the window out, so the card goes with it, and comes back after."""
        dialog, card = self.question, self.card
        if dialog is None or card is None or card.window() is dialog or not dialog.isVisible():
            return
        rows = dialog.layout()
        if isinstance(rows, QBoxLayout):
            rows.insertWidget(0, card)
            dialog.finished.connect(self._come_home)

    def _come_home(self) -> None:
        head = self.window.menuWidget()
        rows = None if head is None else head.layout()
        if self.card is not None and rows is not None:
            rows.addWidget(self.card)
            self.card.show()
        if self.pointer is not None:
            self.pointer.hide()
            self.pointer.setParent(self.window)


def _panel(name: str) -> Callable[[Tour], QWidget | None]:
    return lambda tour: tour.window.frames[name]


def _dialog_button(tour: Tour) -> QWidget | None:
    return None if tour.question is None else tour.question.approve


def _is_asked(tour: Tour) -> bool:
    picture = tour.window.context.bridge.latest
    return picture is not None and bool(picture.cards)


_APPROVE = TourStep(
    "Answer it",
    "Read the worst case, the checks passed and what the alternatives would do. Then hold A for "
    "six tenths of a second to approve. R would refuse, Escape leaves it open.",
    _dialog_button,
    lambda tour: tour.was_approved,
)

STEPS: tuple[TourStep, ...] = (
    TourStep(
        "Paper",
        "This desk trades a recorded market on paper: no money moves. The strip always says the "
        "mode, the state, how old the quotes are, and New York's time.",
        lambda tour: tour.window.strip,
    ),
    TourStep(
        "The week",
        "Everything happens by the week's plan. Here stand its condition, its days, and, for each "
        "symbol without a proposal, the gate that stopped it.",
        _panel("week"),
    ),
    TourStep(
        "Every command",
        "Ctrl+Shift+P finds any command by a few letters, and F1 opens the handbook at the panel "
        "you are in. Alt with a digit or letter goes to a panel.",
        lambda tour: tour.window.menus,
    ),
    TourStep(
        "The kill switch",
        "F12 shows, from anywhere, what would be cancelled; only holding it stops everything. A "
        "person alone can release it.",
        lambda tour: tour.window.strip.findChild(HoldButton),
    ),
    TourStep(
        "Let time go",
        "Press Ctrl+4: recorded time goes as fast as it can, and stands still by itself as soon as "
        "the desk has a question for you.",
        lambda tour: tour.window.strip.pace,
        _is_asked,
    ),
    TourStep(
        "A question",
        "The desk wants to trade and waits for you. Press Alt+2, choose a line and press Enter to "
        "see all the evidence on one card.",
        _panel("approvals"),
        lambda tour: tour.question is not None,
    ),
    _APPROVE,
    TourStep(
        "Your first trade",
        "You approved a trade on paper, and the journal has it under your name (Alt+J). Answer the "
        "other questions, or press Ctrl+0 to let time go on; what is filled stands in Positions "
        "(Alt+5).",
        _panel("positions"),
    ),
)
