"""What packages are made by, read without making one."""

from __future__ import annotations

import configparser
import importlib.util
import re
import struct
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QImage

from tests.house.sources import ROOT

PACKAGING = ROOT / "packaging"
ICONS = ROOT / "resources" / "icons"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def module_at(*parts: str) -> ModuleType:
    path = PACKAGING.joinpath(*parts)
    spec = importlib.util.spec_from_file_location(f"packaging_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bundled() -> ModuleType:
    return module_at("pyinstaller", "bundled.py")


def test_what_goes_in_is_what_is_locked_for_the_desk_and_its_brokers(bundled: ModuleType) -> None:
    inside = bundled.bundled()
    assert {"pyside6-essentials", "quantlib", "cvxpy-base", "ib-async", "alpaca-py"} <= inside
    assert {"dask", "pytest", "pyinstaller", "hypothesis", "pip"} & inside == set()
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    locked = {bundled.normal(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    assert inside <= locked


def test_tools_of_this_environment_stay_out(bundled: ModuleType) -> None:
    strangers = bundled.strangers()
    assert {"pytest", "hypothesis", "mypy", "dask", "PyInstaller"} <= set(strangers)
    assert {"numpy", "PySide6", "jaraco", "backports", "keyring", "allusedesk"} & set(
        strangers
    ) == set()


@pytest.mark.parametrize(
    ("where", "is_out"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", True),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", False),
        ("PySide6/Qt/lib/libQt6Qml.so.6", True),
        ("PySide6\\Qt\\translations\\qt_de.qm", True),
        ("libX11.so.6", True),
        ("libxcb-cursor.so.0", True),
        ("libstdc++.so.6", True),
        ("pillow.libs/libxcb-9065bb12.so.1.1.0", False),
        ("libcrypto.so.3", False),
        ("libpython3.11.so.1.0", False),
        ("resources/rulebooks/classic.toml", False),
        ("plotly/package_data/plotly.min.js", True),
        ("numpy-2.4.0.dist-info/METADATA", False),
        ("keyring-25.6.0.dist-info/entry_points.txt", False),
        ("numpy-2.4.0.dist-info/RECORD", True),
        ("altgraph-0.17.5.dist-info\\direct_url.json", True),
        ("numpy-2.4.0.dist-info/licenses/LICENSE.txt", False),
    ],
)
def test_a_file_goes_in_or_stays_out(bundled: ModuleType, where: str, *, is_out: bool) -> None:
    assert bundled.is_left_out(where) is is_out


def test_nothing_of_a_package_follows_the_clock_or_the_machine_it_is_made_on() -> None:
    """What is known to make two packages of one commit differ; the packages' tests build none."""
    freeze = (PACKAGING / "pyinstaller" / "freeze.sh").read_text(encoding="utf-8")
    build = (PACKAGING / "debian" / "build.sh").read_text(encoding="utf-8")
    for text in (freeze, build):
        assert "umask 022" in text
        assert re.search(r"^export SOURCE_DATE_EPOCH \w+$", text, re.MULTILINE)
        assert 'touch -h -d "@$SOURCE_DATE_EPOCH"' in text
    assert "PYTHONHASHSEED=0" in freeze
    assert "--clean" in freeze
    assert "DPKG_DEB_THREADS_MAX=1" in build
    assert "gzip -9nc" in build
    assert "LC_ALL=C sort -z" in build
    assert not re.search(r"\bdu -sk", build)
    assert "$(date -u -d" in build


def test_each_file_has_one_owner_in_the_notice_of_the_package() -> None:
    text = (PACKAGING / "debian" / "copyright").read_text(encoding="utf-8")
    named = [
        name for line in re.findall(r"^Files: (.*)$", text, re.MULTILINE) for name in line.split()
    ]
    assert len(named) == len(set(named)) >= 5


def test_the_package_asks_for_what_setting_up_asks_for() -> None:
    setting_up = (PACKAGING / "bootstrap.sh").read_text(encoding="utf-8")
    build = (PACKAGING / "debian" / "build.sh").read_text(encoding="utf-8")
    for name in ("packages_qt", "packages_screen"):
        wanted = re.search(rf'^{name}="([^"]+)"', setting_up, re.MULTILINE)
        assert wanted
        missing = [one for one in wanted[1].split() if not re.search(rf"\b{one}\b", build)]
        assert missing == []


def test_nothing_of_the_package_runs_when_it_is_installed_or_removed() -> None:
    scripts = {"preinst", "postinst", "prerm", "postrm", "config", "triggers"}
    assert {path.name for path in (PACKAGING / "debian").iterdir()} & scripts == set()


def test_the_menu_entry_starts_the_desk_under_the_name_of_its_windows() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "debian" / "allusedesk.desktop", encoding="utf-8")
    said = entry["Desktop Entry"]
    assert said["Exec"] == "allusedesk desk"
    assert said["Icon"] == said["StartupWMClass"] == "allusedesk"
    assert said["Terminal"] == "false"
    launch = (ROOT / "allusedesk" / "desk" / "launch.py").read_text(encoding="utf-8")
    assert 'setDesktopFileName("allusedesk")' in launch


def test_software_centres_are_told_what_it_is() -> None:
    text = (PACKAGING / "debian" / "org.allusedesk.Desk.metainfo.xml.in").read_text("utf-8")
    told = ET.fromstring(text.replace("@VERSION@", VERSION).replace("@DATE@", "2026-01-01"))
    assert told.findtext("launchable") == "allusedesk.desktop"
    assert told.findtext("project_license") == "MIT"
    assert [one.get("version") for one in told.iter("release")] == [VERSION]


@pytest.mark.parametrize("size", [16, 24, 32, 48, 64, 128, 256, 512])
def test_the_sign_is_drawn_in_every_size(size: int) -> None:
    picture = QImage(str(ICONS / f"allusedesk-{size}.png"))
    assert (picture.width(), picture.height()) == (size, size)
    assert picture.pixelColor(0, 0).alpha() == 0
    assert picture.pixelColor(size // 2, size // 2).alpha() == 255


def test_the_signs_for_windows_and_macos_hold_the_same_pictures() -> None:
    ico, icns = ((ICONS / f"allusedesk.{kind}").read_bytes() for kind in ("ico", "icns"))
    count = struct.unpack_from("<HHH", ico)[2]
    kept = [struct.unpack_from("<BBBBHHII", ico, 6 + 16 * number) for number in range(count)]
    for side, *_rest, length, start in kept:
        assert ico[start : start + length] == (ICONS / f"allusedesk-{side or 256}.png").read_bytes()
    assert struct.unpack_from(">I", icns, 4)[0] == len(icns)
    assert (ICONS / "allusedesk-512.png").read_bytes() in icns


@pytest.mark.parametrize(
    "typed",
    [
        [],
        ["check"],
        ["-m", "http.server"],
        ["-c", "print(1)"],
        ["-c"],
        ["-c", "from joblib.externals.loky.backend.resource_tracker import main; main(os)"],
        ["--multiprocessing-fork"],
        ["--multiprocessing-fork", "tracker_fd=3", "pipe_handle=4"],
    ],
)
def test_the_frozen_program_runs_nothing_but_the_desk_for_whoever_types(
    typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = module_at("pyinstaller", "start.py")
    monkeypatch.setattr(sys, "argv", ["allusedesk", *typed])
    start._work_if_asked()


def test_what_the_desk_starts_uses_the_libraries_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import os

    start = module_at("pyinstaller", "start.py")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/allusedesk/_internal")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    start._give_libraries_back()
    assert "LD_LIBRARY_PATH" not in os.environ
    # Without this a worker, started by the frozen program, would not find its own libraries.
    assert os.environ["PYINSTALLER_RESET_ENVIRONMENT"] == "1"
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/allusedesk/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/local/lib")
    start._give_libraries_back()
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/local/lib"


@pytest.mark.parametrize("folder", ["windows", "macos"])
def test_a_recipe_nobody_has_run_says_so(folder: str) -> None:
    text = (PACKAGING / folder / "README.md").read_text(encoding="utf-8")
    assert "**Untested.**" in text
    assert str(Path("packaging/pyinstaller/allusedesk.spec").name) in text
