"""What a person without a mouse or without eyes meets: names, the Tab ring, room, contrast."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)

from tests.desk.test_theme import contrast

_TABS_MAX = 400
# Widgets inside these are Qt's own parts, reached through the whole.
_WHOLES = (QComboBox, QAbstractSpinBox, QTabBar, QAbstractItemView, QLineEdit)


def is_interactive(widget: QWidget) -> bool:
    """Something a person presses, types into, chooses from or moves through."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QHeaderView):
        return False
    parent = widget.parentWidget()
    if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
        return False
    while parent is not None and not parent.isWindow():
        if isinstance(parent, _WHOLES) and not isinstance(widget, QTabBar):
            return False
        parent = parent.parentWidget()
    kinds = (QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox, QAbstractItemView)
    return isinstance(widget, kinds) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus != 0


def interactive_in(whole: QWidget) -> Iterator[QWidget]:
    """Every such widget that can be seen now."""
    for widget in (whole, *whole.findChildren(QWidget)):
        if widget.isVisible() and widget.window() is whole.window() and is_interactive(widget):
            yield widget


def spoken(widget: QWidget) -> str:
    """What a screen reader says of a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def shown(widget: QWidget) -> str:
    """A widget in words, for a list of what is wrong."""
    said = getattr(widget, "text", lambda: "")()
    path = [type(widget).__name__]
    parent = widget.parentWidget()
    while parent is not None and len(path) < 4:
        path.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{' in '.join(path)} {widget.accessibleName() or said!r}"


def without_a_name(whole: QWidget) -> list[str]:
    return [shown(widget) for widget in interactive_in(whole) if not spoken(widget)]


def out_of_reach(whole: QWidget) -> list[str]:
    """Enabled widgets that neither Tab nor Shift+Tab come to."""
    wanted = {widget for widget in interactive_in(whole) if widget.isEnabled()}
    met = _ring(whole, Qt.Key.Key_Tab) | _ring(whole, Qt.Key.Key_Backtab)
    return sorted(shown(widget) for widget in wanted if not _stands_for(widget, met))


def _stands_for(widget: QWidget, met: set[QWidget]) -> bool:
    """The widget itself, what it hands the keyboard to, or one of a ring of choices."""
    if widget in met or widget.focusProxy() in met:
        return True
    group = getattr(widget, "group", lambda: None)()
    if group is not None and hasattr(group, "buttons"):
        return any(one in met for one in group.buttons())
    return any(widget.isAncestorOf(one) for one in met)


def _ring(whole: QWidget, key: Qt.Key) -> set[QWidget]:
    met: set[QWidget] = set()
    start = next((one for one in interactive_in(whole) if one.isEnabled()), None)
    if start is None:
        return met
    (start.focusProxy() or start).setFocus(Qt.FocusReason.TabFocusReason)
    strangers = 0
    last: QWidget | None = None
    for _ in range(_TABS_MAX):
        now = QApplication.focusWidget()
        if now is None:
            break
        if whole is now or whole.isAncestorOf(now):
            # A page goes through its links before it lets the keyboard go on.
            if now in met and now is not last:
                break
            met.add(now)
            strangers = 0
        else:
            strangers += 1
            if strangers > 1:
                break
        last = now
        QTest.keyClick(now, key)
    return met


def cut_short(whole: QWidget) -> list[str]:
    """Buttons and labels whose text has less room than it needs."""
    found = []
    for widget in whole.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not whole.window():
            continue
        if not isinstance(widget, QLabel | QPushButton) or not widget.text():
            continue
        if widget.objectName().startswith("qt_"):
            continue
        needed = widget.sizeHint()
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() + 1 < widget.heightForWidth(widget.width()):
                found.append(f"{shown(widget)}: {widget.text()[:60]!r} is cut below")
        elif widget.width() + 1 < needed.width() or widget.height() + 1 < needed.height():
            found.append(
                f"{shown(widget)}: {widget.text()[:60]!r} has {_size(widget.rect())}, "
                f"needs {needed.width()}x{needed.height()}"
            )
    return found


def _size(rect: QRect) -> str:
    return f"{rect.width()}x{rect.height()}"


def too_faint(whole: QWidget) -> list[str]:
    """Labels and buttons whose ink does not stand out from their ground."""
    found = []
    for widget in whole.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.isVisible():
            continue
        if not widget.text() or widget.styleSheet():
            continue
        palette = widget.palette()
        ink = palette.color(widget.foregroundRole())
        ground = palette.color(widget.backgroundRole())
        if ground.alpha() == 255 and _contrast(ink, ground) < 4.5:
            found.append(f"{shown(widget)}: {ink.name()} on {ground.name()}")
    return found


def _contrast(ink: QColor, ground: QColor) -> float:
    return contrast(ink.name(), ground.name())


def pressed_by_enter(whole: QWidget) -> list[str]:
    """Buttons of a dialog that Enter would press."""
    return [
        shown(button)
        for button in whole.findChildren(QPushButton)
        if button.isDefault() or (button.autoDefault() and whole.isWindow())
    ]
