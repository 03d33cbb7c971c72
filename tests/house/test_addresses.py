from __future__ import annotations

import re

from tests.house.sources import project_files, shown

# One letter of each word stands in brackets, so that this file does not find itself.
MACHINE = re.compile(r"/[w]ork/|/[r]oot/|/[h]ome/\w|/[t]mp/")
REGISTRY = re.compile(
    r"https?://[^\s\"')]*(?:[p]ypi|[p]ythonhosted|/[s]imple\b|[a]rtifactory|[n]exus)"
    r"|--(?:extra-)?[i]ndex-url|--[f]ind-links",
    re.IGNORECASE,
)
WITHOUT_TEXT = {".ttf", ".png", ".gz", ".zip", ".npy", ".npz", ".pdf", ".sqlite", ".ico", ".icns"}


def texts() -> list[tuple[str, int, str]]:
    return [
        (shown(path), number, line)
        for path in project_files()
        if path.suffix not in WITHOUT_TEXT and path.stat().st_size < 2_000_000
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]


def test_the_searches_find_what_they_look_for() -> None:
    assert MACHINE.search("open('/{}/x')".format("tmp"))
    assert REGISTRY.search("https://{}.org/x/numpy".format("pypi"))
    assert not REGISTRY.search("https://www.gnu.org/licenses")


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    assert [f"{name}:{n}" for name, n, line in texts() if MACHINE.search(line)] == []


def test_no_file_names_a_registry() -> None:
    assert [f"{name}:{n}" for name, n, line in texts() if REGISTRY.search(line)] == []
