"""What a report takes besides a screen: it is made, written and printed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter

from allusedesk.journal.read_side import ReadSide

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation
    from allusedesk.reports.paper.pages import Bookmark, PagePicture, PdfPages
    from allusedesk.reports.statement import Statement
    from allusedesk.wiring.reporting import ReportWish

# Finer than any eye sees on paper, and a page of it is 140 MB: it is drawn in strips.
_DOTS_PER_INCH_MAX = 600
# Into a file a page goes whole, for programs that show it would blur the edges of strips.
_DOTS_PER_INCH_IN_FILE = 300
_POINTS_PER_INCH = 72
_STRIP_BYTES = 40_000_000
_BYTES_A_PIXEL = 4


class PrinterRefused(Exception):
    """The printer took no page; its text says what to do."""


class _Stopped(Exception):
    """Nobody wants the report any more."""


class _HeedingSide(ReadSide):
    """Ends what is asked of the record once its operation is stopped: some reports take long."""

    operation: Operation | None = None

    def catch_up(self, part: str) -> None:
        if self.operation is not None and self.operation.is_stopped:
            raise _Stopped
        super().catch_up(part)


@dataclass(frozen=True, slots=True)
class DrawnReport:
    """A report as a value and as pages to look at."""

    wish: ReportWish
    statement: Statement
    pages: PdfPages
    outline: tuple[Bookmark, ...]


def drawn_report(journal: Path, wish: ReportWish, operation: Operation) -> DrawnReport | None:
    """Make a report from the record; None where it was stopped meanwhile."""
    from allusedesk.reports.paper.pages import PdfPages
    from allusedesk.reports.paper.pdf import printed
    from allusedesk.resource_files import resource_path
    from allusedesk.wiring.reporting import statement_of

    with _HeedingSide.open(journal) as side:
        side.operation = operation
        try:
            statement = statement_of(side, wish)
        except _Stopped:
            return None
    operation.tell(0.5, "Drawing its pages")
    content = printed(statement, resource_path("fonts"))
    if operation.is_stopped:
        return None
    pages = PdfPages(content)
    return DrawnReport(wish, statement, pages, pages.outline())


def write_aside(journal: Path, report: DrawnReport, form: str, file: Path) -> Path:
    """Write a report as pdf, csv or json, or its pack as zip; aside first, then moved whole.

    Raises OSError where it cannot be written.
    """
    from tempfile import TemporaryDirectory

    from allusedesk.wiring.regulatory_pack import write_pack
    from allusedesk.wiring.report_shelf import PACK
    from allusedesk.wiring.reporting import write_statement

    with TemporaryDirectory(dir=file.parent, prefix=".report-") as folder:
        written = Path(folder) / f"report.{form}"
        if form == "pdf":
            written.write_bytes(report.pages.content)
        elif form == PACK:
            write_pack(journal, report.wish.period, written)
        else:
            write_statement(report.statement, written, form)
        return written.replace(file)


def image_of(picture: PagePicture) -> QImage:
    """A page's pixels as Qt draws them."""
    shape = (picture.width, picture.height, picture.stride)
    # The bytes belong to somebody else, so the image is copied out of them.
    return QImage(picture.pixels, *shape, QImage.Format.Format_RGB32).copy()


def print_pages(pages: PdfPages, printer: QPrinter, operation: Operation) -> int:
    """Put the wanted pages on paper at the printer's own fineness; returns how many there were.

    Raises PrinterRefused where the printer takes none.
    """
    wanted = _wanted(printer, len(pages.sizes))
    printer.setFullPage(True)
    painter = QPainter()
    if not painter.begin(printer):
        raise PrinterRefused(
            "The printer did not begin, so nothing was printed: look whether it is switched on "
            "and has paper, or whether its file may be written there; or export the report as PDF."
        )
    done = 0
    try:
        for page in wanted:
            if operation.is_stopped:
                break
            operation.tell(done / len(wanted), f"Printing page {page + 1}")
            if done and not printer.newPage():
                raise PrinterRefused(
                    f"The printer took {done} of {len(wanted)} pages and then no more: look at "
                    "its paper, and print the rest from page "
                    f"{page + 1} on."
                )
            _print_page(pages, page, printer, painter)
            done += 1
    finally:
        painter.end()
    return done


def _wanted(printer: QPrinter, count: int) -> list[int]:
    first, last = printer.fromPage(), printer.toPage()
    if printer.printRange() is not QPrinter.PrintRange.PageRange or not first:
        return list(range(count))
    return list(range(first - 1, min(last or count, count)))


def _print_page(pages: PdfPages, page: int, printer: QPrinter, painter: QPainter) -> None:
    """One page in strips, as large as the paper allows, in its middle."""
    paper = printer.pageLayout().fullRectPixels(printer.resolution())
    size = pages.sizes[page]
    on_paper = min(paper.width() / size.width, paper.height() / size.height)
    left = (paper.width() - size.width * on_paper) / 2
    top = (paper.height() - size.height * on_paper) / 2
    is_file = printer.outputFormat() is QPrinter.OutputFormat.PdfFormat
    finest = _DOTS_PER_INCH_IN_FILE if is_file else _DOTS_PER_INCH_MAX
    scale = min(on_paper, finest / _POINTS_PER_INCH)
    rows = max(1, int(_STRIP_BYTES / (_BYTES_A_PIXEL * size.width * scale)))
    pixel = on_paper / scale
    for first in range(0, pages.rows_of(page, scale), rows):
        image = image_of(pages.picture(page, scale, first, rows))
        corner = QPointF(left, top + first * pixel)
        painter.drawImage(QRectF(corner, QSizeF(image.size()) * pixel), image)
