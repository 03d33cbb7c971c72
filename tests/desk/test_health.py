"""The health panel: figures that move, ages that are true, faults that stand out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.health import _MEASURES, HealthDock, _marks_in_words
from allusedesk.wiring.vitals import Vitals
from tests.desk.conftest import WAIT, OpenDesk, latest


def test_figures_move_while_the_desk_runs(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-20")
    session.context.commands.give("dock.health")
    dock = session.window.dock("health")
    assert isinstance(dock, HealthDock)
    qtbot.waitUntil(lambda: dock.metrics.rowCount() > 10, timeout=WAIT)

    def value(name: str) -> float:
        return next(one.value for one in dock.metrics.rows_shown() if one.name == name)

    before = value("Entries recorded")
    qtbot.waitUntil(lambda: value("Entries recorded") > before, timeout=WAIT)
    assert value("Entries a second") > 0
    assert value("Engine beats a second") > 0
    assert value("Memory") > 50
    assert value("Journal") > 0
    assert value("Pictures failed") == value("Observers failed") == 0


def test_ages_are_those_of_recorded_time(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    session.context.commands.give("dock.health")
    dock = session.window.dock("health")
    assert isinstance(dock, HealthDock)
    engine = session.context.bridge.engine
    assert engine is not None
    qtbot.waitUntil(lambda: bool(latest(session).lots), timeout=WAIT)
    engine.steer(lambda clock: clock.stand())
    qtbot.wait(200)
    picture = latest(session)
    dock.show_picture(picture)
    shown = {str(age.quote.instrument): age.seconds for age in dock.ages.rows_shown()}
    for quote in picture.underlyings:
        assert shown[quote.instrument.underlying] == max(0.0, quote.age_seconds(picture.at))


def test_a_line_is_drawn_of_a_figure_that_moved(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    session.context.commands.give("dock.health")
    dock = session.window.dock("health")
    assert isinstance(dock, HealthDock)
    qtbot.waitUntil(
        lambda: dock.metrics.rowCount() > 0 and len(dock.metrics.row_at(0).history) > 2,
        timeout=WAIT,
    )
    table = dock.tabs.widget(0).table
    cell = table.visualRect(dock.metrics.index(0, 2))
    drawn = table.viewport().grab(cell).toImage()
    line = session.context.theme.gain
    near = {
        drawn.pixelColor(x, y).name() for x in range(drawn.width()) for y in range(drawn.height())
    }
    assert any(_is_near(colour, line) for colour in near)


def _is_near(colour: str, other: str) -> bool:
    parts = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return all(abs(one - two) < 40 for one, two in parts)


def test_a_figure_that_is_unlike_itself_is_marked(context: DeskContext, qtbot: QtBot) -> None:
    dock = HealthDock(context)
    qtbot.addWidget(dock)
    names: dict[str, Any] = {field.name: 0 for field in fields(Vitals)}
    quiet = Vitals(**{**names, "quotes_dropped": ()})
    measures = {one.name: one for one in _MEASURES}

    def shown(name: str, **now: Any) -> str:
        for _ in range(40):
            dock._metric(measures[name], replace(quiet, picture_seconds=0.001))
        found = dock._metric(measures[name], replace(quiet, **now))
        assert found is not None
        dock.metrics.show([found])
        column = next(at for at, one in enumerate(dock.metrics.columns) if one.key == "marks")
        return dock.metrics.texts_at(0)[column]

    assert shown("Picture", picture_seconds=0.001) == ""
    assert shown("Picture", picture_seconds=0.05) == "unusual"
    assert shown("Entries recorded", entries=1_000) == "", "a count only rises"
    for step in range(60):
        found = dock._metric(measures["Facts waiting"], replace(quiet, inbox_waiting=step))
    assert found is not None
    assert _marks_in_words(found) == "▲ rising"


def test_what_a_live_feed_says_of_itself_stands_above_the_figures(
    context: DeskContext, qtbot: QtBot
) -> None:
    dock = HealthDock(context)
    qtbot.addWidget(dock)
    assert dock.feed_told.isHidden()
    dock.tell_of_feed(("AAA has been silent for 45 seconds.", "VIX is missing."))
    assert dock.feed_told.text() == "Feed: AAA has been silent for 45 seconds. VIX is missing."
    assert not dock.feed_told.isHidden()
    dock.tell_of_feed(tuple(f"Note {place}." for place in range(9)))
    assert dock.feed_told.text().endswith("Note 5. And 3 more.")
    dock.tell_of_feed(())
    assert dock.feed_told.isHidden()
