"""Positions as a trader sees them, and what may be asked for from there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.positions import PositionsDock
from allusedesk.desk.links import LinkGroup
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from tests.acceptance.stage import Stage
from tests.desk.pictures import behind, shown, small_desk


@pytest.fixture(scope="module")
def desk() -> Stage:
    return small_desk()


@pytest.fixture
def dock(context: DeskContext, desk: Stage, qtbot: QtBot) -> PositionsDock:
    behind(context, shown(desk))
    made = PositionsDock(context)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def cells(dock: PositionsDock) -> dict[str, str]:
    texts = dock.model.texts_at(0)
    return {column.key: texts[place] for place, column in enumerate(dock.model.columns)}


def test_a_lot_is_shown_with_its_figures(dock: PositionsDock) -> None:
    row = cells(dock)
    assert row["account"] == "F1.rev"
    assert row["instrument"] == "AAPL 1 Feb 13 99 P"
    assert row["quantity"] == "\N{MINUS SIGN}7"
    assert row["days"] == "2"
    assert row["distance"] == "+1.0%"
    assert row["distance_atr"] == "+0.5"
    assert row["collateral"] == "69,305"
    assert row["age"] == "0 s"
    assert row["assigned"].endswith("%")
    assert row["delta"].startswith("+")
    assert "collateral 69,304.55" in dock.blotter.sums.text()


def test_an_old_quote_is_greyed_and_its_age_said(dock: PositionsDock, desk: Stage) -> None:
    desk.figures.age_seconds = 400.0
    try:
        dock.take(shown(desk))
    finally:
        desk.figures.age_seconds = 0.0
    place = [column.key for column in dock.model.columns].index("bid")
    ink = dock.model.data(dock.model.index(0, place), int(Qt.ItemDataRole.ForegroundRole))
    assert ink.color().name() == dock.context.theme.text_muted
    assert cells(dock)["age"] == "6 min"


def test_a_position_that_did_not_change_is_not_painted_again(
    dock: PositionsDock, desk: Stage
) -> None:
    first = shown(desk, dock.context.bridge.latest)
    dock.take(first)
    painted: list[int] = []
    dock.model.dataChanged.connect(lambda *_: painted.append(1))
    dock.take(shown(desk, first))
    assert painted == []


def test_a_close_and_a_roll_are_asked_for_by_the_menu_of_the_table(
    dock: PositionsDock, desk: Stage
) -> None:
    engine = behind(dock.context, shown(desk))
    [held] = shown(desk).lots
    dock.blotter.choose(held.lot.id)
    menu = dock.blotter.menu()
    for name in ("Propose to c&lose", "Propose to &roll"):
        next(action for action in menu.actions() if action.text() == name).trigger()
    menu.close()
    assert engine.heard == [
        OperatorAsked(OperatorRequest.CLOSE, held.lot.id, "tester"),
        OperatorAsked(OperatorRequest.ROLL, held.lot.id, "tester"),
    ]


def test_without_a_selection_nothing_is_asked(dock: PositionsDock, desk: Stage) -> None:
    engine = behind(dock.context, shown(desk))
    told: list[str] = []
    dock.context.notices.told.connect(lambda text, _: told.append(text))
    dock.close_chosen()
    assert engine.heard == []
    assert "Choose a position" in told[0]


def test_what_is_chosen_is_followed_by_the_linked_panels(dock: PositionsDock) -> None:
    dock.blotter.table.selectRow(0)
    assert dock.context.links.symbol(LinkGroup.BLUE) == "AAPL"


def test_an_empty_dock_says_what_comes_next(context: DeskContext, qtbot: QtBot) -> None:
    made = PositionsDock(context)
    qtbot.addWidget(made)
    made.show()
    assert "Approvals" in made.blotter.empty.text()
