"""An answer as a value: sentences whose figures name the entries they rest on, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from allusedesk.answers.slots import Slots, Span


class Nature(Enum):
    """Where a figure comes from."""

    MEASURED = "measured"
    MODELLED = "modelled"
    ESTIMATE = "estimate"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is shown, the entries it rests on, and where it comes from.

    A figure of the rulebook's own text or of a model may rest on no entry of its own.
    """

    text: str
    entries: tuple[int, ...] = ()
    nature: Nature = Nature.MEASURED


Part = str | Figure


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and figures in the order they are read."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence with what is not measured said so behind it."""
        shown = "".join(part if isinstance(part, str) else part.text for part in self.parts)
        natures = dict.fromkeys(
            part.nature.value
            for part in self.parts
            if isinstance(part, Figure) and part.nature is not Nature.MEASURED
        )
        return f"{shown} [{', '.join(natures)}]" if natures else shown

    @property
    def entries(self) -> tuple[int, ...]:
        return entries_of(self.parts)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words and figures below their titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Part, ...], ...]


class Standing(Enum):
    """What became of a question."""

    ANSWERED = "answered"
    NOTHING = "nothing on record"
    UNKNOWN = "not understood"
    COMMAND = "cannot trade"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question; `follow_ups` are questions that can be asked next.

    `intent` is what it was understood as, empty where it was not; `about` says in words which
    part of the record was looked at, and `focus` the days it came down to, which "why?" goes on
    from.
    """

    question: str
    standing: Standing
    sentences: tuple[Sentence, ...]
    intent: str = ""
    about: str = ""
    table: Table | None = None
    follow_ups: tuple[str, ...] = ()
    focus: Span | None = None

    @property
    def text(self) -> str:
        """Every sentence, one to a line."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @property
    def entries(self) -> tuple[int, ...]:
        """Every entry the answer cites, once each, in the order it is first cited."""
        rows = self.table.rows if self.table is not None else ()
        cited = [*(one.entries for one in self.sentences), *(entries_of(row) for row in rows)]
        return tuple(dict.fromkeys(entry for found in cited for entry in found))


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked last, so that "and for Rev?" is understood; begins empty."""

    intent: str = ""
    slots: Slots = field(default_factory=Slots)


def entries_of(parts: Sequence[Part]) -> tuple[int, ...]:
    """The entries that parts cite, in order, once each."""
    cited = (part.entries for part in parts if isinstance(part, Figure))
    return tuple(dict.fromkeys(entry for found in cited for entry in found))
