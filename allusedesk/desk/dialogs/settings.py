"""What a person may choose about the desk; nothing here decides a trade."""

from __future__ import annotations

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
        form = QFormLayout()
        for name, field in (
            ("Colours", self.look),
            ("Who signs decisions here", self.operator),
            ("Type the quantity to approve above", self.typed_above),
            ("Lock after", self.lock_minutes),
            ("Recorded time", self.stands),
        ):
            field.setAccessibleName(name)
            form.addRow(name, field)
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
        rows.addLayout(form)
        rows.addStretch(1)
        rows.addLayout(foot)

    def _keep(self) -> None:
        self.preferences.change(
            look=self.look.currentText(),
            operator=self.operator.text().strip(),
            typed_above=self.typed_above.value(),
            lock_minutes=self.lock_minutes.value(),
            stands_at_questions=self.stands.isChecked(),
        )
        self.accept()
