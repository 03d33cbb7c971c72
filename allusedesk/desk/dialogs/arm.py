"""Live arming: the checklist with the evidence of each line, what a person states, one gesture."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.context import DeskContext
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.room import Roomy
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.arming import (
    STRATEGIES,
    ArmingEvidence,
    ArmingLine,
    ArmingRequested,
    StrategyPermission,
    TraderDeclaration,
    confirmation_of,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

    from allusedesk.desk.operations import Operation
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.state import DeskState
    from allusedesk.wiring.screen_looks import ScreenLooks

_LEVEL_MAX = 5
_LOOK_MILLISECONDS = 50
_JUDGED = Qt.ItemDataRole.UserRole


class ArmDialog(QDialog):
    """Measures, shows each line of the checklist with its evidence, and asks to be armed.

    The engine judges the same lines once more; this dialog arms nothing. What is typed as
    passphrase goes to the lock and nowhere else.
    """

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Arm the live desk")
        self.setAccessibleName("Arm the live desk")
        self.evidence: ArmingEvidence | None = None
        self.lines: tuple[ArmingLine, ...] = ()
        self._measuring: Operation | None = None
        self._judging: Future[tuple[ArmingLine, ...]] | None = None
        self._asked_after: int | None = None
        self.said = QLabel("Measuring…")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What happened")
        self.list = QListWidget()
        self.list.setAccessibleName("Checklist")
        self.list.setWordWrap(True)
        self.levels = {name: self._level(name) for name in STRATEGIES}
        self.profile = self._field("Account profile", "such as: individual, cash account")
        self.disclosure = self._field("Options disclosure received on", "YYYY-MM-DD")
        self.own = QCheckBox("The money in this account is my own")
        self.own.setAccessibleName(self.own.text())
        self.adviser = self._field("Else: the adviser who confirmed", "name")
        self.typed = self._field("Type to confirm", "")
        self.passphrase = self._field("Passphrase of the lock", "")
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.again = self._button("Measure again", self.measure)
        self.leave = self._button("Close  (Esc)", self.reject)
        self.arm = HoldButton("Hold to arm", context.theme)
        self.arm.setAccessibleName("Hold to arm")
        self.arm.setEnabled(False)
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._take_lines)
        self._timer.start()
        self.measure()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.arm.wear(theme)
        self._show_lines()

    def measure(self) -> None:
        """Measure everything anew, elsewhere."""
        if self._measuring is not None:
            return
        self.again.setEnabled(False)
        self.said.setText("Measuring: broker, clock, quotes, and every entry of the record…")
        self._measuring = self.context.operations.begin(
            "Measuring for the checklist",
            lambda _: self.context.bridge.evidence(is_unlocked=False),
            self._take_evidence,
            self._say_fault,
        )

    def take(self, picture: DeskSnapshot) -> None:
        """The engine's answer: armed, or the same checklist with what does not hold."""
        if self._asked_after is None or picture.sequence <= self._asked_after:
            return
        self._asked_after = None
        if picture.armed is not None:
            self.context.notices.say(f"The desk is armed for account {picture.armed.account}.")
            self.accept()
            return
        self.said.setText(
            "The desk was not armed: a line of the checklist does not hold any more. The journal "
            "has each with its evidence; measure again."
        )
        self.judge()

    def declaration(self) -> TraderDeclaration:
        """What the fields state; a day that is none counts as not stated."""
        try:
            received = date.fromisoformat(self.disclosure.text().strip())
        except ValueError:
            received = None
        levels = tuple(
            StrategyPermission(name, field.value()) for name, field in self.levels.items()
        )
        return TraderDeclaration(
            levels,
            self.profile.text().strip(),
            received,
            self.own.isChecked(),
            self.adviser.text().strip(),
        )

    def judge(self) -> None:
        """Have the engine judge what is measured and stated so far; nothing is recorded."""
        evidence = self.evidence
        if evidence is None:
            return
        declaration, typed = self.declaration(), self.typed.text()

        def question(state: DeskState, _looks: ScreenLooks, at: datetime) -> tuple[ArmingLine, ...]:
            from allusedesk.engine.arming import checklist_at

            return checklist_at(state, at, evidence, declaration, typed)

        try:
            self._judging = self.context.bridge.consult(question)
        except RuntimeError as fault:
            self.said.setText(str(fault))

    def _ask(self) -> None:
        """Unlock, measure once more, and put the request into the record."""
        if not self.context.lock.passphrase.is_set:
            self.said.setText(
                "This desk has no passphrase, so nobody can arm it: set one under Desk, "
                "Passphrase…, then come back."
            )
            return
        if not self.context.lock.verify(self.passphrase.text()):
            self.said.setText("That is not the passphrase, so nothing was armed: type it again.")
            self.passphrase.clear()
            self.passphrase.setFocus()
            return
        self.passphrase.clear()
        self.said.setText("Measuring once more, then asking the engine…")
        self.context.operations.begin(
            "Measuring for the checklist",
            lambda _: self.context.bridge.evidence(is_unlocked=True),
            self._request,
            self._say_fault,
        )

    def _request(self, evidence: ArmingEvidence) -> None:
        latest = self.context.bridge.latest
        self.evidence = evidence
        wish = ArmingRequested(
            self.context.operator, self.typed.text(), self.declaration(), evidence
        )
        try:
            self.context.bridge.admit(wish)
        except RuntimeError as fault:
            self.said.setText(str(fault))
            return
        self._asked_after = latest.sequence if latest is not None else 0

    def _take_evidence(self, evidence: ArmingEvidence) -> None:
        self._measuring = None
        self.again.setEnabled(True)
        self.evidence = evidence
        wanted = confirmation_of(evidence.account) if evidence.account else "LIVE and the account"
        self.typed.setPlaceholderText(wanted)
        told = evidence.options_level
        for field in self.levels.values():
            if told is not None and not field.value():
                field.setValue(told)
        self.judge()

    def _say_fault(self, sentence: str) -> None:
        self._measuring = None
        self.again.setEnabled(True)
        self.said.setText(sentence)

    def _take_lines(self) -> None:
        judging = self._judging
        if judging is None or not judging.done():
            return
        self._judging = None
        if judging.cancelled() or judging.exception() is not None:
            self.said.setText("The engine did not answer: measure again.")
            return
        self.lines = judging.result()
        self._show_lines()

    def _show_lines(self) -> None:
        """Each line with a word beside its colour; the lock's comes with the gesture itself."""
        self.list.clear()
        for line in self.lines:
            is_last = line.name == "lock passphrase"
            word = "HOLDS" if line.passed else ("AT THE END" if is_last else "NOT YET")
            item = QListWidgetItem(f"{word}  {line.name}: {line.evidence}")
            item.setData(_JUDGED, line.passed)
            if not line.passed and not is_last:
                item.setForeground(self.context.theme.colour(Tone.ALARM))
            self.list.addItem(item)
        missing = [
            line.name for line in self.lines if not line.passed and line.name != "lock passphrase"
        ]
        self.arm.setEnabled(bool(self.lines) and not missing)
        if self.lines and self._asked_after is None:
            self.said.setText(
                f"{len(missing)} of {len(self.lines)} lines do not hold yet."
                if missing
                else "Every line holds: type the passphrase and hold the button."
            )

    def _lay_out(self) -> None:
        what = QLabel(
            "Armed, this desk sends orders to the broker once you have approved them. A "
            "difference between book and broker, the kill switch, a restart or your word disarms "
            "it; nothing but you arms it again."
        )
        what.setWordWrap(True)
        form = QFormLayout()
        for name, level in self.levels.items():
            form.addRow(f"Options level for {name}", level)
        for field in (self.profile, self.disclosure):
            form.addRow(field.accessibleName(), field)
        form.addRow("", self.own)
        for field in (self.adviser, self.typed, self.passphrase):
            form.addRow(field.accessibleName(), field)
        fields = QWidget()
        fields.setLayout(form)
        foot = QHBoxLayout()
        foot.addWidget(self.again)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.arm)
        rows = QVBoxLayout(self)
        rows.addWidget(what)
        rows.addWidget(self.list, 1)
        rows.addWidget(Roomy(fields), 1)
        rows.addWidget(self.said)
        rows.addLayout(foot)
        self.resize(self.fontMetrics().averageCharWidth() * 110, self.fontMetrics().height() * 54)

    def _connect(self) -> None:
        for field in (self.profile, self.disclosure, self.adviser, self.typed):
            field.textChanged.connect(self.judge)
        for level in self.levels.values():
            level.valueChanged.connect(self.judge)
        self.own.toggled.connect(self.judge)
        self.arm.fired.connect(self._ask)
        self.context.bridge.published.connect(self.take)

    def _level(self, name: str) -> QSpinBox:
        field = QSpinBox()
        field.setRange(0, _LEVEL_MAX)
        field.setSpecialValueText("none")
        field.setAccessibleName(f"Options level for {name}")
        field.setToolTip(f"The options level the broker has approved for {name}")
        return field

    def _field(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setPlaceholderText(hint)
        return field

    def _button(self, title: str, press: object) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.setAccessibleName(title.partition("  ")[0])
        button.clicked.connect(press)
        return button
