"""What is understood: phrasings no phrase was written from, orders, and nonsense."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allusedesk.answers.answer import Conversation
from allusedesk.answers.catalogue import REPLIES
from allusedesk.answers.naming import Names, read_names
from allusedesk.answers.phrase_book import COMMAND, OTHER
from allusedesk.answers.questions import Understanding, Understood, model_of, taught
from allusedesk.answers.slots import Slots
from allusedesk.answers.spans import Calendar
from allusedesk.wiring.answering import phrase_book, understanding

TODAY = date(2019, 12, 31)
NAMES = Names(
    ("F1.gen", "F1.rev", "F1.com", "F2.gen", "F2.com"), ("AAPL", "AMZN", "GOOGL", "MSFT", "SPY")
)
HELD_OUT: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "phrasings.toml").read_text(encoding="utf-8")
)
PHRASINGS: dict[str, list[str]] = HELD_OUT["phrasings"]
NONSENSE: list[str] = HELD_OUT["nonsense"]["phrases"]


def understood(question: str, before: Conversation | None = None) -> Understood:
    return understanding().of(question, NAMES, TODAY, before or Conversation())


def masked(question: str) -> str:
    names = replace(NAMES, companies=phrase_book().companies)
    return read_names(question, names, Calendar(TODAY)).masked


def letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def test_every_question_that_ships_has_its_answer_and_no_answer_is_without_one() -> None:
    names = {one.name for one in phrase_book().intents} - {COMMAND, OTHER}
    assert names == set(REPLIES)
    assert len(names) >= 40
    assert {one.why for one in phrase_book().intents} - {""} <= names


def test_the_model_that_ships_was_learnt_from_the_phrases_that_ship() -> None:
    from allusedesk.answers.model_file import read_model
    from allusedesk.resource_files import resource_path

    model = read_model((resource_path("answers") / "model.npz").read_bytes(), phrase_book().digest)
    assert set(model.intents) == {one.name for one in phrase_book().intents}


def test_no_phrasing_held_out_is_one_that_was_taught() -> None:
    known = {letters(phrase) for one in phrase_book().intents for phrase in (*one.phrases, one.ask)}
    shapes = {letters(shape) for shape, _ in taught(phrase_book())}
    everything = [*NONSENSE, *(one for found in PHRASINGS.values() for one in found)]
    assert [one for one in everything if letters(one) in known] == []
    assert [one for one in everything if letters(masked(one)) in shapes and letters(one)] == []
    assert len(everything) == len(set(everything))


def test_ten_phrasings_of_each_question_are_understood() -> None:
    """Of 806 held out, 98 % were understood as meant when this was written; 1 % not at all."""
    assert set(PHRASINGS) == {*REPLIES, COMMAND}
    assert min(len(found) for found in PHRASINGS.values()) >= 10
    wrong = {
        phrase: (intent, found)
        for intent, phrases in PHRASINGS.items()
        for phrase in phrases
        if (found := understood(phrase).intent) != intent
    }
    share = 1 - len(wrong) / sum(map(len, PHRASINGS.values()))
    print(f"understood: {share:.1%}; wrong: {wrong}")
    assert share >= 0.95
    of_each = {
        intent: sum(1 for phrase in phrases if phrase not in wrong)
        for intent, phrases in PHRASINGS.items()
    }
    assert {intent for intent, count in of_each.items() if count < 7} == set()


def test_nonsense_is_seldom_answered() -> None:
    """Of 40 sentences that ask nothing of this desk, 1 was answered when this was written."""
    answered = [one for one in NONSENSE if understood(one).intent in REPLIES]
    print(f"answered: {len(answered) / len(NONSENSE):.1%}; {answered}")
    assert len(answered) / len(NONSENSE) <= 0.1


def test_an_order_to_trade_is_never_taken_for_a_wish_to_be_carried_out() -> None:
    found = {phrase: understood(phrase).intent for phrase in PHRASINGS[COMMAND]}
    assert sum(1 for intent in found.values() if intent == COMMAND) >= 18


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("comissions this year", "commissions"),
        ("drawdwon of gen", "drawdown"),
        ("whats the max drawdwn", "drawdown"),
        ("dividnds", "dividends"),
        ("assignmnts in gen", "assignments"),
        ("open postions", "positions"),
    ],
)
def test_a_letter_wrong_is_no_other_question(question: str, intent: str) -> None:
    assert understood(question).intent == intent


def said(*questions: str) -> Understood:
    before, found = Conversation(), understood("help")
    for question in questions:
        found = understood(question, before)
        before = Conversation(found.intent, found.slots)
    return found


def test_a_follow_up_carries_what_was_asked_before() -> None:
    found = said("how did gen do last week", "and for rev?")
    assert (found.intent, found.slots.accounts) == ("result", ("F1.rev",))
    assert found.slots.span is not None
    assert found.slots.span.words == "week 2019-W52"
    found = said("how did gen do last week", "and for rev?", "and the week before?")
    assert found.slots.accounts == ("F1.rev",)
    assert found.slots.span is not None
    assert found.slots.span.words == "week 2019-W51"


def test_why_asks_for_the_reason_of_the_last_answer() -> None:
    assert said("how did gen do last week", "why?").intent == "week_outcomes"
    assert said("how much cash in rev", "why?").intent == "cash"


def test_another_question_after_and_keeps_the_names() -> None:
    found = said("balance of rev", "and how much cash is free?")
    assert (found.intent, found.slots.accounts) == ("cash", ("F1.rev",))


def test_a_question_of_its_own_carries_nothing() -> None:
    assert said("how did gen do last week", "which positions are open").slots == Slots()


@pytest.mark.parametrize(
    "question",
    [
        "",
        " \t\n ",
        "???",
        "\N{GRINNING FACE}\N{ROCKET}",
        "\N{CJK UNIFIED IDEOGRAPH-4F60}\N{CJK UNIFIED IDEOGRAPH-597D}",
        "\x00\x1b[31m",
        "\ud800",
        "a" * 10_000_000,
        "in " * 100_000,
        "from " * 1_000 + "to",
        "9" * 400,
        "$" * 400,
        "31 june 2019",
        "week 99",
        "last 999 years",
        "999 weeks ago",
    ],
)
def test_no_question_is_too_strange_to_be_read(question: str) -> None:
    assert understood(question).intent in {"", COMMAND, *REPLIES}


@pytest.mark.long
def test_the_same_phrases_teach_the_same() -> None:
    book = phrase_book()
    learnt = Understanding(book, model_of(book), 0.3)
    for phrases in PHRASINGS.values():
        for phrase in phrases[:3]:
            mine = learnt.of(phrase, NAMES, TODAY, Conversation())
            assert mine.intent == understood(phrase).intent
