"""Answers about words: what an abbreviation of the trade, or a word of the protocol, means."""

from __future__ import annotations

from allusedesk.answers.answer import Answer
from allusedesk.answers.asking import Asking


def word(asking: Asking) -> Answer:
    """What a word means, as the book of words has it."""
    named = asking.slots.word
    if not named:
        said = (
            "Name one word, such as CSP, DTE or LEAPS. Rules and outcomes have answers of their "
            f"own: {asking.ask_of('rule')} The handbook's page Words has every word of the desk."
        )
        return asking.answer((said,))
    return asking.answer((f"{named}: {asking.meaning_of(named)}",))
