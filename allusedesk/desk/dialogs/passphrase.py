"""Where the passphrase of the lock is set, changed or removed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.lock import DeskLock
from allusedesk.passphrase import LETTERS_MIN, PassphraseRefused


class PassphraseDialog(QDialog):
    """Asks for a new passphrase twice, and for the present one where there is one.

    `kept` gives a sentence once it is done. What is typed stays in these fields and goes nowhere
    but to the lock.
    """

    kept = Signal(str)

    def __init__(self, lock: DeskLock, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Passphrase")
        self.setAccessibleName("Passphrase of the lock")
        self.lock = lock
        is_set = lock.passphrase.is_set
        what = QLabel(
            "The passphrase opens the desk again once it is locked, arms a live desk and signs "
            "what needs a second signature. It is kept nowhere: only a slow hash of it is, so "
            "nobody can read it back. Write it down where you keep such things."
        )
        what.setWordWrap(True)
        self.old = self._field("Present passphrase")
        self.new = self._field("New passphrase")
        self.again = self._field("New passphrase again")
        form = QFormLayout()
        for field in (self.old, self.new, self.again):
            form.addRow(field.accessibleName(), field)
        form.setRowVisible(self.old, is_set)
        self.verdict = QLabel(f"At least {LETTERS_MIN} letters; several words are best.")
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.keep = self._button("Set the passphrase", self._keep)
        self.remove = self._button("Remove the lock", self._remove)
        self.remove.setVisible(is_set)
        self.leave = self._button("Leave as it is", self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.remove)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.keep)
        rows = QVBoxLayout(self)
        rows.addWidget(what)
        rows.addLayout(form)
        rows.addWidget(self.verdict)
        rows.addStretch(1)
        rows.addLayout(foot)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 70)
        (self.old if is_set else self.new).setFocus()

    def _keep(self) -> None:
        if self.new.text() != self.again.text():
            self.verdict.setText("The two new ones differ, so nothing was changed: type them anew.")
        elif not self.new.text():
            self.verdict.setText("Type the new passphrase, and type it again below.")
        else:
            self._change(self.new.text(), "The passphrase is set; Ctrl+L locks the desk.")

    def _remove(self) -> None:
        self._change("", "The passphrase is removed: the desk has no lock.")

    def _change(self, new: str, told: str) -> None:
        try:
            self.lock.change(new, self.old.text())
        except PassphraseRefused as refusal:
            self.verdict.setText(str(refusal))
            return
        finally:
            for field in (self.old, self.new, self.again):
                field.clear()
        self.kept.emit(told)
        self.accept()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(name)
        field.setToolTip(name)
        return field

    def _button(self, text: str, press: object) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(text)
        button.setToolTip(text)
        button.clicked.connect(press)
        return button
