"""Option chain: what the market shows, what the rule looks for, and what a trade would mean."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.option_chain import OptionChainDock
from allusedesk.desk.theme import Look, read_theme
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import OptionContract, Right
from tests.desk.conftest import WAIT
from tests.desk.standing import StandingDesk

_GROUND = int(Qt.ItemDataRole.BackgroundRole)


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> OptionChainDock:
    made = OptionChainDock(standing)
    qtbot.addWidget(made)
    made.resize(1100, 600)
    made.show()
    qtbot.waitUntil(lambda: made.model.rowCount() > 0, timeout=WAIT)
    qtbot.waitUntil(lambda: made.model.volatility_range is not None, timeout=WAIT)
    return made


def cell(dock: OptionChainDock, title: str, right: Right) -> QModelIndex:
    """The cell of that title beside the strike at the money."""
    place = dock.model.row_at_money()
    assert place is not None
    key = f"{right.name.lower()}.{title}"
    keys = [column.key for column in dock.model.columns]
    return dock.model.index(place, keys.index(key))


def text(dock: OptionChainDock, title: str, right: Right) -> str:
    return str(cell(dock, title, right).data())


def test_strikes_stand_in_the_middle_and_the_money_is_marked(dock: OptionChainDock) -> None:
    model = dock.model
    middle = len(model.columns) // 2
    assert model.columns[middle].key == "strike"
    strikes = [model.row_at(place).strike for place in range(model.rowCount())]
    assert strikes == sorted(strikes)
    place = model.row_at_money()
    assert place is not None
    assert "\N{BLACK RIGHT-POINTING TRIANGLE}" in model.index(place, middle).data()
    assert model.index(place, middle).data(_GROUND) is not None
    assert dock.table.currentIndex().row() == place
    assert "modelled" in dock.told.text()
    assert "modelled" in text(dock, "age", Right.PUT)


def test_the_band_of_the_chosen_tier_is_shaded_and_marked(dock: OptionChainDock) -> None:
    def shaded() -> set[tuple[int, int]]:
        model = dock.model
        return {
            (row, column)
            for row in range(model.rowCount())
            for column in range(model.columnCount())
            if model.columns[column].key.endswith("delta")
            and model.index(row, column).data(_GROUND) is not None
        }

    found = shaded()
    for row, column in found:
        assert dock.model.index(row, column).data().endswith("\N{BLACK DIAMOND}")
    dock.tier.setCurrentIndex(dock.tier.findData(AccountKind.COMPOUNDING.value))
    picture = dock.context.bridge.latest
    assert picture is not None
    assert dock.model.look is not None
    assert "band" in dock.told.text()


def test_an_expiry_is_chosen(dock: OptionChainDock, qtbot: QtBot) -> None:
    assert dock.expiry.count() > 3
    farthest = dock.expiry.itemData(dock.expiry.count() - 1)
    assert farthest.year == 2014, "LEAPS are offered too"
    dock.expiry.setFocus()
    before = dock.model.look
    qtbot.keyClick(dock.expiry, Qt.Key.Key_Down)
    dock._on_expiry()
    qtbot.waitUntil(lambda: dock.model.look is not before, timeout=WAIT)
    assert dock.model.look is not None
    assert dock.model.look.expiry == dock.expiry.currentData()
    option = dock.model.row_at(0).put or dock.model.row_at(0).call
    assert option is not None
    assert isinstance(option.instrument, OptionContract)
    assert option.instrument.expiry == dock.expiry.currentData()


def test_a_put_is_sold_by_its_key_and_the_answer_stands_below(
    dock: OptionChainDock, qtbot: QtBot
) -> None:
    dock.basket.quantity.setValue(2)
    dock.table.setCurrentIndex(cell(dock, "bid", Right.PUT))
    dock.table.setFocus()
    qtbot.keyClick(dock.table, Qt.Key.Key_S)
    [leg] = dock.basket.legs
    assert leg.quantity_signed == -2
    qtbot.waitUntil(lambda: "Cash&nbsp;held" in dock.basket.figures.text(), timeout=WAIT)
    assert len(dock.basket.payoff.lines) == 3
    assert next(mark.text for mark in dock.basket.payoff.marks) == "spot"
    qtbot.keyClick(dock.table, Qt.Key.Key_B)
    assert dock.basket.legs == ()
    assert "Nothing is proposed" in dock.basket.figures.text()


def test_a_double_click_sells_a_bid_and_buys_an_ask_and_nothing_else(
    dock: OptionChainDock, qtbot: QtBot
) -> None:
    for title, right in (("bid", Right.PUT), ("ask", Right.CALL), ("iv", Right.CALL)):
        index = cell(dock, title, right)
        dock.table.scrollTo(index)
        at = dock.table.visualRect(index).center()
        viewport = dock.table.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    options = [(leg.instrument, leg.quantity_signed) for leg in dock.basket.legs]
    counts = {one.right: n for one, n in options if isinstance(one, OptionContract)}
    assert counts == {Right.PUT: -1, Right.CALL: 1}
    qtbot.waitUntil(lambda: "Best" in dock.basket.figures.text(), timeout=WAIT)
    dock.basket.table.selectRow(0)
    qtbot.mouseClick(dock.basket.remove, Qt.MouseButton.LeftButton)
    assert len(dock.basket.legs) == 1
    qtbot.mouseClick(dock.basket.clear, Qt.MouseButton.LeftButton)
    assert dock.basket.legs == ()


def test_another_symbol_empties_the_basket(dock: OptionChainDock, qtbot: QtBot) -> None:
    dock.table.setCurrentIndex(cell(dock, "bid", Right.PUT))
    qtbot.mouseClick(dock.basket.sell, Qt.MouseButton.LeftButton)
    assert dock.basket.legs
    dock.bar.choose("IBM")
    assert dock.basket.legs == ()
    qtbot.waitUntil(
        lambda: dock.model.look is not None and dock.model.look.underlying == "IBM", timeout=WAIT
    )


def test_a_desk_that_stands_still_is_not_asked_again(
    dock: OptionChainDock, standing_desk: StandingDesk, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not dock.inquiry.is_under_way, timeout=WAIT)
    qtbot.wait(100)
    before = standing_desk.asked
    for _ in range(5):
        dock.look_now()
    assert standing_desk.asked == before


def test_ranks_lie_between_nothing_and_a_hundred(dock: OptionChainDock) -> None:
    assert dock.model.rank(0.01) == 0.0
    assert dock.model.rank(9.0) == 100.0
    assert dock.model.rank(None) is None
    dock.model.volatility_range = (0.2, 0.4)
    assert dock.model.rank(0.25) == pytest.approx(25.0)


def test_it_wears_another_theme_and_keeps_its_choices(
    dock: OptionChainDock, standing: DeskContext, qtbot: QtBot
) -> None:
    dock.wear(read_theme(Look.LIGHT))
    dock.tier.setCurrentIndex(1)
    other = OptionChainDock(standing)
    qtbot.addWidget(other)
    other.restore(dock.kept())
    assert other.tier.currentIndex() == 1
