from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import Money
from allusedesk.protocol.reinvestment import reinvest
from tests.protocol.examples import COM, GEN, REV, D, classic, classic_with, dollars


def test_a_quarters_gain_is_split() -> None:
    verdict = reinvest(REV, dollars(100_000), 3, classic())
    assert (verdict.verdict, verdict.rule) == ("reinvest", "reinvest.split")
    assert [(part.name, part.amount) for part in verdict.amounts] == [
        ("tax", dollars(0)), ("contracts", dollars(75_000)), ("leaps", dollars(25_000)),
    ]  # fmt: skip


def test_a_tax_reserve_comes_first_where_there_is_one() -> None:
    taxed = classic_with(("tax = 0\ncontracts = 0.75\nleaps = 0.25",
                          "tax = 0.30\ncontracts = 0.525\nleaps = 0.175"))  # fmt: skip
    amounts = reinvest(REV, dollars(100_000), 12, taxed).amounts
    assert [part.amount for part in amounts] == [dollars(30_000), dollars(52_500), dollars(17_500)]


@pytest.mark.parametrize(
    ("kind", "gain", "month", "rule"),
    [
        (REV, "100", 4, "reinvest.month"), (GEN, "100", 6, "reinvest.account"),
        (COM, "0", 6, "reinvest.gain"), (COM, "-5", 9, "reinvest.gain"),
    ],
)  # fmt: skip
def test_nothing_is_reinvested_otherwise(
    kind: AccountKind, gain: str, month: int, rule: str
) -> None:
    verdict = reinvest(kind, dollars(gain), month, classic())
    assert (verdict.verdict, verdict.rule, verdict.amounts) == ("none", rule, ())


@given(st.decimals("0.01", "9000000", places=2))
def test_the_parts_sum_to_the_gain(gain: D) -> None:
    verdict = reinvest(COM, Money(gain), 6, classic())
    assert sum(part.amount.amount for part in verdict.amounts) == gain
