from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from allusedesk.protocol.rulebook_differences import ABSENT, differences
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import rulebook_text
from tests.trading import classic


def test_the_same_rules_differ_in_nothing() -> None:
    assert differences(classic(), classic()) == ()


def test_a_rule_that_was_changed_is_named_with_both_values() -> None:
    rules = classic()
    rev = replace(rules.accounts.rev, symbol_cap=Decimal("0.30"))
    other = replace(rules, accounts=replace(rules.accounts, rev=rev))
    before = rules.accounts.rev.symbol_cap
    said = ABSENT if before is None else str(before)
    assert differences(rules, other) == (("accounts.rev.symbol_cap", said, "0.30"),)


def test_two_families_of_rules_differ_in_many_rows_and_what_one_lacks_is_absent() -> None:
    found = differences(classic(), parse_rulebook(rulebook_text("constitution")))
    rules = [rule for rule, _, _ in found]
    assert len(rules) == len(set(rules)) > 50
    assert any(one == ABSENT for _, one, _ in found)
    assert any("[" in rule for rule in rules)
    assert all(one != other for _, one, other in found)
