"""The cells of a table as text, kept while shown, and where one row differs from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allusedesk.desk.table_model import Column

# The cells of so many rows are kept as text: more than any screen shows.
_ROWS_MAX = 1_000


class RowTexts:
    """Texts made when they are first painted; a row's successor takes over what did not change."""

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        self._columns = tuple(columns)
        # Kept with the row itself: an id alone may come back.
        self._known: dict[int, tuple[Any, list[str | None]]] = {}
        self._compared = [
            (place, column.value) for place, column in enumerate(columns) if column.says is None
        ]
        # What is told of a whole row counts as changed with it.
        self._said = [place for place, column in enumerate(columns) if column.says is not None]
        self._toned = [
            (place, column.tone) for place, column in enumerate(columns) if column.tone is not None
        ]

    def text(self, row: Any, place: int) -> str:
        """What stands in a column for a row."""
        column = self._columns[place]
        if column.is_timed:
            return column.cell(row)
        texts = self._of(row)
        text = texts[place]
        if text is None:
            text = texts[place] = column.cell(row)
        return text

    def texts(self, row: Any) -> list[str]:
        """A row's cells from left to right."""
        return [self.text(row, place) for place in range(len(self._columns))]

    def differing(self, before: Any, row: Any) -> list[tuple[int, int]]:
        """Runs of columns in which a row differs from the one that it replaces."""
        texts: list[str | None] = list(self._forget(before))
        places = {place for place, value in self._compared if value(before) != value(row)}
        places.update(self._said)
        for place in places:
            texts[place] = None
        for place, tone in self._toned:
            if place not in places and tone(before) is not tone(row):
                places.add(place)
        self._keep(row, texts)
        return runs_of(sorted(places), 2)

    def blocks(
        self, before: Mapping[int, Any], shown: Sequence[Any]
    ) -> list[tuple[int, int, int, int]]:
        """What differs from the rows that stood at these places: top, left, bottom, right."""
        found: list[tuple[int, int, int, int]] = []
        growing: dict[tuple[int, int], tuple[int, int]] = {}
        for place in sorted(before):
            for left, right in self.differing(before[place], shown[place]):
                top, bottom = growing.get((left, right), (place, place))
                if place > bottom + 1:
                    found.append((top, left, bottom, right))
                    top = place
                growing[left, right] = (top, place)
        found.extend((top, left, bottom, right) for (left, right), (top, bottom) in growing.items())
        return found

    def _of(self, row: Any) -> list[str | None]:
        known = self._known.get(id(row))
        if known is not None and known[0] is row:
            return known[1]
        texts: list[str | None] = [None] * len(self._columns)
        self._keep(row, texts)
        return texts

    def _forget(self, row: Any) -> list[str | None]:
        known = self._known.pop(id(row), None)
        if known is not None and known[0] is row:
            return known[1]
        return [None] * len(self._columns)

    def _keep(self, row: Any, texts: list[str | None]) -> None:
        if len(self._known) >= _ROWS_MAX:
            self._known.clear()
        self._known[id(row)] = (row, texts)


def runs_of(places: list[int], gap: int = 1) -> list[tuple[int, int]]:
    """Ascending places as runs of neighbours at most `gap` apart, first and last included."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place <= runs[-1][1] + gap:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
