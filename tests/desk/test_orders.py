"""Orders: what works, what is over today, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.confirmation import Confirmation
from allusedesk.desk.docks.orders import OrderRow, OrdersDock
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.journal.queries.blotters import OrderDetail
from tests.acceptance.stage import Stage
from tests.desk.pictures import Engine, behind, shown, small_desk
from tests.trading import buy, put, sell


@pytest.fixture(scope="module")
def desk() -> Stage:
    return small_desk()


def with_orders(desk: Stage, *orders: Order) -> DeskSnapshot:
    return replace(shown(desk), orders=orders)


@pytest.fixture
def working(desk: Stage) -> Order:
    """The order of Monday, as if it worked now."""
    [order] = shown(desk).orders
    now = shown(desk).at
    return replace(
        order, status=OrderStatus.WORKING, fills=(), written_at=now - timedelta(seconds=70)
    )


@pytest.fixture
def dock(context: DeskContext, desk: Stage, working: Order, qtbot: QtBot) -> OrdersDock:
    behind(context, with_orders(desk, working))
    made = OrdersDock(context)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def heard(dock: OrdersDock) -> list[object]:
    engine = dock.context.bridge.engine
    assert isinstance(engine, Engine)
    return list(engine.heard)


def asked(dock: OrdersDock) -> Confirmation:
    dialog = dock.wishes.dialog
    assert isinstance(dialog, Confirmation)
    return dialog


def test_a_working_order_is_shown_with_its_age(dock: OrdersDock) -> None:
    texts = dict(zip((c.key for c in dock.model.columns), dock.model.texts_at(0), strict=True))
    assert texts["status"] == "working"
    assert texts["age"] == "1 min"
    assert texts["legs"] == "sell AAPL 1 Feb 13 99 P"
    assert (texts["quantity"], texts["filled"]) == ("7", "0")
    assert texts["time"] == "DAY"


def test_yesterday_s_orders_are_left_out_and_the_box_leaves_the_live_ones(
    dock: OrdersDock, desk: Stage, working: Order
) -> None:
    [monday] = shown(desk).orders
    over = replace(working, id="over", status=OrderStatus.CANCELLED)
    dock.take(with_orders(desk, monday, over, working))
    assert {row.order.id for row in dock.model.rows_shown()} == {"over", working.id}
    dock.live_only.click()
    assert [row.order.id for row in dock.model.rows_shown()] == [working.id]


def test_an_order_is_cancelled_after_a_plain_question(dock: OrdersDock, qtbot: QtBot) -> None:
    dock.blotter.table.selectRow(0)
    dock.blotter.table.setFocus()
    qtbot.keyClick(dock.blotter.table, Qt.Key.Key_Delete)
    dialog = asked(dock)
    assert dialog.what.count() == 1
    assert heard(dock) == []
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.keyClick(dialog.yes, Qt.Key.Key_Return)
    assert heard(dock) == []
    qtbot.keyClicks(dialog.reason, "no more")
    order = dock.model.row_at(0).order.id
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert heard(dock) == [OperatorAsked(OperatorRequest.CANCEL, order, "tester", "no more")]


def test_escape_leaves_everything_as_it_is(dock: OrdersDock, qtbot: QtBot) -> None:
    qtbot.mouseClick(dock.cancel_all, Qt.MouseButton.LeftButton)
    dialog = asked(dock)
    assert dialog.windowTitle() == "Cancel all orders"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert heard(dock) == []


def test_all_orders_are_cancelled_at_once(dock: OrdersDock, qtbot: QtBot) -> None:
    qtbot.mouseClick(dock.cancel_all, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(asked(dock).yes, Qt.MouseButton.LeftButton)
    assert heard(dock) == [OperatorAsked(OperatorRequest.CANCEL, "", "tester")]


def test_an_order_that_is_over_is_not_asked_about(
    dock: OrdersDock, desk: Stage, working: Order
) -> None:
    over = with_orders(desk, replace(working, status=OrderStatus.FILLED))
    behind(dock.context, over)
    dock.take(over)
    told: list[str] = []
    dock.context.notices.told.connect(lambda text, _: told.append(text))
    dock.blotter.table.selectRow(0)
    dock.cancel_chosen()
    dock.cancel_every()
    assert dock.wishes.dialog is None
    assert len(told) == 2
    assert not dock.cancel_all.isEnabled()


def test_slippage_is_measured_against_the_net_mid(desk: Stage) -> None:
    [order] = shown(desk).orders
    assert order.fills
    mid = Price(order.fills[0].price.per_unit + Decimal("0.03"))
    row = OrderRow(order, OrderDetail(order.id, mid, "", "classic@1.0/entry.put", ""))
    assert row.filled_at_net == order.fills[0].price.per_unit
    assert row.slippage == Decimal("-0.03") * 700
    assert OrderRow(order, None).slippage is None


def test_a_roll_fills_at_the_net_of_its_legs(desk: Stage) -> None:
    [order] = shown(desk).orders
    first = order.fills[0]
    two = replace(
        order,
        legs=(replace(buy(put()), closes="lot"), sell(put(95))),
        fills=(
            replace(first, leg=0, price=Price(Decimal("1.00"))),
            replace(first, id="other", leg=1, price=Price(Decimal("1.20"))),
        ),
    )
    assert OrderRow(two, None).filled_at_net == Decimal("0.20")
    assert OrderRow(replace(two, fills=two.fills[:1]), None).filled_at_net is None
