from __future__ import annotations

from allusedesk.journal.words.rules import rule_in_words


def test_a_rule_is_explained_with_or_without_its_rulebook() -> None:
    said = "one whole lot costs more than the sleeve may put into one symbol"
    assert rule_in_words("lot.unaffordable") == said
    assert rule_in_words("classic@1.0/lot.unaffordable") == said


def test_a_family_of_rules_has_words_of_its_own() -> None:
    assert rule_in_words("breaker.vix.safe") == "a breaker was tripped"


def test_an_unknown_rule_keeps_its_own_words() -> None:
    assert rule_in_words("ladder.rung_due") == "ladder: rung due"


def test_a_rule_of_a_strategy_names_the_part_it_belongs_to() -> None:
    said = rule_in_words("put-credit-spread@1.0/spread.exit.profit")
    assert said == "enough of its premium was earned, or its cost gained (part spread)"
    assert rule_in_words("mine@1.0/level.entry").endswith("(part level)")
