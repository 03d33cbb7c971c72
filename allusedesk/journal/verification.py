"""Whether a journal is as it was written, and if not, which entry is the first that is not."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from allusedesk.journal.chain import COLUMNS, fault_of, genesis, row_of
from allusedesk.journal.faults import JournalCannotOpen, plain
from allusedesk.journal.file_format import READ_FAULTS, connect_for_reading

_SELECT = f"SELECT {COLUMNS} FROM entries ORDER BY sequence"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found.

    `entries` counts those found good from the first on, `chain_head` is the hash of the last of
    them (64 hexadecimal digits), and `first_bad` the first altered, missing or reordered one.
    """

    is_intact: bool
    entries: int
    chain_head: str
    first_bad: int | None
    sentence: str


def verify(path: Path, chain_head: str | None = None) -> Verdict:
    """Recompute every hash of the journal at `path`; never raises for what the file holds.

    A chain cannot show that its newest entries were cut off; a `chain_head` printed on a report
    can, so one that is given must be met on the way.
    """
    try:
        connection = connect_for_reading(path)
    except JournalCannotOpen as fault:
        return Verdict(
            is_intact=False, entries=0, chain_head="", first_bad=None, sentence=str(fault)
        )
    try:
        return _verdict(connection, path, chain_head)
    finally:
        connection.close()


def _verdict(connection: sqlite3.Connection, path: Path, wanted: str | None) -> Verdict:
    good, previous, is_met = 0, b"", wanted is None
    try:
        durable = connection.execute("SELECT durable FROM header").fetchone()
        if durable not in ((0,), (1,)):
            return _bad(0, b"", None, f"The header of {path} is missing or altered.")
        previous = genesis(durable=durable == (1,))
        is_met = is_met or previous.hex() == wanted
        for columns in connection.execute(_SELECT):
            expected = good + 1
            wrong = _fault(columns, expected, previous)
            if wrong:
                return _bad(good, previous, expected, f"{wrong}. The {good} before it are intact.")
            good, previous = expected, columns[-1]
            is_met = is_met or previous.hex() == wanted
        page_fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except READ_FAULTS as fault:
        sentence = f"Entry {good + 1} of {path} cannot be read ({plain(fault)})."
        return _bad(good, previous, good + 1, sentence)
    if page_fault != "ok":
        sentence = f"{good} entries are intact, but the file is damaged after them ({page_fault})."
        return _bad(good, previous, good + 1, " ".join(sentence.split()))
    if not is_met:
        sentence = (
            f"The {good} entries are intact, but none has the chain head {wanted}: "
            "entries were cut off, or the head belongs to another journal."
        )
        return _bad(good, previous, good + 1, sentence)
    sentence = f"All {good} entries are as they were written; the chain head is {previous.hex()}."
    return Verdict(
        is_intact=True, entries=good, chain_head=previous.hex(), first_bad=None, sentence=sentence
    )


def _fault(columns: tuple[object, ...], expected: int, previous: bytes) -> str | None:
    try:
        row = row_of(columns)
    except ValueError as fault:
        return f"Entry {expected} is not as it was written: {fault}"
    wrong = fault_of(row, expected, previous)
    promises = (genesis(durable=True), genesis(durable=False))
    if expected == 1 and row.hash_previous != previous and row.hash_previous in promises:
        return "The header was altered: entry 1 was written behind another one"
    return wrong


def _bad(entries: int, head: bytes, first_bad: int | None, sentence: str) -> Verdict:
    return Verdict(
        is_intact=False,
        entries=entries,
        chain_head=head.hex(),
        first_bad=first_bad,
        sentence=sentence,
    )
