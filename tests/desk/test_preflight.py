"""What would keep a desk from running is refused in a sentence that says what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

from allusedesk.desk import preflight
from allusedesk.desk.preflight import (
    StartRefused,
    check_folder,
    check_program,
    check_qt,
    check_screen,
    refuse_pair,
)


@pytest.mark.parametrize("python", [(3, 11), (3, 10)])
def test_qt_6_12_is_refused_before_python_3_12(python: tuple[int, int]) -> None:
    with pytest.raises(StartRefused, match=r"install PySide6-Essentials 6\.11\.3"):
        refuse_pair("6.12.0", python)


@pytest.mark.parametrize(
    ("qt", "python"), [("6.11.3", (3, 11)), ("6.12.0", (3, 12)), ("6.12.0", (3, 13))]
)
def test_other_pairs_pass(qt: str, python: tuple[int, int]) -> None:
    refuse_pair(qt, python)


def test_the_installed_pair_passes() -> None:
    check_qt()


def test_this_installation_passes() -> None:
    check_program()


def test_libraries_that_are_missing_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("qasync", "keyring"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(StartRefused, match="needs qasync and keyring, which cannot be found"):
        check_program()


def test_no_qt_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6", None)
    with pytest.raises(StartRefused, match="Qt is not installed"):
        check_qt()


@pytest.mark.parametrize(
    ("library", "advice"),
    [
        ("libEGL.so.1", "sudo apt install libegl1"),
        ("libxcb-cursor.so.0", "sudo apt install libxcb-cursor0"),
        ("libunheard-of.so.3", "install the package that has it"),
    ],
)
def test_a_library_of_the_system_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, library: str, advice: str
) -> None:
    """As the loader says it: no such file where Qt is loaded."""

    class Loader:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "PySide6.QtWidgets":
                raise ImportError(f"{library}: cannot open shared object file: No such file")

    monkeypatch.delitem(sys.modules, "PySide6.QtWidgets")
    monkeypatch.delattr("PySide6.QtWidgets")
    monkeypatch.setattr(sys, "meta_path", [Loader(), *sys.meta_path])
    with pytest.raises(StartRefused, match=library) as refused:
        check_qt()
    assert advice in str(refused.value)


def test_fonts_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "FONT_FILES", ("DejaVuSans.ttf", "Gone.ttf"))
    with pytest.raises(StartRefused, match=r"The font Gone\.ttf is missing"):
        check_program()


def test_a_screen_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(StartRefused, match=r"The screen :987 .* does not answer"):
        check_screen()


def test_no_screen_is_asked_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    check_screen()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartRefused, match=r"cannot be written .* the record must lie there"):
        check_folder(tmp_path / "file" / "desk", "the record")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    with pytest.raises(StartRefused, match="has 3 MB left, and the record needs 67 MB"):
        check_folder(tmp_path, "the record")


def test_a_folder_that_will_do_is_left_empty(tmp_path: Path) -> None:
    check_folder(tmp_path / "new", "the record")
    assert list((tmp_path / "new").iterdir()) == []


class _Bell(QObject):
    rang = Signal()


def test_no_reference_to_none_or_true_is_lost(qapp: QApplication) -> None:
    """Each call of a void method lost one reference to None in 6.12.0, each emit one to True."""
    if sys.version_info >= (3, 12):
        pytest.skip("Python 3.12 and later have an immortal None and True.")
    bell, label = _Bell(), QLabel("a label")
    label.show()
    for _ in range(50):
        bell.rang.emit()
        qapp.processEvents()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(500):
        bell.rang.emit()
        label.setVisible(True)
        label.repaint()
        qapp.processEvents()
    assert sys.getrefcount(None) - before[0] > -50
    assert sys.getrefcount(True) - before[1] > -50
    label.close()
