from __future__ import annotations

import pytest

from allusedesk.protocol.rulebook_change import changed_text
from allusedesk.protocol.rulebook_text import RulebookRefused
from tests.protocol.examples import CLASSIC, D, classic_text


def test_a_change_carries_its_version_and_its_line() -> None:
    text, rulebook = changed_text(
        classic_text(), [("recovery.weeks", "5"), ("roll.days_later_high", "21")], "1.1", 'a "why"'
    )
    assert (rulebook.id, rulebook.recovery.weeks, rulebook.roll.days_later_high) == (
        "classic@1.1",
        5,
        21,
    )
    assert rulebook.changelog[-1] == "1.1: a 'why'"
    assert len(rulebook.changelog) == 2
    before = classic_text().splitlines()
    changed = [line for line in text.splitlines() if line not in before]
    assert len(changed) == 4


def test_the_same_key_of_another_table_is_left_alone() -> None:
    text = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")
    _, rulebook = changed_text(text, [("accounts.rev.weekly_target", "0.02")], "1.4", "bolder")
    assert rulebook.accounts.rev.weekly_target == D("0.02")
    assert rulebook.accounts.gen.weekly_target == D("0.015")


@pytest.mark.parametrize(
    ("rule", "value", "version", "words"),
    [
        ("recovery.weeks", "5", "1.0", "Version 1.0"),
        ("recovery.absent", "5", "1.1", "recovery.absent"),
        ("accounts.gen.delta", "5", "1.1", "accounts.gen.delta"),
        ("recovery.size_factor", "5", "1.1", "recovery.size_factor"),
        ("recovery.weeks", "many", "1.1", "TOML"),
    ],
)
def test_what_cannot_be_changed_is_refused(rule: str, value: str, version: str, words: str) -> None:
    with pytest.raises(RulebookRefused, match=words):
        changed_text(classic_text(), [(rule, value)], version, "a reason")
