"""Markdown of handbook pages that are made: paragraphs, tables, and figures in them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

_COLUMNS = 110


def heading(text: str) -> tuple[str, ...]:
    """A heading of the second level and the empty line after it."""
    return (f"## {text}", "")


def prose(text: str) -> tuple[str, ...]:
    """A paragraph, broken at words, and the empty line after it."""
    return (*_broken(text, ""), "")


def items(texts: Sequence[str]) -> Iterator[str]:
    """A list, and the empty line after it."""
    for text in texts:
        yield from _broken(f"- {text}", "  ")
    yield ""


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table, and the empty line after it; without rows one of dashes."""
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows or [["-"] * len(titles)]:
        yield "| " + " | ".join(row) + " |"
    yield ""


def percent(part: float, digits: int = 2) -> str:
    """A fraction in per cent; nothing is never negative."""
    shown = f"{100 * part:.{digits}f}%"
    return shown.removeprefix("-") if float(shown[:-1]) == 0 else shown


def _broken(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
