"""The conversation as cards: what was asked, what the record says, and the entries it rests on.

Every word is put in as plain text, never as markup: the record may hold whatever somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextBrowser

from allusedesk.answers.answer import Answer, Figure, Nature, Part, Standing, Table, entries_of
from allusedesk.desk.answer_columns import column_nature, column_widths
from allusedesk.desk.formatting import MINUS
from allusedesk.desk.theme import Theme, Tone

# Figures that rest on many entries name the first of them.
_ENTRIES_SHOWN = 3
# Beyond so many the oldest go, several at once, for then all are drawn anew.
_CARDS_MAX, _CARDS_KEPT = 60, 40
_PADDING, _MARGIN = 8, 3
_SETTLE_MILLISECONDS = 80
_ENTRY, _REPORT, _ASK = "entry", "report", "ask"
_PERIODS = (
    (re.compile(r"\b\d{4}-W\d{2}\b", re.ASCII), "weekly"),
    (re.compile(r"\b\d{4}-Q[1-4]\b", re.ASCII), "quarterly"),
)
_SMALLER = 0.88
_HYPHEN_AS_MINUS = re.compile(r"(?<![\w.-])-(?=\$?\d)", re.ASCII)
_IS_NUMBER = re.compile(r"[+\-\u2212]?\$?[\d.]", re.ASCII)
_IS_DAY = re.compile(r"\d{4}-", re.ASCII)
_STANDING = {
    Standing.NOTHING: "Nothing on record",
    Standing.UNKNOWN: "Not understood",
    Standing.COMMAND: "Nothing here can trade",
}


class AnswerPage(QTextBrowser):
    """All that was asked and answered, the newest last; links are reached by Tab.

    `entry_wanted` gives the number of an entry, `report_wanted` a report's kind and period,
    `question_wanted` a question that an answer named.
    """

    entry_wanted = Signal(int)
    report_wanted = Signal(str, str)
    question_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Conversation")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        # One that came and went would change the width of every table.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.anchorClicked.connect(self._follow)
        self.empty = ""
        self._theme = theme
        self._answers: list[Answer] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._draw_anew)
        self._draw()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What was answered, the newest last."""
        return tuple(self._answers)

    def add(self, answer: Answer) -> None:
        """Put one more card below, and look at it from its question on."""
        if len(self._answers) >= _CARDS_MAX:
            self._answers = [*self._answers[1 - _CARDS_KEPT :], answer]
            self._draw()
        else:
            if not self._answers:
                self.document().clear()
            self._answers.append(answer)
            self._write(answer)
        self._look_at_last()

    def clear_all(self) -> None:
        """Begin with nothing."""
        self._answers.clear()
        self._draw()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._draw()
        self._look_at_last()

    def _draw(self) -> None:
        self.document().clear()
        if not self._answers:
            QTextCursor(self.document()).insertText(self.empty, self._ink(Tone.MUTED))
        for answer in self._answers:
            self._write(answer)

    def _look_at_last(self) -> None:
        """From the question of the newest card on, once its place is known."""
        QTimer.singleShot(0, self, self._scroll_to_last)

    def _scroll_to_last(self) -> None:
        frames = self.document().rootFrame().childFrames()
        if frames:
            # Pages are laid out only as far as they are looked at.
            end = QTextCursor(self.document())
            end.movePosition(QTextCursor.MoveOperation.End)
            self.setTextCursor(end)
            self.ensureCursorVisible()
            top = self.document().documentLayout().frameBoundingRect(frames[-1]).top()
            self.verticalScrollBar().setValue(int(top))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._settle.start()
        self._look_at_last()

    def _write(self, answer: Answer) -> None:
        cursor = QTextCursor(self.document())
        # Laid out once it is whole, not after each word.
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        # Qt wants a line between two frames; it is made as low as can be.
        low = QTextBlockFormat()
        low.setLineHeight(1, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
        cursor.setBlockFormat(low)
        cursor.insertFrame(self._card(answer.standing))
        cursor.setBlockFormat(QTextBlockFormat())
        cursor.insertText(answer.question, self._ink(Tone.PLAIN, is_bold=True))
        about = " · ".join(
            part for part in (_STANDING.get(answer.standing, ""), answer.about) if part
        )
        if about:
            cursor.insertBlock()
            tone = Tone.MUTED if answer.standing is Standing.ANSWERED else Tone.CAUTION
            cursor.insertText(about, self._ink(tone, is_small=True))
        for sentence in answer.sentences:
            cursor.insertBlock(_spaced())
            if sentence.text.endswith("?") and not sentence.entries:
                href = f"{_ASK}:{quote(sentence.text, safe='')}"
                cursor.insertText(sentence.text, self._link(href, "Ask this"))
                continue
            self._write_parts(cursor, sentence.parts)
            self._write_source(cursor, sentence.parts)
        if answer.table is not None and answer.table.rows:
            said = {entry for sentence in answer.sentences for entry in sentence.entries}
            self._write_table(cursor, answer.table, said)
        cursor.endEditBlock()

    def _write_parts(
        self, cursor: QTextCursor, parts: Sequence[Part], known: Nature | None = None
    ) -> None:
        """Words and figures; a figure that is not measured says so, unless its column does."""
        is_cell = known is not None
        for part in parts:
            if isinstance(part, str):
                self._write_words(cursor, part, self._ink(Tone.PLAIN, is_small=is_cell))
                continue
            ink = self._ink(Tone.PLAIN, is_bold=not is_cell, is_small=is_cell)
            self._write_words(cursor, part.text, ink)
            if part.nature not in (Nature.MEASURED, known):
                cursor.insertText(f" {part.nature.value}", self._ink(Tone.MUTED, is_small=True))

    def _write_words(self, cursor: QTextCursor, words: str, ink: QTextCharFormat) -> None:
        """Plain words; a period whose report can be opened becomes a link."""
        words = _HYPHEN_AS_MINUS.sub(MINUS, words)
        places = sorted(
            (found.start(), found.end(), kind)
            for pattern, kind in _PERIODS
            for found in pattern.finditer(words)
        )
        at = 0
        for start, end, kind in places:
            cursor.insertText(words[at:start], ink)
            period = words[start:end]
            link = self._link(f"{_REPORT}:{kind}/{period}", f"Open the {kind} report of {period}")
            link.setFontPointSize(ink.fontPointSize())
            cursor.insertText(period, link)
            at = end
        cursor.insertText(words[at:], ink)

    def _write_source(self, cursor: QTextCursor, parts: Sequence[Part]) -> None:
        entries = entries_of(parts)
        figures = [part for part in parts if isinstance(part, Figure)]
        small = self._ink(Tone.MUTED, is_small=True)
        if figures and all(one.nature is Nature.MEASURED for one in figures):
            cursor.insertText("  measured", small)
        if entries:
            cursor.insertText("  entry " if len(entries) == 1 else "  entries ", small)
            self._write_entries(cursor, entries)
        cursor.setCharFormat(QTextCharFormat())

    def _write_entries(self, cursor: QTextCursor, entries: Sequence[int]) -> None:
        small = self._ink(Tone.MUTED, is_small=True)
        for place, entry in enumerate(entries[:_ENTRIES_SHOWN]):
            if place:
                cursor.insertText(", ", small)
            link = self._link(f"{_ENTRY}:{entry}", f"Open the journal at entry {entry:,}")
            cursor.insertText(f"{entry:,}", link)
        if len(entries) > _ENTRIES_SHOWN:
            cursor.insertText(f" and {len(entries) - _ENTRIES_SHOWN:,} more", small)

    def _write_table(self, cursor: QTextCursor, table: Table, said: set[int]) -> None:
        """Its last column names the entries of each row, where no sentence named them all."""
        columns = [[row[place] for row in table.rows] for place in range(len(table.titles))]
        natures = [column_nature(column) for column in columns]
        titles = [_titled(*pair) for pair in zip(table.titles, natures, strict=True)]
        cited = [entries_of(row) for row in table.rows]
        has_entries = any(cited) and not (len(cited) == 1 and said.issuperset(cited[0]))
        shown = [
            (title, [_shown(part, nature) for part in column], all(map(_is_number, column)))
            for title, column, nature in zip(titles, columns, natures, strict=True)
        ]
        if has_entries:
            shown.append(("entry", [_cited(entries) for entries in cited], True))
        look = self._table_look([*shown])
        drawn = cursor.insertTable(len(table.rows) + 1, len(shown), look)
        for place, (title, texts, is_figure) in enumerate(shown):
            cell = drawn.cellAt(0, place).firstCursorPosition()
            cell.setBlockFormat(_sided(is_right=is_figure and place < len(columns)))
            cell.insertText(title, self._ink(Tone.MUTED, is_small=True, is_bold=True))
            for line in range(len(texts)):
                cell = drawn.cellAt(line + 1, place).firstCursorPosition()
                if place < len(columns):
                    cell.setBlockFormat(_sided(is_right=is_figure))
                    part = columns[place][line]
                    self._write_parts(cell, (part,), natures[place] or Nature.MEASURED)
                elif cited[line]:
                    self._write_cited(cell, cited[line])
        cursor.setPosition(drawn.lastPosition())
        cursor.movePosition(QTextCursor.MoveOperation.NextBlock)

    def _write_cited(self, cell: QTextCursor, entries: Sequence[int]) -> None:
        """The first entry of a row; how many more there are stands behind it."""
        entry = entries[0]
        link = self._link(f"{_ENTRY}:{entry}", f"Open the journal at entry {entry:,}")
        cell.insertText(f"{entry:,}", link)
        rest = _cited(entries).removeprefix(f"{entry:,}")
        cell.insertText(rest, self._ink(Tone.MUTED, is_small=True))

    def _card(self, standing: Standing) -> QTextFrameFormat:
        theme = self._theme
        look = QTextFrameFormat()
        look.setBackground(QColor(theme.panel_other))
        edge = theme.line if standing is Standing.ANSWERED else theme.caution
        look.setBorderBrush(QColor(edge))
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBorder(0.5)
        look.setPadding(_PADDING)
        look.setMargin(_MARGIN)
        return look

    def _table_look(self, shown: list[tuple[str, list[str], bool]]) -> QTextTableFormat:
        look = QTextTableFormat()
        look.setBorder(0.5)
        look.setBorderBrush(QColor(self._theme.line))
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBorderCollapse(True)
        look.setCellPadding(3)
        look.setTopMargin(6)
        look.setHeaderRowCount(1)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * _SMALLER)
        metrics = QFontMetricsF(font)
        room = self.viewport().width() - 2 * (_PADDING + _MARGIN) - 4 * metrics.averageCharWidth()
        widths = column_widths(shown, room, metrics.horizontalAdvance)
        fixed = QTextLength.Type.FixedLength
        look.setColumnWidthConstraints([QTextLength(fixed, width) for width in widths])
        return look

    def _ink(self, tone: Tone, *, is_bold: bool = False, is_small: bool = False) -> QTextCharFormat:
        ink = QTextCharFormat()
        ink.setForeground(self._theme.colour(tone))
        ink.setFontWeight(QFont.Weight.Bold if is_bold else QFont.Weight.Normal)
        points = self.font().pointSizeF()
        ink.setFontPointSize(points * _SMALLER if is_small else points)
        return ink

    def _link(self, target: str, tip: str) -> QTextCharFormat:
        ink = self._ink(Tone.PLAIN, is_small=True)
        ink.setForeground(QColor(self._theme.accent))
        ink.setFontUnderline(True)
        ink.setAnchor(True)
        ink.setAnchorHref(target)
        ink.setToolTip(tip)
        return ink

    def _follow(self, target: QUrl) -> None:
        kind, _, what = target.toString(QUrl.ComponentFormattingOption.FullyEncoded).partition(":")
        if kind == _ENTRY:
            self.entry_wanted.emit(int(what))
        elif kind == _REPORT:
            report, _, period = what.partition("/")
            self.report_wanted.emit(report, period)
        elif kind == _ASK:
            self.question_wanted.emit(unquote(what))


def words_of(answer: Answer) -> str:
    """A card as plain text, with its table by tabs and its entries, for the clipboard."""
    lines = [answer.question, *(sentence.text for sentence in answer.sentences)]
    if answer.table is not None:
        lines.append("\t".join(answer.table.titles))
        lines.extend("\t".join(_text_of(part) for part in row) for row in answer.table.rows)
    if answer.entries:
        lines.append("Entries: " + ", ".join(str(entry) for entry in answer.entries))
    return "\n".join(lines) + "\n"


def _text_of(part: Part) -> str:
    return part if isinstance(part, str) else part.text


def _titled(title: str, nature: Nature | None) -> str:
    """A column's title, with what its figures are where they were not measured."""
    return title if nature in (None, Nature.MEASURED) else f"{title} {nature.value}"


def _shown(part: Part, known: Nature | None) -> str:
    """What stands in a cell, as it is measured before it is drawn."""
    text = _HYPHEN_AS_MINUS.sub(MINUS, _text_of(part))
    if isinstance(part, str) or part.nature in (Nature.MEASURED, known):
        return text
    return f"{text} {part.nature.value}"


def _cited(entries: Sequence[int]) -> str:
    if not entries:
        return ""
    rest = f" +{len(entries) - 1}" if len(entries) > 1 else ""
    return f"{entries[0]:,}{rest}"


def _spaced() -> QTextBlockFormat:
    look = QTextBlockFormat()
    look.setTopMargin(4)
    return look


def _is_number(part: Part) -> bool:
    text = _text_of(part)
    return bool(_IS_NUMBER.match(text)) and not _IS_DAY.match(text)


def _sided(*, is_right: bool) -> QTextBlockFormat:
    look = QTextBlockFormat()
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    look.setAlignment(side)
    return look
