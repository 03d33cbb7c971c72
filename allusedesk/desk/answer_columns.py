"""How wide the columns of a small table are: figures whole, words in what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from allusedesk.answers.answer import Figure, Nature, Part

# A column of words up to so many letters is never broken; longer ones share what is left.
_SHORT = 18
_GAP = 12.0
# Titles are bold, and so much wider than what was measured.
_BOLD = 1.12


def column_widths(
    columns: Sequence[tuple[str, Sequence[str], bool]],
    room: float,
    measure: Callable[[str], float],
) -> list[float]:
    """The width of each column, given as its title, its texts and whether they are figures.

    They add up to `room` at most, unless figures and single words alone need more.
    """
    whole: list[float] = []
    least: list[float] = []
    for title, texts, is_figure in columns:
        natural = max(map(measure, texts), default=0.0) + _GAP
        is_whole = is_figure or max(map(len, texts), default=0) <= _SHORT
        words = [measure(word) for text in texts for word in text.split()]
        words += [measure(word) * _BOLD for word in title.split()]
        longest = max(words, default=0.0) + _GAP
        whole.append(max(natural, longest))
        least.append(whole[-1] if is_whole else longest)
    spare = room - sum(least)
    wanting = [full - small for full, small in zip(whole, least, strict=True)]
    wanted = sum(wanting)
    if wanted <= 0 or spare <= 0:
        return least
    share = min(1.0, spare / wanted)
    return [small + share * more for small, more in zip(least, wanting, strict=True)]


def column_nature(column: Sequence[Part]) -> Nature | None:
    """What all figures of a column are; None where there is none, measured where they differ."""
    found = {part.nature for part in column if isinstance(part, Figure)}
    if not found:
        return None
    return found.pop() if len(found) == 1 else Nature.MEASURED
