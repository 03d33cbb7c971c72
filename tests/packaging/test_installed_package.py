"""Debian's package in a clean root: installed, used, put over by a newer one, removed."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from allusedesk.domain.order_events import ProposalMade
from allusedesk.journal.verification import verify
from allusedesk.settings import Settings, write_settings
from tests.desk.test_real_window import Screen, recorded, screen, shades, until
from tests.house.sources import ROOT
from tests.packaging.clean_root import (
    HOME,
    PERSON,
    CleanRoot,
    is_of_this_tree,
    lacking,
    make_clean_root,
)

__all__ = ["screen"]

INSTALLED_BYTES_MAX = 550_000_000
PACKAGE_BYTES_MAX = 180_000_000
DESK = HOME / ".local" / "share" / "allusedesk"
_WAIT_SECONDS = 60.0
_SHADES_MIN = 40


def package() -> Path:
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    (found,) = (ROOT / "dist").glob(f"allusedesk_{version[1]}_*.deb")
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanRoot]:
    """A root into which the package was put without a network.

    What it depends on was fetched before, as a mirror on a disk would hold it.
    """
    reason = lacking()
    if reason:
        pytest.skip(f"The package was not installed, for {reason}.")
    folder = tmp_path_factory.mktemp("clean")
    try:
        made = make_clean_root(folder)
        shutil.copyfile(package(), made.path("mnt", "desk.deb"))
        install = ("apt-get", "-qq", "-y", "--no-install-recommends", "install", "/mnt/desk.deb")
        made.run("apt-get", "-qq", "update", network=True)
        made.run(*install[:4], "--download-only", *install[4:], network=True)
        made.run(*install)
        write_settings(made.path(str(DESK)), Settings(operator="Anna", tour_done=True, look="dark"))
        made.run("chown", "-R", f"{PERSON}:{PERSON}", f"/{HOME}")
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kept(folder: Path) -> dict[str, str]:
    """Every file below a folder with what is in it, as a hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def start(root: CleanRoot, *words: str, display: str = "") -> subprocess.Popen[bytes]:
    with root.path(str(HOME), "said.txt").open("ab") as said:
        return subprocess.Popen(
            root.words(*words, person=PERSON, display=display), stdout=said, stderr=said
        )


def end(desk: subprocess.Popen[bytes]) -> None:
    desk.send_signal(signal.SIGTERM)
    desk.wait(_WAIT_SECONDS)


def test_it_is_no_larger_than_allowed_and_runs_nothing_when_installed(tmp_path: Path) -> None:
    found = package()
    assert found.stat().st_size < PACKAGE_BYTES_MAX
    subprocess.run(["dpkg-deb", "--control", found, tmp_path], check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"control", "md5sums"}
    size = re.search(r"^Installed-Size: (\d+)", (tmp_path / "control").read_text(), re.MULTILINE)
    assert size
    print(f"{found.name}: {found.stat().st_size / 1e6:.0f} MB, installed {size[1]} kB")
    assert int(size[1]) * 1024 < INSTALLED_BYTES_MAX


def test_everything_is_where_a_desktop_looks(root: CleanRoot) -> None:
    for name in (
        "usr/bin/allusedesk",
        "usr/share/applications/allusedesk.desktop",
        "usr/share/metainfo/org.allusedesk.Desk.metainfo.xml",
        "usr/share/icons/hicolor/256x256/apps/allusedesk.png",
        "usr/share/icons/hicolor/scalable/apps/allusedesk.svg",
        "usr/share/doc/allusedesk/copyright",
        "opt/allusedesk/licences/THIRD-PARTY.md",
    ):
        # A link may lead within the root, which the machine cannot follow.
        path = root.path(name)
        assert path.is_symlink() or path.is_file(), name
    for tool, name in (
        (["desktop-file-validate"], "usr/share/applications/allusedesk.desktop"),
        (
            ["appstreamcli", "validate", "--no-net"],
            "usr/share/metainfo/org.allusedesk.Desk.metainfo.xml",
        ),
    ):
        if shutil.which(tool[0]):
            subprocess.run([*tool, root.path(name)], check=True)
    assert root.run("dpkg", "--verify", "allusedesk").stdout == ""


def test_all_is_well_without_the_time_zones_of_the_machine(root: CleanRoot) -> None:
    zones = root.path("usr", "share", "zoneinfo")
    if zones.exists():
        zones.rename(zones.with_name("zoneinfo-away"))
    checked = root.run("allusedesk", "check", "--json", person=PERSON)
    findings = json.loads(checked.stdout)["checks"]
    assert [one for one in findings if not one["passed"]] == []


def test_the_demo_writes_what_the_source_tree_writes(root: CleanRoot, tmp_path: Path) -> None:
    installed = root.run(
        "allusedesk", "--json", "demo", "--window", "--out", f"/{HOME}/demo", person=PERSON
    )
    here = subprocess.run(
        [sys.executable, "-m", "allusedesk", "--json", "demo", "--out", str(tmp_path / "demo")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ours, theirs = json.loads(here.stdout), json.loads(installed.stdout)
    assert theirs["chain_head"] == ours["chain_head"]
    assert theirs["window"]
    printed = root.path(str(HOME), "demo", Path(theirs["pdf"]).name)
    if not is_of_this_tree(package()):
        pytest.skip("The package is older than the tree, so pages may differ: make dist deb.")
    assert printed.read_bytes() == Path(ours["pdf"]).read_bytes()


def test_a_search_is_spread_over_two_processes(root: CleanRoot) -> None:
    words = (
        *("allusedesk", "--json", "search", "--symbols", "MSFT"),
        *("--from", "2012-01-02", "--to", "2012-01-13"),
        *("--try", "accounts.rev.delta.low=25,30"),
    )
    found = [
        json.loads(
            root.run(
                *words, "--workers", count, "--out", f"/{HOME}/search-{count}", person=PERSON
            ).stdout
        )
        for count in ("1", "2")
    ]
    # What differs is where each was kept.
    one, two = ({name: each[name] for name in each if name != "results"} for each in found)
    assert one == two


def test_the_menu_opens_a_window_and_closing_keeps_a_desk(
    root: CleanRoot,
    screen: Screen,
    tmp_path: Path,
) -> None:
    entry = root.path("usr/share/applications/allusedesk.desktop").read_text(encoding="utf-8")
    command = re.search(r"^Exec=(.*)$", entry, re.MULTILINE)
    assert command
    desk = start(root, *shlex.split(command[1]), display=screen.display)
    try:
        journal = root.path(str(DESK), "paper", "paper.journal")
        window = screen.window("ALL-USE Desk$")
        screen.hand("windowsize", "--sync", window, "1440", "900")
        until(lambda: journal.exists() and verify(journal).entries > 0)
        until(lambda: shades(screen.photograph(tmp_path / "menu.png")) > _SHADES_MIN)
        screen.window("ALL-USE Desk$")
        screen.press("ctrl+q")
        assert desk.wait(_WAIT_SECONDS) == 0
    finally:
        if desk.poll() is None:
            end(desk)
    assert verify(journal).is_intact


def test_it_runs_without_a_screen(root: CleanRoot) -> None:
    out = f"/{HOME}/unseen"
    desk = start(root, "allusedesk", "desk", "--speed", "max", "--out", out)
    journal = root.path(out.strip("/"), "paper.journal")
    try:
        until(lambda: recorded(journal, ProposalMade))
    finally:
        end(desk)
    assert verify(journal).is_intact


def test_a_newer_version_goes_on_where_the_older_stopped(root: CleanRoot) -> None:
    journal = root.path(str(HOME), "unseen", "paper.journal")
    before = kept(root.path(str(HOME)))
    entries = verify(journal).entries
    made = {str((DESK / name).relative_to(HOME)) for name in ("settings.toml", "layouts/last.json")}
    assert made <= set(before)
    settings = root.path(str(DESK), "settings.toml").read_text(encoding="utf-8")

    _repack(root, "99.0")
    root.run("apt-get", "-qq", "-y", "install", "/mnt/newer.deb")
    shown = root.run("dpkg-query", "-W", "-f", "${Version}", "allusedesk").stdout
    assert shown == "99.0"
    assert kept(root.path(str(HOME))) == before

    out = f"/{HOME}/unseen"
    desk = start(root, "allusedesk", "desk", "--speed", "max", "--out", out)
    try:
        until(lambda: verify(journal).entries > entries)
    finally:
        end(desk)
    assert verify(journal).is_intact
    assert root.path(str(DESK), "settings.toml").read_text(encoding="utf-8") == settings


def test_removing_it_leaves_what_a_person_made(root: CleanRoot) -> None:
    before = kept(root.path(str(HOME)))
    root.run("apt-get", "-qq", "-y", "purge", "allusedesk")
    assert not root.path("opt", "allusedesk").exists()
    assert not root.path("usr", "bin", "allusedesk").is_symlink()
    assert list(root.path("usr", "share").rglob("*allusedesk*")) == []
    assert kept(root.path(str(HOME))) == before


def _repack(root: CleanRoot, version: str) -> None:
    """The same package by another version, hardly compressed."""
    tree = root.path("mnt", "newer")
    subprocess.run(["dpkg-deb", "--raw-extract", package(), tree], check=True)
    control = tree / "DEBIAN" / "control"
    text = re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE)
    control.write_text(text)
    # Something of the program differs too, so that files are really exchanged.
    (tree / "opt" / "allusedesk" / "newer.txt").write_text(version)
    target = root.path("mnt", "newer.deb")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, target],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(tree)
