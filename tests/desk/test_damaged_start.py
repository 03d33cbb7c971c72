"""A desk over damaged files of its own: it opens, says one sentence for each, and keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from allusedesk.desk.lock import SHUT
from tests.desk.conftest import WAIT, OpenDesk

CONTENTS: dict[str, bytes] = {
    "cut": b'{"version": 1, "geome',
    "foreign": b"%PDF-1.7\n\x00\xff\xfe",
    "of a later desk": b'{"version": 99}',
    "nested": b"[" * 60_000,
}


@pytest.mark.parametrize("damage", CONTENTS)
@pytest.mark.parametrize("name", ["settings.toml", "layouts/last.json"])
def test_the_desk_opens_and_says_what_was_set_aside(
    open_desk: OpenDesk, qtbot: QtBot, home: Path, name: str, damage: str
) -> None:
    file = home / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(CONTENTS[damage])
    session = open_desk("--speed", "1")
    qtbot.waitUntil(lambda: bool(session.window.notices.sentences()), timeout=WAIT)
    said = [one for one in session.window.notices.sentences() if file.stem in one]
    assert len(said) == 1, session.window.notices.sentences()
    assert "Traceback" not in said[0]
    kept = [one.read_bytes() for one in file.parent.iterdir() if one.name.startswith(file.name)]
    assert CONTENTS[damage] in kept
    assert session.window.isVisible()


@pytest.mark.parametrize("damage", CONTENTS)
def test_a_passphrase_that_cannot_be_read_opens_to_nobody(
    open_desk: OpenDesk, qtbot: QtBot, home: Path, damage: str
) -> None:
    file = home / "passphrase.toml"
    file.write_bytes(CONTENTS[damage])
    session = open_desk("--speed", "1")
    curtain = session.locking.curtain
    assert curtain.isVisible()
    for typed in ("anything", "?"):
        curtain.field.setText(typed)
        session.locking.try_passphrase()
        assert "cannot be read" in curtain.verdict.text()
    session.context.commands.give("settings")
    assert curtain.verdict.text() == SHUT
    assert file.read_bytes() == CONTENTS[damage]
