"""What a person may choose about the desk; nothing here decides a trade."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.preferences import Preferences
from allusedesk.desk.theme import Look

_CONTRACTS_MAX = 10_000
_MINUTES_MAX = 24 * 60


class SettingsDialog(QDialog):
    """The settings as fields; they hold from the moment they are kept."""

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preferences = preferences
        settings = preferences.settings
        self.look = QComboBox()
        self.look.addItems([look.value for look in Look])
        self.look.setCurrentText(settings.look)
        self.operator = QLineEdit(settings.operator)
        self.operator.setPlaceholderText(preferences.operator)
        self.typed_above = QSpinBox()
        self.typed_above.setRange(0, _CONTRACTS_MAX)
        self.typed_above.setValue(settings.typed_above)
        self.typed_above.setSuffix(" contracts")
        self.lock_minutes = QSpinBox()
        self.lock_minutes.setRange(0, _MINUTES_MAX)
        self.lock_minutes.setValue(settings.lock_minutes)
        self.lock_minutes.setSuffix(" idle minutes")
        self.lock_minutes.setSpecialValueText("never")
        self.stands = QCheckBox("Stand still while a question is open")
        self.stands.setChecked(settings.stands_at_questions)
        self.cuts_statements = QCheckBox("Write one for each family when a month has ended")
        self.cuts_statements.setChecked(settings.client.cuts_statements)
        where = QLabel(f"Kept in {preferences.home}")
        where.setWordWrap(True)
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.keep = QPushButton("Keep")
        self.leave = QPushButton("Leave as they were")
        for button, press in ((self.keep, self._keep), (self.leave, self.reject)):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
            button.clicked.connect(press)
        foot = QHBoxLayout()
        foot.addWidget(where, 1)
        foot.addWidget(self.leave)
        foot.addWidget(self.keep)
        rows = QVBoxLayout(self)
        rows.addLayout(self._form())
        rows.addStretch(1)
        rows.addLayout(foot)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        for name, field, tip in (
            ("Colours", self.look, "Dark, light, or as the system has it"),
            (
                "Who signs decisions here",
                self.operator,
                "The name beside each answer in the journal; empty for the system's user",
            ),
            (
                "Type the quantity to approve above",
                self.typed_above,
                "Approving more contracts than this needs the quantity typed",
            ),
            (
                "Lock after",
                self.lock_minutes,
                "A desk with a passphrase locks itself after so long without key or mouse",
            ),
            (
                "Recorded time",
                self.stands,
                "The market waits for your answer; in real time it cannot",
            ),
            (
                "Clients' statements",
                self.cuts_statements,
                "A statement in plain words, kept with the desk's other reports",
            ),
        ):
            field.setAccessibleName(name)
            field.setToolTip(tip)
            form.addRow(name, field)
        return form

    def _keep(self) -> None:
        self.preferences.change(
            look=self.look.currentText(),
            operator=self.operator.text().strip(),
            typed_above=self.typed_above.value(),
            lock_minutes=self.lock_minutes.value(),
            stands_at_questions=self.stands.isChecked(),
            client=replace(
                self.preferences.settings.client, cuts_statements=self.cuts_statements.isChecked()
            ),
        )
        self.accept()
