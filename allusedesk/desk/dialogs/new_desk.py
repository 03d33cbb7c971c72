"""Which market, rules and money a desk is opened on; tried out before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.context import DeskContext
from allusedesk.desk.room import Roomy
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import Mode, SymbolList
from allusedesk.resource_files import resource_path
from allusedesk.settings import BrokerChoice
from allusedesk.wiring.choices import PROFILE_SIGN
from allusedesk.wiring.requests import ASK, TITLES, Connections, DeskRequest, RehearsalRequest

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation

_SPEEDS: dict[str, float | None] = {
    "Real time": 1.0,
    "10 times": 10.0,
    "60 times": 60.0,
    "600 times": 600.0,
    "As fast as it goes": None,
}
_PROFILES = {
    "none (a simulated broker keeps none)": "",
    "intraday margin standard of 2026": "intraday-margin",
    "pattern-day-trader rule": "legacy-pdt",
    "cash account": "cash",
    "not known: both regimes apply": "unknown",
}
_APPROVERS = {"I do, at this screen": ASK, "Everything is approved": "all", "Nothing is": "none"}


class NewDeskDialog(QDialog):
    """The fields of a desk; `chosen` gives a request that was tried and found good.

    A folder that holds a desk already is gone on with, by its own rulebook and symbols.
    """

    chosen = Signal(object)

    def __init__(self, context: DeskContext, request: DeskRequest, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open a desk")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context = context
        self._tried: DeskRequest | None = None
        desk = request.desk
        self.market = QComboBox()
        for title, connections in _markets(context):
            self.market.addItem(title, connections)
        at = 1 if desk.connections is not None and self.market.count() > 1 else 0
        self.market.setCurrentIndex(at)
        self.feeds = QListWidget()
        self.feeds.addItems([str(path) for path in desk.data])
        self.first, self.last = _day_field(desk.first), _day_field(desk.last)
        self.rulebook = QComboBox()
        self.rulebook.setEditable(True)
        self.rulebook.addItems(
            sorted(path.stem for path in resource_path("rulebooks").glob("*.toml"))
        )
        name, _, profile = desk.rulebook.partition(PROFILE_SIGN)
        self.rulebook.setCurrentText(name)
        self.profile = QComboBox()
        self.profile.addItems(list(_PROFILES))
        known = next((title for title, one in _PROFILES.items() if one == profile), None)
        self.profile.setCurrentText(known or next(iter(_PROFILES)))
        self.symbols = {kind: QLineEdit(_symbols_text(desk, kind)) for kind in AccountKind}
        self.trend = QLineEdit(desk.trend or "")
        self.trend.setPlaceholderText("SPY")
        self.capital = QLineEdit(f"{desk.capital:f}")
        self.approver = QComboBox()
        self.approver.addItems(list(_APPROVERS))
        self.speed = QComboBox()
        self.speed.addItems(list(_SPEEDS))
        named = next((name for name, speed in _SPEEDS.items() if speed == request.speed), None)
        self.speed.setCurrentText(named or "60 times")
        self.seed = QLineEdit(str(desk.seed))
        self.folder = QLineEdit(str(desk.out))
        self.found = QListWidget()
        self.found.setAccessibleName("What was found")
        self.found.setWordWrap(True)
        self.said = QLabel("Try it first: nothing is opened on a market that was not looked at.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What happened")
        self._lay_out()
        for field in (*self.symbols.values(), self.trend, self.capital, self.seed, self.folder):
            field.textChanged.connect(self._forget)
        for choice in (self.market, self.rulebook, self.profile, self.approver, self.speed):
            choice.currentTextChanged.connect(self._forget)
        for day in (self.first, self.last):
            day.dateChanged.connect(self._forget)
        self.market.currentIndexChanged.connect(self._offer)
        self._offer()

    def _offer(self, *_: object) -> None:
        """Show what the chosen kind of market needs; real time has no days, pace or chance."""
        connections: Connections | None = self.market.currentData()
        is_now = connections is not None
        for field in (self.first, self.last, self.speed, self.seed):
            self._form.setRowVisible(field, not is_now)
        is_live = connections is not None and connections.mode is Mode.LIVE
        # A person is asked for each order of a live desk.
        self.approver.setEnabled(not is_live)
        if is_live:
            self.approver.setCurrentIndex(0)
            if not _PROFILES[self.profile.currentText()]:
                self.profile.setCurrentIndex(self.profile.count() - 1)

    def _lay_out(self) -> None:
        self.add_folder = self._button("Add folder…", partial(self._choose_feed, is_folder=True))
        self.add_file = self._button("Add file…", partial(self._choose_feed, is_folder=False))
        self.remove = self._button("Remove", self._remove_feed)
        self.trial = self._button("Try it", self._try)
        self.open_button = self._button("Open this desk", self._open)
        self.open_button.setEnabled(False)
        self.leave = self._button("Leave", self.reject)
        feeds = QHBoxLayout()
        feeds.addWidget(self.feeds, 1)
        side = QVBoxLayout()
        for button in (self.add_folder, self.add_file, self.remove):
            side.addWidget(button)
        side.addStretch(1)
        feeds.addLayout(side)
        self.feeds.setMaximumHeight(self.fontMetrics().height() * 6)
        form = self._form = QFormLayout()
        self._row(form, "Quotes and broker", self.market)
        self._row(form, "Recorded market, or files of the past", self.feeds, feeds)
        self._row(form, "First day", self.first)
        self._row(form, "Last day", self.last)
        self._row(form, "Rulebook", self.rulebook)
        self._row(form, "What the broker holds it to", self.profile)
        for kind, field in self.symbols.items():
            field.setPlaceholderText("those of the rulebook")
            self._row(form, f"Symbols of {kind.label}", field)
        self._row(form, "Trend read from", self.trend)
        self._row(form, "Capital, $", self.capital)
        self._row(form, "Who approves", self.approver)
        self._row(form, "Pace", self.speed)
        self._row(form, "Seed of all chance", self.seed)
        self._row(form, "Folder of the journal", self.folder)
        foot = QHBoxLayout()
        foot.addStretch(1)
        for button in (self.leave, self.trial, self.open_button):
            foot.addWidget(button)
        fields = QWidget()
        fields.setLayout(form)
        rows = QVBoxLayout(self)
        rows.addWidget(Roomy(fields), 3)
        rows.addWidget(self.said)
        rows.addWidget(self.found, 1)
        rows.addLayout(foot)
        self.resize(self.fontMetrics().averageCharWidth() * 130, self.fontMetrics().height() * 54)

    def _row(
        self, form: QFormLayout, name: str, field: QWidget, whole: QHBoxLayout | None = None
    ) -> None:
        field.setAccessibleName(name)
        if whole is None:
            form.addRow(name, field)
        else:
            form.addRow(name, whole)

    def _button(self, title: str, press: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.setAccessibleName(title.rstrip("…"))
        button.clicked.connect(lambda _=False: press())
        return button

    def _choose_feed(self, *, is_folder: bool) -> None:
        dialog = QFileDialog(self, "A recorded market")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        mode = QFileDialog.FileMode.Directory if is_folder else QFileDialog.FileMode.ExistingFiles
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self.take_feeds)
        dialog.open()

    def take_feeds(self, paths: list[str]) -> None:
        """Add files or folders to the recorded market."""
        known = {self.feeds.item(row).text() for row in range(self.feeds.count())}
        self.feeds.addItems([path for path in paths if path not in known])
        self._forget()

    def _remove_feed(self) -> None:
        for item in self.feeds.selectedItems():
            self.feeds.takeItem(self.feeds.row(item))
        self._forget()

    def _forget(self, *_: object) -> None:
        """Whatever was tried is not what stands here any more."""
        self._tried = None
        self.open_button.setEnabled(False)

    def request(self) -> DeskRequest:
        """What the fields say. Raises ValueError, one plain sentence."""
        capital = _dollars(self.capital.text())
        if not self.seed.text().isdecimal():
            raise ValueError(f"The seed {self.seed.text()!r} is no whole number from 0 on.")
        paths = tuple(Path(self.feeds.item(row).text()) for row in range(self.feeds.count()))
        connections: Connections | None = self.market.currentData()
        if not paths and connections is None:
            raise ValueError("No recorded market is named: add a folder or a file.")
        listed = tuple(
            SymbolList(kind, tuple(field.text().upper().replace(",", " ").split()))
            for kind, field in self.symbols.items()
            if field.text().strip()
        )
        desk = RehearsalRequest(
            data=paths,
            first=_day(self.first),
            last=_day(self.last),
            rulebook=self._rulebook_named(),
            symbols=listed,
            capital=capital,
            approve=_APPROVERS[self.approver.currentText()],
            seed=int(self.seed.text()),
            out=Path(self.folder.text()).expanduser(),
            trend=self.trend.text().strip().upper() or None,
            connections=connections,
        )
        return DeskRequest(desk, _SPEEDS[self.speed.currentText()])

    def _rulebook_named(self) -> str:
        """The rulebook with the broker's profile; one typed with its profile keeps it."""
        name = self.rulebook.currentText().strip()
        profile = _PROFILES[self.profile.currentText()]
        return f"{name}{PROFILE_SIGN}{profile}" if profile and PROFILE_SIGN not in name else name

    def _try(self) -> None:
        self.found.clear()
        try:
            wanted = self.request()
        except ValueError as fault:
            self.said.setText(str(fault))
            return
        self.said.setText("Looking at the market…")
        self.trial.setEnabled(False)
        self.context.operations.begin(
            "Trying the market", partial(_trial, wanted), partial(self._show, wanted), self._refuse
        )

    def _show(self, wanted: DeskRequest, found: tuple[str, ...]) -> None:
        self.trial.setEnabled(True)
        self.found.addItems(list(found))
        try:
            is_same = self.request() == wanted
        except ValueError:
            is_same = False
        if not is_same:
            self.said.setText("Something was changed meanwhile: try it again.")
            return
        self._tried = wanted
        self.open_button.setEnabled(True)
        goes_on = " The folder holds a desk already, which goes on." if _exists(wanted) else ""
        self.said.setText(f"This desk can be opened.{goes_on}")

    def _refuse(self, sentence: str) -> None:
        self.trial.setEnabled(True)
        self.said.setText(sentence)

    def _open(self) -> None:
        if self._tried is not None:
            wanted = self._tried
            self.accept()
            self.chosen.emit(wanted)


def _markets(context: DeskContext) -> list[tuple[str, Connections | None]]:
    """The recorded market, and what was connected and found well, on paper and live."""
    settings = context.preferences.settings
    found: list[tuple[str, Connections | None]] = [("Recorded quotes, on paper", None)]
    if settings.feed.name == "recorded":
        return found
    feed = f"{TITLES[settings.feed.name]}, quotes of now"
    found.append((f"{feed}, on paper", Connections(BrokerChoice(), settings.feed)))
    if settings.broker.name != "simulated":
        lines = Connections(settings.broker, settings.feed)
        money = "practice account" if settings.broker.paper else "REAL MONEY"
        found.append((f"{feed}, LIVE at {TITLES[settings.broker.name]} ({money})", lines))
    return found


def _trial(wanted: DeskRequest, _operation: Operation) -> tuple[str, ...]:
    from allusedesk.wiring.market_trial import try_market

    return try_market(wanted.desk)


def _exists(wanted: DeskRequest) -> bool:
    return wanted.journal.exists()


def _day_field(day: date) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day))
    field.setDisplayFormat("yyyy-MM-dd")
    field.setCalendarPopup(True)
    return field


def _day(field: QDateEdit) -> date:
    day = field.date()
    return date(day.year(), day.month(), day.day())


def _symbols_text(desk: RehearsalRequest, kind: AccountKind) -> str:
    return " ".join(
        symbol for listed in desk.symbols if listed.kind is kind for symbol in listed.symbols
    )


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"{text!r} is no amount of dollars.")
    return amount
