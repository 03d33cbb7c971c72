"""Advice: what the model thinks of the week, how good that has been, and nothing to press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.charts.heading import headed
from allusedesk.desk.charts.line_chart import Line, LineChart, Stroke
from allusedesk.desk.charts.probability_bars import Bar, ProbabilityBars
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.forecast_words import NO_RECORD, likeliest, record_of, silence_of
from allusedesk.domain.forecasts import ForecastMade, ForecastScore, TargetForecast
from allusedesk.journal.queries.advice import AdviceLine, advice_record

if TYPE_CHECKING:
    from allusedesk.desk.handbook_window import HandbookWindow
    from allusedesk.engine.snapshot import DeskSnapshot

NOTHING = (
    "No forecast was made for this week. A desk in real time makes one when it plans a week; for "
    "recorded time switch `of_recorded` on under [advice] in the settings."
)
_NOTHING_YET = "The desk is starting: the forecast of its week stands here once there is one."
_CARD = "model-card"
_AGAIN_MILLISECONDS = 1_000
_CHANCE_95 = 1.96


class AdviceDock(Dock):
    """The forecast of the week that was planned last, one target at a time."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        theme = context.theme
        self.forecast: ForecastMade | None = None
        self._asked: tuple[object, ...] = ()
        self._handbook: HandbookWindow | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MILLISECONDS)
        self._again.timeout.connect(self._ask)
        self.head = _label("What is forecast")
        self.record = _label("How such forecasts have done")
        self.drift = _label("Drift")
        self.model = _label("The model")
        self.target = QComboBox()
        self.target.setAccessibleName("What is forecast")
        self.target.setToolTip("The condition after the week, its label, or its outcomes")
        self.target.currentIndexChanged.connect(self._show_target)
        self.card = QPushButton("Model card")
        self.card.setAutoDefault(False)
        self.card.setAccessibleName("Model card")
        self.card.setToolTip("What the model is, what it learnt from, and how far to believe it")
        self.card.clicked.connect(self._open_card)
        self.bars = ProbabilityBars(theme, "Probabilities")
        self.reliability = LineChart(theme, "Given against what came about", _percent, _percent)
        self.reliability.empty = f"{NO_RECORD.capitalize()}."
        self.curve = headed(self.reliability, "How often it came about, by how likely it was given")
        self.lines: TableModel[AdviceLine] = TableModel(
            _LINES, lambda row: (row.week, row.target), theme
        )
        self._lay_out()
        self._show_target()
        self.head.setText(_NOTHING_YET)

    def show_picture(self, picture: DeskSnapshot) -> None:
        week = None if picture.week is None else picture.week.id
        asked = (week, picture.forecast, picture.at.date())
        if asked == self._asked:
            return
        self._asked = asked
        made = picture.forecast
        self.forecast = made if made is not None and made.week == week else None
        self._list_targets()
        self._ask()

    def wear(self, theme: Theme) -> None:
        self.bars.wear(theme)
        self.reliability.wear(theme)
        self.lines.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {"target": self.target.currentText()}

    def restore(self, kept: dict[str, Any]) -> None:
        place = self.target.findText(str(kept.get("target", "")))
        if place >= 0:
            self.target.setCurrentIndex(place)

    def _ask(self) -> None:
        def fail(_sentence: str) -> None:
            # The record is not there before the engine has written its first entry.
            self._again.start()

        self.context.records.ask("Reading the advice", advice_record, self.lines.show, fail)

    def _list_targets(self) -> None:
        names = [one.target.capitalize() for one in self.forecast.targets] if self.forecast else []
        if [self.target.itemText(place) for place in range(self.target.count())] != names:
            self.target.blockSignals(True)  # noqa: FBT003 - Qt's own signature
            self.target.clear()
            self.target.addItems(names)
            self.target.blockSignals(False)  # noqa: FBT003 - Qt's own signature
        self._show_target()

    def _show_target(self) -> None:
        made, place = self.forecast, self.target.currentIndex()
        shown = made.targets[place] if made is not None and place >= 0 else None
        self.head.setText(_head_words(made, shown))
        is_spoken = shown is not None and bool(shown.likelihoods)
        for part in (self.target, self.bars, self.curve, self.record, self.model):
            part.setVisible(is_spoken or (part is self.target and made is not None))
        self.drift.setVisible(is_spoken and shown is not None and bool(shown.drift))
        if shown is None or not is_spoken:
            return
        self.bars.show_bars(
            [
                Bar(one.code, float(one.probability), float(one.base_rate))
                for one in likeliest(shown.likelihoods)
            ]
        )
        self._show_reliability(shown)
        self.record.setText(_record_words(shown))
        self.drift.setText("Drift: " + " ".join(shown.drift))
        self.model.setText(f"Model {shown.model}, learnt from {shown.trained}.")

    def _show_reliability(self, shown: TargetForecast) -> None:
        points = sorted(shown.calibration, key=lambda one: one.expected)
        expected = np.array([float(one.expected) for one in points])
        observed = np.array([float(one.observed) for one in points])
        counts = np.array([float(one.count) for one in points])
        # So far a share of that many may lie from what was given by chance alone.
        chance = _CHANCE_95 * np.sqrt(expected * (1.0 - expected) / np.maximum(counts, 1.0))
        lines = [
            Line("came about", observed),
            Line("as given", expected, "text_muted", Stroke.DASHED),
            Line(
                "by chance, from", np.maximum(expected - chance, 0.0), "text_muted", Stroke.DOTTED
            ),
            Line("to (95%)", np.minimum(expected + chance, 1.0), "text_muted", Stroke.DOTTED),
        ]
        # Fewer cases than a record needs would draw chance as if it were the model's doing.
        has_curve = shown.score is not None and len(points) > 1
        self.reliability.show_lines(expected, lines if has_curve else ())

    def _open_card(self) -> None:
        from allusedesk.desk.handbook_window import HandbookWindow

        if self._handbook is None:
            self._handbook = HandbookWindow(self.window())
        self._handbook.show_page(_CARD)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 2)
        head.addWidget(self.target, 1)
        head.addWidget(self.card)
        top = QWidget()
        rows = QVBoxLayout(top)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(head)
        for part in (self.head, self.bars, self.record, self.drift, self.model):
            rows.addWidget(part)
        rows.addWidget(self.curve, 1)
        rows.addStretch(0)
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QScrollArea.Shape.NoFrame)
        scrolled.setAccessibleName("Forecast with its record, scrolled by the arrow keys")
        scrolled.setWidget(top)
        table = Blotter(self.lines, "Advice week by week", "No forecast has been shown yet.")
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(scrolled)
        parts.addWidget(table)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(parts)
        self.put_keyboard_on(self.target)


def _label(name: str) -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setAccessibleName(name)
    made.setWordWrap(True)
    made.setContentsMargins(6, 0, 6, 2)
    return made


def _head_words(made: ForecastMade | None, shown: TargetForecast | None) -> str:
    if made is None:
        return NOTHING
    if shown is None or not shown.likelihoods:
        silence = silence_of(made) if shown is None or not shown.silence else shown.silence
        return f"Week {made.week}. {silence}"
    return (
        f"Week {made.week}, forecast when it was planned, from {made.weeks_labelled} labelled "
        "weeks. Advice: it binds nobody."
    )


def _record_words(shown: TargetForecast) -> str:
    score = shown.score
    if score is None:
        return record_of(score).capitalize()
    words = f"Record: {record_of(score)}{_brier_words(score)}"
    return words.replace("(-", f"({formatting.MINUS}").replace(" -", f" {formatting.MINUS}")


def _brier_words(score: ForecastScore) -> str:
    return f" Brier score {score.brier_model:.3f}, of the base rates {score.brier_base:.3f}."


def _percent(value: Any) -> str:
    return formatting.percent(value, 0)


def _gain(value: float | None) -> str:
    if value is None:
        return formatting.NOTHING_TO_SHOW
    return f"{formatting.number(value, 2, signed=True)} {'better' if value > 0 else 'worse'}"


def _tone(row: AdviceLine) -> Tone:
    if row.gain is None:
        return Tone.MUTED
    return Tone.GAIN if row.gain > 0 else Tone.LOSS


_LINES: tuple[Column[AdviceLine], ...] = (
    Column("week", "Week", lambda row: row.week, is_searched=True),
    Column("target", "What", lambda row: row.target, is_searched=True),
    Column("likeliest", "Likeliest", lambda row: row.likeliest, is_searched=True),
    Column("given", "Given", lambda row: row.probability, _percent, is_number=True),
    Column(
        "gain",
        "Against base rates",
        lambda row: row.gain,
        _gain,
        is_number=True,
        tone=_tone,
        tip="By how much more was given to what came about, in nats",
    ),
    Column(
        "happened",
        "Came about",
        lambda row: row.happened or "not known yet",
        is_searched=True,
        is_roomy=True,
    ),
)
