from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from allusedesk import resource_files
from allusedesk.resource_files import resource_path


def test_a_checkout_finds_its_resources_beside_the_package() -> None:
    font = resource_path("fonts", "DejaVuSans.ttf")
    assert font.read_bytes()[:4] == b"\0\1\0\0"


def test_an_installed_desk_finds_its_resources_within_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "resources" / "handbook" / "words.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Words\n")
    monkeypatch.setattr(resource_files, "_PACKAGE", tmp_path)
    assert resource_path("handbook", "words.md") == page


def test_a_missing_resource_is_named_in_a_sentence() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/fonts/none\.ttf is missing, so .*\.$"):
        resource_path("fonts", "none.ttf")


def test_the_three_fonts_are_three_fonts() -> None:
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")
    digests = {hashlib.sha256(resource_path("fonts", n).read_bytes()).digest() for n in names}
    assert len(digests) == len(names)
    assert resource_path("fonts", "LICENSE-DejaVu.txt").read_text().startswith("Format:")
    assert resource_path("fonts", "DroidSansFallback.ttf").stat().st_size > 3_000_000
    apache = resource_path("fonts", "LICENSE-DroidSansFallback.txt").read_text()
    assert "Apache License" in apache
