"""A Debian of its own beside the machine's: the smallest that debootstrap makes, and what it lacks.

Its network is a namespace with nothing in it, unless a test lets the root reach its mirror.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.house.sources import ROOT, project_files

SUITE = "bookworm"
PERSON = "anna"
HOME = Path("home", PERSON)
_KEPT = ROOT / "build" / f"clean-root-{SUITE}.tar"
_NEEDED = ("debootstrap", "unshare", "chroot", "tar", "dpkg-deb")
_WAIT_SECONDS = 900
# Everything a command in the root needs mounted, in a namespace that ends with it.
_ENTER = """
root=$1; shift
screens=/tmp; screens=$screens/.X11-unix
mount --rbind /proc "$root/proc"
mkdir -p "$root/dev/shm" "$root$screens"
mount -t tmpfs tmpfs "$root/dev/shm"
[ ! -d "$screens" ] || mount --bind "$screens" "$root$screens"
exec chroot "$@"
"""


def lacking() -> str:
    """Why no clean root can be made here; empty where it can."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed: apt-get install debootstrap"
    if os.geteuid() != 0:
        return "only root may make a clean root"
    done = subprocess.run(["unshare", "--mount", "--net", "true"], check=False, capture_output=True)
    return "" if done.returncode == 0 else "no namespaces may be made here"


def is_of_this_tree(built: Path) -> bool:
    """True where nothing that goes into a package was changed after it was built."""
    made = built.stat().st_mtime
    inside = [ROOT / "allusedesk", ROOT / "resources"]
    return all(
        path.stat().st_mtime <= made
        for path in project_files()
        if any(path.is_relative_to(folder) for folder in inside)
    )


@dataclass(frozen=True)
class CleanRoot:
    """One root; commands in it see its files and, unless told, no network at all."""

    folder: Path

    def words(
        self, *words: str, person: str = "root", network: bool = False, display: str = ""
    ) -> list[str]:
        """The command line that runs `words` in the root as that person."""
        home = "/root" if person == "root" else f"/{HOME}"
        return [
            *("unshare", "--mount", *([] if network else ["--net"])),
            *("sh", "-c", _ENTER, "sh", str(self.folder)),
            *(f"--userspec={person}:{person}", str(self.folder)),
            *("env", "-i", f"HOME={home}", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"),
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            *([f"DISPLAY={display}", "QT_QPA_PLATFORM=xcb"] if display else []),
            *words,
        ]

    def run(
        self, *words: str, person: str = "root", network: bool = False, is_right: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; fails the test where it fails, unless told."""
        done = subprocess.run(
            self.words(*words, person=person, network=network),
            capture_output=True,
            text=True,
            check=False,
            timeout=_WAIT_SECONDS,
        )
        if is_right:
            assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)


def make_clean_root(folder: Path) -> CleanRoot:
    """Debian's smallest root with one person in it; made once and kept in build/ for later."""
    if not _KEPT.exists():
        fresh = folder / "fresh"
        _must("debootstrap", "--variant=minbase", SUITE, str(fresh))
        _KEPT.parent.mkdir(exist_ok=True)
        made = _KEPT.with_suffix(".part")
        _must("tar", "--one-file-system", "-C", str(fresh), "-cf", str(made), ".")
        made.rename(_KEPT)
        shutil.rmtree(fresh)
    place = folder / "root"
    place.mkdir()
    _must("tar", "-C", str(place), "-xf", str(_KEPT))
    place.chmod(0o755)
    root = CleanRoot(place)
    (place / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    (place / "usr/sbin/policy-rc.d").chmod(0o755)
    root.run("useradd", "--create-home", PERSON)
    return root


def _must(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_WAIT_SECONDS)
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}\n{done.stderr}"
