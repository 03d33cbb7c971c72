from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.week_classification import (
    classify_idle,
    classify_put,
    classify_rolled,
    classify_shares,
    label_week,
    outcome_action,
)
from tests.protocol.examples import D, classic, price

CENT = D("0.01")


@pytest.mark.parametrize(
    ("shown", "rolls", "code"),
    [
        ("100.01", False, "P-EW"), ("100", False, "P-EW"), ("100", True, "P-EW"),
        ("99.99", False, "P-AWL"), ("95", True, "P-AWL"), ("95", False, "P-AWL"),
        ("94.99", True, "P-RO"), ("94.99", False, "P-AOL"),
        ("85", True, "P-RO"), ("85", False, "P-AOL"),
        ("84.99", True, "P-DD"), ("84.99", False, "P-DD"), ("0", True, "P-DD"),
    ],
)  # fmt: skip
def test_puts_at_and_beside_each_boundary(shown: str, rolls: bool, code: str) -> None:
    verdict = classify_put(D(100), D(shown), roll_available=rolls, rulebook=classic())
    assert verdict.verdict == code
    assert verdict.rule == f"outcome.{code}"


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("105.01", "C-WAP+"), ("105", "C-WAP"), ("100.01", "C-WAP"),
        ("100", "C-PNO"), ("95", "C-PNO"),
        ("94.99", "C-RO"), ("90", "C-RO"),
        ("89.99", "C-REC"), ("85", "C-REC"),
        ("84.99", "P-DD"),
    ],
)  # fmt: skip
def test_shares_at_and_beside_each_boundary(shown: str, code: str) -> None:
    assert classify_shares(D(100), D(shown), classic()).verdict == code


@pytest.mark.parametrize("strike", ["79.99", "33.33", "612.57", "0.03"])
@pytest.mark.parametrize(
    ("limit", "inside", "beyond"), [("0.05", "P-AWL", "P-RO"), ("0.15", "P-RO", "P-DD")]
)
def test_both_ways_of_rounding_fall_on_their_own_side(
    strike: str, limit: str, inside: str, beyond: str
) -> None:
    bound = price(strike) * (1 - D(limit))
    fine = D("0.000001")
    above = bound.rounded_to(fine, ROUND_CEILING).per_unit
    below = bound.rounded_to(fine, ROUND_FLOOR).per_unit - (
        fine if bound.per_unit % fine == 0 else 0
    )
    for spot, code in ((above, inside), (bound.per_unit, inside), (below, beyond)):
        verdict = classify_put(D(strike), spot, roll_available=True, rulebook=classic())
        assert verdict.verdict == code


def test_what_was_compared_is_named() -> None:
    rolled = classify_put(D(100), D(90), roll_available=True, rulebook=classic())
    assert [item.name for item in rolled.comparisons] == [
        "fall below the strike", "fall", "favourable roll",
    ]  # fmt: skip
    assert (rolled.comparisons[0].value, rolled.comparisons[2].value) == ("0.1", "yes")
    held = classify_shares(D(100), D(99), classic())
    assert [item.name for item in held.comparisons] == ["fall below the cost basis", "fall"]


def test_an_outcome_needs_something_to_be_measured_against() -> None:
    with pytest.raises(ValueError, match="above zero"):
        classify_put(D(0), D(1), roll_available=False, rulebook=classic())


def test_idle_rolled_and_what_each_asks_for() -> None:
    assert classify_idle(classic()).verdict == "W-IDL"
    assert classify_rolled(classic()).verdict == "P-RO"
    assert outcome_action("P-DD", classic()) == "GBR-4"


@given(st.decimals("0.01", "2000", places=2), st.decimals("0", "4000", places=2), st.booleans())
def test_every_price_gets_exactly_one_outcome(strike: D, spot: D, rolls: bool) -> None:
    put = classify_put(strike, spot, roll_available=rolls, rulebook=classic())
    held = classify_shares(strike, spot, classic())
    for verdict, holding in ((put, "put"), (held, "shares")):
        row = classic().outcomes.row(verdict.verdict)
        assert row.holding in (holding, "any")
        matching = [
            item.code
            for item in classic().outcomes.rows
            if item.holding == holding
            and item.fall is not None
            and item.fall.holds(strike - spot, strike)
            and (holding == "shares" or item.roll_available in (None, rolls))
        ]
        is_deep = strike - spot > classic().outcomes.deep * strike
        assert matching == ([] if is_deep else [verdict.verdict])


@pytest.mark.parametrize(
    ("facts", "label", "tags"),
    [
        ((), "Calm-Income", ()),
        ((WeekFact.EARNINGS_SKIP,), "Earnings-Filter", ()),
        ((WeekFact.EARNINGS_SKIP, WeekFact.ROLL), "Roll", ("Earnings-Filter",)),
        ((WeekFact.CALL_AFTER_ASSIGNMENT, WeekFact.ROLL), "Assignment", ("Roll",)),
        ((WeekFact.BREAKER_HEDGED, WeekFact.CALL_AFTER_ASSIGNMENT), "Hedged", ("Assignment",)),
        ((WeekFact.HEDGE, WeekFact.RECOVERY), "Preservation", ("Hedged",)),
    ],
)
def test_a_week_has_one_label_and_keeps_the_rest_as_tags(
    facts: tuple[WeekFact, ...], label: str, tags: tuple[str, ...]
) -> None:
    named = label_week(facts, classic())
    assert (named.label, named.tags) == (label, tags)
    assert named.rule == f"label.{label.lower()}"
