"""Layouts: kept, restored, undone, and damage that costs nothing but the layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.layouts import LAST, Layout, LayoutFolder, LayoutRefused
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.session import DeskSession
from tests.desk.conftest import OpenDesk


def _visible(session: DeskSession) -> set[str]:
    return {name for name, frame in session.window.frames.items() if not frame.isHidden()}


def test_a_layout_is_undone_and_done_again(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    layouts = session.layouts
    layouts.note()
    before = _visible(session)
    session.window.frames["positions"].hide()
    layouts.note()
    assert _visible(session) == before - {"positions"}
    session.context.commands.give("layout.undo")
    assert _visible(session) == before
    session.context.commands.give("layout.redo")
    assert _visible(session) == before - {"positions"}
    session.context.commands.give("layout.redo")
    assert session.window.notices.sentences() == ["No layout change was undone."]


def test_a_layout_comes_back_after_the_window_was_left(
    open_desk: OpenDesk, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    first = open_desk("--speed", "60", out=tmp_path / "one")
    first.window.frames["positions"].hide()
    first.layouts.note()
    second = open_desk("--speed", "60", out=tmp_path / "two")
    assert "positions" not in _visible(second)
    second.context.commands.give("layout.first")
    assert "positions" in _visible(second)


def test_a_layout_is_kept_by_name_and_used_again(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = open_desk("--speed", "60")
    session.window.frames["positions"].hide()
    session.context.commands.give("layout.keep")
    dialog = session.window.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("evening")
    dialog.accept()
    assert session.layouts.folder.names() == ("evening",)
    assert session.preferences.settings.layout == "evening"
    session.context.commands.give("layout.first")
    assert "positions" in _visible(session)
    session.window_commands._use("evening")
    assert "positions" not in _visible(session)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "geometry": 3, "state": "zz"}']
)
def test_a_damaged_layout_is_set_aside_and_the_first_one_shown(
    open_desk: OpenDesk, home: Path, text: str
) -> None:
    folder = home / "layouts"
    folder.mkdir(parents=True)
    (folder / f"{LAST}.json").write_text(text)
    session = open_desk("--speed", "60")
    assert _visible(session) == set(session.window.frames)
    assert any("damaged" in sentence for sentence in session.window.notices.sentences())
    assert (folder / f"{LAST}.json.damaged").read_text() == text


def test_a_layout_qt_does_not_take_shows_the_first_one(open_desk: OpenDesk) -> None:
    session = open_desk("--speed", "60")
    with pytest.raises(LayoutRefused, match="does not fit"):
        session.layouts.put(Layout("odd", "", "00ff", ()))
    assert _visible(session) == set(session.window.frames)


def test_a_layout_of_a_later_desk_is_left_alone(tmp_path: Path) -> None:
    folder = LayoutFolder(tmp_path)
    folder.write(Layout("mine", "", "", ()))
    file = tmp_path / "mine.json"
    table = json.loads(file.read_text())
    file.write_text(json.dumps({**table, "version": 99}))
    with pytest.raises(LayoutRefused, match="later desk"):
        folder.read("mine")
    assert file.exists()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 41])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LayoutRefused, match="no name"):
        LayoutFolder(tmp_path).write(Layout(name, "", "", ()))


def test_what_a_panel_keeps_waits_until_the_panel_is_built(open_desk: OpenDesk) -> None:
    session = open_desk("--speed", "60")
    layout = session.layouts.taken()
    kept = {**layout.panels, "health": {"tab": 2}}
    session.layouts.put(Layout("mine", layout.geometry, layout.state, layout.visible, kept))
    dock = session.window.dock("health")
    assert dock.kept() == {"tab": 2}


def test_a_change_made_just_before_leaving_is_kept(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    first = open_desk("--speed", "60", out=tmp_path / "one")
    qtbot.waitExposed(first.window)
    first.window.frames["positions"].hide()
    first.window.close()
    second = open_desk("--speed", "60", out=tmp_path / "two")
    assert "positions" not in _visible(second)


def test_a_folder_that_cannot_be_written_is_told_once(
    open_desk: OpenDesk, qtbot: QtBot, home: Path
) -> None:
    (home / "layouts").write_text("a file where the folder should be")
    session = open_desk("--speed", "60")
    session.window.frames["positions"].hide()
    session.layouts.note()
    told = session.window.notices.sentences()
    (sentence,) = [one for one in told if "could not be kept" in one]
    assert not any("damaged" in one or "Error" in one for one in told)
    assert "Make room or check the folder's rights." in sentence


def test_a_layout_of_an_earlier_desk_keeps_its_places_and_shows_what_came_since(
    open_desk: OpenDesk, context: DeskContext, home: Path
) -> None:
    """The first desk had fewer panels and kept less of each."""
    earlier = MainWindow(context, ("week", "approvals", "chart", "positions", "orders"))
    earlier.show()
    earlier.frames["orders"].hide()
    kept = {
        "name": LAST,
        "geometry": bytes(earlier.saveGeometry().data()).hex(),
        "state": bytes(earlier.saveState(1).data()).hex(),
        "visible": ["approvals", "chart", "positions", "week"],
        "panels": {"week": {}, "panel of another desk": {"tab": 2}},
        "version": 1,
    }
    earlier.close()
    (home / "layouts").mkdir()
    (home / "layouts" / "last.json").write_text(json.dumps(kept))
    session = open_desk("--speed", "60")
    assert session.window.notices.sentences() == []
    assert "orders" not in _visible(session)
    assert {"health", "reports", "fills"} <= _visible(session)
