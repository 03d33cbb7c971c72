"""Journals that earlier desks wrote, unpacked for a test."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

FOLDER = Path(__file__).with_name("fixtures")
PACKED = sorted(FOLDER.glob("*.journal.gz"))


def unpacked(packed: Path, to: Path) -> Path:
    """A copy of an earlier journal, which a test may change."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(packed) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)
    return to
