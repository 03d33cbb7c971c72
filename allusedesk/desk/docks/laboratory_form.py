"""The form that begins a backtest or a search."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from allusedesk.wiring.laboratory.wish import LaboratoryChoices, LaboratoryWish

_CAPITAL_MAX = 1e9
_TRIES_MAX = 2_000
_FILLS_USUAL, _GRID = "default", "grid"
_FOLDS_MIN, _FOLDS_MAX, _WEEKS_MAX = 2, 100, 520
_KINDS = (("Backtest", "backtest"), ("Search", "search"))


# What the command line calls its options, and the fields that stand for them here.
_FIELDS = (
    ("--from", "the first day"),
    ("--to", "the last day"),
    ("with --data", "in the field Market"),
    ("--data", "the field Market"),
    ("--symbols", "the field Symbols"),
)


class LaboratoryForm(QWidget):
    """Fields for one wish; `begun` and `stopped` are the buttons, `told` how far it is."""

    begun = Signal()
    stopped = Signal()

    def __init__(self, choices: LaboratoryChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = _choice("What to run", [title for title, _ in _KINDS])
        self.symbols = _line("Symbols", "the rulebook's, else AAPL,MSFT or gen=A;rev=B;com=C")
        self.first, self.last = _day("First day"), _day("Last day")
        self.rulebook = _choice("Rulebook", choices.rulebooks)
        self.fills = _choice("Fills", choices.fills)
        self.fills.setToolTip("What a fill gives up of half the spread: none, a part, all of it")
        self._all_fills, self._was_at_all = choices.fills[0], False
        self.capital = QDoubleSpinBox()
        self.capital.setAccessibleName("Capital in dollars")
        self.capital.setRange(1.0, _CAPITAL_MAX)
        self.capital.setDecimals(0)
        self.capital.setGroupSeparatorShown(True)
        self.capital.setValue(300_000)
        self.market = _line("Market", "the sample market, else a file or folder of prices")
        self.strategies = _line("Strategies", "none, else such as iron-condor=rev")
        self.seed = _count("Seed of all chance", 0, 2**31 - 1, 1)
        self.axes = _line(
            "Rules to try", "accounts.rev.delta.low=25,30; accounts.rev.delta.high=40"
        )
        self.manner = _choice("Manner of search", choices.manners)
        self.tries = _count("Tries, at random or by model", 1, _TRIES_MAX, 24)
        self.folds = _count("Tests in the walk", _FOLDS_MIN, _FOLDS_MAX, choices.folds)
        self.folds.setToolTip("How many spans of weeks are tested by what was chosen before them")
        self.purge = _weeks("Weeks left out beside a test", choices.purge)
        self.purge.setToolTip(
            "Purge: weeks beside a test that are not chosen by, for what was opened in them may "
            "live into it; as many as an option is held"
        )
        self.embargo = _weeks("More weeks left out after a test", choices.embargo)
        self.embargo.setToolTip(
            "Embargo: more weeks after a test that the purged folds do not choose by"
        )
        self.processes = _count("Processes", 1, choices.processes, choices.processes)
        self.processes.setToolTip("How many cores work; the results are the same bytes")
        self.begin = _button("Begin", "Run this in processes of its own")
        self.stop = _button(
            "Stop", "End the run at once; begun again, it goes on from the trials that ended"
        )
        self.stop.setEnabled(False)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("How far the run is")
        self.bar.setTextVisible(False)
        self.told = QLabel("Nothing runs.")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("What the laboratory does")
        self.told.setWordWrap(True)
        walked = (self.folds, self.purge, self.embargo)
        self._search_only = (self.axes, self.manner, self.tries, *walked)
        self._search_labels: list[QLabel] = []
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._choose_kind)
        self.manner.currentIndexChanged.connect(self._choose_manner)
        self.begin.clicked.connect(lambda _=False: self.begun.emit())
        self.stop.clicked.connect(lambda _=False: self.stopped.emit())
        self._choose_kind()
        self._choose_manner()

    def wish(self) -> LaboratoryWish:
        """What the fields ask for now."""
        from allusedesk.wiring.laboratory.wish import LaboratoryWish as Wish

        return Wish(
            kind=_KINDS[self.kind.currentIndex()][1],
            data=self.market.text(),
            symbols=self.symbols.text(),
            first=_date_of(self.first),
            last=_date_of(self.last),
            rulebook=self.rulebook.currentText(),
            capital=Decimal(round(self.capital.value())),
            seed=self.seed.value(),
            fills=self.fills.currentText(),
            axes=self.axes.text(),
            manner=self.manner.currentText(),
            tries=self.tries.value(),
            processes=self.processes.value(),
            strategies=self.strategies.text(),
            folds=self.folds.value(),
            purge=self.purge.value(),
            embargo=self.embargo.value(),
        )

    def begin_with(self, market: str, symbols: str, first: date, last: date) -> None:
        """Fill in what the desk itself runs on."""
        self.market.setText(market)
        self.symbols.setText(symbols)
        self.first.setDate(QDate(first.year, first.month, first.day))
        self.last.setDate(QDate(last.year, last.month, last.day))

    def show_running(self, *, is_running: bool) -> None:
        """Let a run be stopped while there is one, and begun while there is none."""
        if is_running and self.begin.hasFocus():
            self.stop.setEnabled(True)
            self.stop.setFocus()
        self.stop.setEnabled(is_running)
        self.begin.setEnabled(not is_running)
        self.bar.setRange(0, 1000)
        self.bar.setValue(0)

    def show_progress(self, fraction: float, sentence: str) -> None:
        """How far the run is."""
        self.bar.setValue(round(1000 * fraction))
        self.told.setText(sentence)

    def show_refusal(self, sentence: str) -> None:
        """Why a run did not come to be, with the fields called as they are called here."""
        for option, field in _FIELDS:
            sentence = sentence.replace(option, field)
        self.told.setText(sentence)

    def _choose_kind(self) -> None:
        is_search = _KINDS[self.kind.currentIndex()][1] == "search"
        for widget in (*self._search_only, *self._search_labels):
            widget.setVisible(is_search)
        self._choose_fills(is_search=is_search)

    def _choose_fills(self, *, is_search: bool) -> None:
        """A search is at one kind of fill; a backtest may be at all of them."""
        every, is_offered = self._all_fills, self.fills.itemText(0) == self._all_fills
        if is_search and is_offered:
            self._was_at_all = self.fills.currentText() == every
            self.fills.removeItem(0)
            if self._was_at_all:
                self.fills.setCurrentText(_FILLS_USUAL)
        elif not is_search and not is_offered:
            self.fills.insertItem(0, every)
            if self._was_at_all:
                self.fills.setCurrentText(every)

    def _choose_manner(self) -> None:
        """A grid tries every combination, so that there is nothing to count."""
        self.tries.setEnabled(self.manner.currentText() != _GRID)

    def _lay_out(self) -> None:
        self.capital.setMinimumWidth(self.fontMetrics().horizontalAdvance("10,000,000,000"))
        # Each row by itself: columns through all of them are wider than the middle of a small
        # screen.
        rows: tuple[tuple[tuple[str, QWidget, int], ...], ...] = (
            (
                ("Run", self.kind, 0),
                ("from", self.first, 0),
                ("to", self.last, 0),
                ("Symbols", self.symbols, 1),
            ),
            (
                ("Rules", self.rulebook, 0),
                ("fills", self.fills, 0),
                ("USD", self.capital, 0),
                ("Strategies", self.strategies, 1),
            ),
            (
                ("Seed", self.seed, 0),
                ("cores", self.processes, 0),
                ("Market", self.market, 1),
            ),
            (
                ("Manner", self.manner, 0),
                ("tries", self.tries, 0),
                ("Try", self.axes, 1),
            ),
            (
                ("Tests", self.folds, 0),
                ("purge", self.purge, 0),
                ("embargo", self.embargo, 0),
            ),
        )
        form = QVBoxLayout(self)
        form.setContentsMargins(4, 2, 4, 2)
        form.setSpacing(3)
        begins = self.fontMetrics().horizontalAdvance("Manner")
        for row in rows:
            form.addLayout(self._line_of(row, begins))
        foot = QHBoxLayout()
        foot.setSpacing(4)
        for widget, share in ((self.begin, 0), (self.stop, 0), (self.bar, 1), (self.told, 2)):
            foot.addWidget(widget, share)
        form.addLayout(foot)

    def _line_of(self, row: tuple[tuple[str, QWidget, int], ...], begins: int) -> QHBoxLayout:
        """One row of fields with their names; the first names are equally wide."""
        line = QHBoxLayout()
        line.setSpacing(4)
        for title, widget, share in row:
            label = QLabel(title)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(widget)
            if not line.count():
                label.setMinimumWidth(begins)
            if widget in self._search_only:
                self._search_labels.append(label)
            line.addWidget(label)
            line.addWidget(widget, share)
        if not any(share for _, _, share in row):
            line.addStretch(1)
        return line


class _DayField(QDateEdit):
    """A day; Tab goes on to the next field, as it does everywhere, and arrows move within."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's own signature
        return QWidget.focusNextPrevChild(self, next)


def _choice(name: str, texts: tuple[str, ...] | list[str]) -> QComboBox:
    field = QComboBox()
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.addItems(list(texts))
    return field


def _line(name: str, hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    field.setToolTip(f"{name}: {hint}")
    return field


def _count(name: str, least: int, most: int, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setRange(least, most)
    field.setValue(value)
    return field


def _weeks(name: str, value: int) -> QSpinBox:
    field = _count(name, 0, _WEEKS_MAX, value)

    def named(weeks: int) -> None:
        field.setSuffix(" week" if weeks == 1 else " weeks")

    field.valueChanged.connect(named)
    named(value)
    return field


def _day(name: str) -> QDateEdit:
    field = _DayField()
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setDisplayFormat("yyyy-MM-dd")
    field.setCalendarPopup(True)
    return field


def _date_of(field: QDateEdit) -> date:
    day = field.date()
    return date(day.year(), day.month(), day.day())


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(f"{title} the run")
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
