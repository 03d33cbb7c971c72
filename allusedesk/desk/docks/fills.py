"""Fills: every execution, the newest in memory and the rest page by page from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.formatting import NOTHING_TO_SHOW
from allusedesk.desk.links import LinkGroup
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.desk.totals import Figure, totals_of

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.journal.queries.blotters import FillLine

PAGE = 500
# So many fills stay in memory while new ones come; what was paged in on purpose stays too.
RING = 2_000
_SHARES_OF_A_CONTRACT = 100
# An option is recorded as its symbol, expiry, strike and right.
_WORDS_OF_AN_OPTION = 3


class FillsDock(Dock):
    """Executions, newest first; "Load older" reads the page before from the journal."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self._lines: list[FillLine] = []
        self._paged = 0
        self._filled = -1
        self._is_reading = False
        self._is_behind = False
        self._is_paging = False
        self.model: TableModel[FillLine] = TableModel(
            COLUMNS, lambda line: line.id, context.theme, lambda line: f"{line.order_id}, {line.id}"
        )
        self.blotter = Blotter(
            self.model,
            "Fills",
            "Nothing was traded yet. Approved proposals become orders, and orders become fills.",
            _totals,
        )
        self.blotter.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.blotter.chosen.connect(self._link)
        self.older = QPushButton("Load older")
        self.older.setAccessibleName("Load older fills")
        self.older.clicked.connect(self.load_older)
        self.older.hide()
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setAccessibleName("Fills loaded")
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        # Fills are read from the journal, and only when the picture says that there are more.
        filled = sum(len(order.fills) for order in picture.orders)
        newest = picture.sequence if filled != self._filled else None
        self._filled = filled
        if newest is not None:
            self._read_new()

    def load_older(self) -> None:
        """Read the page of fills before those shown."""
        from allusedesk.journal.queries.blotters import newest_fills

        # A page that was asked for twice would be counted twice.
        if not self._lines or self._is_paging:
            return
        self._is_paging = True
        before = self._lines[-1].sequence
        self.context.records.ask(
            "Reading older fills",
            lambda side: newest_fills(side, PAGE, before),
            self._take_older,
            self._fail_older,
        )

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)

    def kept(self) -> dict[str, Any]:
        return self.blotter.kept()

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.restore(kept)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(4, 0, 4, 2)
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.older)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.blotter, 1)
        rows.addLayout(foot)
        self.put_keyboard_on(self.blotter)

    def _read_new(self) -> None:
        if self._is_reading:
            self._is_behind = True
            return
        from allusedesk.journal.queries.blotters import fills_since, newest_fills

        self._is_reading, self._is_behind = True, False
        after = self._lines[0].sequence if self._lines else None
        self.context.records.ask(
            "Reading fills",
            lambda side: newest_fills(side, PAGE) if after is None else fills_since(side, after),
            self._take_new,
            self._fail,
        )

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self.context.notices.warn(sentence)

    def _take_new(self, found: tuple[FillLine, ...]) -> None:
        self._is_reading = False
        is_first = not self._lines
        self._lines = [*found, *self._lines][: RING + self._paged]
        self._show(has_older=(is_first and len(found) == PAGE) or len(self._lines) >= RING)
        if self._is_behind:
            self._read_new()

    def _fail_older(self, sentence: str) -> None:
        self._is_paging = False
        self.context.notices.warn(sentence)

    def _take_older(self, found: tuple[FillLine, ...]) -> None:
        self._is_paging = False
        self._paged += len(found)
        self._lines = [*self._lines, *found]
        self._show(has_older=len(found) == PAGE)
        if not found:
            self.context.notices.say("These are all fills of this journal.")

    def _show(self, *, has_older: bool) -> None:
        self.model.show(self._lines)
        self.count.setText(f"{len(self._lines):,} fills loaded" if self._lines else "")
        self.older.setVisible(has_older or (self.older.isVisible() and bool(self._lines)))

    def _link(self, chosen: list[FillLine]) -> None:
        if len(chosen) == 1:
            symbol = chosen[0].instrument.partition(" ")[0]
            self.context.links.choose(LinkGroup.BLUE, symbol)


def slippage_money(line: FillLine) -> Decimal | None:
    """Dollars a fill was better than mid (worse: negative)."""
    if line.slippage is None:
        return None
    shares = _SHARES_OF_A_CONTRACT if " " in line.instrument else 1
    return line.slippage.per_unit * line.quantity * shares


def named(instrument: str) -> str:
    """An instrument of the record, spelled as everywhere on the desk."""
    symbol, *option = instrument.split(" ")
    if len(option) != _WORDS_OF_AN_OPTION:
        return instrument
    expiry, strike, right = option
    return f"{symbol} {formatting.day(date.fromisoformat(expiry))} {strike} {right[:1].upper()}"


def _totals(rows: Sequence[FillLine]) -> str:
    return totals_of(rows, lambda line: line.account, "fill", _FIGURES)


_FIGURES = (
    Figure("slippage", slippage_money, is_signed=True),
    Figure("commission", lambda line: line.commission.amount),
)


def _slippage_tone(line: FillLine) -> Tone:
    value = slippage_money(line)
    if not value:
        return Tone.PLAIN
    return Tone.GAIN if value > 0 else Tone.LOSS


def _signed(line: FillLine) -> int:
    return line.quantity if line.side == "buy" else -line.quantity


COLUMNS: tuple[Column[FillLine], ...] = (
    Column(
        "filled_at",
        "Filled",
        lambda line: line.filled_at,
        lambda value: formatting.moment(value).removesuffix(" New York"),
        tip="New York time",
        is_searched=True,
    ),
    Column("account", "Sleeve", lambda line: line.account, is_searched=True),
    Column("kind", "Kind", lambda line: line.kind, is_searched=True),
    Column("side", "Side", lambda line: line.side, is_searched=True),
    Column("instrument", "Instrument", lambda line: named(line.instrument), is_searched=True),
    Column(
        "quantity",
        "Quantity",
        _signed,
        lambda value: formatting.number(float(value), 0, signed=True),
        is_number=True,
    ),
    Column(
        "price",
        "Price",
        lambda line: line.price.per_unit,
        lambda value: formatting.number(value, 2),
        is_number=True,
    ),
    Column(
        "mid",
        "Mid when sent",
        lambda line: None if line.mid_at_send is None else line.mid_at_send.per_unit,
        lambda value: NOTHING_TO_SHOW if value is None else formatting.number(value, 2),
        is_number=True,
        tip="Net mid of all legs of its order; a debit has a minus sign",
    ),
    Column(
        "slippage",
        "Slippage $",
        slippage_money,
        lambda value: formatting.number(value, 2, signed=True),
        is_number=True,
        tone=_slippage_tone,
        tip="Against mid, for orders of one leg: minus is worse; those of several stand in Orders",
    ),
    Column(
        "commission",
        "Commission $",
        lambda line: line.commission.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
    ),
    Column("order", "Order", lambda line: line.order_id, is_searched=True),
    Column("id", "Fill", lambda line: line.id, is_hidden_at_first=True, is_searched=True),
)
