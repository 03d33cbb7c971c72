"""The strip that is always visible: mode, state, links, ages, pace, and New York's time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.bridge import Bridge
from allusedesk.desk.mode_words import mode_in_words
from allusedesk.desk.pace_buttons import PaceButtons
from allusedesk.desk.theme import Theme, Tone

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

_BEAT_MILLISECONDS = 1_000
_STARTING = "STARTING"
# The states of sleeves, the one most worth knowing first.
_URGENCY = (
    "EMERGENCY",
    "AUDIT",
    "MAINTENANCE",
    "ORDERING",
    "CLOSING",
    "ANALYZING",
    "SCANNING",
    "MONITORING",
    "RECONCILING",
    "SAFE",
)


class StatusStrip(QFrame):
    """One line of what a trader must never have to look for.

    What has no room is left out, the least urgent first, and stands in the tip of the strip; a
    broker that is lost and an engine in trouble stay whatever the room.
    """

    def __init__(self, theme: Theme, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._bridge = bridge
        self._beats = 0
        self._word = ""
        self._is_broker_lost = False
        self._needs: tuple[object, ...] = ()
        self.mode = self._field("Mode")
        self.state = self._field("Desk state")
        self.broker = self._field("Broker")
        self.feed = self._field("Age of the newest quote")
        self.engine = self._field("Engine")
        self.queue = self._field("Facts waiting to be recorded")
        self.alerts = self._field("Alerts and notices")
        self.clock = self._field("New York time")
        self.pace = PaceButtons(bridge)
        self.row = QHBoxLayout(self)
        # What has no room is hidden here, so the window may be as narrow as it likes.
        self.row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.row.setContentsMargins(6, 2, 6, 2)
        self.row.setSpacing(self.fontMetrics().averageCharWidth() * 2)
        for shown in (self.mode, self.state, self.broker, self.feed, self.engine, self.queue):
            self.row.addWidget(shown)
        self.row.addWidget(self.alerts)
        self.row.addStretch(1)
        self.row.addWidget(self.pace)
        self.row.addWidget(self.clock)
        self._staying: list[QWidget] = [self.mode, self.state, self.pace]
        # Least urgent first: so they give way on a narrow screen.
        self._yielding = (self.queue, self.engine, self.alerts, self.feed, self.broker, self.clock)
        self.mode.setText(_STARTING)
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT_MILLISECONDS)
        self._timer.timeout.connect(self.count_beats)
        self._timer.start()

    def add_last(self, widget: QWidget) -> None:
        """Put something at the right end, which never gives way."""
        self.row.addWidget(widget)
        self._staying.append(widget)
        widget.show()
        self._make_room()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        words = self.mode.text()
        self.mode.setText("")
        self._show_mode(words)
        for label in (self.state, *self._yielding):
            worn = label.property("tone")
            if worn is not None:
                self._say(label, label.text(), Tone(worn[0]))

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show the desk's standing."""
        self._show_mode(mode_in_words(picture))
        text, tip, tone = _state_of(picture)
        self._say(self.state, text, tone)
        self.state.setToolTip(formatting.tip(tip))
        is_up = picture.is_link_up
        self._is_broker_lost = not is_up
        self._say(
            self.broker,
            "Broker linked" if is_up else "BROKER LOST",
            Tone.PLAIN if is_up else Tone.ALARM,
        )
        self._show_feed(picture)
        text, tip, tone = _alerts_of(picture)
        self._say(self.alerts, text, tone)
        self.alerts.setToolTip(formatting.tip(tip))
        self._say(self.clock, _clock(picture.at), Tone.PLAIN)
        self.clock.setToolTip(formatting.moment(picture.at))
        self.pace.show_pace()
        self._make_room()

    def show_engine(self, text: str) -> None:
        """Say that something is wrong with the engine; nothing when it is well again."""
        self._word = text
        if text and self.mode.text() == _STARTING:
            self.mode.setText(text)
        self._say(self.engine, text, Tone.ALARM if text else Tone.PLAIN)
        if text:
            self.engine.show()

    def count_beats(self) -> None:
        """How often the engine stirred in the last second, and how much it has not recorded yet."""
        engine = self._bridge.engine
        if engine is None:
            return
        beats, self._beats = engine.beats - self._beats, engine.beats
        if not self._word:
            self._say(self.engine, f"Engine {beats}/s", Tone.PLAIN)
        vitals = engine.vitals()
        waiting = vitals.inbox_waiting if vitals is not None else 0
        self._say(self.queue, f"{waiting} waiting", Tone.CAUTION if waiting else Tone.MUTED)
        self._make_room()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _show_mode(self, words: str) -> None:
        if self.mode.text() == words:
            return
        self.mode.setText(words)
        mode = words.partition(",")[0]
        ground = getattr(self._theme, f"{mode.lower()}_ground", None)
        if ground is not None:
            self.mode.setStyleSheet(
                f"background: {ground}; color: {self._theme.text}; padding: 1px 8px; "
                "font-weight: bold; border-radius: 3px;"
            )

    def _show_feed(self, picture: DeskSnapshot) -> None:
        quotes = [held.quote for held in picture.lots if held.quote is not None]
        newest = max((quote.quoted_at for quote in (*quotes, *picture.underlyings)), default=None)
        if newest is None:
            self._say(self.feed, "No quotes yet", Tone.MUTED)
            return
        seconds = (picture.at - newest).total_seconds()
        is_old = seconds > picture.quote_seconds_max
        self._say(
            self.feed,
            f"Quotes {formatting.age(seconds)} old",
            Tone.CAUTION if is_old else Tone.PLAIN,
        )
        self.feed.setToolTip(f"The newest quote is of {formatting.moment(newest)}")

    def _say(self, label: QLabel, text: str, tone: Tone) -> None:
        if label.text() != text:
            label.setText(text)
        if label.property("tone") != (tone.value, self._theme.name):
            label.setProperty("tone", (tone.value, self._theme.name))
            palette = label.palette()
            palette.setColor(label.foregroundRole(), self._theme.colour(tone))
            label.setPalette(palette)

    def _make_room(self) -> None:
        """Hide what does not fit, the least urgent first; what is in trouble never gives way."""
        self.setToolTip("\n".join(label.text() for label in self._yielding if label.text()))
        lengths = [len(label.text()) for label in (*self._yielding, self.state, self.pace.pace)]
        troubles = (self._word, self._is_broker_lost)
        needs = (self.width(), len(self._staying), self.pace.isHidden(), *troubles, *lengths)
        if needs == self._needs:
            # Figures change all the time and are equally wide: no room is shared anew for them.
            return
        self._needs = needs
        shown = [label for label in self._yielding if label.text()]
        margins, spacing = self.row.contentsMargins(), self.row.spacing()
        # The pressed button tells the pace too, so its words go first of all.
        self.pace.pace.show()
        fixed = [widget for widget in self._staying if not widget.isHidden()]
        wanted = sum(widget.sizeHint().width() + spacing for widget in (*fixed, *shown))
        room = self.width() - margins.left() - margins.right()
        if wanted > room and self.pace in fixed:
            wide = self.pace.sizeHint().width()
            self.pace.pace.hide()
            wanted -= wide - self.pace.sizeHint().width()
        for label in shown:
            is_kept = (label is self.engine and bool(self._word)) or (
                label is self.broker and self._is_broker_lost
            )
            if wanted > room and not is_kept:
                wanted -= label.sizeHint().width() + spacing
                label.hide()
            else:
                label.show()

    def _field(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label


def _clock(instant: datetime) -> str:
    local = instant.astimezone(formatting.NEW_YORK)
    return f"{local:%a} {formatting.day(local.date())} {local:%H:%M:%S} New York"


def _alerts_of(picture: DeskSnapshot) -> tuple[str, str, Tone]:
    """What stands, else what was told today; as a tip the sentences themselves."""
    standing = picture.alerts
    if standing:
        tip = "\n".join(one.alert.text for one in standing)
        is_new = any(not one.acknowledged_by for one in standing)
        is_critical = any(one.alert.severity.value == "critical" for one in standing)
        tone = Tone.ALARM if is_critical and is_new else Tone.CAUTION
        return f"{len(standing)} alert{'' if len(standing) == 1 else 's'}", tip, tone
    count = picture.notices_today
    if not count:
        return "No alerts", "Nothing is wrong, and the desk wants nothing read", Tone.MUTED
    text = f"{count} notice{'' if count == 1 else 's'}"
    return text, "What the desk wants read stands in Health", Tone.CAUTION


def _state_of(picture: DeskSnapshot) -> tuple[str, str, Tone]:
    """The state in a word or two, all of it as a tip, and how urgent it is."""
    by_sleeve = [
        f"{sleeve.account.id}: {sleeve.state.value}"
        + (f" ({'; '.join(sleeve.freezes)})" if sleeve.freezes else "")
        for sleeve in picture.sleeves
    ]
    tip = "\n".join(by_sleeve)
    if picture.halted_by:
        return "HALTED", f"Halted by {picture.halted_by}\n{tip}", Tone.ALARM
    if picture.is_resuming:
        return "RESUMING", "The broker is asked what it has before anything goes on", Tone.CAUTION
    if picture.breakers:
        names = ", ".join(picture.breakers)
        return f"BREAKER {names}", f"Breakers: {names}\n{tip}", Tone.ALARM
    states = [sleeve.state.value for sleeve in picture.sleeves]
    if not states:
        return "no sleeve yet", "The desk is being set up", Tone.MUTED
    worst = min(states, key=_URGENCY.index)
    others = sum(state != worst for state in states)
    text = worst if not others else f"{worst} +{others}"
    is_stopped = worst in _URGENCY[:3]
    return text, tip, Tone.ALARM if is_stopped else Tone.PLAIN
