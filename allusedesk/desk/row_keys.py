"""Names of a table's rows, each of them once, so that no row ever stands in for another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Again:
    """The name of a row whose key another row has already; `turn` is 2 for the second of them."""

    key: Hashable
    turn: int


class RowNames:
    """Names rows by their keys, in the order they come.

    Two rows of one key are a fault of whoever chose the keys. Leaving one out would hide what it
    says and refusing them would empty the table, so the later one is named after its turn.
    """

    def __init__(self) -> None:
        self._turns: dict[Hashable, int] = {}

    def of(self, keys: Sequence[Hashable]) -> list[Hashable]:
        """The names of the rows with these keys, behind those named before."""
        new = dict.fromkeys(keys, 1)
        if len(new) == len(keys) and self._turns.keys().isdisjoint(new):
            self._turns |= new
            return list(keys)
        found: list[Hashable] = []
        for key in keys:
            turn = self._turns[key] = self._turns.get(key, 0) + 1
            found.append(key if turn == 1 else Again(key, turn))
        return found
