"""Colours, fonts and spacing, dark and light, from the one file of tokens."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from allusedesk.desk.preflight import FONT_FILES
from allusedesk.resource_files import resource_path

UI_FONT = "DejaVu Sans"
CODE_FONT = "DejaVu Sans Mono"
_POINTS = 9
# What a person types into, chooses from or ticks; those derived from them count too.
_FIELDS = (
    "QLineEdit",
    "QPlainTextEdit",
    "QComboBox",
    "QAbstractSpinBox",
    "QCheckBox",
    "QRadioButton",
)
# Fusion outlines everything in the window's colour, darker by this many per cent.
_DARKER = 140


class Look(Enum):
    """Which of the two sets of colours is worn; SYSTEM follows the desktop."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Tone(Enum):
    """What a figure means to the eye; a sign, an arrow or a word says the same beside it."""

    PLAIN = "text"
    MUTED = "text_muted"
    GAIN = "gain"
    LOSS = "loss"
    CAUTION = "caution"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour by its role, as `#rrggbb`; the roles are those of resources/themes."""

    name: str
    window: str
    panel: str
    panel_other: str
    raised: str
    line: str
    outline: str
    text: str
    text_muted: str
    accent: str
    selection: str
    gain: str
    loss: str
    caution: str
    alarm: str
    alarm_ground: str
    live_ground: str
    paper_ground: str
    rehearsal_ground: str
    band: str

    def colour(self, tone: Tone) -> QColor:
        """The colour of a tone on a panel."""
        return QColor(getattr(self, tone.value))


def read_theme(look: Look) -> Theme:
    """The colours of a look; raises ValueError where the tokens lack a role."""
    table = tomllib.loads(resource_path("themes", "tokens.toml").read_text(encoding="utf-8"))
    name = _worn(look).value
    tokens = {"name": name, **table[name]}
    roles = {field.name for field in fields(Theme)}
    if tokens.keys() != roles:
        raise ValueError(f"themes/tokens.toml must name {sorted(roles)} in [{name}].")
    return Theme(**tokens)


def _worn(look: Look) -> Look:
    """The look itself; for SYSTEM what the desktop prefers, dark where it does not say."""
    if look is not Look.SYSTEM:
        return look
    scheme = QGuiApplication.styleHints().colorScheme()
    return Look.LIGHT if scheme is Qt.ColorScheme.Light else Look.DARK


def dress(application: QApplication, theme: Theme) -> None:
    """Give the whole application its style, palette and fonts; may be called again at any time.

    Palette and Fusion alone: a global style sheet would cost half of each table's frame again.
    """
    application.setStyle("Fusion")
    application.setPalette(palette_of(theme))
    fields = field_palette_of(theme)
    for kind in _FIELDS:
        # The type stubs want bytes, which the call itself refuses.
        application.setPalette(fields, kind)  # type: ignore[arg-type]
    scheme = Qt.ColorScheme.Light if theme.name == Look.LIGHT.value else Qt.ColorScheme.Dark
    QGuiApplication.styleHints().setColorScheme(scheme)
    for name in FONT_FILES:
        if UI_FONT not in QFontDatabase.families() or CODE_FONT not in QFontDatabase.families():
            QFontDatabase.addApplicationFont(str(resource_path("fonts", name)))
    application.setFont(QFont(UI_FONT, _POINTS))


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette."""
    role = QPalette.ColorRole
    palette = QPalette()
    for where, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.panel_other),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.text_muted),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.alarm),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.text),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
        (role.Light, theme.line),
        (role.Midlight, theme.line),
        (role.Mid, theme.line),
        (role.Dark, theme.line),
        (role.Shadow, theme.window),
    ):
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.text_muted))
    return palette


def field_palette_of(theme: Theme) -> QPalette:
    """The palette of fields: an outline in the window's own colour would be lost on it.

    Fields fill themselves with other roles, so the window's role serves their outlines alone.
    """
    outline = QColor(theme.outline)
    brighter = min(255, round(outline.value() * _DARKER / 100))
    window = QColor.fromHsv(outline.hue(), outline.saturation(), brighter)
    palette = palette_of(theme)
    palette.setColor(QPalette.ColorRole.Window, window)
    return palette
