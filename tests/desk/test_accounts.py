"""Accounts: the tree, the ladder below it, and what may be asked of a sleeve or a family."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.confirmation import Confirmation
from allusedesk.desk.dialogs.money_move import MoneyMove, amount_of
from allusedesk.desk.docks.accounts import AccountsDock, rungs_of
from allusedesk.desk.models.account_tree import COLUMNS, AccountTreeModel
from allusedesk.desk.theme import Theme
from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.inputs import (
    CapitalDeposited,
    CapitalWithdrawn,
    Instruction,
    OperatorAsked,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.domain.money import Money
from allusedesk.engine.snapshot import DeskSnapshot
from tests.acceptance.desks import F1_GEN, F1_REV
from tests.acceptance.stage import FAMILY, Stage
from tests.desk.pictures import Engine, behind, shown, small_desk


@pytest.fixture(scope="module")
def desk() -> Stage:
    return small_desk()


@pytest.fixture
def dock(context: DeskContext, desk: Stage, qtbot: QtBot) -> AccountsDock:
    behind(context, shown(desk))
    made = AccountsDock(context)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(dock: AccountsDock, *rows: int) -> None:
    index = QModelIndex()
    for row in rows:
        index = dock.model.index(row, 0, index)
    dock.tree.setCurrentIndex(index)


def heard(dock: AccountsDock) -> list[object]:
    engine = dock.context.bridge.engine
    assert isinstance(engine, Engine)
    return list(engine.heard)


def trigger(dock: AccountsDock, name: str) -> None:
    menu = dock.menu()
    next(action for action in menu.actions() if action.text() == name).trigger()
    menu.close()


def with_fork(picture: DeskSnapshot) -> DeskSnapshot:
    """The picture with a second family that was forked from the first."""
    [family], gen = picture.families, picture.sleeves[1]
    fork = replace(family, id=FamilyId("F2"), parent=FAMILY, merge_at=Money(Decimal(500_000)))
    account = replace(gen.account, id="F2.gen", family=FamilyId("F2"))
    return replace(
        picture,
        families=(family, fork),
        sleeves=(*picture.sleeves, replace(gen, account=account)),
    )


def test_the_tree_is_sound_and_holds_every_sleeve(theme: Theme, desk: Stage) -> None:
    model = AccountTreeModel(theme)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    picture = with_fork(shown(desk))
    assert model.show(picture.families, picture.sleeves)
    first = model.index(0, 0)
    names = [model.index(row, 0, first).data() for row in range(model.rowCount(first))]
    assert names == ["Gen  F1.gen", "Rev  F1.rev", "Com  F1.com", "Family F2"]
    fork = model.index(3, 0, first)
    assert model.index(0, 0, fork).data() == "Gen  F2.gen"
    assert model.parent(model.index(0, 0, fork)) == fork
    assert model.columnCount() == len(COLUMNS)


def test_only_what_changed_is_told(theme: Theme, desk: Stage) -> None:
    model = AccountTreeModel(theme)
    picture = shown(desk)
    model.show(picture.families, picture.sleeves)
    told: list[str] = []
    model.dataChanged.connect(lambda first, _: told.append(first.data()))
    assert not model.show(picture.families, picture.sleeves)
    assert told == []
    sleeves = [
        replace(one, equity=one.equity + Money(Decimal(5))) if one.account.id == F1_GEN else one
        for one in picture.sleeves
    ]
    model.show(picture.families, sleeves)
    assert told == ["Family F1", "Gen  F1.gen"]


def test_a_sleeve_shows_how_far_its_fork_is(dock: AccountsDock) -> None:
    titles = [column.title for column in COLUMNS]
    family = dock.model.index(0, 0)

    def cell(row: int, title: str) -> str:
        return str(dock.model.index(row, titles.index(title), family).data())

    assert cell(0, "To fork $") == "50,000"
    assert cell(0, "To fork") == "41.7%"
    assert cell(2, "To fork $") == "\N{EM DASH}"
    assert cell(1, "Held $") == "69,305"
    assert cell(0, "Stops") == "none"


def test_what_stops_a_sleeve_is_said(dock: AccountsDock, desk: Stage) -> None:
    picture = shown(desk)
    sleeves = tuple(
        replace(one, freezes=("kill switch",), size_needed="at least 20000", is_calls_only=True)
        for one in picture.sleeves
    )
    dock.take(replace(picture, sleeves=sleeves))
    family = dock.model.index(0, 0)
    stops = dock.model.index(0, len(COLUMNS) - 1, family).data()
    assert stops == "kill switch; calls only; too small: needs at least 20000"


def test_the_ladder_adds_up_by_the_day(dock: AccountsDock) -> None:
    choose(dock, 0, 1)
    node = dock.chosen()
    assert node is not None
    assert node.key == F1_REV
    rungs = rungs_of(node)
    assert rungs[0].free == node.sleeves[0].cash_free
    assert rungs[-1].on == date(2013, 2, 1)
    assert rungs[-1].free == rungs[0].free + node.sleeves[0].collateral
    assert dock.ladder.rowCount() == len(rungs)
    assert F1_REV in dock.title.text()


def test_a_choice_stays_while_figures_change(dock: AccountsDock, desk: Stage) -> None:
    choose(dock, 0, 2)
    dock.take(shown(desk))
    node = dock.chosen()
    assert node is not None
    assert node.key == "F1.com"


def test_fork_and_merge_are_asked_for_what_is_chosen(dock: AccountsDock) -> None:
    choose(dock, 0, 0)
    trigger(dock, "Propose &fork")
    trigger(dock, "Propose &merge")
    assert heard(dock) == [
        OperatorAsked(OperatorRequest.FORK, F1_GEN, "tester"),
        OperatorAsked(OperatorRequest.MERGE, FAMILY, "tester"),
    ]


def test_money_comes_in_by_an_amount_that_is_one(dock: AccountsDock, qtbot: QtBot) -> None:
    trigger(dock, "&Deposit…")
    dialog = dock.wishes.dialog
    assert isinstance(dialog, MoneyMove)
    qtbot.keyClicks(dialog.amount, "ten")
    qtbot.keyClick(dialog.amount, Qt.Key.Key_Return)
    assert heard(dock) == []
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert "no amount" in dialog.fault.text()
    assert heard(dock) == []
    dialog.amount.clear()
    qtbot.keyClicks(dialog.amount, "10,000.50")
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    amount = Money(Decimal("10000.50"))
    assert heard(dock) == [CapitalDeposited(FAMILY, amount, date(2013, 1, 30))]


def test_money_leaves_only_sleeves_that_pay_out(dock: AccountsDock, qtbot: QtBot) -> None:
    choose(dock, 0, 1)
    trigger(dock, "&Withdraw…")
    dialog = dock.wishes.dialog
    assert isinstance(dialog, MoneyMove)
    offered = [dialog.place.itemData(place) for place in range(dialog.place.count())]
    assert offered == [F1_REV, F1_GEN]
    assert "free" in dialog.place.itemText(0)
    qtbot.keyClicks(dialog.amount, "500")
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert heard(dock) == [CapitalWithdrawn(F1_REV, Money(Decimal(500)), date(2013, 1, 30))]


@pytest.mark.parametrize(
    ("name", "instruction"),
    [
        ("&Pause…", Instruction.PAUSE),
        ("&Continue…", Instruction.CONTINUE),
        ("&Reset after a stop…", Instruction.RESET),
    ],
)
def test_a_sleeve_is_paused_continued_and_reset(
    dock: AccountsDock, qtbot: QtBot, name: str, instruction: Instruction
) -> None:
    choose(dock, 0, 0)
    trigger(dock, name)
    dialog = dock.wishes.dialog
    assert isinstance(dialog, Confirmation)
    qtbot.keyClicks(dialog.reason, "holiday")
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert heard(dock) == [OperatorInstructed(instruction, "tester", "holiday", F1_GEN)]


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "1.234", "1e99", "inf"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount_of(text) is None
