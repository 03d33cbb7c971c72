"""Health: what the engine counts, what is wrong, how old what it sees is, what it wants read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.health_tables import AlertsPage, SeriesPage
from allusedesk.desk.sparkline import SparklineDelegate
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.quotes import Quote
from allusedesk.journal.queries.desk import newest_notices
from allusedesk.journal.read_values import Notice
from allusedesk.monitoring.marks import Marks, Trend, marks_of

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.wiring.vitals import Vitals

_COUNT_MILLISECONDS = 1_000
# Two minutes of figures, one a second.
_HISTORY = 120
_STALE_SECONDS = 30
_NOTES_SHOWN = 6
_FAILED = "Should be 0: a part of this window raised, and the rest went on"


_NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure as it stands, and as it was over the last two minutes."""

    name: str
    value: float
    text: str
    history: tuple[float, ...]
    is_fault: bool
    meaning: str
    marks: Marks = _NO_MARKS


@dataclass(frozen=True, slots=True)
class _Measure:
    """How one figure is read off the vitals and shown; a fault is a count that should be 0.

    A count that only rises `is_count`: it has neither trend nor surprise.
    """

    name: str
    read: Callable[[Vitals], float | None]
    show: Callable[[float], str]
    meaning: str
    is_fault: bool = False
    is_rate: bool = False
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class QuoteAge:
    """How old the newest quote of one symbol is, in recorded time."""

    quote: Quote
    seconds: float


def _whole(value: float) -> str:
    return formatting.number(value, 0)


def _tenths(unit: str, value: float) -> str:
    return f"{formatting.number(value, 1)} {unit}"


_MEASURES = (
    _Measure(
        "Entries recorded", lambda v: v.entries, _whole, "Facts in the journal", is_count=True
    ),
    _Measure(
        "Entries a second",
        lambda v: v.entries,
        partial(_tenths, "/s"),
        "How fast the record grows",
        is_rate=True,
    ),
    _Measure(
        "Quote batches a second",
        lambda v: v.batches,
        partial(_tenths, "/s"),
        "How often the feed sends",
        is_rate=True,
    ),
    _Measure(
        "Engine beats a second",
        lambda v: v.beats,
        partial(_tenths, "/s"),
        "Twenty where nothing holds it up; 0 means it does not stir",
        is_rate=True,
    ),
    _Measure("Facts waiting", lambda v: v.inbox_waiting, _whole, "In the inbox, not yet recorded"),
    _Measure(
        "Picture",
        lambda v: v.picture_seconds * 1000,
        partial(_tenths, "ms"),
        "What one picture of the desk costs the engine",
    ),
    _Measure("Live orders", lambda v: v.orders_live, _whole, "At the broker now"),
    _Measure("Open questions", lambda v: v.questions_open, _whole, "Waiting for a person"),
    _Measure("Clock alarms set", lambda v: v.alarms_set, _whole, "Looks that are due"),
    _Measure("Price alarms set", lambda v: v.price_alarms_set, _whole, "Levels being watched"),
    _Measure(
        "Journal",
        lambda v: v.journal_megabytes,
        partial(_tenths, "MB"),
        "On disk",
        is_count=True,
    ),
    _Measure(
        "Memory", lambda v: v.memory_megabytes, partial(_tenths, "MB"), "Of the whole program"
    ),
    _Measure(
        "Quotes dropped",
        lambda v: sum(count for _, count in v.quotes_dropped),
        _whole,
        "Crossed, negative, zero or no number",
        is_count=True,
    ),
    _Measure(
        "Pictures failed",
        lambda v: v.pictures_failed,
        _whole,
        "Should be 0: a screen may show an old picture",
        is_fault=True,
    ),
    _Measure(
        "Observers failed",
        lambda v: v.observers_failed,
        _whole,
        "Should be 0: something that only watches raised",
        is_fault=True,
    ),
)

_ARROWS = {Trend.RISING: "▲ rising", Trend.FALLING: "▼ falling", Trend.STEADY: ""}


def _marks_in_words(metric: Metric) -> str:
    unusual = "unusual" if metric.marks.is_unusual else ""
    return ", ".join(one for one in (_ARROWS[metric.marks.trend], unusual) if one)


_METRICS: tuple[Column[Metric], ...] = (
    Column("name", "Figure", lambda metric: metric.name, is_searched=True),
    Column(
        "value",
        "Now",
        lambda metric: metric.text,
        is_number=True,
        tone=lambda metric: Tone.ALARM if metric.is_fault and metric.value else Tone.PLAIN,
    ),
    Column("history", "Last two minutes", lambda _: "", tip="From its least to its greatest"),
    Column(
        "marks",
        "Marks",
        _marks_in_words,
        is_searched=True,
        tone=lambda metric: Tone.CAUTION if metric.marks.is_unusual else Tone.MUTED,
        tip="Where it is heading over the last two minutes; unusual is far from what it was",
    ),
    Column("meaning", "Meaning", lambda metric: metric.meaning, is_roomy=True),
)

_AGES: tuple[Column[QuoteAge], ...] = (
    Column("what", "Quote of", lambda age: str(age.quote.instrument), is_searched=True),
    Column(
        "age",
        "Age",
        lambda age: age.seconds,
        formatting.age,
        is_number=True,
        tone=lambda age: Tone.CAUTION if age.seconds > _STALE_SECONDS else Tone.PLAIN,
    ),
    Column("at", "Quoted at", lambda age: age.quote.quoted_at, formatting.moment),
    Column("source", "Source", lambda age: "modelled" if age.quote.is_modelled else "recorded"),
)

_SEVERITIES = {"alarm": Tone.ALARM, "warning": Tone.CAUTION}
_READ: tuple[Column[Notice], ...] = (
    Column("at", "New York time", lambda notice: notice.recorded_at, formatting.moment),
    Column(
        "severity",
        "Severity",
        lambda notice: notice.severity,
        is_searched=True,
        tone=lambda notice: _SEVERITIES.get(notice.severity, Tone.PLAIN),
    ),
    Column("subject", "About", lambda notice: notice.subject, is_searched=True),
    Column("text", "What it says", lambda notice: notice.text, is_searched=True, is_roomy=True),
)


class HealthDock(Dock):
    """Figures once a second while it is seen, ages with each picture, notices as they come."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        theme = context.theme
        self.metrics = TableModel(_METRICS, lambda metric: metric.name, theme)
        self.ages = TableModel(_AGES, lambda age: age.quote.instrument, theme)
        self.notices = TableModel(_READ, lambda notice: (notice.sequence, notice.text), theme)
        self._histories: dict[str, deque[float]] = {}
        self._before: dict[str, float] = {}
        self._read_to = 0
        self._is_reading = False
        self.headline = QLabel()
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setAccessibleName("How the desk is")
        self.headline.setWordWrap(True)
        self.feed_told = QLabel()
        self.feed_told.setTextFormat(Qt.TextFormat.PlainText)
        self.feed_told.setAccessibleName("What the feed says of itself")
        self.feed_told.setToolTip("What is missing, old, dropped or not the market as it is")
        self.feed_told.setWordWrap(True)
        self.feed_told.hide()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_COUNT_MILLISECONDS)
        self._timer.timeout.connect(self.count)

    def show_picture(self, picture: DeskSnapshot) -> None:
        quotes = {quote.instrument: quote for quote in picture.underlyings}
        for held in picture.lots:
            if held.quote is not None:
                quotes[held.quote.instrument] = held.quote
        found = [QuoteAge(one, max(0.0, one.age_seconds(picture.at))) for one in quotes.values()]
        self.ages.show(found)
        oldest = max((age.seconds for age in found), default=None)
        broker = "broker linked" if picture.is_link_up else "BROKER LOST"
        halted = f"; HALTED: {picture.halted_by}" if picture.halted_by else ""
        oldest_text = formatting.age(oldest)
        self.headline.setText(f"Engine alive, {broker}, oldest quote {oldest_text}{halted}.")
        self.alerts.show_alerts(picture.alerts)
        if picture.sequence != self._read_to and not self._is_reading:
            self._read_to, self._is_reading = picture.sequence, True
            self.context.records.ask("Reading the notices", newest_notices, self._take, self._fail)

    def count(self) -> None:
        """Read the engine's vitals once; called by the timer each second."""
        engine = self.context.bridge.engine
        vitals = engine.vitals() if engine is not None else None
        if vitals is None:
            return
        self.tell_of_feed(vitals.feed_notes)
        found = [metric for measure in _MEASURES if (metric := self._metric(measure, vitals))]
        faults = float(self.context.notices.faults)
        found.append(self._kept("Parts of the window failed", faults, _whole(faults), _FAILED))
        self.metrics.show(found)
        if self.series.isVisible() and self.context.watch is not None:
            self.series.show_figures(self.context.watch.figures())

    def tell_of_feed(self, notes: tuple[str, ...]) -> None:
        """Show what a live feed says of itself; nothing where it has nothing to say."""
        more = len(notes) - _NOTES_SHOWN
        shown = [*notes[:_NOTES_SHOWN], *([f"And {more} more."] if more > 0 else [])]
        self.feed_told.setText(f"Feed: {' '.join(shown)}" if shown else "")
        self.feed_told.setVisible(bool(shown))

    def wear(self, theme: Theme) -> None:
        for model in (self.metrics, self.ages, self.notices):
            model.wear(theme)
        self.alerts.model.wear(theme)
        self.series.model.wear(theme)
        self._sparkline.theme = theme

    def kept(self) -> dict[str, Any]:
        return {"tab": self.tabs.currentIndex()}

    def restore(self, kept: dict[str, Any]) -> None:
        tab = kept.get("tab", 0)
        if isinstance(tab, int) and 0 <= tab < self.tabs.count():
            self.tabs.setCurrentIndex(tab)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.count()
        self._timer.start()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of health")
        self.tabs.setDocumentMode(True)
        figures = Blotter(self.metrics, "Figures", "The engine is still starting.")
        self._sparkline = SparklineDelegate(self.context.theme, figures.table)
        figures.table.setItemDelegateForColumn(2, self._sparkline)
        self.tabs.addTab(figures, "Figures")
        self.alerts = AlertsPage(self.context)
        self.tabs.addTab(self.alerts, "Alerts")
        ages = Blotter(self.ages, "Data ages", "Nothing was quoted yet.")
        self.tabs.addTab(ages, "Data ages")
        told = Blotter(self.notices, "Notices", "The desk has nothing to tell.")
        self.tabs.addTab(told, "Notices")
        self.series = SeriesPage(self.context)
        self.tabs.addTab(self.series, "All series")
        self.tabs.currentChanged.connect(lambda _: self.count())
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 0)
        rows.addWidget(self.headline)
        rows.addWidget(self.feed_told)
        rows.addWidget(self.tabs, 1)
        self.put_keyboard_on(self.tabs)

    def _metric(self, measure: _Measure, vitals: Vitals) -> Metric | None:
        value = measure.read(vitals)
        if value is None:
            return None
        if measure.is_rate:
            before = self._before.get(measure.name, value)
            self._before[measure.name] = value
            value = (value - before) / timedelta(milliseconds=_COUNT_MILLISECONDS).total_seconds()
        found = self._kept(
            measure.name, value, measure.show(value), measure.meaning, is_fault=measure.is_fault
        )
        return found if measure.is_count else replace(found, marks=marks_of(found.history))

    def _kept(
        self, name: str, value: float, text: str, meaning: str, *, is_fault: bool = True
    ) -> Metric:
        """A figure with its last two minutes."""
        history = self._histories.setdefault(name, deque(maxlen=_HISTORY))
        history.append(value)
        return Metric(name, value, text, tuple(history), is_fault, meaning)

    def _take(self, found: tuple[Notice, ...]) -> None:
        self._is_reading = False
        self.notices.show(found)

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self.context.notices.warn(sentence)
