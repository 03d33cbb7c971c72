"""What to hold: weights and trades from a desk's own record and history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.performance import PerformanceDock
from allusedesk.desk.docks.performance_weights import WeightsPanel
from allusedesk.desk.theme import Look, read_theme
from allusedesk.wiring import portfolio_look
from tests.desk.conftest import WAIT


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> PerformanceDock:
    made = PerformanceDock(standing)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.tabs.setCurrentIndex(2)
    return made


def computed(panel: WeightsPanel, qtbot: QtBot, method: str) -> portfolio_look.PortfolioPicture:
    panel.found = None
    panel.method.setCurrentIndex(panel.method.findData(method))
    qtbot.mouseClick(panel.compute, Qt.MouseButton.LeftButton)
    assert not panel.compute.isEnabled()
    qtbot.waitUntil(lambda: panel.found is not None, timeout=WAIT)
    assert panel.found is not None
    return panel.found


def test_weights_and_trades_are_shown_once_they_are_asked_for(
    dock: PerformanceDock, qtbot: QtBot
) -> None:
    panel = dock.weights
    assert not panel.weights.rows_shown()
    qtbot.waitUntil(lambda: panel.sleeve.count() == 4, timeout=WAIT)
    found = computed(panel, qtbot, "equal weight")
    weights = panel.weights.rows_shown()
    whole = sum((one.weight for one in weights), Decimal(0)) + found.construction.cash
    assert whole == 1
    assert {row.name for row in panel.trades.rows_shown()} >= {one.name for one in weights}
    assert found.last.year == 2012
    assert "with tax, an estimate" in panel.told.text()
    assert panel.compute.isEnabled()
    dock.wear(read_theme(Look.LIGHT))


def test_a_sleeves_own_caps_hold(dock: PerformanceDock, qtbot: QtBot) -> None:
    panel = dock.weights
    qtbot.waitUntil(lambda: panel.sleeve.count() == 4, timeout=WAIT)
    panel.sleeve.setCurrentIndex(panel.sleeve.findData("F1.com"))
    found = computed(panel, qtbot, "equal weight")
    assert found.caps.symbol is None
    assert not any(one.is_capped for one in panel.weights.rows_shown())
    panel.sleeve.setCurrentIndex(0)
    whole = computed(panel, qtbot, "equal weight")
    assert whole.caps.symbol == Decimal("0.25")
    assert all(one.is_capped for one in panel.weights.rows_shown())
    assert "the rest stays cash" in panel.told.text()


def test_a_desk_without_a_record_says_so(context: DeskContext, qtbot: QtBot) -> None:
    panel = WeightsPanel(context)
    qtbot.addWidget(panel)
    panel.ask()
    assert "no history of prices" in panel.told.text()
