"""The handbook as it ships: chapters of pages in their order, and where words stand in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PANELS = "desk-"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `name` is its file's without the ending, `text` its Markdown."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pages that belong together."""

    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a page that holds the words looked for; lines count from one."""

    page: Page
    line: int
    text: str


def chapters(folder: Path) -> tuple[Chapter, ...]:
    """The handbook in `folder`, by its `contents.toml`; raises OSError where a page is missing."""
    listed = tomllib.loads((folder / "contents.toml").read_text(encoding="utf-8"))
    return tuple(
        Chapter(one["title"], tuple(_page(folder / f"{name}.md") for name in one["pages"]))
        for one in listed["chapters"]
    )


def places(whole: Sequence[Chapter], words: str) -> Iterator[Place]:
    """Every line that holds all the words, whatever their case; none where there is no word."""
    wanted = words.casefold().split()
    if not wanted:
        return
    for chapter in whole:
        for page in chapter.pages:
            for number, line in enumerate(page.text.splitlines(), start=1):
                said = line.casefold()
                if all(word in said for word in wanted):
                    yield Place(page, number, line.strip())


def _page(file: Path) -> Page:
    text = file.read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ").strip()
    is_panel = file.stem.startswith(_PANELS)
    return Page(file.stem, f"Panel: {title}" if is_panel else title, text)
