from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Money
from allusedesk.protocol.forking import (
    fork_barred,
    fork_due,
    fork_shares,
    is_mini,
    merge_due,
    mini_due,
)
from tests.protocol.examples import COM, GEN, REV, D, classic, constitution, dollars


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


@pytest.mark.parametrize(
    ("total", "today", "verdict", "rule"),
    [
        ("149999.99", date(2016, 2, 3), "none", "merge.years"),
        ("150000", date(2013, 3, 1), "merge", "merge.multiple"),
        ("60000", date(2016, 2, 4), "merge", "merge.years"),
    ],
)
def test_a19_a_mini_comes_home_after_three_years_or_at_three_times_its_start(
    total: str, today: date, verdict: str, rule: str
) -> None:
    found = mini_due(dollars(total), dollars(50_000), date(2013, 2, 4), today, constitution())
    assert (found.verdict, found.rule) == (verdict, rule)


def test_a19_a_mini_of_a_leap_day_comes_home_on_the_first_of_march() -> None:
    start = dollars(50_000)
    for day, verdict in ((date(2015, 2, 28), "none"), (date(2015, 3, 1), "merge")):
        found = mini_due(start, start, date(2012, 2, 29), day, constitution())
        assert found.verdict == verdict


def test_no_fork_while_eight_sub_accounts_live_and_none_of_a_mini() -> None:
    assert fork_barred(7, constitution(), is_mini=False) is None
    full = fork_barred(8, constitution(), is_mini=False)
    assert full is not None
    assert full.rule == "fork.families"
    barred = fork_barred(0, constitution(), is_mini=True)
    assert barred is not None
    assert barred.rule == "fork.mini"
    assert fork_barred(100, classic(), is_mini=False) is None


def test_without_a_total_to_merge_at_no_size_brings_a_fork_home() -> None:
    found = merge_due(dollars(9_000_000), constitution())
    assert (found.verdict, found.rule, found.amounts) == ("none", "merge.total", ())
    assert not found.comparisons[0].passed


def test_without_a_rule_for_minis_neither_years_nor_growth_bring_one_home() -> None:
    found = mini_due(
        dollars(9_000_000), dollars(50_000), date(2013, 2, 4), date(2033, 2, 4), classic()
    )
    assert (found.verdict, found.rule, found.amounts) == ("none", "merge.years", ())
    assert not found.comparisons[0].passed


def test_a_mini_is_told_by_the_tiers_its_rule_gives_money_to() -> None:
    mini = next(rule for rule in constitution().forking.forks if rule.is_mini)
    given = [
        kind
        for kind, share in zip((GEN, REV, COM), (mini.gen, mini.rev, mini.com), strict=True)
        if share
    ]
    assert is_mini(given, constitution())
    assert is_mini(list(reversed(given)), constitution())
    assert not is_mini(given[:-1], constitution())
    assert not is_mini([GEN, REV, COM], constitution())
    # A family of the same tiers under a rulebook that knows no minis is a whole one.
    assert not is_mini(given, classic())
