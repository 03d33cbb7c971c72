"""Every panel and dialog can be pictured, dark and light, at three scales."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from allusedesk.desk.docks.catalogue import DOCKS

LOOKS = ("dark", "light")


@pytest.mark.long
@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_every_panel_is_pictured(scale: str, tmp_path: Path) -> None:
    surroundings = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": scale,
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    made = subprocess.run(
        [sys.executable, "-m", "allusedesk.desk.window_pictures", "--out", str(tmp_path)],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    files = {Path(line).stem: Path(line) for line in made.stdout.splitlines()}
    wanted = {f"{spec.id}-{look}" for spec in DOCKS for look in LOOKS}
    wanted |= {f"{name}-{look}" for name in ("desk", "dialog-approve") for look in LOOKS}
    assert wanted <= files.keys()
    for name in wanted:
        assert _colours(files[name]) > 8, f"{name} is blank"
    whole = QImage(str(files["desk-dark"]))
    assert whole.width() == pytest.approx(1600 * float(scale), abs=2)
    assert _mean(files["desk-light"]) > _mean(files["desk-dark"]) + 80


def _colours(file: Path) -> int:
    image = QImage(str(file))
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    )


def _mean(file: Path) -> float:
    image = QImage(str(file)).scaled(1, 1)
    return image.pixelColor(0, 0).lightness()
