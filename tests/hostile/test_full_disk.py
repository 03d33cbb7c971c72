"""A disk that is really full: each file is whole or absent, and a person is told in a sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.hostile.small_disk import ENTRIES
from tests.hostile.spoiling import is_plain
from tests.house.sources import ROOT

pytestmark = pytest.mark.long

# A file system of its own, in a name space where anybody may make one.
MOUNTING = 'mount -t tmpfs -o size=480k tmpfs "$1" && shift && exec "$@"'
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTING, "sh")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    disk, elsewhere = (tmp_path_factory.mktemp(name) for name in ("disk", "elsewhere"))
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    if subprocess.run([*UNSHARE, str(disk), "true"], capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    asked = (sys.executable, "-m", "tests.hostile.small_disk", str(disk), str(elsewhere))
    done = subprocess.run(
        [*UNSHARE, str(disk), *asked],
        cwd=ROOT,
        env={**os.environ, "ALLUSEDESK_HOME": str(elsewhere / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_journal_keeps_what_it_took_and_takes_no_more(found: dict[str, Any]) -> None:
    journal = found["journal"]
    for sentence in (journal["said"], journal["again"]):
        assert is_plain(sentence)
        assert "full" in sentence
        assert "nothing may be sent" in sentence
    assert journal["kept"] > 0
    assert journal["there"] == journal["kept"]
    assert journal["intact"] == journal["kept"] + 3


def test_a_copy_is_whole_or_absent_and_its_journal_as_it_was(found: dict[str, Any]) -> None:
    copies = found["copies"]
    for name in ("refused", "half", "today", "restored"):
        assert is_plain(copies[name])
        assert "make room" in copies[name]
    assert "are needed" in copies["refused"]
    assert "full" in copies["half"]
    assert copies["left"] == []
    assert copies["is_own_intact"]
    assert found["source"] == ENTRIES


def test_half_an_export_is_none(found: dict[str, Any]) -> None:
    for kind, sentence in zip(("csv", "jsonl"), found["exports"]["told"], strict=True):
        assert is_plain(sentence.strip())
        assert "No space left" in sentence
        assert f"/{kind}" in sentence
    assert found["exports"]["left"] == []


def test_a_log_loses_whole_lines_and_goes_on(found: dict[str, Any]) -> None:
    log = found["log"]
    assert log["lost"] > 0
    assert log["lost_after"] == log["lost"]
    assert (log["first"], log["last"]) == ("first", "last")
    assert log["broken"] == []


def test_settings_stay_as_they_were(found: dict[str, Any]) -> None:
    settings = found["settings"]
    assert "No space left" in settings["said"]
    assert settings["operator"] == "Ada"
    assert settings["left"] == []
