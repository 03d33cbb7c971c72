"""Both looks can be read, and the letters are really drawn."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from allusedesk.desk.theme import Look, Theme, dress, read_theme

GROUNDS = ("window", "panel", "panel_other", "raised", "selection")
INKS = ("text", "text_muted", "gain", "loss", "caution", "alarm")


def _luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(ink: str, ground: str) -> float:
    light, dark = sorted((_luminance(QColor(ink)), _luminance(QColor(ground))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [Look.DARK, Look.LIGHT])
def test_every_ink_stands_out_from_every_ground(look: Look, qapp: QApplication) -> None:
    theme = read_theme(look)
    faint = [
        (ink, ground, round(contrast(getattr(theme, ink), getattr(theme, ground)), 2))
        for ink, ground in product(INKS, GROUNDS)
        if contrast(getattr(theme, ink), getattr(theme, ground)) < 4.5
    ]
    banners = ("alarm_ground", "live_ground", "paper_ground", "rehearsal_ground")
    faint += [
        ("text", ground, round(contrast(theme.text, getattr(theme, ground)), 2))
        for ground in banners
        if contrast(theme.text, getattr(theme, ground)) < 4.5
    ]
    assert faint == []


FIELDS: dict[str, Callable[[], QWidget]] = {
    "line": QLineEdit,
    "text": QPlainTextEdit,
    "list": QComboBox,
    "number": QSpinBox,
    "day": QDateEdit,
    "tick": QCheckBox,
    "choice": QRadioButton,
}


@pytest.mark.parametrize("look", [Look.DARK, Look.LIGHT])
@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_s_edge_stands_out_from_what_lies_around_it(
    look: Look, kind: str, qapp: QApplication, qtbot: QtBot
) -> None:
    """WCAG 2, 1.4.11: three to one for what shows where a field is."""
    theme = read_theme(look)
    dress(qapp, theme)
    window = QWidget()
    qtbot.addWidget(window)
    rows = QVBoxLayout(window)
    other, field = QPushButton("has the keyboard"), FIELDS[kind]()
    rows.addWidget(other)
    rows.addWidget(field)
    window.show()
    other.setFocus()
    drawn = window.grab().toImage()
    scale = drawn.devicePixelRatio()
    middle = round((field.y() + field.height() / 2) * scale)
    left = round(field.x() * scale)
    edge = [drawn.pixelColor(left + place, middle).name() for place in range(round(3 * scale))]
    for ground in (theme.window, theme.panel):
        assert max(contrast(colour, ground) for colour in edge) >= 3, (edge, ground)
    # The field itself is still filled as before.
    assert field.palette().base().color().name() == theme.panel


def test_the_fonts_draw_letters_and_not_boxes(qapp: QApplication, theme: Theme) -> None:
    drawn = []
    for letter in "Wil1":
        image = QImage(40, 40, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        painter.setFont(qapp.font())
        painter.drawText(5, 30, letter)
        painter.end()
        drawn.append(bytes(image.constBits()))
    assert len(set(drawn)) == 4


def test_digits_are_all_as_wide_as_each_other(qapp: QApplication, theme: Theme) -> None:
    metrics = QFontMetricsF(qapp.font())
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_a_theme_can_be_changed_at_any_time(qapp: QApplication) -> None:
    for look in (Look.LIGHT, Look.DARK):
        theme = read_theme(look)
        dress(qapp, theme)
        assert qapp.palette().window().color().name() == theme.window
