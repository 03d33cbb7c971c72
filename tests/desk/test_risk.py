"""Risk: limits in words and bars, stress by scenario, payoffs by underlying."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk import formatting
from allusedesk.desk.charts.heat_grid import HeatGrid
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.risk import RiskDock
from allusedesk.desk.docks.risk_tables import ISSUERS, LIMITS, bar, scenario_words
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Look, Tone, read_theme
from allusedesk.domain.money import Money
from allusedesk.engine.what_if.limits import IssuerUse, LimitUse
from allusedesk.engine.what_if.risk import SCENARIOS, RiskPicture
from tests.desk.conftest import WAIT


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> RiskDock:
    made = RiskDock(standing)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitUntil(lambda: made.found is not None, timeout=WAIT)
    return made


def test_every_limit_stands_with_its_figure_and_its_bar(dock: RiskDock) -> None:
    names = {row.name for row in dock.limits.rows_shown()}
    assert {"cash held by short puts", "cash kept back", "fall from its high"} <= names
    texts = dock.limits.texts_at(0)
    assert texts[0] == "F1.com"
    assert "%" in texts[2]
    assert dock.found is not None
    for loss in dock.found.scenarios[:2]:
        assert formatting.number(loss.total, 0, signed=True) in dock.told.text()
    assert "overnight \N{MINUS SIGN}20%" in dock.told.text()
    assert "every limit kept" in dock.told.text() or "BEYOND" in dock.told.text()


def test_a_limit_beyond_says_so_in_words_and_colour() -> None:
    broken = LimitUse("F1.gen", "margin use", "70.0%", "at most 60%", 1.17, is_kept=False)
    near = LimitUse("F1.gen", "margin use", "50.0%", "at most 60%", 0.83, is_kept=True)
    state = next(column for column in LIMITS if column.key == "state")
    assert [state.value(use) for use in (broken, near)] == ["BEYOND", "near"]
    assert state.tone is not None
    assert [state.tone(use) for use in (broken, near)] == [Tone.ALARM, Tone.CAUTION]
    assert bar(0.5).count("\N{FULL BLOCK}") == 6
    assert bar(3.0).startswith("\N{FULL BLOCK}" * 12 + " 300%")


def test_a_scenario_is_chosen_by_key_and_told_in_money(dock: RiskDock, qtbot: QtBot) -> None:
    dock.tabs.setCurrentIndex(3)
    first = dock.cost.text()
    assert "spot \N{MINUS SIGN}10%" in first
    assert "USD" in first
    dock.scenario.setFocus()
    qtbot.keyClick(dock.scenario, Qt.Key.Key_Down)
    assert "spot \N{MINUS SIGN}20%" in dock.cost.text()
    shown = dict(dock.losses.rows_shown())
    assert dock.found is not None
    assert shown == dict(dock.found.scenarios[1].by_underlying)
    assert scenario_words(SCENARIOS[3]).endswith("20 days later")


def test_the_heat_map_has_a_cell_for_every_pair_and_deeper_colour_for_more(dock: RiskDock) -> None:
    model, found = dock.heat, dock.found
    assert found is not None
    assert model.rowCount() == len(found.factors)
    assert model.columnCount() == len(found.moves) + 1
    ground = int(Qt.ItemDataRole.BackgroundRole)
    deepest, mild = model.index(3, 1).data(ground), model.index(3, 5).data(ground)
    assert deepest.color().alphaF() > mild.color().alphaF()
    assert model.index(3, 1).data().startswith("\N{MINUS SIGN}")


def test_greeks_and_issuers_cover_what_is_held(dock: RiskDock) -> None:
    picture = dock.context.bridge.latest
    assert picture is not None
    held = {lot.lot.underlying for lot in picture.lots}
    rows = dock.greeks.model.rows_shown()
    assert {row.underlying.removesuffix(", all") for row in rows} == held
    single = [row for row in rows if not row.underlying.endswith(", all")]
    assert len(single) < len(rows)
    dock.tabs.setCurrentIndex(1)
    # Each lot counts once, and only dollars are added up.
    delta = formatting.number(sum(row.delta_value for row in single), 0, signed=True)
    theta = formatting.number(sum(row.greeks.theta for row in single), 0, signed=True)
    assert f"All together: delta {delta} USD, theta {theta} USD a day" in dock.greeks.sums.text()
    assert {row.issuer for row in dock.issuers.rows_shown()} <= held


def test_the_payoff_is_that_of_the_chosen_underlying(dock: RiskDock, qtbot: QtBot) -> None:
    dock.tabs.setCurrentIndex(4)
    assert dock.underlying.count() >= 2
    dock.underlying.setFocus()
    before = dock.payoff.places
    qtbot.keyClick(dock.underlying, Qt.Key.Key_Down)
    assert dock.payoff.places[0] != before[0]
    assert dock.payoff.marks[0].text == "spot"


def test_tab_and_scenario_are_kept(dock: RiskDock, standing: DeskContext, qtbot: QtBot) -> None:
    dock.tabs.setCurrentIndex(3)
    dock.scenario.setCurrentIndex(2)
    other = RiskDock(standing)
    qtbot.addWidget(other)
    other.restore(dock.kept())
    assert other.tabs.currentIndex() == 3
    assert other.scenario.currentIndex() == 2
    other.restore({"tab": 99, "scenario": "none"})
    assert other.tabs.currentIndex() == 3
    other.wear(read_theme(Look.LIGHT))


def test_named_scenarios_of_history_stand_on_the_list(dock: RiskDock) -> None:
    dock.tabs.setCurrentIndex(3)
    names = [dock.scenario.itemText(place) for place in range(dock.scenario.count())]
    assert any(name.startswith("1987-10-19") for name in names)
    dock.scenario.setCurrentIndex(len(SCENARIOS))
    assert "spot \N{MINUS SIGN}20%" in dock.cost.text()
    assert dock.found is not None
    assert len(dock.found.scenarios) == len(names)


def test_a_persons_own_scenarios_join_and_broken_ones_are_told(
    standing: DeskContext, qtbot: QtBot, home: Path
) -> None:
    own = home / "scenarios.toml"
    own.write_text('[[scenario]]\nid = "mine"\nmove = -0.07\n', encoding="utf-8")
    made = RiskDock(standing)
    qtbot.addWidget(made)
    assert made.scenario.itemText(made.scenario.count() - 1) == "mine"
    own.write_text('[[scenario]]\nid = "mine"\n', encoding="utf-8")
    other = RiskDock(standing)
    qtbot.addWidget(other)
    assert other.scenario.findText("mine") == -1
    other.show()
    qtbot.waitUntil(lambda: other.found is not None, timeout=WAIT)
    assert "move is no number" in other.told.text()


def test_losses_edges_and_ways_out_are_measured_when_asked(dock: RiskDock, qtbot: QtBot) -> None:
    dock.tabs.setCurrentIndex(5)
    assert "press Measure" in dock.deep.told.text()
    qtbot.keyClick(dock.deep.measure, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dock.deep.found is not None, timeout=WAIT)
    found = dock.deep.found
    assert found is not None
    assert [row.way for row in dock.deep.losses.rows_shown()] == [
        "historical", "simulated", "parametric",
    ]  # fmt: skip
    assert all(row.expected_shortfall >= row.value_at_risk > 0 for row in found.losses)
    assert {row.name for row in dock.deep.edges.rows_shown()} >= {
        "value at risk",
        "overnight gap of 20%",
    }
    picture = dock.context.bridge.latest
    assert picture is not None
    held = {lot.lot.underlying for lot in picture.lots}
    assert {row.underlying for row in dock.deep.betas.rows_shown()} == {
        *held,
        "all together",
    }
    assert {row.instrument for row in dock.deep.exits.rows_shown()} == {
        str(lot.lot.instrument) for lot in picture.lots
    }
    assert "USD" in dock.deep.told.text()
    dock.tabs.setCurrentIndex(5)
    (table,) = dock.deep.losses_page.findChildren(Blotter)
    low = table.table.visualRect(table.table.model().index(2, 0)).bottom()
    assert 0 < low <= table.table.viewport().height()
    dock.resize(700, 360)
    dock.tabs.setCurrentIndex(6)
    edges = dock.deep.edges_page.findChildren(Blotter)[0]
    last = edges.model.rowCount() - 1
    low = edges.table.visualRect(edges.table.model().index(last, 0)).bottom()
    assert 0 < low <= edges.table.viewport().height()
    assert dock.deep.measure.isEnabled()
    # A green light after a handful of days is no praise.
    assert "days tell little: the light is made for 250." in dock.deep.record.text()
    assert {"Theta, USD a day", "Vega, USD a point"} <= {
        column.title for column in dock.deep.betas.columns
    }
    dock.wear(read_theme(Look.LIGHT))


def given(dock: RiskDock, found: RiskPicture) -> None:
    """Show a book that is made up."""
    picture = dock.context.bridge.latest
    assert picture is not None
    dock._timer.stop()
    dock._take((found, 0.1, picture.at))


def test_what_is_broken_stands_first(dock: RiskDock) -> None:
    assert dock.found is not None
    kept = dock.found.limits
    broken = replace(kept[-1], used=1.4, is_kept=False)
    given(dock, replace(dock.found, limits=(*kept[:-1], broken)))
    # Put in order by the table's own clock, so never under somebody's hand.
    dock.limits.keep_order()
    assert dock.limits.row_at(0) == broken
    assert [dock.limits.row_at(place) for place in (1, 2)] == list(kept[:2])
    assert "1 BEYOND their limit" in dock.told.text()


def test_a_scenario_that_ruins_says_so(dock: RiskDock) -> None:
    found = dock.found
    assert found is not None
    dock.tabs.setCurrentIndex(3)
    assert "RUIN" not in dock.cost.text() + dock.told.text()
    loss = replace(found.scenarios[0], total=-1_500_000.0)
    given(dock, replace(found, scenarios=(loss, *found.scenarios[1:])))
    assert dock.cost.text().endswith(" of equity: RUIN, it costs all there is")
    assert "\N{MINUS SIGN}1,500,000 USD (RUIN)" in dock.told.text()
    given(dock, replace(found, equity=Money(Decimal(-5))))
    assert dock.cost.text().endswith("and there is no equity to bear a loss")


def test_the_figures_of_a_large_book_are_whole_in_the_heat_map(dock: RiskDock) -> None:
    assert dock.found is not None
    table = tuple(tuple(gain * 1e6 for gain in row) for row in dock.found.stress)
    given(dock, replace(dock.found, stress=table))
    (grid,) = dock.findChildren(HeatGrid)
    widest = max(
        grid.fontMetrics().horizontalAdvance(dock.heat.texts_at(row)[1]) for row in range(6)
    )
    assert grid.horizontalHeader().minimumSectionSize() > widest


def test_an_issuer_near_or_beyond_its_limit_is_marked() -> None:
    share = next(column for column in ISSUERS if column.key == "share")
    assert share.tone is not None
    tones = []
    for used in (10, 85, 101):
        issuer = IssuerUse("IBM", Money(Decimal(used)), Money(Decimal(100)), ())
        tones.append(share.tone(issuer))
    assert tones == [Tone.PLAIN, Tone.CAUTION, Tone.ALARM]


def test_what_is_left_of_a_limit_counts_down() -> None:
    near = LimitUse("F1.gen", "margin use", "50.0%", "at most 60%", 0.83, is_kept=True)
    calm = LimitUse("F1.gen", "margin use", "10.0%", "at most 60%", 0.17, is_kept=True)
    columns = {column.key: column for column in LIMITS}
    assert [columns["soft"].cell(use) for use in (near, calm)] == ["0%", "63%"]
    assert [columns["hard"].cell(use) for use in (near, calm)] == ["17%", "83%"]


def test_figures_of_the_heat_map_are_never_cut_off(dock: RiskDock, qtbot: QtBot) -> None:
    dock.tabs.setCurrentIndex(3)
    dock.resize(300, 500)
    (grid,) = dock.findChildren(HeatGrid)
    header = grid.horizontalHeader()
    widest = grid.fontMetrics().horizontalAdvance("\N{MINUS SIGN}9,999,999")
    qtbot.waitUntil(lambda: header.sectionSize(1) >= widest, timeout=WAIT)


def test_a_book_of_cash_says_so_once_it_was_measured(dock: RiskDock, qtbot: QtBot) -> None:
    qtbot.mouseClick(dock.deep.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.deep.found is not None, timeout=WAIT)
    found = dock.deep.found
    assert found is not None
    dock.deep._take(replace(found, lots=0, betas=(), exits=()))
    words = {one.empty.text() for one in dock.deep.edges_page.findChildren(Blotter)}
    assert "Nothing but cash is held." in words
    assert not any("is measured yet" in one for one in words)


def test_before_the_first_picture_it_says_what_will_stand_here(
    context: DeskContext, qtbot: QtBot
) -> None:
    made = RiskDock(context)
    qtbot.addWidget(made)
    made.show()
    assert made.told.text().startswith("The desk is starting")
