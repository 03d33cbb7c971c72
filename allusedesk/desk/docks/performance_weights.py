"""What could be held instead: weights under the caps, what bound them, and the trades to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.bars import BarDelegate
from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.wiring.portfolio_look import (
    METHODS,
    HeldOnRecord,
    PortfolioPicture,
    held_for_screens,
    portfolio_picture,
)

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.portfolio.construction import Weight
    from allusedesk.portfolio.rebalancing import RebalanceRow

_WHOLE = "The whole desk"
_EMPTY = "Choose a method and press Compute: weights follow from two years of closes."
_NO_HISTORY = "This desk has no history of prices, so no weights can be chosen."


class WeightsPanel(QWidget):
    """Asks for weights when told to, since a solution takes seconds; nothing here is ever sent."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.context = context
        self.found: PortfolioPicture | None = None
        self.method, self.sleeve = QComboBox(), QComboBox()
        self.method.setAccessibleName("Method")
        self.method.setToolTip("How the weights are chosen")
        for name in METHODS:
            self.method.addItem(name[0].upper() + name[1:], name)
        self.sleeve.setAccessibleName("Whose money")
        self.sleeve.setToolTip("Whose shares, cash and caps")
        self.sleeve.addItem(_WHOLE, None)
        self.compute = QPushButton("Compute")
        self.compute.setAutoDefault(False)
        self.compute.setToolTip("Choose weights and list the trades towards them; nothing is sent")
        self.compute.clicked.connect(self.ask)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("The weights in brief")
        self.told.setWordWrap(True)
        self.told.setContentsMargins(6, 0, 6, 2)
        theme = context.theme
        self.weights: TableModel[Weight] = TableModel(_WEIGHTS, lambda row: row.name, theme)
        self.trades: TableModel[RebalanceRow] = TableModel(_TRADES, lambda row: row.name, theme)
        self._lay_out()

    def list_sleeves(self, picture: DeskSnapshot) -> None:
        """Offer every sleeve there is; what is chosen stays chosen."""
        for sleeve in picture.sleeves:
            name = str(sleeve.account.id)
            if self.sleeve.findData(name) < 0:
                self.sleeve.addItem(name, name)

    def wear(self, theme: Theme) -> None:
        self._bars.theme = theme
        self.weights.wear(theme)
        self.trades.wear(theme)

    def ask(self) -> None:
        """Read what is held, then choose weights elsewhere."""
        account, method = self.sleeve.currentData(), self.method.currentData()
        engine = self.context.bridge.engine
        looks = engine.looks if engine is not None else None
        if looks is None:
            self.told.setText(_NO_HISTORY)
            return
        self.compute.setEnabled(False)
        self.told.setText("Choosing weights; the first time takes some seconds.")

        def solve(held: HeldOnRecord) -> None:
            self.context.operations.begin(
                "Choosing weights",
                lambda _: portfolio_picture(looks.history, held, method),
                self._take,
                self._fail,
            )

        self.context.records.ask(
            "Reading what is held", lambda side: held_for_screens(side, account), solve, self._fail
        )

    def _take(self, found: PortfolioPicture) -> None:
        self.compute.setEnabled(True)
        self.found = found
        self.weights.show(found.construction.weights)
        self.trades.show(found.plan.rows)
        self.told.setText(_words(found))

    def _fail(self, sentence: str) -> None:
        self.compute.setEnabled(True)
        self.found = None
        self.weights.show(())
        self.trades.show(())
        self.told.setText(sentence)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 2)
        head.addWidget(QLabel("Weights by"))
        head.addWidget(self.method)
        head.addWidget(QLabel("for"))
        head.addWidget(self.sleeve)
        head.addWidget(self.compute)
        head.addStretch(1)
        tables = QHBoxLayout()
        weights = Blotter(self.weights, "Target weights", _EMPTY)
        place = next(place for place, column in enumerate(_WEIGHTS) if column.key == "bar")
        self._bars = BarDelegate(_WEIGHTS[place], self.context.theme, weights)
        weights.table.setItemDelegateForColumn(place, self._bars)
        tables.addWidget(weights, 2)
        tables.addWidget(Blotter(self.trades, "Trades towards them", "No trade to show."), 3)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(head)
        rows.addWidget(self.told)
        rows.addLayout(tables, 1)


def _words(found: PortfolioPicture) -> str:
    evidence, caps = found.construction.evidence, found.caps
    cap = "no cap" if caps.symbol is None else f"cap {formatting.percent(caps.symbol, 0)}"
    parts = [
        f"{formatting.day(found.first)} to {formatting.day(found.last)}",
        f"{cap}, buffer {formatting.percent(caps.buffer, 0)} ({found.rulebook})",
        f"cash {formatting.percent(found.construction.cash, 1)}",
        f"volatility {formatting.percent(evidence.volatility_year, 1)} a year",
        f"CVaR {formatting.percent(evidence.cvar, 2)} in a day",
        f"as {evidence.names_effective:.1f} equal names",
        f"the trades cost {formatting.money(found.plan.cost)} USD with tax, an estimate",
        *found.notes,
    ]
    return "   ".join(parts)


_WEIGHTS: tuple[Column[Weight], ...] = (
    Column("name", "Symbol", lambda row: row.name, is_searched=True),
    Column(
        "weight",
        "Weight",
        lambda row: row.weight,
        lambda value: formatting.percent(value, 2),
        is_number=True,
    ),
    Column("bar", "Of equity", lambda row: row.weight, lambda _: ""),
    Column(
        "risk",
        "Part of risk",
        lambda row: row.risk_share,
        lambda value: formatting.percent(value, 1),
        is_number=True,
        tip="Of the variance of all weights together",
    ),
    Column("bound", "Bound by", lambda row: "cap" if row.is_capped else ""),
)

_TRADES: tuple[Column[RebalanceRow], ...] = (
    Column("name", "Symbol", lambda row: row.name, is_searched=True),
    Column(
        "weight",
        "Held",
        lambda row: row.weight,
        lambda value: formatting.percent(value, 1),
        is_number=True,
        tip="Of shares and free cash; cash that puts hold is left out",
    ),
    Column(
        "shares",
        "Shares",
        lambda row: row.shares_signed,
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
        tone=lambda row: Tone.PLAIN if row.is_traded else Tone.MUTED,
    ),
    Column(
        "cost",
        "Cost, USD",
        lambda row: row.cost.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
        tip="Commission, half the spread and tax; taxes are an estimate, ask your adviser",
    ),
    Column(
        "tax",
        "Of that tax",
        lambda row: row.tax.tax.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
    ),
    Column(
        "use",
        "Use a year",
        lambda row: row.benefit.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
        tip="What the drift taken away is worth in a year; dearer trades are not made",
    ),
    Column(
        "verdict",
        "Verdict",
        lambda row: f"{'trade' if row.is_traded else 'no trade'}: {row.reason}",
        is_searched=True,
        is_roomy=True,
    ),
)
