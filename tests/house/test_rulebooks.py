from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.house.sources import ROOT, package_modules, project_files

RULEBOOKS = ROOT / "resources" / "rulebooks"
PARSER = "allusedesk.protocol.rulebook_text"


def rulebooks() -> list[Path]:
    return [p for p in project_files() if p.parent == RULEBOOKS and p.suffix == ".toml"]


@pytest.mark.skipif(PARSER not in package_modules(), reason="no rulebook can be read yet")
@pytest.mark.parametrize("path", rulebooks(), ids=lambda path: path.name)
def test_every_rulebook_that_ships_can_be_read(path: Path) -> None:
    parse = importlib.import_module(PARSER).parse_rulebook
    rulebook = parse(path.read_text(encoding="utf-8"))
    assert rulebook.name == path.stem.partition("-")[0].partition("@")[0]
