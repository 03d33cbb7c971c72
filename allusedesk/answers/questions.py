"""A sentence to a kind of question and what it names, with the question before in mind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allusedesk.answers.answer import Conversation
from allusedesk.answers.intent_model import Guess, IntentModel, IntentReader, learn
from allusedesk.answers.naming import Names, Reading, read_names
from allusedesk.answers.phrase_book import COMMAND, OTHER, PhraseBook
from allusedesk.answers.slots import Slots
from allusedesk.answers.spans import Calendar

# What a phrase that teaches may name; any names do, since they are masked.
_TAUGHT = Names(
    ("F1.gen", "F1.rev", "F1.com", "F2.gen", "F2.rev", "F2.com"),
    ("AAPL", "AMZN", "GOOGL", "IBM", "MSFT"),
)
_TAUGHT_ON = date(2019, 12, 31)
_LEADS = re.compile(
    r"^(?:and|what about|how about|same for|same|also|now|ok|okay|then|but|or)\b[ ,]*"
)
_WHYS = re.compile(
    r"^(?:and |but |so )*(?:why|how come|why so|why is that|why was that|why not)[ ?!.]*$"
)
# Below this an order is too doubtful a reading, and the next best is taken.
_ORDERED = 0.5
# Who asks so wants to know something, and gives no order; "how do I" asks where it is given.
_ASKS = re.compile(
    r"^(?:when|what|why|who|which|did|was|were|is|are|does|how(?! (?:do|can) i\b))\b"
)
_FILLERS = frozenset(
    "and for the in of on at to what about how same also then a is with just only please "
    "accountslot symbolslot daterange percentslot amountslot pointslot numberslot vs".split()
)
_NEAREST = 3
# How much surer a guess must be for each word that nobody knows, and the most that is asked.
_UNKNOWN_COSTS, _SUREST = 0.5, 0.92


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question was taken for; `intent` is empty where nothing is near enough.

    `nearest` are kinds of question it may have meant, likeliest first.
    """

    intent: str
    reading: Reading
    slots: Slots
    nearest: tuple[str, ...]
    probability: float
    is_follow_up: bool = False


class Understanding:
    """Reads questions with one model; `accepted` is the least probability of a kind."""

    def __init__(self, book: PhraseBook, model: IntentModel, accepted: float) -> None:
        self.book = book
        self._reader = IntentReader(model, book.concepts)
        self._accepted = accepted

    def of(self, question: str, names: Names, today: date, before: Conversation) -> Understood:
        """What a question means on a day; `before` is what was asked last."""
        names = self.book.named(names)
        reading = read_names(question, names, Calendar(today, before.slots.span))
        if before.intent:
            follow = self._follow_up(reading, before)
            if follow is not None:
                return follow
        guess = self._reader.guess(reading.masked)
        intent, probability = guess.ranked[0]
        nearest = _nearest(guess)
        if intent == COMMAND and (probability < _ORDERED or _ASKS.match(reading.plain)):
            intent, probability = guess.ranked[1]
        if not reading.masked or probability < self._wanted(guess) or intent == OTHER:
            return Understood("", reading, reading.slots, nearest, probability)
        return Understood(intent, reading, reading.slots, nearest, probability)

    def _wanted(self, guess: Guess) -> float:
        """The least probability; each word that nobody knows makes it higher."""
        return min(self._accepted + guess.unknown * _UNKNOWN_COSTS, _SUREST)

    def _follow_up(self, reading: Reading, before: Conversation) -> Understood | None:
        slots = reading.slots.over(before.slots)
        if _WHYS.match(reading.plain):
            why = self.book.asked_as(before.intent).why or before.intent
            return Understood(why, reading, slots, (), 1.0, is_follow_up=True)
        rest = _LEADS.sub("", reading.masked)
        words = re.findall(r"[a-z']+", rest)
        if words and all(word in _FILLERS for word in words) and not reading.slots.is_empty:
            return Understood(before.intent, reading, slots, (), 1.0, is_follow_up=True)
        if rest == reading.masked:
            return None
        guess = self._reader.guess(rest)
        intent, probability = guess.ranked[0]
        if intent in {OTHER, COMMAND} or probability < self._wanted(guess):
            return None
        # Another question about what was named before, such as "and how much cash?".
        return Understood(intent, reading, slots, _nearest(guess), probability, is_follow_up=True)


def taught(book: PhraseBook) -> tuple[tuple[str, str], ...]:
    """Every phrase of a book, its names masked, with its kind."""
    names, calendar = book.named(_TAUGHT), Calendar(_TAUGHT_ON)
    return tuple(
        (read_names(phrase, names, calendar).masked, one.name)
        for one in book.intents
        for phrase in (*one.phrases, *([one.ask] if one.ask else []))
    )


def model_of(book: PhraseBook) -> IntentModel:
    """The model learnt from a book; takes seconds."""
    return learn(taught(book), book.concepts)


def _nearest(guess: Guess) -> tuple[str, ...]:
    known: Sequence[str] = [name for name, _ in guess.ranked if name not in {OTHER, COMMAND}]
    return tuple(known[:_NEAREST])
