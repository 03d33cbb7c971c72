"""Trust: what each kind of decision has earned, how far it may act, and who signs twice."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.money_move import amount_of
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.hold_button import HoldButton
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.inputs import Input, OperatorRequest
from allusedesk.domain.money import Money
from allusedesk.domain.trust import SecondSignatureSet, TrustLevel, TrustSwitched

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.snapshot_trust import PeoplePicture, TrustPicture
    from allusedesk.journal.queries.answers import ReasonGiven

_DOES = {
    TrustLevel.INITIAL: "off: a person answers",
    TrustLevel.LEARNING: "learning: pre-ticks, a person answers",
    TrustLevel.MATURE: "mature: approves after five minutes unless you say no",
    TrustLevel.EXPERT: "expert: approves at once",
}
_ABOUT = frozenset({OperatorRequest.TRUST, OperatorRequest.SECOND_SIGNATURE})


class TrustDock(Dock):
    """A row for each kind with its switch below, and the reasons why persons overruled the desk.

    Every change is held for six tenths of a second and goes through the engine, which refuses
    what was not earned.
    """

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        theme = context.theme
        self.model: TableModel[TrustPicture] = TableModel(
            _COLUMNS, lambda row: row.kind.value, theme, _tip
        )
        self.table = Blotter(
            self.model, "Trust by kind", "This desk's rulebook lets trust act for nothing."
        )
        self.table.field.hide()
        self.reasons: TableModel[ReasonGiven] = TableModel(
            _REASONS, lambda row: row.sequence, theme
        )
        self.overruled = Blotter(
            self.reasons, "Overruled because", "No person has changed or refused a proposal yet."
        )
        self.level = QComboBox()
        self.switch = HoldButton("Hold to switch", theme)
        self.amount = QLineEdit()
        self.limit = HoldButton("Hold to set", theme)
        self.signatures = QLabel()
        self.signatures.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self._people: PeoplePicture | None = None
        self._heard: int | None = None
        self._read_to, self._is_reading = 0, False
        self._lay_out()
        self._enable()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for model in (self.model, self.reasons):
            model.wear(theme)
        for button in (self.switch, self.limit):
            button.wear(theme)

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show what was earned, and read the reasons once the record has grown."""
        if picture.people != self._people:
            self._people = picture.people
            self.model.show(picture.people.kinds)
            self.signatures.setText(_signatures(picture.people))
            self._enable()
        self._hear(picture)
        ended = picture.outcomes[-1].sequence if picture.outcomes else 0
        if ended != self._read_to and not self._is_reading:
            self._read_to = ended
            self._read()

    def turn(self) -> None:
        """Ask the engine to switch the selected kind to the chosen level."""
        for row in self.table.rows_chosen()[:1]:
            level = self.level.currentData()
            self._admit(TrustSwitched(row.kind, level, self.context.operator))

    def set_limit(self) -> None:
        """Ask the engine for another limit of two signatures; an empty field asks for none."""
        text = self.amount.text().strip()
        amount: Decimal | None = amount_of(text) if text else None
        if text and amount is None:
            self.verdict.setText(
                "This is no amount of dollars above zero, such as 50,000: correct it, or leave "
                "the field empty to ask for one signature only."
            )
            return
        above = None if amount is None else Money(amount)
        self._admit(SecondSignatureSet(above, self.context.operator))

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.table.hidden_columns())}

    def restore(self, kept: dict[str, Any]) -> None:
        self.table.hide_columns(tuple(kept.get("hidden", ())))

    def _admit(self, event: Input) -> None:
        try:
            self.context.bridge.admit(event)
        except RuntimeError as fault:
            self.verdict.setText(str(fault))
            return
        self.verdict.setText("Your wish is with the engine.")

    def _hear(self, picture: DeskSnapshot) -> None:
        """Tell what the engine refused, and forget what it did."""
        about = [one for one in picture.denied if one.event.request in _ABOUT]
        newest = max((one.sequence for one in about), default=0)
        if self._heard is not None and newest > self._heard:
            self.verdict.setText(f"Not changed: {about[-1].event.reason}.")
        self._heard = newest

    def _read(self) -> None:
        from allusedesk.journal.queries.answers import reasons_given

        self._is_reading = True
        self.context.records.ask("Reading the reasons", reasons_given, self._take, self._fail)

    def _take(self, found: tuple[ReasonGiven, ...]) -> None:
        self._is_reading = False
        self.reasons.show(found)

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self.context.notices.warn(sentence)

    def _choose(self) -> None:
        """Offer the levels the selected kind has earned, with the present one chosen."""
        rows = self.table.rows_chosen()
        self.level.clear()
        if len(rows) == 1:
            for level in TrustLevel:
                if level.rank <= rows[0].level.rank:
                    self.level.addItem(_DOES[level], level)
            self.level.setCurrentIndex(max(0, self.level.findData(rows[0].acting)))
        self._enable()

    def _enable(self) -> None:
        is_one = self.level.count() > 0
        self.level.setEnabled(is_one)
        self.switch.setEnabled(is_one)

    def _lay_out(self) -> None:
        self.level.setAccessibleName("How far trust may act for the selected kind")
        self.level.setToolTip("Only levels that the kind has earned are offered")
        self.switch.setAccessibleName("Hold to switch trust")
        self.switch.setToolTip("Switch trust of the selected kind to the level beside")
        self.amount.setAccessibleName("Worst case above which two persons sign")
        self.amount.setPlaceholderText("dollars; empty for one signature")
        self.amount.setToolTip("A looser limit counts once a second, different person sets it too")
        self.limit.setAccessibleName("Hold to set the limit of two signatures")
        self.limit.setToolTip("Set above which worst case a second person has to sign")
        for label, name in (
            (self.signatures, "Who signs"),
            (self.verdict, "What became of your wish"),
        ):
            label.setAccessibleName(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.switch.fired.connect(self.turn)
        self.limit.fired.connect(self.set_limit)
        self.table.chosen.connect(lambda _rows: self._choose())
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self.table)
        halves.addWidget(self.overruled)
        halves.setChildrenCollapsible(False)
        halves.setStretchFactor(0, 2)
        halves.setStretchFactor(1, 1)
        fields = QGridLayout()
        fields.setContentsMargins(6, 2, 6, 4)
        fields.addWidget(QLabel("Selected kind"), 0, 0)
        fields.addWidget(self.level, 0, 1)
        fields.addWidget(self.switch, 0, 2)
        fields.addWidget(QLabel("Two sign above"), 1, 0)
        fields.addWidget(self.amount, 1, 1)
        fields.addWidget(self.limit, 1, 2)
        fields.addWidget(self.signatures, 2, 0, 1, 3)
        fields.addWidget(self.verdict, 3, 0, 1, 3)
        fields.setColumnStretch(1, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(halves, 1)
        rows.addLayout(fields)
        self.put_keyboard_on(self.table)


def _signatures(people: PeoplePicture) -> str:
    above = people.second_above
    text = "One person answers each question, whatever its worst case."
    if above is not None:
        text = (
            f"Two different persons sign what may lose more than {formatting.money(above)} USD; "
            "trust never approves it."
        )
    waiting = people.awaited
    if waiting is not None:
        wanted = "none" if waiting.above is None else f"{formatting.money(waiting.above)} USD"
        text += (
            f" {waiting.operator} wants a looser limit ({wanted}): a second, different person has "
            "to set the same."
        )
    return text


def _tip(row: TrustPicture) -> str:
    return (
        f"{row.approved} approved as proposed, {row.edited} edited, {row.rejected} refused or "
        f"vetoed; {row.measured} results measured"
    )


def _fraction(value: Decimal) -> str:
    return formatting.number(value, 2)


def _acts(row: TrustPicture) -> Tone:
    return Tone.CAUTION if row.acting.rank > 1 else Tone.PLAIN


_COLUMNS: tuple[Column[TrustPicture], ...] = (
    Column("kind", "Kind", lambda r: r.kind.value, is_searched=True),
    Column("level", "Earned", lambda r: r.level.rank, says=lambda r: r.level.value),
    Column(
        "acting",
        "Does",
        lambda r: r.acting.rank,
        says=lambda r: "nothing" if r.acting.rank == 0 else r.acting.value,
        tone=_acts,
        tip="What trust does by itself: never above what was earned, nor above the switch",
    ),
    Column("switch", "Switch", lambda r: r.switch.rank, says=lambda r: _switch(r.switch)),
    Column("score", "Score", lambda r: r.score, _fraction, is_number=True),
    Column("agreement", "Agreement", lambda r: r.agreement, _fraction, is_number=True),
    Column("outcome", "Outcome", lambda r: r.outcome, _fraction, is_number=True),
    Column("decided", "Decided", lambda r: r.decided, is_number=True),
    Column("idle", "Idle weeks", lambda r: r.idle_weeks, is_number=True),
    Column("wanting", "Next level asks for", lambda r: r.wanting, is_roomy=True),
)


def _switch(level: TrustLevel) -> str:
    return "off" if level is TrustLevel.INITIAL else level.value


_REASONS: tuple[Column[ReasonGiven], ...] = (
    Column("at", "New York time", lambda r: r.recorded_at, formatting.moment),
    Column("kind", "Kind", lambda r: r.kind, is_searched=True),
    Column("effect", "Answer", lambda r: r.effect, is_searched=True),
    Column("who", "By", lambda r: r.operator, is_searched=True),
    Column("why", "Reason", lambda r: r.reason or "none given", is_searched=True, is_roomy=True),
)
