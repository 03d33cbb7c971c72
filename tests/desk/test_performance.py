"""Performance: the record's own closes, beside bills and the index."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.performance import PerformanceDock
from allusedesk.desk.theme import Look, Tone, read_theme
from allusedesk.journal.queries.performance import Skipped, performance
from allusedesk.journal.queries.record import max_drawdown, weekly_returns
from allusedesk.journal.read_side import ReadSide
from tests.desk.conftest import WAIT
from tests.desk.standing import StandingDesk


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> PerformanceDock:
    made = PerformanceDock(standing)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitUntil(lambda: len(made.yardsticks) == 2, timeout=WAIT)
    return made


def test_the_curve_is_that_of_the_record(
    dock: PerformanceDock, standing_desk: StandingDesk
) -> None:
    found = dock.found
    assert found is not None
    assert [day.on for day in found.days][:2] == [date(2012, 1, 8), date(2012, 1, 9)]
    assert found.days[-1].on == date(2012, 1, 18)
    assert found.days[0].index == 1
    with ReadSide.open(standing_desk.journal) as side:
        assert found.drawdown_max == max_drawdown(side)
        returns = weekly_returns(side)
    earned = sum(
        one.equity_end.amount - one.equity_start.amount - one.moved.amount for one in returns
    )
    assert sum(row.earned.amount for row in found.sleeves) == earned
    last = found.days[-1]
    assert last.equity.amount / 1_000_000 == pytest.approx(last.index)


def test_lines_stand_beside_it_and_modelled_marks_are_counted(dock: PerformanceDock) -> None:
    assert [line.name for line in dock.curve.growth.lines] == ["desk", "T-bills", "SPX"]
    assert "modelled marks on 7 of 7 closes" in dock.told.text()
    assert "dividends left out" in dock.told.text()
    assert "commissions" in dock.costs.text()
    assert "against mid" in dock.costs.text()
    assert dock.found is not None
    assert dock.found.interest is None
    assert "interest" not in dock.costs.text()


def test_sleeves_and_skips_are_listed(dock: PerformanceDock) -> None:
    assert [row.account for row in dock.sleeves.rows_shown()] == ["F1.com", "F1.gen", "F1.rev"]
    counts = [row.count for row in dock.skipped.rows_shown()]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert dock.skipped.texts_at(0)[1]
    dock.skipped.show([Skipped("entry.delta", 7_624)])
    assert dock.skipped.texts_at(0)[0] == "7,624"


def test_a_period_is_chosen_and_kept(
    dock: PerformanceDock, standing: DeskContext, qtbot: QtBot
) -> None:
    dock.period.setFocus()
    qtbot.keyClick(dock.period, Qt.Key.Key_Down)
    assert dock.period.currentText() == "This year"
    other = PerformanceDock(standing)
    qtbot.addWidget(other)
    other.restore(dock.kept())
    assert other.period.currentText() == "This year"
    other.wear(read_theme(Look.LIGHT))


def test_the_profit_is_divided_and_each_division_makes_the_whole(
    dock: PerformanceDock, qtbot: QtBot
) -> None:
    assert dock.parts.found is None
    dock.tabs.setCurrentIndex(1)
    assert "is being divided" in dock.parts.table._empty_text
    qtbot.waitUntil(lambda: dock.parts.found is not None, timeout=WAIT)
    assert dock.parts.found is not None
    assert dock.found is not None
    whole = dock.parts.found.attribution.whole.amount
    assert whole == dock.found.days[-1].equity.amount - 1_000_000
    names = set()
    for place in range(dock.parts.division.count()):
        dock.parts.division.setCurrentIndex(place)
        rows = dock.parts.rows.rows_shown()
        names.add(tuple(row.name for row in rows))
        assert sum(row.amount for row in rows) == whole
        assert f"together {formatting.number(whole, 2, signed=True)} USD" in (
            dock.parts.table.sums.text()
        )
    assert len(names) == dock.parts.division.count() == 7


def test_bars_reach_left_for_losses_and_right_for_gains(
    dock: PerformanceDock, qtbot: QtBot
) -> None:
    dock.resize(1200, 800)
    dock.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dock.parts.found is not None, timeout=WAIT)
    table = dock.parts.table.table
    rows = dock.parts.rows.rows_shown()
    assert min(row.amount for row in rows) < 0 < max(row.amount for row in rows)
    qtbot.waitExposed(dock)
    picture = table.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    theme = dock.context.theme
    inks: dict[str, list[int]] = {}
    for tone in (Tone.GAIN, Tone.LOSS):
        for place, row in enumerate(rows):
            if (row.amount < 0) == (tone is Tone.LOSS) and row.amount:
                cell = table.visualRect(dock.parts.rows.index(place, 3))
                line = int(cell.center().y() * ratio)
                inks.setdefault(tone.value, []).extend(
                    across
                    for across in range(int(cell.left() * ratio), int(cell.right() * ratio))
                    if picture.pixelColor(across, line) == theme.colour(tone)
                )
    assert max(inks["loss"]) <= min(inks["gain"])


def test_what_is_looked_at_below_the_curve_is_kept(
    dock: PerformanceDock, standing: DeskContext, qtbot: QtBot
) -> None:
    dock.tabs.setCurrentIndex(1)
    dock.parts.division.setCurrentIndex(2)
    other = PerformanceDock(standing)
    qtbot.addWidget(other)
    other.restore(dock.kept())
    assert other.tabs.currentIndex() == 1
    assert other.parts.division.currentData() == "week type"
    other.restore({"tab": 9, "division": "nonsense"})
    assert other.tabs.currentIndex() == 1


def test_a_period_is_measured_from_the_close_before_it(standing_desk: StandingDesk) -> None:
    with ReadSide.open(standing_desk.journal) as side:
        whole = performance(side, None)
        part = performance(side, date(2012, 1, 17))
        nothing = performance(side, date(2013, 1, 1))
    assert [day.on for day in part.days] == [
        date(2012, 1, 13),
        date(2012, 1, 17),
        date(2012, 1, 18),
    ]
    before = next(day for day in whole.days if day.on == date(2012, 1, 13))
    assert part.days[-1].index == whole.days[-1].index / before.index
    assert part.fills < whole.fills
    assert len(nothing.days) == 1
    assert nothing.gain == 0


def test_before_the_first_close_it_says_when_the_curve_begins(
    context: DeskContext, qtbot: QtBot
) -> None:
    dock = PerformanceDock(context)
    qtbot.addWidget(dock)
    dock.show()
    assert "first close" in dock.curve.growth.empty


def test_how_sleeves_stand_against_their_target_is_seen_without_scrolling(
    dock: PerformanceDock, qtbot: QtBot
) -> None:
    dock.resize(1024, 700)
    (table,) = (one for one in dock.findChildren(QTableView) if one.accessibleName() == "Sleeves")
    keys = [one.key for one in dock.sleeves.columns]
    place = keys.index("against")
    qtbot.waitUntil(
        lambda: (
            table.columnViewportPosition(place) + table.columnWidth(place)
            <= table.viewport().width()
        ),
        timeout=WAIT,
    )


def test_nothing_earned_is_neither_a_gain_nor_a_loss(dock: PerformanceDock) -> None:
    columns = {column.key: column for column in dock.sleeves.columns}
    tones = []
    for row in dock.sleeves.rows_shown():
        tone = columns["earned"].tone
        assert tone is not None
        tones.append((row.earned.amount > 0, row.earned.amount < 0, tone(row)))
    assert {
        (False, False, Tone.PLAIN), (True, False, Tone.GAIN), (False, True, Tone.LOSS)
    } == set(tones)  # fmt: skip


def test_the_parts_of_the_profit_have_room_under_the_words(
    dock: PerformanceDock, qtbot: QtBot
) -> None:
    dock.resize(500, 480)
    dock.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dock.parts.found is not None, timeout=WAIT)
    table = dock.parts.table.table

    def has_rows() -> bool:
        third = table.visualRect(dock.parts.rows.index(2, 0)).bottom()
        return 0 < third <= table.viewport().height()

    qtbot.waitUntil(has_rows, timeout=WAIT)
