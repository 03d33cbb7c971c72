"""The pages of a PDF as pictures."""

from __future__ import annotations

from pathlib import Path

_POINTS_PER_INCH = 72
DOTS_PER_INCH = 110


def picture_pages(pdf: Path, folder: Path, dots_per_inch: int = DOTS_PER_INCH) -> tuple[Path, ...]:
    """Write each page of `pdf` into `folder` as PNG, named after it, and say which files.

    Raises OSError where one cannot be written.
    """
    # Only a demonstration draws pages, and the library behind it is large.
    import pypdfium2

    written = []
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in range(len(document)):
            page = document[number]
            picture = page.render(scale=dots_per_inch / _POINTS_PER_INCH).to_pil()
            file = folder / f"{pdf.stem}-page-{number + 1:02d}.png"
            picture.save(file)
            written.append(file)
            page.close()
    finally:
        document.close()
    return tuple(written)
