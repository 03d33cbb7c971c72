"""Bytes out of gzip and zip, with a limit against archives that swell without end."""

from __future__ import annotations

import io
import math
import zipfile
import zlib

from allusedesk.market.history import FileRefused

EXPANDED_BYTES_MAX = 64 * 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_GZIP_WINDOW = 31
# A zip can be broken in as many ways as the standard library has errors for it.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)


def expanded(file: str, content: bytes, limit: int = EXPANDED_BYTES_MAX) -> bytes:
    """Return the text bytes of a plain, gzip or one-member zip file.

    Raises FileRefused where the archive is damaged, locked, holds more than one member or
    would expand beyond `limit` bytes.
    """
    if content.startswith(_GZIP_MAGIC):
        return _gunzipped(file, content, limit)
    if content.startswith(_ZIP_MAGIC):
        return _unzipped(file, content, limit)
    if len(content) > limit:
        raise FileRefused(file, _too_large(limit))
    return content


def expanded_start(file: str, content: bytes, length: int) -> bytes:
    """Return up to `length` bytes of the beginning, enough to recognise a layout.

    Nothing for a zip of several members: none of the layouts known here comes in one.
    """
    if content.startswith(_GZIP_MAGIC):
        try:
            return zlib.decompressobj(_GZIP_WINDOW).decompress(content, length)
        except zlib.error as error:
            raise FileRefused(file, "the gzip archive is damaged") from error
    if content.startswith(_ZIP_MAGIC):
        return _unzipped(file, content, length, only_start=True)
    return content[:length]


def first_member_name(file: str, content: bytes) -> str:
    """Return the name of a zip's first file, or the file's own without what says it is packed."""
    if content.startswith(_ZIP_MAGIC):
        length = int.from_bytes(content[26:28], "little")
        return content[30 : 30 + length].decode("utf-8", errors="replace").rsplit("/", 1)[-1]
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    return name.removesuffix(".gz")


def members_of(
    file: str, content: bytes, limit: int = EXPANDED_BYTES_MAX
) -> tuple[tuple[str, bytes], ...]:
    """Return the files of a zip by name, in their order; any other file is its own only member.

    Raises FileRefused where the archive is damaged or locked, or would expand beyond `limit`.
    """
    if not content.startswith(_ZIP_MAGIC):
        return ((first_member_name(file, content), expanded(file, content, limit)),)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = [member for member in archive.infolist() if not member.is_dir()]
            if math.fsum(member.file_size for member in listed) > limit:
                raise FileRefused(file, _too_large(limit))
            found: list[tuple[str, bytes]] = []
            left = limit
            for member in listed:
                with archive.open(member) as stream:
                    text = stream.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise FileRefused(file, _too_large(limit))
                found.append((member.filename.rsplit("/", 1)[-1], text))
    except _ZIP_ERRORS as error:
        raise FileRefused(file, "the zip archive is damaged or locked") from error
    return tuple(found)


def _gunzipped(file: str, content: bytes, limit: int) -> bytes:
    parts = bytearray()
    rest = content
    while rest.startswith(_GZIP_MAGIC):
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            parts += stream.decompress(rest, limit + 1 - len(parts))
        except zlib.error as error:
            raise FileRefused(file, "the gzip archive is damaged") from error
        if len(parts) > limit:
            raise FileRefused(file, _too_large(limit))
        if not stream.eof:
            raise FileRefused(file, "the gzip archive is cut short")
        rest = stream.unused_data
    return bytes(parts)


def _unzipped(file: str, content: bytes, limit: int, *, only_start: bool = False) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if only_start and len(members) != 1:
                return b""
            if len(members) != 1:
                reason = f"the zip archive holds {len(members)} files where one is expected"
                raise FileRefused(file, reason)
            if members[0].file_size > limit and not only_start:
                raise FileRefused(file, _too_large(limit))
            with archive.open(members[0]) as stream:
                text = stream.read(limit if only_start else limit + 1)
    except _ZIP_ERRORS as error:
        raise FileRefused(file, "the zip archive is damaged or locked") from error
    if len(text) > limit:
        raise FileRefused(file, _too_large(limit))
    return text


def _too_large(limit: int) -> str:
    return f"it would expand to more than {limit // (1024 * 1024)} MB, which no such file needs"
