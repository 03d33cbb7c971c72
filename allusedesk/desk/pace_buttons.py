"""How fast recorded time goes: real time, faster, as fast as it can, not at all, or to an alarm."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import DeskCommand

_TIME = "&Time"
# Recorded seconds in a real one, with the words and the keys of each; None is all there is.
_SPEEDS: tuple[tuple[str, float | None, str, str], ...] = (
    ("real", 1.0, "1x", "Ctrl+1"),
    ("ten", 10.0, "10x", "Ctrl+2"),
    ("sixty", 60.0, "60x", "Ctrl+3"),
    ("most", None, "max", "Ctrl+4"),
)


class PaceButtons(QWidget):
    """Buttons for the pace of recorded time; hidden where time is not recorded."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.pace = QLabel()
        self.pace.setTextFormat(Qt.TextFormat.PlainText)
        self.pace.setAccessibleName("Pace of recorded time")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.pace)
        self.stand = self._button("Pause", "Let recorded time stand still, or go on (Ctrl+0)")
        self.stand.clicked.connect(self.stand_or_go_on)
        self.speeds: dict[str, QToolButton] = {}
        for name, speed, word, keys in _SPEEDS:
            button = self.speeds[name] = self._button(word, f"Recorded time at {word} ({keys})")
            button.setCheckable(True)
            button.clicked.connect(partial(self.steer, speed))
        self.next = self._button("Next alarm", "Go to the next alarm and stand still (Ctrl+5)")
        self.next.clicked.connect(self.to_next_alarm)
        for button in (self.stand, *self.speeds.values(), self.next):
            row.addWidget(button)
        self.hide()

    def commands(self) -> tuple[DeskCommand, ...]:
        """The same as commands, each with its keys."""
        speeds = tuple(
            DeskCommand(
                f"time.{name}",
                "As fast as it goes" if speed is None else f"Recorded time at {word}",
                _TIME,
                partial(self.steer, speed),
                keys,
            )
            for name, speed, word, keys in _SPEEDS
        )
        return (
            DeskCommand(
                "time.stand",
                "Pause recorded time, or go on",
                _TIME,
                self.stand_or_go_on,
                "Ctrl+0",
            ),
            *speeds,
            DeskCommand(
                "time.next",
                "To the next alarm",
                _TIME,
                self.to_next_alarm,
                "Ctrl+5",
                "Go to the next alarm as fast as it goes and stand still there",
            ),
        )

    def steer(self, speed: float | None, *_checked: bool) -> None:
        """Let recorded time go at a speed, also from a standstill."""
        engine = self._bridge.engine
        if engine is not None and engine.clock is not None:
            engine.steer(lambda clock: clock.steer(speed))
            self.show_pace()

    def stand_or_go_on(self, *_checked: bool) -> None:
        """Let recorded time stand still; where it stands, let it go on at the speed it had."""
        engine = self._bridge.engine
        if engine is None or engine.clock is None:
            return
        if engine.clock.is_standing:
            engine.steer(lambda clock: clock.go_on())
        else:
            engine.steer(lambda clock: clock.stand())
        self.show_pace()

    def to_next_alarm(self, *_checked: bool) -> None:
        """Go to the soonest alarm of the clock and stand still there."""
        engine, picture = self._bridge.engine, self._bridge.latest
        if engine is None or engine.clock is None or picture is None:
            return
        due = next((alarm.due_at for alarm in picture.alarms if alarm.due_at > picture.at), None)
        if due is not None:
            engine.steer(lambda clock: clock.run_to(due))
            self.show_pace()

    def show_pace(self) -> None:
        """Say how fast time goes now."""
        engine = self._bridge.engine
        clock = engine.clock if engine is not None else None
        self.setVisible(clock is not None)
        if clock is None:
            return
        speed, is_standing = clock.speed, clock.is_standing
        self.pace.setText("Time stands still" if is_standing else f"Time at {_word(speed)}")
        self.stand.setText("Go on" if is_standing else "Pause")
        self.stand.setAccessibleName(
            "Let recorded time go on" if is_standing else "Pause recorded time"
        )
        for name, known, _, _ in _SPEEDS:
            self.speeds[name].setChecked(not is_standing and known == speed)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setAutoRaise(True)
        return button


def _word(speed: float | None) -> str:
    return "max" if speed is None else f"{speed:g}x"
