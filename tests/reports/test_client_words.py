from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.reports.client.stories import OptionStory, ShareStep, StoryEnd
from allusedesk.reports.client.words import (
    dollars,
    gained,
    joined,
    per_cent,
    share_step_in_words,
    story_in_words,
    times,
)

OPENED = date(2024, 3, 4)
_CENTS = st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2)


def usd(amount: str | int | Decimal) -> Money:
    return Money(Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("312", "$312"), ("-1133.5", "$1,133.50"), ("0", "$0"), ("0.004", "$0")],
)
def test_dollars_leave_out_cents_that_are_none(amount: str, text: str) -> None:
    assert dollars(usd(amount)) == text


def test_gains_losses_and_neither() -> None:
    assert gained(usd(5)) == "gained $5"
    assert gained(usd(-5)) == "lost $5"
    assert gained(usd("0.001")) == "neither gained nor lost anything"


def test_small_counts_and_shares_have_words_of_their_own() -> None:
    assert [times(count) for count in (1, 2, 1000)] == ["once", "twice", "1,000 times"]
    assert [per_cent(Decimal(one)) for one in ("0", "-0.015", "0.00001")] == [
        "0.00%",
        "1.50%",
        "less than 0.01%",
    ]


def test_lists_are_joined_as_people_do() -> None:
    assert [joined(["a", "b", "c"][:count]) for count in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@st.composite
def stories(draw: st.DrawFn) -> tuple[OptionStory, dict[tuple[str, date], Price]]:
    """Any option, with any end that its kind can have."""
    symbol = draw(st.sampled_from(("MSFT", "XSP")))
    is_short, right = draw(st.booleans()), draw(st.sampled_from(Right))
    expiry = OPENED + timedelta(days=draw(st.integers(1, 500)))
    strike = draw(_CENTS)
    multiplier = draw(st.sampled_from((1, 10, 100))) if symbol == "MSFT" else 100
    contract = OptionContract(symbol, expiry, right, strike, multiplier)
    quantity = draw(st.integers(1, 50))
    ended = draw(st.integers(0, quantity))
    hows = ("fill", "expiry", "settlement" if symbol == "XSP" else "assignment")
    gain = draw(st.decimals(Decimal(-9999), Decimal(9999), places=2))
    on = draw(st.sampled_from((expiry, expiry - timedelta(days=1), expiry + timedelta(days=3))))
    end = StoryEnd(
        on,
        draw(st.sampled_from(hows)),
        ended,
        usd(draw(_CENTS)),
        usd(gain),
        is_replaced=draw(st.booleans()),
    )
    story = OptionStory(
        PositionId("L"),
        "F1.rev",
        contract,
        is_short=is_short,
        opened_on=OPENED,
        is_carried_in=draw(st.booleans()),
        quantity=quantity,
        premium=usd(draw(_CENTS)),
        ends=(end,) if ended else (),
        left=quantity - ended,
        was_split=draw(st.booleans()),
    )
    closes = {(symbol, expiry): Price(draw(_CENTS))} if draw(st.booleans()) else {}
    return story, closes


@given(stories())
def test_every_story_is_whole_sentences(
    told: tuple[OptionStory, dict[tuple[str, date], Price]],
) -> None:
    story, closes = told
    text = story_in_words(story, closes)
    assert text.endswith((".", "What comes next.", "What you have now."))
    assert not re.search(r"\b1 shares\b|  |\$[^\d]|None|\b1 share of \S+ at \S+ each", text)
    assert re.search(r"^(On|From before: on) \d", text)
    assert all(sentence[0].isupper() for sentence in re.split(r"(?<=[a-z]\.) ", text))
    assert dollars(story.premium) in text
    assert ("see What comes next" in text) is bool(story.left and story.is_short)
    # Where the price is told as a reason, it stands on the side that gives one.
    reason = re.search(r"(above|below) \$?[\d,.]+, so", text)
    if reason and closes:
        (price,) = closes.values()
        assert (reason[1] == "above") is (price.per_unit > story.contract.strike)


@given(
    st.integers(-200, 200).filter(bool),
    st.sampled_from(("fill", "assignment", "split")),
    _CENTS,
    st.decimals(Decimal(-999), Decimal(999), places=2),
)
def test_every_step_of_shares_is_one_sentence(
    units: int, how: str, paid: Decimal, gain: Decimal
) -> None:
    amount = usd(-paid if units > 0 else paid)
    step = ShareStep(1, OPENED, how, "F1.rev", "MSFT", units, amount, amount - usd(gain), usd(gain))
    text = share_step_in_words(step)
    assert text.endswith(".")
    assert not re.search(r"\b1 (more |fewer )?shares\b|\$[^\d]|  |each\) each", text)
