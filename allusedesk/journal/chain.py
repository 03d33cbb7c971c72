"""Rows of the journal and the hashes that chain them; the handbook gives the exact bytes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from hashlib import sha256

COMPRESSED_FROM_CHARACTERS = 1024
_BODY_BYTES_MAX = 256 * 1024 * 1024

# The columns of an entry, in the order of `Row`.
COLUMNS = "sequence, recorded_at, kind, version, cause, body, hash_previous, hash"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as text, with its place in the chain; hashes are 32 bytes."""

    sequence: int
    recorded_at: str
    kind: str
    version: int
    cause: int | None
    body: str
    hash_previous: bytes
    hash: bytes


def genesis(*, durable: bool) -> bytes:
    """What stands before the first entry: a hash of how the journal promises to be written."""
    manner = "durable" if durable else "not durable"
    return sha256(f"ALL-USE Desk journal, format 1, {manner}\n".encode()).digest()


def hash_of(
    hash_previous: bytes,
    sequence: int,
    recorded_at: str,
    kind: str,
    version: int,
    cause: int | None,
    body: str,
) -> bytes:
    """The hash of an entry over its uncompressed text and the hash before it."""
    from_entry = "" if cause is None else cause
    text = f"{sequence}\n{recorded_at}\n{kind}\n{version}\n{from_entry}\n{body}"
    return sha256(hash_previous + text.encode()).digest()


def pack(body: str) -> str | bytes:
    """The body as it is stored: long ones compressed, which no hash ever sees."""
    if len(body) < COMPRESSED_FROM_CHARACTERS:
        return body
    return zlib.compress(body.encode(), 1)


def unpack(stored: object) -> str:
    """The body of a stored one; raises ValueError where it is none."""
    if isinstance(stored, str):
        return stored
    if not isinstance(stored, bytes):
        message = "its text is of no readable kind"
        raise ValueError(message)  # noqa: TRY004
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(stored, _BODY_BYTES_MAX)
    except zlib.error as fault:
        message = f"its text cannot be unpacked ({fault})"
        raise ValueError(message) from fault
    if not inflate.eof or inflate.unused_data:
        message = "its text is cut short, too long, or followed by something else"
        raise ValueError(message)
    return content.decode()


def row_of(columns: tuple[object, ...]) -> Row:
    """A row read from the file; raises ValueError for a column of the wrong type."""
    sequence, recorded_at, kind, version, cause, body, hash_previous, hash_own = columns
    if not (
        type(sequence) is int
        and type(recorded_at) is str
        and type(kind) is str
        and type(version) is int
        and (cause is None or type(cause) is int)
        and type(hash_previous) is bytes
        and type(hash_own) is bytes
    ):
        message = "a column holds the wrong kind of value"
        raise ValueError(message)
    return Row(sequence, recorded_at, kind, version, cause, unpack(body), hash_previous, hash_own)


def fault_of(row: Row, sequence: int, hash_previous: bytes | None) -> str | None:
    """What is wrong with a row that should follow `hash_previous` as `sequence`, if anything.

    Where `hash_previous` is None the row's own word is taken for what stands before it.
    """
    if row.sequence > sequence:
        return f"Entry {sequence} is missing: the next one stored is {row.sequence}"
    if row.sequence < sequence:
        return f"Entry {row.sequence} stands where {sequence} belongs"
    if hash_previous is not None and row.hash_previous != hash_previous:
        return f"Entry {sequence} does not follow the entry before it as it did when written"
    if row.hash != _hash_of_row(row):
        return f"Entry {sequence} is not as it was written"
    return None


def _hash_of_row(row: Row) -> bytes | None:
    try:
        return hash_of(
            row.hash_previous,
            row.sequence,
            row.recorded_at,
            row.kind,
            row.version,
            row.cause,
            row.body,
        )
    except UnicodeEncodeError:
        return None
