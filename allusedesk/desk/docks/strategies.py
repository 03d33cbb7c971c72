"""Strategies: what there is beside the rulebook, how each did, and a switch for each sleeve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
)

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.strategies_table import (
    CATALOGUE,
    SLEEVES,
    CatalogueRow,
    SleeveRow,
    catalogue_rows,
    sleeve_rows,
    sleeve_words,
    switch_words,
)
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.inputs import OperatorRequest
from allusedesk.wiring.laboratory.runs import results_in
from allusedesk.wiring.requests import RequestRefused
from allusedesk.wiring.strategy_look import StrategyLine, switch_of
from allusedesk.wiring.strategy_standing import StrategiesSeen, StrategyRecord

if TYPE_CHECKING:
    from allusedesk.domain.strategy_events import StrategySwitched
    from allusedesk.engine.snapshot import DeskSnapshot

_AGAIN_MILLISECONDS = 1_000
_CHOOSE = "Choose a strategy above: what a switch would change is said here."


class StrategiesDock(Dock):
    """The catalogue with what is on, the chosen one's sleeves and rules, and its switch.

    A switch is held for six tenths of a second and goes through the engine, which may refuse it.
    """

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        theme = context.theme
        self.seen: StrategiesSeen | None = None
        self._record = StrategyRecord(results_in(None))
        self._switched: tuple[StrategySwitched, ...] = ()
        self._sleeves: tuple[AccountId, ...] = ()
        self._asked: tuple[object, ...] | None = None
        self._is_reading = False
        self._heard: int | None = None
        self._wished: StrategySwitched | None = None
        self._promised = ""
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MILLISECONDS)
        self._again.timeout.connect(self._read)
        self.model: TableModel[CatalogueRow] = TableModel(
            CATALOGUE, lambda row: row.line.id, theme, lambda row: row.line.does
        )
        self.table = Blotter(self.model, "Strategies", "The strategies are being read.")
        self.places: TableModel[SleeveRow] = TableModel(
            SLEEVES, lambda row: row.account, theme, sleeve_words
        )
        self.standing = Blotter(
            self.places, "The strategy in the sleeves", "Choose a strategy above."
        )
        self.rules = QPlainTextEdit()
        self.tabs = QTabWidget()
        self.sleeve = QComboBox()
        self.reason = QLineEdit()
        self.switch = HoldButton("Hold to switch on", theme)
        self.beside, self.told, self.verdict = QLabel(), QLabel(), QLabel()
        self._lay_out()
        self._say()

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)
        self.places.wear(theme)
        self.switch.wear(theme)

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show what is on, and read the record anew once it has grown."""
        sleeves = tuple(one.account.id for one in picture.sleeves)
        if picture.strategies != self._switched or sleeves != self._sleeves:
            self._switched, self._sleeves = picture.strategies, sleeves
            self._list_sleeves()
            self._show_seen()
            self._tell_done()
        self._hear(picture)
        ended = picture.outcomes[-1].sequence if picture.outcomes else 0
        marked = tuple(one.high for one in picture.sleeves)
        grown = (picture.at.date(), marked, ended, len(picture.lots)) if self._switched else ()
        asked = (self._switched, grown)
        if asked != self._asked and not self._is_reading:
            self._asked = asked
            self._read()

    def showEvent(self, event: Any) -> None:
        # A backtest may have been kept since it was last seen.
        self._asked = None
        super().showEvent(event)

    def prepare_picture(self) -> None:
        if not self.table.rows_chosen() and self.model.rowCount():
            self.table.table.selectRow(0)

    def turn(self) -> None:
        """Ask the engine to switch the chosen strategy in the chosen sleeve."""
        line, account = self._line(), self._account()
        if line is None or account is None:
            return
        if self.told.text() != self._promised:
            self.verdict.setText("Not changed: the desk changed while you held. Read it again.")
            return
        is_on = not self._is_on(line, account)
        reason = self.reason.text().strip()
        try:
            wish = switch_of(line, account, self.context.operator, reason, is_on=is_on)
            self.context.bridge.admit(wish)
        except (RequestRefused, RuntimeError) as refusal:
            self.verdict.setText(f"Not changed: {refusal}")
            return
        self._wished = wish
        self.verdict.setText("Your wish is with the engine.")

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.table.hidden_columns()), "tab": self.tabs.currentIndex()}

    def restore(self, kept: dict[str, Any]) -> None:
        self.table.hide_columns(tuple(kept.get("hidden", ())))
        tab = kept.get("tab")
        if isinstance(tab, int) and 0 <= tab < self.tabs.count():
            self.tabs.setCurrentIndex(tab)

    def _read(self) -> None:
        record, switched = self._record, self._switched
        self._is_reading = True
        self.context.records.ask(
            "Reading the strategies",
            lambda side: record.look(side, switched),
            self._take,
            self._fail,
        )

    def _take(self, found: StrategiesSeen) -> None:
        self._is_reading = False
        if self.seen is None or found.faults != self.seen.faults:
            for fault in found.faults:
                self.context.notices.warn(fault)
        self.seen = found
        self._show_seen()

    def _fail(self, sentence: str) -> None:
        # The record is not there before the engine has written its first entry.
        self._is_reading = False
        self.verdict.setText(sentence)
        self._again.start()

    def _show_seen(self) -> None:
        if self.seen is not None:
            self.model.show(catalogue_rows(self.seen, self._switched))
        self._show_chosen()

    def _choose(self) -> None:
        """Show another strategy: its sleeves and rules, and a sleeve it is made for."""
        line = self._line()
        self.rules.setPlainText("" if line is None else _told_whole(line))
        account = self._account()
        if line is not None:
            fitting = [one for one in self._sleeves if line.is_made_for(one)]
            on_in = [one for one in self._sleeves if self._is_on(line, one)]
            wanted = on_in or ([account] if account in fitting else fitting)
            if wanted and account not in wanted:
                self.sleeve.setCurrentIndex(self.sleeve.findData(str(wanted[0])))
        self.verdict.clear()
        self._show_chosen()

    def _show_chosen(self) -> None:
        line, seen = self._line(), self.seen
        if line is None or seen is None:
            self.places.show(())
        else:
            self.places.show(sleeve_rows(seen, line, self._sleeves))
        self._say()

    def _say(self) -> None:
        """Say what a hold would change."""
        self._compare()
        line, account = self._line(), self._account()
        self.switch.setEnabled(line is not None and account is not None)
        if line is None or account is None:
            self.told.setText(_CHOOSE)
            return
        is_on = self._is_on(line, account)
        self.switch.setText("Hold to switch off" if is_on else "Hold to switch on")
        if not is_on and not line.is_made_for(account):
            tiers = ", ".join(tier.value for tier in line.tiers)
            self.told.setText(f"{line.id} is made for {tiers}, not for {account}.")
            return
        unpriced = self._unpriced(line)
        self.told.setText(
            switch_words(line, account, self._switched, is_on=is_on, unpriced=unpriced)
        )

    def _compare(self) -> None:
        """Say of the chosen sleeve since when it is so, and how it stands beside the backtest."""
        account = self._account()
        rows = [row for row in self.places.rows_shown() if row.account == account]
        self.beside.setText(sleeve_words(rows[0]) if rows else "")

    def _choose_sleeve(self) -> None:
        """The sleeve chosen in the table is the one that is switched."""
        for row in self.standing.rows_chosen()[:1]:
            self.sleeve.setCurrentIndex(max(0, self.sleeve.findData(str(row.account))))

    def _unpriced(self, line: StrategyLine) -> tuple[str, ...]:
        engine = self.context.bridge.engine
        looks = engine.looks if engine is not None else None
        known = looks.optionable if looks is not None else line.symbols
        return tuple(one for one in line.symbols if one not in known)

    def _tell_done(self) -> None:
        """Tell that what was wished has come to be."""
        wish = self._wished
        if wish is None or wish.is_on != self._is_wished_on(wish):
            return
        self._wished = None
        self.reason.clear()
        self.verdict.setText(
            f"Done: {wish.strategy} is {'on' if wish.is_on else 'off'} in {wish.account}."
        )

    def _is_wished_on(self, wish: StrategySwitched) -> bool:
        return any(
            one.is_on and one.strategy == wish.strategy and one.account == wish.account
            for one in self._switched
        )

    def _hear(self, picture: DeskSnapshot) -> None:
        """Tell what the engine refused."""
        about = [one for one in picture.denied if one.event.request is OperatorRequest.STRATEGY]
        newest = max((one.sequence for one in about), default=0)
        if self._heard is not None and newest > self._heard:
            self._wished = None
            self.verdict.setText(f"Not changed: {about[-1].event.reason}.")
        self._heard = newest

    def _line(self) -> StrategyLine | None:
        rows = self.table.rows_chosen()
        return rows[0].line if len(rows) == 1 else None

    def _account(self) -> AccountId | None:
        name = self.sleeve.currentData()
        return None if name is None else AccountId(name)

    def _is_on(self, line: StrategyLine, account: AccountId) -> bool:
        return any(
            one.is_on and one.strategy == line.id and one.account == account
            for one in self._switched
        )

    def _list_sleeves(self) -> None:
        """Offer the sleeves there are; what is chosen stays chosen."""
        chosen = self.sleeve.currentData()
        self.sleeve.blockSignals(True)  # noqa: FBT003 - Qt's own way
        self.sleeve.clear()
        for account in self._sleeves:
            self.sleeve.addItem(str(account), str(account))
        self.sleeve.setCurrentIndex(max(0, self.sleeve.findData(chosen)))
        self.sleeve.blockSignals(False)  # noqa: FBT003 - Qt's own way

    def _promise(self) -> None:
        self._promised = self.told.text()

    def _lay_out(self) -> None:
        self.rules.setReadOnly(True)
        self.rules.setTabChangesFocus(True)
        self.rules.setAccessibleName("Rules of the chosen strategy")
        self.rules.setToolTip("Its rules in words, and its definition as it would be recorded")
        self.rules.setPlaceholderText("Choose a strategy above.")
        self.sleeve.setAccessibleName("Sleeve to switch the strategy in")
        self.sleeve.setToolTip("In which sleeve the chosen strategy is switched")
        self.sleeve.currentIndexChanged.connect(lambda _place: self._say())
        self.reason.setAccessibleName("Reason for the switch")
        self.reason.setPlaceholderText("why, for the record; may be empty")
        self.reason.setToolTip("Recorded with the switch")
        self.switch.setAccessibleName("Hold to switch the strategy")
        self.switch.setToolTip("Switch the chosen strategy in the sleeve beside")
        self.beside.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        for label, name in (
            (self.beside, "The strategy in this sleeve"),
            (self.told, "What the switch would change"),
            (self.verdict, "What became of your wish"),
        ):
            label.setAccessibleName(name)
            label.setWordWrap(True)
        self.switch.pressed.connect(self._promise)
        self.switch.fired.connect(self.turn)
        self.table.chosen.connect(lambda _rows: self._choose())
        self.standing.field.hide()
        self.standing.chosen.connect(lambda _rows: self._choose_sleeve())
        self.tabs.setAccessibleName("The chosen strategy")
        self.tabs.tabBar().setAccessibleName("Pages of the chosen strategy")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.standing, "In the sleeves")
        self.tabs.addTab(self.rules, "Rules")
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self.table)
        halves.addWidget(self.tabs)
        halves.setChildrenCollapsible(False)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 1)
        fields = QGridLayout()
        fields.setContentsMargins(6, 2, 6, 4)
        fields.addWidget(QLabel("Sleeve"), 0, 0)
        fields.addWidget(self.sleeve, 0, 1)
        fields.addWidget(self.reason, 0, 2)
        fields.addWidget(self.switch, 0, 3)
        fields.addWidget(self.beside, 1, 0, 1, 4)
        fields.addWidget(self.told, 2, 0, 1, 4)
        fields.addWidget(self.verdict, 3, 0, 1, 4)
        fields.setColumnStretch(2, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(halves, 1)
        rows.addLayout(fields)
        self.put_keyboard_on(self.table)


def _told_whole(line: StrategyLine) -> str:
    return f"{line.title}. {line.does}\n\n{line.rules}\n\n{line.text}"
