"""A journal as it stood after one of its entries, whatever was written since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from allusedesk.journal.chain import Row
from allusedesk.journal.faults import JournalDamaged
from allusedesk.journal.store import JournalReader, Snapshot


class PastReader(JournalReader):
    """Shows entries up to `until` and none after it; everything it tells is of that moment."""

    until = 0

    @classmethod
    def open_until(cls, path: Path, until: int | None = None) -> Self:
        """Open the journal at `path` as it stood after entry `until` (None: its last one now).

        Raises as `JournalReader.open`, and JournalDamaged where it has no such entry.
        """
        reader = cls.open(path)
        stored, _ = JournalReader.head(reader)
        reader.until = stored if until is None else until
        if not 0 < reader.until <= stored:
            reader.close()
            wanted = "an entry" if until is None else f"the entry {until}"
            message = f"{path} has {stored} entries, and {wanted} was asked for: check the path."
            raise JournalDamaged(message, reader.until)
        return reader

    def head(self) -> tuple[int, str]:
        (row,) = super().rows(self.until, self.until)
        return row.sequence, row.hash.hex()

    def rows(self, from_sequence: int = 1, to: int | None = None) -> Iterator[Row]:
        last = self.until if to is None else min(to, self.until)
        return super().rows(from_sequence, last)

    def latest_snapshot(self) -> Snapshot | None:
        """Nothing: a snapshot may be of a later moment, and the entries say as much."""
        return None
