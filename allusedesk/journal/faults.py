"""What can be wrong with a journal, each as one plain sentence for a person."""

from __future__ import annotations


def plain(fault: Exception) -> str:
    """What a fault says, in one line: SQLite quotes statements over several, and broken bytes."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(fault))
    return " ".join(shown.split())


class JournalFault(Exception):
    """Something about a journal that a person must know; the text is one plain sentence."""


class JournalCannotWrite(JournalFault):
    """An entry could not be made durable: nothing may be sent on the strength of it."""


class JournalCannotOpen(JournalFault):
    """The file is absent, in use, not a journal, or from a newer desk; it was left as it is."""


class JournalDamaged(JournalFault):
    """What is stored is not what was written; `sequence` is the first entry concerned."""

    def __init__(self, sentence: str, sequence: int | None = None) -> None:
        super().__init__(sentence)
        self.sequence = sequence


class EntryUnreadable(JournalFault):
    """An entry's text does not describe an event of this desk, or describes a newer one."""


class EventUnwritable(JournalFault):
    """An event holds a value that cannot be recorded exactly, such as a NaN or a naive instant."""
