"""Every kind of file against every kind of damage: one plain sentence, and the file is kept."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from allusedesk.desk.layouts import Layout, LayoutFolder, LayoutRefused
from allusedesk.journal.store import Journal
from allusedesk.passphrase import Passphrase, PassphraseRefused
from allusedesk.resource_files import resource_path
from allusedesk.settings import Settings, SettingsUnreadable, read_settings, write_settings
from tests.house.sources import ROOT

Run = Callable[..., Any]
SAMPLE = ROOT / "resources" / "sample_market"
SPAN = "--from 2012-01-02 --to 2012-01-03 --symbols gen=IBM;rev=MSFT;com=MSFT --capital 1000000"
DESK = f"--feed {SAMPLE} {SPAN} --approve all --speed max"


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def foreign(file: Path) -> None:
    file.write_bytes(b"%PDF-1.7 something else altogether\n\x00\xff" * 50)


def of_another_program(file: Path) -> None:
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE notes (text)")
    connection.commit()
    connection.close()


def of_a_later_desk(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def torn(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : len(content) : 7] = bytes(len(range(4096, len(content), 7)))
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut": cut,
    "empty": empty,
    "foreign": foreign,
    "of another program": of_another_program,
    "of a later desk": of_a_later_desk,
    "torn": torn,
}
COMMANDS = (
    "journal show {file}",
    "journal summary {file}",
    "journal search {file} AAPL",
    "journal export {file} --out {out}/all.csv",
    "journal backup {file} --out {out}/copy.journal",
    "journal restore {file} --out {out}/restored.journal",
    "report weekly {file} --format json --out {out}/week.json",
    "replay {file}",
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_refused_by_every_command_and_kept(
    run: Run, journal: Path, tmp_path: Path, damage: str
) -> None:
    DAMAGES[damage](journal)
    before, out = journal.read_bytes(), tmp_path / "out"
    for command in COMMANDS:
        ran = run(command.format(file=journal, out=out))
        assert ran.code in (1, 2), (command, ran.out)
        assert len(ran.err.strip().splitlines()) == 1, (command, ran.err)
        assert str(journal) in ran.err or "Entry" in ran.err, (command, ran.err)
        assert "Traceback" not in ran.err
        assert journal.read_bytes() == before, command
    assert run("journal verify", journal).code in (1, 2)
    assert not list(out.glob("*")) if out.exists() else True


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_desk_goes_on_with_a_damaged_journal(
    run: Run, journal: Path, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    there = Path(shutil.copy(journal, folder / "paper.journal"))
    DAMAGES[damage](there)
    before = there.read_bytes()
    ran = run(f"run --paper --headless {DESK} --out", folder)
    ran.refused()
    assert there.read_bytes() == before
    assert [one.name for one in folder.iterdir() if "journal" in one.name] == ["paper.journal"]


def test_a_journal_in_use_is_refused_and_goes_on(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    with Journal.create(folder / "paper.journal", durable=True):
        run(f"run --paper --headless {DESK} --out", folder).refused("another desk")
        run(
            "journal restore --replace", folder / "paper.journal", "--out", folder / "paper.journal"
        ).refused("another desk")


@contextmanager
def disk_that_refuses(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """No file is made or written: the disk is full, or read-only."""
    real = os.open

    def refusing(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing)
        yield


FULL = {"full": errno.ENOSPC, "read-only": errno.EROFS}


@pytest.mark.parametrize("disk", FULL)
def test_a_disk_that_takes_nothing_is_told(
    run: Run, journal: Path, tmp_path: Path, disk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write_settings(home, Settings(operator="Ada"))
    kept = (home / "settings.toml").read_bytes()
    folder = LayoutFolder(home / "layouts")
    folder.write(Layout("mine", "", "", ()))
    layout = (home / "layouts" / "mine.json").read_bytes()
    lock = Passphrase(home, lambda: 0.0)
    with disk_that_refuses(monkeypatch, FULL[disk]):
        with pytest.raises(OSError, match=os.strerror(FULL[disk])):
            write_settings(home, Settings(operator="Bob"))
        with pytest.raises(OSError, match=os.strerror(FULL[disk])):
            folder.write(Layout("mine", "00", "", ()))
        with pytest.raises(PassphraseRefused, match="stays as it was"):
            lock.change("correct horse battery")
        run("journal backup", journal, "--out", tmp_path / "copy").refused("cannot be copied")
        run(f"run --paper --headless {DESK} --out", tmp_path / "new").refused()
    assert (home / "settings.toml").read_bytes() == kept
    assert (home / "layouts" / "mine.json").read_bytes() == layout
    assert not lock.is_set
    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / "new" / "paper.journal").exists()


TEXTS: dict[str, bytes] = {
    "cut": b'look = "dark"\noperator = "Ad',
    "foreign": b"%PDF-1.7\n\x00\xff\xfe",
    "another encoding": 'operator = "Ada"'.encode("utf-16"),
    "wrong value": b'look = "purple"\n',
    "wrong kind": b"typed_above = 'many'\n",
    "of a later desk": b'look = "holographic"\nbroker = 7\n',
}


@pytest.mark.parametrize("damage", TEXTS)
def test_damaged_settings_are_set_aside_and_never_overwritten(damage: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for number in (1, 2):
        file.write_bytes(TEXTS[damage])
        with pytest.raises(SettingsUnreadable) as told:
            read_settings(tmp_path)
        assert str(file) in str(told.value)
        assert "\n" not in str(told.value)
        name = "settings.toml.damaged" if number == 1 else "settings.toml.damaged-2"
        assert (tmp_path / name).read_bytes() == TEXTS[damage]
    assert read_settings(tmp_path) == Settings()


def test_settings_spoilt_while_the_desk_runs_are_kept(tmp_path: Path) -> None:
    write_settings(tmp_path, Settings(operator="Ada"))
    (tmp_path / "settings.toml").write_bytes(TEXTS["cut"])
    write_settings(tmp_path, Settings(operator="Bob"))
    assert read_settings(tmp_path).operator == "Bob"
    assert (tmp_path / "settings.toml.damaged").read_bytes() == TEXTS["cut"]


LAYOUTS: dict[str, bytes] = {
    "cut": b'{"version": 1, "geome',
    "empty": b"",
    "foreign": b"\x89PNG\r\n",
    "wrong kind": b'{"version": 1, "geometry": 5, "state": "", "visible": [], "panels": {}}',
    "of a later desk": b'{"version": 99}',
}


@pytest.mark.parametrize("damage", LAYOUTS)
def test_a_damaged_layout_is_refused_and_kept(damage: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(LAYOUTS[damage])
    with pytest.raises(LayoutRefused) as told:
        LayoutFolder(tmp_path).read("mine")
    assert "\n" not in str(told.value)
    assert "first layout" in str(told.value)
    assert LAYOUTS[damage] in [one.read_bytes() for one in tmp_path.iterdir()]


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty"])
@pytest.mark.parametrize("kind", ["rulebook", "policy", "data", "archive"])
def test_what_a_desk_begins_with_is_refused_and_kept(
    run: Run, kind: str, damage: str, tmp_path: Path
) -> None:
    files = {
        "rulebook": tmp_path / "mine.toml",
        "policy": tmp_path / "policy.toml",
        "data": tmp_path / "IBM.csv",
        "archive": tmp_path / "archive" / "manifest.json",
    }
    file = files[kind]
    file.parent.mkdir(exist_ok=True)
    (tmp_path / "archive" / "columns").mkdir(parents=True, exist_ok=True)
    sound = {
        "rulebook": resource_path("rulebooks", "classic.toml").read_bytes()[:-400] + b'x = "',
        "policy": b'default = "wait"\n[[rule]]\nanswer = "appr',
        "data": b"Date,Open,High,Low,Close,Volume\n" * 30,
        "archive": b'{"format": "allusedesk market archive", "version": 1, "entries": [' * 3,
    }
    file.write_bytes(sound[kind])
    DAMAGES[damage](file)
    before = file.read_bytes()
    options = {
        "rulebook": f"--data {SAMPLE} --approve all --rulebook {file}",
        "policy": f"--data {SAMPLE} --approve {file}",
        "data": f"--data {file} --approve all",
        "archive": f"--data {file.parent} --approve all",
    }
    ran = run(f"rehearse {SPAN} {options[kind]} --out", tmp_path / "out")
    ran.refused()
    assert file.read_bytes() == before
    assert not (tmp_path / "out").exists()
