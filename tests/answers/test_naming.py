from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.answers.naming import Names, one_edit, read_names
from allusedesk.answers.slots import Slots
from allusedesk.answers.spans import Calendar

NAMES = Names(
    ("F1.gen", "F1.rev", "F1.com", "F2.gen", "F2.com"),
    ("A", "AAPL", "ALL", "GOOGL", "MSFT"),
    {"apple": "AAPL", "google": "GOOGL GOOG", "alphabet": "GOOGL GOOG", "tesla": "TSLA"},
)


def slots(question: str) -> Slots:
    return read_names(question, NAMES, Calendar(date(2019, 12, 31))).slots


@pytest.mark.parametrize(
    ("question", "accounts"),
    [
        ("how is gen", ("F1.gen", "F2.gen")),
        ("Revenue account", ("F1.rev",)),
        ("F2.gen", ("F2.gen",)),
        ("gen-2", ("F2.gen",)),
        ("f2 gen balance", ("F2.gen",)),
        ("family 2", ("F2.gen", "F2.com")),
        ("gen of F2", ("F2.gen",)),
        ("F9.rev", ("F9.rev",)),
        ("generally speaking", ()),
    ],
)
def test_sleeves_by_tier_family_and_number(question: str, accounts: tuple[str, ...]) -> None:
    assert slots(question).accounts == accounts


@pytest.mark.parametrize(
    ("question", "symbol", "unknown"),
    [
        ("show the AAPL roll", "AAPL", ""),
        ("msft put", "MSFT", ""),
        ("what about Apple?", "AAPL", ""),
        ("alphabet's result", "GOOGL", ""),
        ("gogle profit", "", ""),
        ("googl profit", "GOOGL", ""),
        ("Alphabt result", "GOOGL", ""),
        ("how is TSLA", "", "TSLA"),
        ("how is tesla", "", "TSLA"),
        ("cancel all orders", "", ""),
        ("what did ALL bring", "ALL", ""),
        ("a put", "", ""),
        ("VIX and DTE", "", ""),
    ],
)
def test_symbols_of_the_journal_companies_and_strangers(
    question: str, symbol: str, unknown: str
) -> None:
    found = slots(question)
    assert (found.symbol, found.unknown) == (symbol, unknown)


@pytest.mark.parametrize(
    ("question", "percent"),
    [
        ("what if prices fall 10%", -10),
        ("which positions lose most if VIX rises 20%", 20),
        ("how much do we lose in a 10% crash", -10),
        ("a 5 per cent rally", 5),
        ("-7%", -7),
        ("+7% drop", 7),
        ("down 2.5 pct", Decimal("-2.5")),
        ("loss if the market gains 3%", 3),
        ("what if vix doubles", 100),
    ],
)
def test_per_cents_carry_their_direction(question: str, percent: Decimal) -> None:
    assert slots(question).percent == percent


@pytest.mark.parametrize(
    ("question", "amount"),
    [("deposit $5,000", 5000), ("10k", 10000), ("vix up 15 points", 15), ("$1.5m", 1_500_000)],
)
def test_amounts(question: str, amount: int) -> None:
    assert slots(question).amount == amount


def test_entries_codes_and_rules() -> None:
    assert slots("what is entry 4711").number == 4711
    assert slots("show me #12").number == 12
    assert slots("how often was P-EW").outcome == "P-EW"
    assert slots("c-wap+ weeks").outcome == "C-WAP+"
    assert slots("red weeks").condition == "Red"
    assert slots("green and red weeks").condition == ""


@pytest.mark.parametrize(
    ("question", "masked", "number"),
    [
        ("who approved order 5", "who approved order numberslot", 5),
        ("who approved order no. 17?", "who approved order numberslot ?", 17),
        ("who okayed order #12", "who okayed order numberslot", 12),
        ("who approved order 2019-W16/F1.com/P120/O1", "who approved order numberslot", None),
        ("orders of 2019-08-05", "orders daterange", None),
    ],
)
def test_an_order_is_named_by_number_or_id(question: str, masked: str, number: int | None) -> None:
    found = read_names(question, NAMES, Calendar(date(2019, 12, 31)))
    assert (found.masked, found.slots.number) == (masked, number)
    assert found.slots.accounts == ()


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("what is a CSP?", "CSP"),
        ("whats csps", "CSP"),
        ("what are cc's", "CC"),
        ("what does the word dte mean", "DTE"),
        ("Define 'ITM'", "ITM"),
        ("what does theta stand for", "theta"),
        ("itm?", "ITM"),
        ("theta?", ""),
        # The figure is asked for, not the word.
        ("what is theta", ""),
        ("what is the csp on aapl", ""),
        ("how many csps are open", ""),
        ("what does it mean", ""),
    ],
)
def test_a_word_is_asked_for_by_name(question: str, word: str) -> None:
    words = {"csp": "CSP", "cc": "CC", "dte": "DTE", "itm": "ITM", "theta": "theta"}
    names = replace(NAMES, words=words, figures=frozenset({"theta"}))
    found = read_names(question, names, Calendar(date(2019, 12, 31)))
    assert found.slots.word == word
    assert ("wordslot" in found.masked) == bool(word)


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("how many CSPs are open", "how many puts are open"),
        ("any CCs on msft", "any covered calls on msft"),
        ("p/l ytd", "pnl ytd"),
        ("dte of our puts", "days to expiry of our puts"),
        ("cclear", "cclear"),
    ],
)
def test_abbreviations_are_read_as_what_they_stand_for(question: str, plain: str) -> None:
    assert read_names(question, NAMES, Calendar(date(2019, 12, 31))).plain == plain
    held = replace(NAMES, symbols=("CC",))
    assert read_names("result of CC", held, Calendar(date(2019, 12, 31))).slots.symbol == "CC"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    read_names(text, NAMES, Calendar(date(2019, 12, 31)))


@given(st.text("abc", min_size=1, max_size=6), st.data())
def test_one_edit_is_one_letter_added_left_out_changed_or_swapped(
    word: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    assert one_edit(word, word)
    assert one_edit(word, word[:place] + word[place + 1 :])
    assert one_edit(word, word[:place] + "x" + word[place:])
    assert one_edit(word, word[:place] + "x" + word[place + 1 :])
    assert not one_edit(word, "xx" + word)
