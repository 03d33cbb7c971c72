"""Performance: what became of the money, beside what could have, and what trading cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.charts.equity_curve import EquityCurve
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.performance_marks import MarksPanel
from allusedesk.desk.docks.performance_parts import PartsPanel
from allusedesk.desk.docks.performance_weights import WeightsPanel
from allusedesk.desk.room import Roomy
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.journal.queries.performance import (
    Performance,
    Skipped,
    SleeveResult,
    performance,
)
from allusedesk.journal.words.rules import rule_in_words

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.wiring.yardsticks import Yardstick

_ALL, _YEAR = "all", "year"
_AGAIN_MILLISECONDS = 1_000
# The periods there are: a title, and how many days back or one of the words above.
_PERIODS: tuple[tuple[str, str | int], ...] = (
    ("Since the beginning", _ALL),
    ("This year", _YEAR),
    ("52 weeks", 364),
    ("13 weeks", 91),
    ("4 weeks", 28),
)


class PerformanceDock(Dock):
    """A period of the desk, read from its record anew at each close."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.found: Performance | None = None
        self.yardsticks: tuple[Yardstick, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._is_reading = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MILLISECONDS)
        self._again.timeout.connect(self._on_period)
        theme = context.theme
        self.period = QComboBox()
        self.period.setAccessibleName("Period")
        for title, value in _PERIODS:
            self.period.addItem(title, value)
        self.period.currentIndexChanged.connect(self._on_period)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("The period in brief")
        self.told.setWordWrap(True)
        self.told.setContentsMargins(6, 0, 6, 2)
        self.costs = QLabel()
        self.costs.setTextFormat(Qt.TextFormat.PlainText)
        self.costs.setAccessibleName("What trading cost")
        self.costs.setWordWrap(True)
        self.costs.setMargin(4)
        self.curve = EquityCurve(theme)
        self.sleeves: TableModel[SleeveResult] = TableModel(
            _SLEEVES, lambda row: row.account, theme
        )
        self.skipped: TableModel[Skipped] = TableModel(_SKIPPED, lambda row: row.rule, theme)
        self.parts = PartsPanel(context)
        self.weights = WeightsPanel(context)
        self.marks = MarksPanel(context)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Below the curve")
        self.tabs.tabBar().setAccessibleName("Pages below the curve")
        self.tabs.setDocumentMode(True)
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        # Balances are marked at closes: between two of them only the day and its marks change.
        marked = tuple(sleeve.high for sleeve in picture.sleeves)
        self.weights.list_sleeves(picture)
        self.marks.want((picture.at.date(), marked))
        asked = (picture.at.date(), marked, self.period.currentData())
        if asked != self._asked and not self._is_reading:
            self._asked = asked
            self._ask(picture)

    def wear(self, theme: Theme) -> None:
        self.curve.wear(theme)
        self.sleeves.wear(theme)
        self.skipped.wear(theme)
        self.parts.wear(theme)
        self.weights.wear(theme)
        self.marks.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {
            "period": self.period.currentData(),
            "tab": self.tabs.currentIndex(),
            "division": self.parts.division.currentData(),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        place = self.period.findData(kept.get("period"))
        if place >= 0:
            self.period.setCurrentIndex(place)
        place = self.parts.division.findData(kept.get("division"))
        if place >= 0:
            self.parts.division.setCurrentIndex(place)
        tab = kept.get("tab")
        if isinstance(tab, int) and 0 <= tab < self.tabs.count():
            self.tabs.setCurrentIndex(tab)

    def _on_period(self) -> None:
        self._asked = ()
        if self.context.bridge.latest is not None and self.isVisible():
            self.show_picture(self.context.bridge.latest)

    def _ask(self, picture: DeskSnapshot) -> None:
        first = _first(self.period.currentData(), picture.at.date())

        def fail(_sentence: str) -> None:
            # The record is not there before the engine has written its first entry.
            self._is_reading = False
            self._again.start()

        self._is_reading = True
        self.context.records.ask(
            "Reading the performance", lambda side: performance(side, first), self._take, fail
        )

    def _take(self, found: Performance) -> None:
        self._is_reading = False
        self.found = found
        self.sleeves.show(found.sleeves)
        self.skipped.show(found.skipped)
        self.costs.setText(_cost_words(found))
        self._show_curve(())
        self.parts.want(found.days[1].on if len(found.days) > 1 else None, found.days)
        engine = self.context.bridge.engine
        looks = engine.looks if engine is not None else None
        if looks is not None and len(found.days) > 1:
            days = tuple(day.on for day in found.days)
            self.context.operations.begin(
                "Reading the yardsticks", lambda _: looks.yardsticks(days), self._show_curve
            )

    def _show_curve(self, yardsticks: tuple[Yardstick, ...]) -> None:
        found = self.found
        if found is None:
            return
        fitting = [one for one in yardsticks if len(one.values) == len(found.days)]
        self.yardsticks = tuple(fitting)
        self.curve.show_days(found.days, fitting)
        self.told.setText(_words(found, fitting))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 2)
        head.addWidget(QLabel("Period"))
        head.addWidget(self.period)
        head.addStretch(1)
        tables = QWidget()
        self.tabs.addTab(tables, "Sleeves and skips")
        self.tabs.addTab(Roomy(self.parts), "What it came from")
        self.tabs.addTab(Roomy(self.weights), "What to hold")
        self.tabs.addTab(self.marks, "What stands out")
        columns = QHBoxLayout(tables)
        columns.setContentsMargins(0, 0, 0, 0)
        sleeves = Blotter(self.sleeves, "Sleeves", "No week is over yet.")
        skipped = Blotter(self.skipped, "Skips by reason", "No candidate was turned down.")
        # The sleeves' last column is the one all is about: how they stand against their target.
        columns.addWidget(sleeves, 5)
        columns.addWidget(skipped, 3)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.curve)
        parts.addWidget(self.tabs)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(head)
        rows.addWidget(self.told)
        rows.addWidget(parts, 1)
        rows.addWidget(self.costs)
        self.put_keyboard_on(self.period)


def _first(period: str | int, today: date) -> date | None:
    if period == _ALL:
        return None
    return date(today.year, 1, 1) if period == _YEAR else today - timedelta(days=int(period))


def _words(found: Performance, yardsticks: list[Yardstick]) -> str:
    if len(found.days) < 2:
        return "No close has been marked in this period yet."
    first, last = found.days[0], found.days[-1]
    parts = [f"{formatting.day(first.on)} to {formatting.day(last.on)}"]
    parts.append(f"equity {formatting.whole_money(last.equity)} USD")
    parts.append(f"desk {formatting.percent(found.gain, 2, signed=True)}")
    parts += [
        f"{one.name} {formatting.percent(one.values[-1] - 1.0, 2, signed=True)} ({one.note})"
        for one in yardsticks
    ]
    parts.append(f"deepest fall {formatting.percent(found.drawdown_max, 2)}")
    modelled = sum(day.is_modelled for day in found.days)
    if modelled:
        parts.append(f"modelled marks on {modelled} of {len(found.days) - 1} closes")
    return "   ".join(parts)


def _cost_words(found: Performance) -> str:
    parts = [f"{found.fills} fills", f"commissions {formatting.money(found.commission)} USD"]
    if found.fills_measured:
        parts.append(
            f"against mid {formatting.money(found.slippage, signed=True)} USD over "
            f"{found.fills_measured} fills of single legs"
        )
    if found.interest is not None:
        parts.append(f"interest on cash {formatting.money(found.interest, signed=True)} USD")
    return "   ".join(parts)


def _tone(value: Decimal) -> Tone:
    """Nothing earned is neither a gain nor a loss."""
    if not value:
        return Tone.PLAIN
    return Tone.LOSS if value < 0 else Tone.GAIN


def _percent(value: Any) -> str:
    return formatting.percent(value, 2, signed=True)


def _is_short(row: SleeveResult) -> bool:
    return row.target is not None and row.mean < row.target


_SLEEVES: tuple[Column[SleeveResult], ...] = (
    Column("account", "Sleeve", lambda row: row.account, is_searched=True),
    Column("weeks", "Weeks", lambda row: row.weeks, is_number=True),
    Column(
        "earned",
        "Earned, USD",
        lambda row: row.earned.amount,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
        tone=lambda row: _tone(row.earned.amount),
    ),
    Column(
        "mean",
        "Realised a week",
        lambda row: row.mean,
        _percent,
        is_number=True,
        tone=lambda row: _tone(row.mean),
    ),
    Column("target", "Target a week", lambda row: row.target, _percent, is_number=True),
    Column(
        "against",
        "Against target",
        lambda row: None if row.target is None else row.mean - row.target,
        lambda value: (
            formatting.NOTHING_TO_SHOW
            if value is None
            else f"{_percent(value)} {'short' if value < 0 else 'met'}"
        ),
        is_number=True,
        tone=lambda row: Tone.CAUTION if _is_short(row) else Tone.PLAIN,
    ),
)

_SKIPPED: tuple[Column[Skipped], ...] = (
    Column(
        "count",
        "Times",
        lambda row: row.count,
        lambda value: formatting.number(value, 0),
        is_number=True,
    ),
    Column(
        "reason", "Reason", lambda row: rule_in_words(row.rule), is_searched=True, is_roomy=True
    ),
    Column("rule", "Rule", lambda row: row.rule, is_searched=True),
)
