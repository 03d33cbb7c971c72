"""What was seen against what is: the band on both sides, exact lots, and edits within the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.approvals.as_seen import Terms, departure_from, price_band, unanswerable
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money, Price
from allusedesk.domain.terms import LotSeen, TermsSeen
from tests.trading import NOON, buy, classic, price, proposal, put, quote, sell

WANTED = proposal(sell(put()), quantity=4)
MARGIN = Money(Decimal(1_000))
LOTS = (LotSeen(PositionId("lot"), -2),)
SEEN = TermsSeen("d", 7, NOON, price("2.00"), 4, MARGIN, LOTS, (quote(put()),))
NOW = Terms(price("2.00"), MARGIN, LOTS)
YES = OperatorDecided(WANTED.id, Answer.APPROVE, "anna", seen=SEEN)


def departed(now: Terms) -> str | None:
    found = departure_from(SEEN, now, WANTED, classic())
    return None if found is None else found.rule


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ("1.90", None),
        ("2.10", None),
        ("1.8999", "seen.price"),
        ("2.1001", "seen.price"),
    ],
)
def test_a_price_may_move_by_five_percent_either_way(stands: str, expected: str | None) -> None:
    assert departed(replace(NOW, price=price(stands))) == expected


def test_a_price_that_is_gone_has_left_the_band() -> None:
    assert departed(replace(NOW, price=None)) == "seen.price"


def test_below_a_tick_the_tick_is_the_band() -> None:
    band = price_band(WANTED, price("0.05"), classic())
    assert (band.lowest, band.highest) == (Decimal("0.04"), Decimal("0.06"))


@pytest.mark.parametrize(("margin", "expected"), [("1050", None), ("1050.01", "seen.margin")])
def test_margin_has_the_same_band(margin: str, expected: str | None) -> None:
    assert departed(replace(NOW, margin=Money(Decimal(margin)))) == expected


@pytest.mark.parametrize("lots", [(), (LotSeen(PositionId("lot"), -1),), (*LOTS, *LOTS)])
def test_lots_count_exactly(lots: tuple[LotSeen, ...]) -> None:
    assert departed(replace(NOW, lots=lots)) == "seen.position"


@given(st.decimals("-50", "50", places=2), st.decimals("-50", "50", places=2))
def test_the_band_is_even_on_both_sides(seen: Decimal, moved: Decimal) -> None:
    band = price_band(WANTED, Price(seen), classic())
    assert band.holds(seen)
    assert band.holds(seen + moved) == band.holds(seen - moved)


def test_thirty_seconds_are_fresh_and_more_are_not() -> None:
    at_limit = NOON + timedelta(seconds=30)
    assert unanswerable(YES, WANTED, at_limit, classic()) == ""
    late = unanswerable(YES, WANTED, at_limit + timedelta(seconds=1), classic())
    assert "31 seconds old, more than 30" in late


def test_a_close_alone_never_waits_for_fresh_quotes() -> None:
    close = proposal(buy(put(), closes=PositionId("lot")), quantity=4)
    assert unanswerable(YES, close, NOON + timedelta(hours=1), classic()) == ""


def test_a_card_without_a_quote_of_a_leg_is_no_evidence() -> None:
    bare = replace(YES, seen=replace(SEEN, quotes=()))
    assert "had no quote" in unanswerable(bare, WANTED, NOON, classic())


@pytest.mark.parametrize(
    ("quantity", "limit", "says"),
    [
        (4, None, ""),
        (1, "1.90", ""),
        (None, "2.10", ""),
        (5, None, "not between 1 and the 4"),
        (0, None, "not between 1 and the 4"),
        (None, "1.89", "outside 1.9 to 2.1"),
        (None, "2.11", "outside 1.9 to 2.1"),
    ],
)
def test_an_edit_is_smaller_and_within_the_band(
    quantity: int | None, limit: str | None, says: str
) -> None:
    edited = replace(YES, quantity=quantity, limit=None if limit is None else price(limit))
    found = unanswerable(edited, WANTED, NOON, classic())
    assert found == "" if not says else says in found


def test_a_limit_never_goes_beyond_where_the_rule_ends() -> None:
    roll = replace(WANTED, credit_least=price("1.95"))
    edited = replace(YES, limit=price("1.92"))
    assert "where its rule ends" in unanswerable(edited, roll, NOON, classic())


def test_a_fork_has_no_limit_to_change() -> None:
    fork = proposal(quantity=4, credit_net=None)
    edited = replace(YES, seen=replace(SEEN, quotes=()), limit=price("1.92"))
    assert "no limit to change" in unanswerable(edited, fork, NOON, classic())


def test_a_price_that_nobody_saw_cannot_have_moved() -> None:
    seen = replace(SEEN, price=None)
    assert departure_from(seen, replace(NOW, price=price("9")), WANTED, classic()) is None
    edited = replace(YES, seen=replace(seen, price=None), limit=price("1.95"))
    assert unanswerable(edited, WANTED, NOON, classic()) == ""


@pytest.mark.parametrize(
    "changes",
    [{"quantity": 3}, {"seen_at": NOON + timedelta(seconds=1)}, {"seen_at": NOON - timedelta(1)}],
)
def test_a_card_of_another_question_or_time_binds_nothing(changes: dict[str, Any]) -> None:
    other = replace(YES, seen=replace(SEEN, **changes))
    assert "not this question's" in unanswerable(other, WANTED, NOON, classic())


def test_an_answer_that_shows_nothing_is_enough_on_paper_alone() -> None:
    bare = replace(YES, seen=None)
    assert unanswerable(bare, WANTED, NOON, classic()) == ""
    assert "what was seen" in unanswerable(bare, WANTED, NOON, classic(), must_show=True)
