"""Chart: a desk's own symbols, up to its own now, with what it holds and traded."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.charts.chart_marks import MarkKind
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.chart import ChartDock
from allusedesk.desk.links import LinkGroup
from allusedesk.desk.theme import Look, read_theme
from tests.desk.conftest import WAIT
from tests.desk.standing import INSTANT, StandingDesk


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> ChartDock:
    made = ChartDock(standing)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    qtbot.waitUntil(lambda: made.bars is not None, timeout=WAIT)
    return made


def test_it_opens_with_the_first_symbol_up_to_the_last_close(dock: ChartDock) -> None:
    assert dock.bars is not None
    assert dock.bars.symbol == "AAPL"
    assert str(dock.bars.times[-1])[:10] == "2012-01-17"
    assert dock.chart.isVisible()
    assert "C 424.70" in dock.readout.text()
    assert "ATR" in dock.readout.text()


def test_nothing_of_the_days_to_come_is_on_the_chart(
    dock: ChartDock, standing_desk: StandingDesk
) -> None:
    assert dock.bars is not None
    assert dock.bars.times.max() < np.datetime64(INSTANT.replace(tzinfo=None), "s")
    later = standing_desk.looks.bars("AAPL", dock.bars.interval, INSTANT.replace(year=2013))
    assert len(later) > len(dock.bars)
    count = len(dock.bars)
    np.testing.assert_array_equal(later.close[:count], dock.bars.close)
    np.testing.assert_array_equal(later.atr[:count], dock.bars.atr)


def test_what_is_held_and_traded_is_marked(dock: ChartDock, qtbot: QtBot) -> None:
    picture = dock.context.bridge.latest
    assert picture is not None
    options = [lot.lot.option for lot in picture.lots if lot.lot.option is not None]
    symbol = options[0].underlying
    dock.bar.choose(symbol)
    qtbot.waitUntil(lambda: dock.bars is not None and dock.bars.symbol == symbol, timeout=WAIT)
    held = {float(option.strike) for option in options if option.underlying == symbol}
    assert {line.level for line in dock.chart.marks.strikes} == held
    qtbot.waitUntil(lambda: bool(dock.trades), timeout=WAIT)
    assert MarkKind.ENTRY in {mark.kind for mark in dock.chart.marks.marks}
    assert dock.chart.marks.price is not None
    assert "modelled" in dock.chart.marks.price[1]


def test_a_symbol_is_typed_and_linked_panels_follow(dock: ChartDock, qtbot: QtBot) -> None:
    links = dock.context.links
    dock.bar.field.setFocus()
    dock.bar.field.selectAll()
    qtbot.keyClicks(dock.bar.field, "msft")
    qtbot.keyClick(dock.bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dock.bars is not None and dock.bars.symbol == "MSFT", timeout=WAIT)
    assert links.symbol(LinkGroup.BLUE) == "MSFT"
    links.choose(LinkGroup.BLUE, "IBM")
    qtbot.waitUntil(lambda: dock.bars is not None and dock.bars.symbol == "IBM", timeout=WAIT)
    dock.bar.link.setCurrentIndex(dock.bar.link.findData(LinkGroup.NONE.value))
    links.choose(LinkGroup.BLUE, "AAPL")
    assert dock.bar.symbol == "IBM"


def test_what_is_no_symbol_of_the_desk_changes_nothing(dock: ChartDock, qtbot: QtBot) -> None:
    dock.bar.field.setText("NONE")
    qtbot.keyClick(dock.bar.field, Qt.Key.Key_Return)
    assert dock.bar.field.text() == dock.bar.symbol == "AAPL"


def test_weeks_are_chosen_and_read_out(dock: ChartDock, qtbot: QtBot) -> None:
    assert [dock.interval.itemText(n) for n in range(dock.interval.count())] == ["Days", "Weeks"]
    dock.interval.setFocus()
    qtbot.keyClick(dock.interval, Qt.Key.Key_Down)
    qtbot.waitUntil(
        lambda: dock.bars is not None and dock.bars.interval.value == "week", timeout=WAIT
    )
    assert dock.readout.text().startswith("week from Tue 17 Jan 12")


def test_the_crosshair_reads_out_a_bar(dock: ChartDock, qtbot: QtBot) -> None:
    dock.chart.setFocus()
    for _ in range(2):
        qtbot.keyClick(dock.chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert dock.readout.text().startswith("Fri 13 Jan 12")


def test_choices_are_kept_in_a_layout(dock: ChartDock, standing: DeskContext, qtbot: QtBot) -> None:
    dock.bar.choose("IBM")
    kept = dock.kept()
    other = ChartDock(standing)
    qtbot.addWidget(other)
    other.restore(kept)
    assert other.bar.symbol == "IBM"
    other.restore({"symbol": 3, "interval": "fortnight", "link": "pink"})
    assert other.bar.symbol == "IBM"


def test_without_an_engine_it_says_what_it_waits_for(context: DeskContext, qtbot: QtBot) -> None:
    dock = ChartDock(context)
    qtbot.addWidget(dock)
    dock.show()
    assert "engine is starting" in dock.empty.text()
    dock.wear(read_theme(Look.LIGHT))
