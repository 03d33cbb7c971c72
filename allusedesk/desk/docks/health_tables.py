"""The alerts that stand, to be taken note of, and every series the desk keeps of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.taking_note import acknowledge
from allusedesk.desk.theme import Tone
from allusedesk.domain.alerts import Severity, StandingAlert

if TYPE_CHECKING:
    from allusedesk.monitoring.figures import Figure

_PREFIX = "allusedesk_"
_DIGITS_SMALL = 4
_LARGE = 1_000.0


def _tone(standing: StandingAlert) -> Tone:
    if standing.acknowledged_by:
        return Tone.MUTED
    return Tone.ALARM if standing.alert.severity is Severity.CRITICAL else Tone.CAUTION


def _amount(value: float | None) -> str:
    """A figure of unknown size: whole where it is whole or large, else four digits."""
    if value is None:
        return ""
    if float(value).is_integer() or abs(value) >= _LARGE:
        return formatting.number(value, 0)
    return formatting.number(value, _DIGITS_SMALL)


def _name(figure: Figure) -> str:
    about = ", ".join(value for _, value in figure.labels)
    name = figure.name.removeprefix(_PREFIX)
    return f"{name} · {about}" if about else name


_ALERTS: tuple[Column[StandingAlert], ...] = (
    Column(
        "severity", "Severity", lambda one: one.alert.severity.value, is_searched=True, tone=_tone
    ),
    Column("text", "What it says", lambda one: one.alert.text, is_searched=True, is_roomy=True),
    Column("since", "Since", lambda one: one.raised_at, formatting.moment),
    Column(
        "noted",
        "Noted by",
        lambda one: one.acknowledged_by or "nobody yet",
        is_searched=True,
        tone=lambda one: Tone.MUTED if one.acknowledged_by else Tone.PLAIN,
    ),
    Column(
        "value",
        "Measured",
        lambda one: one.alert.value,
        _amount,
        is_number=True,
        is_hidden_at_first=True,
    ),
    Column(
        "limit",
        "Limit",
        lambda one: one.alert.limit,
        _amount,
        is_number=True,
        is_hidden_at_first=True,
    ),
    Column("rule", "Rule", lambda one: one.alert.id, is_searched=True, is_hidden_at_first=True),
)

_SERIES: tuple[Column[Figure], ...] = (
    Column(
        "name",
        "Series",
        _name,
        is_searched=True,
        tip=f"Those of the desk begin with {_PREFIX}, which is left out here",
    ),
    Column("value", "Now", lambda one: one.value, _amount, is_number=True),
    Column("unit", "Unit", lambda one: one.unit, is_searched=True),
    Column(
        "rate",
        "A second",
        lambda one: one.per_second,
        lambda value: "" if value is None else formatting.number(value, 2),
        is_number=True,
        tip="How fast a count rises",
    ),
    Column("meaning", "Meaning", lambda one: one.meaning, is_searched=True, is_roomy=True),
)


class AlertsPage(QWidget):
    """Alerts whose condition holds, critical ones first, with what takes note of them."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self._context = context
        self._standing: tuple[StandingAlert, ...] = ()
        self.model = TableModel(_ALERTS, lambda one: one.alert.id, context.theme)
        self.blotter = Blotter(
            self.model,
            "Alerts",
            "Nothing is wrong. What falls short of a rule stands here while it lasts.",
        )
        self.blotter.add_action(
            "Take note", "Ctrl+Return", self._note, "Your name goes into the journal beside it"
        )
        self.button = QPushButton("Take note")
        self.button.setAutoDefault(False)
        self.button.setToolTip(
            "Record that you have seen the alerts chosen, or all of them (Ctrl+Enter)"
        )
        self.button.setAccessibleName("Take note of alerts")
        self.button.clicked.connect(self._note)
        self.whole = QLabel()
        self.whole.setTextFormat(Qt.TextFormat.PlainText)
        self.whole.setAccessibleName("The alert chosen, in full")
        self.whole.setWordWrap(True)
        self.blotter.chosen.connect(lambda _: self._show_whole())
        self.trouble = QLabel()
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble.setAccessibleName("What telling of alerts met with")
        self.trouble.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setContentsMargins(4, 0, 4, 2)
        foot.addWidget(self.trouble, 1)
        foot.addWidget(self.button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.blotter, 1)
        rows.addWidget(self.whole)
        rows.addLayout(foot)
        self.button.setEnabled(False)
        self.whole.hide()

    def show_alerts(self, standing: tuple[StandingAlert, ...]) -> None:
        """Show what stands, and whether anything is left to take note of."""
        watch = self._context.watch
        trouble = "" if watch is None else watch.trouble
        if self.trouble.text() != trouble:
            self.trouble.setText(trouble)
        if standing == self._standing:
            return
        self._standing = standing
        self.model.show(standing)
        self.button.setEnabled(any(not one.acknowledged_by for one in standing))
        self._show_whole()

    def _show_whole(self) -> None:
        """The chosen alert's sentence, which a narrow column cuts; the first one's if none is."""
        chosen = self.blotter.rows_chosen() or self._standing
        self.whole.setText(chosen[0].alert.text if chosen else "")
        self.whole.setVisible(bool(chosen))

    def _note(self) -> None:
        acknowledge(self._context, self.blotter.rows_chosen() or self._standing)


class SeriesPage(QWidget):
    """Every series as the watch last read it."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.model = TableModel(_SERIES, lambda one: one.key, context.theme)
        self.blotter = Blotter(self.model, "All series", "The figures are read in a moment.")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.blotter)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show these series."""
        if figures:
            self.model.show(figures)
