"""Draws the desk's sign in every size from its one drawing: `python packaging/icons.py`.

Linux takes the PNG files, Windows the ICO and macOS the ICNS, all of which are kept beside it.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
# Apple's names for a PNG of each size.
_MAC_NAMES = {128: b"ic07", 256: b"ic08", 512: b"ic09"}
# An ICO writes 256 as nothing, for a size is one byte there.
_BYTE = 256


def drawn(size: int) -> bytes:
    """The sign as a PNG, so many pixels wide."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(FOLDER / "allusedesk.svg")).render(painter)
    painter.end()
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(kept.data())


def as_ico(pictures: dict[int, bytes]) -> bytes:
    """An ICO of PNG pictures, which Windows has read since Vista."""
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    start = len(head) + 16 * len(pictures)
    for size, picture in pictures.items():
        side = size % _BYTE
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), start + len(body))
        body += picture
    return head + body


def as_icns(pictures: dict[int, bytes]) -> bytes:
    """An ICNS of PNG pictures."""
    body = b"".join(
        name + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
        for size, name in _MAC_NAMES.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def main() -> None:
    """Write all of them anew."""
    pictures = {size: drawn(size) for size in SIZES}
    for size, picture in pictures.items():
        (FOLDER / f"allusedesk-{size}.png").write_bytes(picture)
    ico = as_ico({size: pictures[size] for size in _WINDOWS_SIZES})
    (FOLDER / "allusedesk.ico").write_bytes(ico)
    (FOLDER / "allusedesk.icns").write_bytes(as_icns(pictures))


if __name__ == "__main__":
    main()
