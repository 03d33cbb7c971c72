from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.protocol.entry_check import EntryQuestion, check_entry
from allusedesk.protocol.rulebook import Condition
from tests.protocol.examples import (
    COM,
    FRIDAY,
    GEN,
    MONDAY,
    REV,
    THURSDAY,
    WEEK,
    D,
    at,
    classic,
    classic_with,
)

CHECKS: list[tuple[AccountKind, date, str, str, int, dict[str, Any], str, str]] = [
    (GEN, THURSDAY, "10:00", "42", 1, {}, "allow", "entry.delta"),
    (GEN, THURSDAY, "09:45", "40", 1, {}, "allow", "entry.delta"),
    (GEN, THURSDAY, "15:30", "50", 1, {}, "allow", "entry.delta"),
    (GEN, THURSDAY, "15:30:01", "42", 1, {}, "refuse", "entry.window"),
    (GEN, THURSDAY, "09:44:59", "42", 1, {}, "refuse", "entry.window"),
    (GEN, MONDAY, "10:00", "42", 1, {}, "refuse", "entry.day"),
    (GEN, date(2013, 2, 9), "10:00", "42", 1, {}, "refuse", "entry.day"),
    (GEN, THURSDAY, "10:00", "50.01", 1, {}, "refuse", "entry.delta"),
    (GEN, THURSDAY, "10:00", "39.99", 1, {}, "refuse", "entry.delta"),
    (GEN, THURSDAY, "10:00", "42", 2, {}, "refuse", "entry.days_to_expiry"),
    (GEN, THURSDAY, "10:00", "42", 1, {"listed": (1, 4, 8)}, "allow", "entry.delta"),
    (GEN, THURSDAY, "10:00", "42", 1, {"listed": (4, 8)}, "refuse", "entry.days_to_expiry"),
    (GEN, THURSDAY, "10:00", "42", 4, {"listed": (4, 8)}, "refuse", "expiry.none"),
    (GEN, THURSDAY, "10:00", "42", 1, {"earnings": FRIDAY}, "refuse", "earnings.before_expiry"),
    (GEN, THURSDAY, "10:00", "42", 1, {"earnings": date(2013, 2, 9)}, "allow", "entry.delta"),
    (GEN, THURSDAY, "10:00", "42", 1, {"vix": D(65)}, "allow", "entry.delta"),
    (GEN, THURSDAY, "10:00", "42", 1, {"vix": D("65.01")}, "refuse", "breaker.safe"),
    (GEN, THURSDAY, "10:00", "42", 1, {"condition": Condition.CHOP}, "refuse", "entry.day"),
    (GEN, MONDAY, "10:00", "36", 4, {"condition": Condition.RED}, "allow", "entry.delta"),
    (GEN, MONDAY, "10:00", "46", 4, {"condition": Condition.RED}, "refuse", "entry.delta"),
    (REV, MONDAY, "10:00", "35", 7, {}, "allow", "entry.delta"),
    (REV, MONDAY, "10:00", "35", 8, {}, "refuse", "entry.days_to_expiry"),
    (COM, MONDAY, "10:00", "25", 2, {"condition": Condition.GREEN}, "allow", "entry.delta"),
]


@pytest.mark.parametrize(
    ("kind", "day", "clock", "delta", "days", "more", "verdict", "rule"), CHECKS
)
def test_an_entry_on_given_numbers(
    kind: AccountKind, day: date, clock: str, delta: str, days: int, more: dict[str, Any],
    verdict: str, rule: str,
) -> None:  # fmt: skip
    answer = check_entry(
        EntryQuestion(kind, at(day, clock), D(delta), days, **more), WEEK, classic()
    )
    assert (answer.verdict, answer.rule) == (verdict, rule)
    assert answer.comparisons
    assert all(item.passed for item in answer.comparisons) == (verdict == "allow")


@pytest.mark.parametrize(("days", "verdict"), [(4, "allow"), (3, "refuse"), (6, "refuse")])
def test_a1c_without_an_expiry_in_the_band_the_nearest_to_four_is_taken(
    days: int, verdict: str
) -> None:
    narrow = classic_with(
        ("high = 30 }\ndays_to_expiry = { low = 2, high = 7 }",
         "high = 30 }\ndays_to_expiry = { low = 5, high = 5 }")
    )  # fmt: skip
    question = EntryQuestion(COM, at(MONDAY, "10:00"), D(25), days, (3, 4, 6, 11))
    answer = check_entry(question, WEEK, narrow)
    assert (answer.verdict, answer.rule) == (verdict, "expiry.widened")
