"""Orders: those at the broker and those of today that are over, and how to take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.order_columns import OrderClock, order_columns
from allusedesk.desk.links import LinkGroup
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.desk.totals import Figure, totals_of
from allusedesk.desk.wishes import Wishes
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Side

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.journal.queries.blotters import OrderDetail


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with what the record says of it; `detail` is None until the record was read."""

    order: Order
    detail: OrderDetail | None

    @property
    def mid(self) -> Decimal | None:
        """The net mid a share when it was sent."""
        mid = self.detail.mid_at_send if self.detail is not None else None
        return None if mid is None else mid.per_unit

    @property
    def filled_at_net(self) -> Decimal | None:
        """The net price a share it filled at so far (a debit is negative); None before a fill."""
        net = Decimal(0)
        for number, leg in enumerate(self.order.legs):
            fills = [fill for fill in self.order.fills if fill.leg == number]
            quantity = sum(fill.quantity for fill in fills)
            if not quantity:
                return None
            paid = Decimal(0)
            for fill in fills:
                paid += fill.price.per_unit * fill.quantity
            net += paid / quantity * (1 if leg.side is Side.SELL else -1)
        return net

    @property
    def slippage(self) -> Decimal | None:
        """Dollars gained (lost: negative) against the mid at sending, for what is filled."""
        net, mid = self.filled_at_net, self.mid
        if net is None or mid is None:
            return None
        shares = self.order.quantity_filled * self.order.legs[0].instrument.multiplier
        return (net - mid) * shares

    @property
    def commission(self) -> Decimal:
        """Dollars paid for its executions."""
        paid = Decimal(0)
        for fill in self.order.fills:
            paid += fill.commission.amount
        return paid


_FIGURES = (
    Figure("open", lambda row: Decimal(row.order.quantity_open), 0),
    Figure("filled", lambda row: Decimal(row.order.quantity_filled), 0),
    Figure("slippage", lambda row: row.slippage, is_signed=True),
    Figure("commission", lambda row: row.commission),
)


class OrdersDock(Dock):
    """Live orders and today's finished ones; with the box ticked, the live ones alone."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.clock = OrderClock()
        self.wishes = Wishes(context, self)
        self._rows: dict[str, OrderRow] = {}
        self._details: dict[str, OrderDetail] = {}
        self._asked: set[str] = set()
        self._picture: DeskSnapshot | None = None
        self.model: TableModel[OrderRow] = TableModel(
            order_columns(self.clock), lambda row: row.order.id, context.theme, tip_of
        )
        self.blotter = Blotter(
            self.model,
            "Orders",
            "No order is at the broker and none was sent today. Approved proposals become orders.",
            _totals,
        )
        self.blotter.add_action("Cancel &order", "Delete", self.cancel_chosen)
        self.blotter.add_action("Cancel &all orders", "", self.cancel_every)
        self.blotter.chosen.connect(self._link)
        self.live_only = QCheckBox("Working only")
        self.live_only.setAccessibleName("Show working orders only")
        self.live_only.toggled.connect(self._show)
        self.cancel_all = QPushButton("Cancel all…")
        self.cancel_all.setAccessibleName("Cancel all orders")
        self.cancel_all.clicked.connect(self.cancel_every)
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        self._picture = picture
        self.clock.now = picture.at
        self._show()

    def cancel_chosen(self) -> None:
        """Ask whether to cancel the selected orders."""
        self.wishes.cancel([row.order for row in self.blotter.rows_chosen()])

    def cancel_every(self) -> None:
        """Ask whether to cancel every working order."""
        self.wishes.cancel_all()

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {**self.blotter.kept(), "live": self.live_only.isChecked()}

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.restore(kept)
        self.live_only.setChecked(kept.get("live") is True)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 0)
        head.addWidget(self.live_only)
        head.addStretch(1)
        head.addWidget(self.cancel_all)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(self.blotter, 1)
        self.put_keyboard_on(self.blotter)

    def _show(self, *_: bool) -> None:
        if self._picture is None:
            return
        orders = [order for order in self._picture.orders if self._belongs(order)]
        self._ask([order.id for order in orders if order.id not in self._asked])
        self.cancel_all.setEnabled(any(not order.status.is_over for order in orders))
        # A row that says the same is the same object, so that the table sees at once what moved.
        self._rows = {order.id: self._row(order) for order in orders}
        self.model.show(self._rows.values())

    def _row(self, order: Order) -> OrderRow:
        known, detail = self._rows.get(order.id), self._details.get(order.id)
        if known is not None and known.order is order and known.detail is detail:
            return known
        return OrderRow(order, detail)

    def _belongs(self, order: Order) -> bool:
        if not order.status.is_over:
            return True
        if self.live_only.isChecked() or self._picture is None:
            return False
        last = order.fills[-1].filled_at if order.fills else order.written_at
        return _day(max(last, order.written_at)) == _day(self._picture.at)

    def _ask(self, orders: list[str]) -> None:
        """Read mid and rule of orders that came since; until then rows stand without them."""
        if not orders:
            return
        self._asked.update(orders)
        from allusedesk.journal.queries.blotters import order_details

        self.context.records.ask(
            "Reading the rules of orders",
            lambda side: order_details(side, orders),
            self._take_details,
            lambda _: self._asked.difference_update(orders),
        )

    def _take_details(self, details: tuple[OrderDetail, ...]) -> None:
        self._details.update({detail.id: detail for detail in details})
        self._show()

    def _link(self, chosen: list[OrderRow]) -> None:
        if len(chosen) == 1:
            symbol = chosen[0].order.legs[0].instrument.underlying
            self.context.links.choose(LinkGroup.BLUE, symbol)


def tip_of(row: OrderRow) -> str:
    """What does not fit into the cells of an order."""
    order = row.order
    said = [
        order.id,
        f"Sent {formatting.moment(order.written_at)}",
        f"Good until {formatting.moment(order.good_until)}",
        f"Worst limit {formatting.price(order.limit_worst)}",
    ]
    if row.detail is not None:
        said.append(f"{row.detail.rule}: {row.detail.reason}")
        if row.detail.status_reason:
            said.append(row.detail.status_reason)
    return "\n".join(said)


def _totals(rows: Sequence[OrderRow]) -> str:
    return totals_of(rows, lambda row: str(row.order.account), "order", _FIGURES)


def _day(instant: datetime) -> object:
    return instant.astimezone(formatting.NEW_YORK).date()
