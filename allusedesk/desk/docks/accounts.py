"""Accounts: the tree of families, what each sleeve has, and when its cash is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.models.account_tree import COLUMNS, AccountNode, AccountTreeModel, tip_of
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.desk.wishes import Wishes
from allusedesk.domain.inputs import Instruction
from allusedesk.domain.money import NOTHING, Money

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

_EMPTY = "No family is funded yet. The desk opens one when it starts; its week follows."


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the cash ladder: a day, what happens to cash on it, and what is free then."""

    number: int
    on: date | None
    what: str
    amount: Money
    free: Money


class AccountsDock(Dock):
    """Families and sleeves above, the settled-cash ladder of the chosen one below."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.wishes = Wishes(context, self)
        self.model = AccountTreeModel(context.theme, self)
        self.tree = QTreeView()
        self.tree.setAccessibleName("Accounts")
        self.ladder: TableModel[Rung] = TableModel(_RUNGS, lambda one: one.number, context.theme)
        self.steps = Blotter(
            self.ladder, "Cash ladder", "Choose a sleeve to see when its cash settles."
        )
        self.steps.field.hide()
        self.title = QLabel("Cash ladder")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setAccessibleName("Whose cash ladder")
        self.title.setWordWrap(True)
        self._prepare_tree()
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        chosen = self.chosen()
        key = chosen.key if chosen is not None else ""
        if self.model.show(picture.families, picture.sleeves):
            self.tree.expandAll()
            self._fit()
            self._choose(key)
        self._show_ladder()

    def chosen(self) -> AccountNode | None:
        """The family or sleeve the keyboard stands on."""
        return self.model.node(self.tree.currentIndex())

    def fork(self) -> None:
        """Ask for the fork of the chosen sleeve."""
        node = self.chosen()
        if node is None or node.sleeve is None:
            self.context.notices.say("Choose a sleeve first: which one should fork?")
            return
        self.wishes.fork(node.key)

    def merge(self) -> None:
        """Ask for the return of the chosen family, or of the family of the chosen sleeve."""
        node = self.chosen()
        if node is None:
            self.context.notices.say("Choose a family first: which one should come home?")
            return
        self.wishes.merge(node.key if node.sleeve is None else str(node.sleeve.account.family))

    def deposit(self) -> None:
        """Ask how much comes in, and for which family."""
        self.wishes.deposit()

    def withdraw(self) -> None:
        """Ask how much to take out of the chosen sleeve."""
        node = self.chosen()
        self.wishes.withdraw(node.key if node is not None and node.sleeve is not None else "")

    def instruct(self, instruction: Instruction) -> None:
        """Pause, continue or reset the chosen sleeve; every sleeve where a family is chosen."""
        node = self.chosen()
        self.wishes.instruct(
            instruction, node.key if node is not None and node.sleeve is not None else ""
        )

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)
        self.ladder.wear(theme)
        self.tree.viewport().update()

    def kept(self) -> dict[str, Any]:
        header = self.tree.header()
        hidden = [
            COLUMNS[place].title for place in range(len(COLUMNS)) if header.isSectionHidden(place)
        ]
        return {"hidden": hidden}

    def restore(self, kept: dict[str, Any]) -> None:
        hidden = kept.get("hidden", ())
        for place, column in enumerate(COLUMNS):
            self.tree.setColumnHidden(place, place > 0 and column.title in hidden)

    def menu(self) -> QMenu:
        """What can be done with the chosen family or sleeve, and which columns there are."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.addSeparator()
        columns = menu.addMenu("C&olumns")
        for place, column in enumerate(COLUMNS[1:], start=1):
            choice = columns.addAction(column.title)
            choice.setCheckable(True)
            choice.setChecked(not self.tree.isColumnHidden(place))
            choice.toggled.connect(
                lambda is_shown, place=place: self.tree.setColumnHidden(place, not is_shown)
            )
        return menu

    def _prepare_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setAllColumnsShowFocus(True)
        tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._offer_menu)
        tree.header().setStretchLastSection(True)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        tree.selectionModel().currentChanged.connect(lambda *_: self._show_ladder())
        for title, run in (
            ("Propose &fork", self.fork),
            ("Propose &merge", self.merge),
            ("&Deposit…", self.deposit),
            ("&Withdraw…", self.withdraw),
            ("&Pause…", lambda: self.instruct(Instruction.PAUSE)),
            ("&Continue…", lambda: self.instruct(Instruction.CONTINUE)),
            ("&Reset after a stop…", lambda: self.instruct(Instruction.RESET)),
        ):
            action = QAction(title, self)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    def _lay_out(self) -> None:
        below = QWidget()
        rows = QVBoxLayout(below)
        rows.setContentsMargins(4, 2, 4, 2)
        rows.setSpacing(2)
        rows.addWidget(self.title)
        rows.addWidget(self.steps, 1)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self.tree)
        halves.addWidget(below)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(halves)
        self.put_keyboard_on(self.tree)

    def _fit(self) -> None:
        room = self.fontMetrics().horizontalAdvance("00")
        for place in range(len(COLUMNS) - 1):
            self.tree.resizeColumnToContents(place)
            self.tree.setColumnWidth(place, self.tree.columnWidth(place) + room)

    def _choose(self, key: str) -> None:
        """Put the keyboard on the row of that key, else on the first sleeve."""
        first = self.model.index(0, 0)
        wanted = self.model.index(0, 0, first) if first.isValid() else first
        for row in range(self.model.rowCount()):
            wanted = self._found(self.model.index(row, 0), key) or wanted
        if wanted.isValid():
            self.tree.setCurrentIndex(wanted)

    def _found(self, index: Any, key: str) -> Any:
        node = self.model.node(index)
        if node is not None and node.key == key:
            return index
        for row in range(self.model.rowCount(index)):
            found = self._found(self.model.index(row, 0, index), key)
            if found is not None:
                return found
        return None

    def _show_ladder(self) -> None:
        node = self.chosen()
        if node is None:
            self.title.setText(_EMPTY)
            self.ladder.show(())
            return
        self.title.setText(f"Cash ladder of {node.key}, USD.  {tip_of(node)}".replace("\n", ".  "))
        self.ladder.show(rungs_of(node))

    def _offer_menu(self, where: QPoint) -> None:
        self.menu().popup(self.tree.viewport().mapToGlobal(where))


def rungs_of(node: AccountNode) -> tuple[Rung, ...]:
    """Free cash now, and on each day on which cash arrives or a put lets go of what it holds.

    What a put holds is shown as free again at its expiry, as if it expired without worth.
    """
    free = node.total(lambda one: one.cash_free)
    rungs = [Rung(0, None, "settled and free now", node.total(lambda one: one.cash_settled), free)]
    steps: list[tuple[date, str, Money]] = []
    for sleeve in node.sleeves:
        steps += [(step.on, "arrives", step.amount) for step in sleeve.arriving]
        steps += [(step.on, "held for puts until then", step.amount) for step in sleeve.held]
    for on, what, amount in sorted(steps, key=lambda step: (step[0], step[1])):
        free = free + amount
        rungs.append(Rung(len(rungs), on, what, amount, free))
    aside = node.total(lambda one: one.tax_reserve)
    if aside != NOTHING:
        rungs.append(Rung(len(rungs), None, "set aside for tax, never free", aside, free))
    return tuple(rungs)


_RUNGS: tuple[Column[Rung], ...] = (
    Column("on", "Day", lambda one: one.number, says=lambda one: _day(one.on)),
    Column("what", "Cash", lambda one: one.what),
    Column(
        "amount",
        "Amount $",
        lambda one: one.amount.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
    ),
    Column(
        "free",
        "Free then $",
        lambda one: one.free.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
        tip="What is free once that day's cash is there",
    ),
)


def _day(on: date | None) -> str:
    return "today" if on is None else formatting.day(on)
