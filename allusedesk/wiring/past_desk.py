"""A past moment of a desk, re-opened from its record to be looked at and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from allusedesk.domain.arming import ArmingEvidence
from allusedesk.domain.inputs import Input, OperatorDecided
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.quotes import Quote
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.clock import SteeredClock
from allusedesk.engine.fold import fold
from allusedesk.engine.snapshot import DeskSnapshot, picture
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import StateUnreadable, read_state
from allusedesk.journal.store import JournalReader
from allusedesk.wiring.screen_looks import ScreenLooks

_Answer = TypeVar("_Answer")

# How many entries are folded between two looks at whether somebody wants it stopped.
_TELL_EVERY = 1_000


class PastDesk:
    """One picture that never changes, where a screen expects an engine.

    It hears nobody: whatever is said to it is refused in a sentence.
    """

    fault: BaseException | None = None
    is_over = False
    clock = None
    looks: ScreenLooks | None = None

    def __init__(self, sequence: int, picture_then: DeskSnapshot) -> None:
        self.sequence = sequence
        self.latest: DeskSnapshot | None = picture_then

    @property
    def beats(self) -> int:
        """Always the same: nothing beats in the past, and nobody waits for it to."""
        return 0

    def admit(self, _event: Input) -> None:
        """Refuse: the past cannot be changed. Raises RuntimeError."""
        raise RuntimeError(
            f"This window shows the past (entry {self.sequence}), which nobody can change: decide "
            "in the desk's own window."
        )

    def ask(self, question: Callable[[], _Answer]) -> Future[_Answer]:
        """Answer a question that needs no engine."""
        answer: Future[_Answer] = Future()
        try:
            answer.set_result(question())
        except Exception as fault:  # noqa: BLE001 - handed to whoever asked
            answer.set_exception(fault)
        return answer

    def consult(
        self, _question: Callable[[DeskState, ScreenLooks, datetime], _Answer]
    ) -> Future[_Answer]:
        """No market: what was seen then stands in the record, and nothing else is known."""
        answer: Future[_Answer] = Future()
        answer.set_exception(RuntimeError("The past has no market to look at any more."))
        return answer

    def vitals(self) -> None:
        """Nothing runs, so nothing is counted."""
        return

    def steer(self, _change: Callable[[SteeredClock], None]) -> None:
        """Its time has passed, so there is no pace to change. Raises RuntimeError."""
        raise RuntimeError("This window shows the past: steer time in the desk's own window.")

    def evidence(self, *, is_unlocked: bool) -> ArmingEvidence:  # noqa: ARG002 - as of an engine
        """Nothing of the past is armed. Raises RuntimeError."""
        raise RuntimeError("This window shows the past: arm the desk in its own window.")

    def ask_to_stop(self) -> None:
        """Nothing runs, so nothing has to stop."""


def reopen(
    journal: Path, sequence: int, tell: Callable[[float], bool] = lambda _: False
) -> DeskSnapshot | None:
    """The picture right after an entry, with the quotes the record knew by then.

    For a person's answer it is the picture that was answered: the state and the quotes of the
    card that was seen. `tell` hears the fraction done and returns True to stop; then there is no
    picture. Raises JournalFault where the journal cannot be read and ValueError where it has no
    such entry.
    """
    with JournalReader.open(journal) as reader:
        head = reader.head()[0]
        if not 1 <= sequence <= head:
            raise ValueError(f"{journal.name} has entries 1 to {head}, none numbered {sequence}.")
        chosen = next(iter(reader.read(sequence, sequence)))
        event = chosen.event
        seen = event.seen if isinstance(event, OperatorDecided) else None
        last, at = (sequence, chosen.recorded_at) if seen is None else (seen.sequence, seen.seen_at)
        state, first = state_before(reader, last)
        for entry in reader.read(first, last):
            state = fold(state, entry)
            if entry.sequence % _TELL_EVERY == 0 and tell(entry.sequence / last):
                return None
    quotes = {quote.instrument: quote for quote in (() if seen is None else seen.quotes)}

    def quoted(instrument: Instrument) -> Quote | None:
        return quotes.get(instrument, state.marks.get(instrument))

    cards = CardRack().cards(state, at, quoted)
    return picture(state, at, quoted, cards)


def state_before(reader: JournalReader, sequence: int) -> tuple[DeskState, int]:
    """The latest kept state that is not after the entry, else the beginning; and what to fold."""
    kept = reader.latest_snapshot()
    if kept is not None and kept.sequence <= sequence:
        try:
            return read_state(kept.body), kept.sequence + 1
        except StateUnreadable:
            pass
    return DeskState(), 1


def state_after(reader: JournalReader) -> DeskState:
    """The desk as it stands after a journal's last entry."""
    head = reader.head()[0]
    state, first = state_before(reader, head)
    for entry in reader.read(first, head):
        state = fold(state, entry)
    return state
