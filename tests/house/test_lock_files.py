from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest

from tests.house.sources import ROOT, project_files

LOCKS = ("requirements.lock", "requirements-dev.lock")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    return {normal(n): v for n, v in re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE)}


def declared() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert [e for e in entries if "==" not in e or "--hash=sha256:" not in e] == []


def test_what_is_declared_is_what_is_locked() -> None:
    runtime, everything = (pins((ROOT / name).read_text()) for name in LOCKS)
    for requirement in declared()[""]:
        name, pin = requirement.split("==")
        assert runtime[normal(name)] == pin
    for requirement in declared()["dev"]:
        name, pin = requirement.split("==")
        assert everything[normal(name)] == pin
    assert runtime.items() <= everything.items()


def test_no_file_that_records_registries_is_kept() -> None:
    assert {p.name for p in project_files()} & {"uv.lock", "pylock.toml", "poetry.lock"} == set()


def test_qt_is_the_one_that_keeps_its_references() -> None:
    # 6.12.0 loses a reference to None with each void call and aborts on Python 3.11.
    for name in LOCKS:
        assert pins((ROOT / name).read_text())["pyside6-essentials"] == "6.11.3"
    assert version("PySide6-Essentials") == "6.11.3"


PROBE = """
import sys
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

class Sender(QObject):
    sent = Signal()

app, sender = QApplication([]), Sender()
sender.sent.connect(lambda: None)
window = QWidget()
before = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(500):
    sender.sent.emit()
    app.processEvents()
    window.setVisible(True)
lost = [b - a for b, a in zip(before, (sys.getrefcount(None), sys.getrefcount(True)))]
print(max(lost))
"""


def test_qt_loses_no_reference_to_none_or_true() -> None:
    # In a process of its own, for a Qt that does lose them aborts the interpreter.
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50
