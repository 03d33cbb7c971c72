from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Money
from allusedesk.protocol.forking import fork_due, fork_shares, merge_due
from tests.protocol.examples import COM, GEN, REV, D, classic, dollars


def test_gen_forks_at_its_number_and_not_a_cent_before() -> None:
    due = fork_due(GEN, dollars(120_000), dollars(170_000), classic())
    assert (due.verdict, due.rule) == ("fork", "fork.gen")
    assert [(part.name, part.amount) for part in due.amounts] == [
        ("surplus", dollars(50_000)), ("gen", dollars(25_000)), ("rev", dollars(0)),
        ("com", dollars(25_000)),
    ]  # fmt: skip
    early = fork_due(GEN, dollars(120_000), dollars("169999.99"), classic())
    assert (early.verdict, early.amounts) == ("none", ())


def test_the_other_tiers_never_fork() -> None:
    for kind in (REV, COM):
        assert fork_due(kind, dollars(1), dollars(9_000_000), classic()).verdict == "none"
        with pytest.raises(ValueError, match="never forks"):
            fork_shares(kind, dollars(1), classic())


def test_a_fork_merges_at_its_number() -> None:
    assert merge_due(dollars(500_000), classic()).verdict == "merge"
    assert merge_due(dollars("499999.99"), classic()).verdict == "none"


@given(st.decimals("50000", "9000000", places=4))
def test_the_parts_of_a_surplus_sum_to_it(surplus: D) -> None:
    parts = fork_shares(GEN, Money(surplus), classic())
    assert sum(part.amount.amount for part in parts) == surplus
    assert abs(parts[0].amount.amount - parts[2].amount.amount) <= D("0.011")
