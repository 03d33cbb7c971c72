"""Who answers a question: a second person where two have to sign, and what trust will do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.lock import DeskLock
from allusedesk.desk.theme import Theme
from allusedesk.domain.trust import ProposalSigned, is_person, is_same_person

if TYPE_CHECKING:
    from allusedesk.engine.card_people import CardPeople


class SigningPanel(QWidget):
    """Says who has signed and what trust would do; asks the second person for a name.

    Where the desk has a passphrase the second person types it too. `changed` comes with each
    letter. The panel hides where one person answers and trust has nothing to say.
    """

    changed = Signal()

    def __init__(self, lock: DeskLock, theme: Theme) -> None:
        super().__init__()
        self._lock = lock
        self.people: CardPeople | None = None
        self.told = QLabel()
        self.told.setAccessibleName("Who signs, and what trust does")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        font = self.told.font()
        font.setBold(True)
        self.told.setFont(font)
        self.caption = QLabel("Signs second")
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the second person")
        self.name.setPlaceholderText("name of the second person")
        self.name.setToolTip("Who signs second; it must be another person than the first")
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setAccessibleName("Passphrase of the desk")
        self.passphrase.setPlaceholderText("passphrase of the desk")
        self.passphrase.setToolTip("The second person types the passphrase of this desk")
        for field in (self.name, self.passphrase):
            field.textChanged.connect(self.changed)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.told)
        row = QHBoxLayout()
        row.addWidget(self.caption)
        row.addWidget(self.name, 1)
        row.addWidget(self.passphrase, 1)
        rows.addLayout(row)
        self.wear(theme)
        self.hide()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        palette = self.told.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.caution)
        self.told.setPalette(palette)

    @property
    def is_second(self) -> bool:
        """True once a first person has signed."""
        return self.people is not None and self.people.signed is not None

    @property
    def countersigns(self) -> str:
        """The digest of what was signed first; empty where nothing was."""
        signed = self.people.signed if self.people is not None else None
        return "" if signed is None else signed.seen.digest

    def show_people(self, people: CardPeople, now: datetime | None) -> ProposalSigned | None:
        """Show who signs, with the time left to say no; a first signature is given back once."""
        was_second, self.people = self.is_second, people
        text = people_words(people, now)
        self.told.setText(text)
        for field in (self.caption, self.name):
            field.setVisible(self.is_second)
        self.passphrase.setVisible(self.is_second and self._lock.passphrase.is_set)
        self.setVisible(bool(text))
        return None if was_second else people.signed

    def signer(self, operator: str) -> str:
        """Who answers: the second person once one is asked for, else the desk's own operator."""
        return " ".join(self.name.text().split()) if self.is_second else operator

    def obstacle(self) -> str:
        """Why the second person cannot sign yet; empty where one can, or none is asked for."""
        signed = self.people.signed if self.people is not None else None
        if signed is None:
            return ""
        name = self.signer("")
        if not is_person(name):
            return f"{signed.operator} has signed. The second person types a name to sign."
        if is_same_person(name, signed.operator):
            return f"{signed.operator} has signed already: a different person has to sign now."
        if self._lock.passphrase.is_set and not self.passphrase.text():
            return "The second person types the passphrase of this desk to sign."
        return ""

    def is_proven(self) -> bool:
        """Check the passphrase, where the desk has one; a wrong one is taken out of the field."""
        if not self.is_second or not self._lock.passphrase.is_set:
            return True
        is_right = self._lock.verify(self.passphrase.text())
        self.passphrase.clear()
        return is_right


def people_words(people: CardPeople, now: datetime | None) -> str:
    """Who signs and what trust does, as sentences; empty where one person answers as ever."""
    lines = []
    if people.signed is not None:
        signed = people.signed
        size = "" if signed.quantity is None else f", for {signed.quantity} only"
        limit = "" if signed.limit is None else f", at {formatting.price(signed.limit)}"
        lines.append(
            f"NEEDS A SECOND SIGNATURE: {signed.operator} signed at "
            f"{formatting.clock(signed.signed_at)}{size}{limit}; a different person signs the same."
        )
    elif people.needs_second:
        above = formatting.money(people.second_above)
        lines.append(f"NEEDS A SECOND SIGNATURE: its worst case is above {above} USD.")
    if people.announced is not None:
        lines.append(announced_words(people, now))
    elif people.is_pre_ticked:
        score = formatting.number(people.score, 2)
        lines.append(
            f"PRE-TICKED ☑ trust at level {people.level.value}, score {score}, would approve; "
            "you decide, and nothing is approved unless you hold."
        )
    return "\n".join(lines)


def announced_words(people: CardPeople, now: datetime | None) -> str:
    """`will be approved at hh:mm unless you say no`, with the time left to say so."""
    told = people.announced
    if told is None:
        return ""
    left = "" if now is None else f" ({formatting.span(told.acts_at - now)} left)"
    return (
        f"WILL BE APPROVED at {formatting.clock(told.acts_at)} unless you say no{left}: trust at "
        f"level {told.level.value}. R rejects."
    )
