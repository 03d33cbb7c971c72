"""From a question to its answer; what is not understood, not on record, or an order is said so."""

from __future__ import annotations

import re
from dataclasses import replace

from allusedesk.answers.answer import Answer, Conversation, Sentence, Standing
from allusedesk.answers.asking import Asking, RiskEngines
from allusedesk.answers.catalogue import REPLIES
from allusedesk.answers.naming import LETTERS_MAX, Names
from allusedesk.answers.phrase_book import COMMAND, PhraseBook
from allusedesk.answers.phrasing import NEW_YORK
from allusedesk.answers.questions import Understanding, Understood
from allusedesk.journal.queries.asked import last_instant, symbols_seen
from allusedesk.journal.queries.record import sleeves
from allusedesk.journal.read_side import ReadSide

_OFFERED = 3
_ENDS = re.compile(r"[;?!\n]+|\.\s+|\.$")
_EMPTY = "Ask a question in plain English."
_CANNOT = (
    "Nothing said here can trade, approve or change anything. In the desk's window proposals are "
    "answered in Approvals, orders are changed in Orders, and the kill switch in the strip stops "
    "everything."
)


def answer(
    question: str,
    conversation: Conversation,
    side: ReadSide,
    understanding: Understanding,
    risk: RiskEngines,
) -> tuple[Answer, Conversation]:
    """The answer from the record, and the conversation as it goes on.

    Raises JournalFault where the record cannot be read.
    """
    now = last_instant(side)
    if now is None:
        said = (Sentence(("This journal has no entry yet, so there is nothing to ask it.",)),)
        return Answer(question, Standing.NOTHING, said), conversation
    if not question.strip():
        return _unknown(question, (), understanding.book, _EMPTY), conversation
    if len(question) > LETTERS_MAX:
        long = f"That is too long to be a question: ask in at most {LETTERS_MAX} letters."
        return _unknown(question[:LETTERS_MAX], (), understanding.book, long), conversation
    today = now.astimezone(NEW_YORK).date()
    opened = sleeves(side)
    names = Names(tuple(one.account for one in opened), symbols_seen(side))
    meant = understanding.of(question, names, today, conversation)
    if meant.intent not in REPLIES and meant.intent != COMMAND:
        return _unknown(question, meant.nearest, understanding.book), conversation
    if meant.intent == COMMAND:
        said = (Sentence((_CANNOT,)),)
        return Answer(question, Standing.COMMAND, said, COMMAND), conversation
    slots = meant.slots
    asking = Asking(
        side=side,
        question=question,
        plain=meant.reading.plain,
        slots=slots,
        intent=meant.intent,
        now=now,
        today=today,
        first=opened[0].opened_on if opened else today,
        risk=risk,
        offers=_offers(meant, understanding.book),
        ask_of=lambda name: understanding.book.asked_as(name).ask,
        meaning_of=lambda word: understanding.book.words[word].meaning,
    )
    goes_on = Conversation(meant.intent, slots)
    if slots.unknown:
        traded = ", ".join(names.symbols)
        about = f"{slots.unknown} is not on record: this desk knows {traded}."
        return asking.nothing(about), goes_on
    strangers = [one for one in slots.accounts if one not in names.accounts]
    if strangers:
        known = ", ".join(names.accounts)
        return asking.nothing(f"There is no sleeve {strangers[0]} here, only {known}."), goes_on
    found = REPLIES[meant.intent](asking)
    if found.focus is not None:
        goes_on = Conversation(meant.intent, replace(slots, span=found.focus))
    if any(
        understanding.of(part, names, today, Conversation()).intent == COMMAND
        for part in _parts(question)
    ):
        # What was answered beside it must not be taken for an order that was heard.
        found = replace(found, sentences=(Sentence((_CANNOT,)), *found.sentences))
    return found, goes_on


def _parts(question: str) -> list[str]:
    """The sentences of a question that has several; none where it is one."""
    parts = [part for part in _ENDS.split(question) if part.strip()]
    return parts if len(parts) > 1 else []


def _offers(meant: Understood, book: PhraseBook) -> tuple[str, ...]:
    """Questions of the same kind, those behind it in the book first."""
    asked = book.asked_as(meant.intent)
    near = [one for one in book.intents if one.theme == asked.theme and one.ask]
    place = near.index(asked)
    return tuple(one.ask for one in (*near[place + 1 :], *near[:place])[:_OFFERED])


def _unknown(question: str, nearest: tuple[str, ...], book: PhraseBook, why: str = "") -> Answer:
    asks = tuple(book.asked_as(name).ask for name in nearest)
    said = why or "I don't know."
    if asks:
        said += f" The nearest I can answer: {' '.join(asks)}"
    else:
        said += ' "What can I ask?" lists what I can answer.'
    return Answer(question, Standing.UNKNOWN, (Sentence((said,)),), follow_ups=asks)
