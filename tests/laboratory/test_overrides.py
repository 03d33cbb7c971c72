from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from allusedesk.laboratory.overrides import OverrideRefused, overridden, read_setting
from allusedesk.laboratory.trial import Setting
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.choices import rulebook_text

TEXT = rulebook_text("classic")


def test_nothing_set_is_the_very_text() -> None:
    assert overridden(TEXT, ()) is TEXT


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("accounts.gen.delta.low", 35),
        ("accounts.rev.cash_buffer", Decimal("0.075")),
        ("accounts.gen.widened", True),
        ("condition.effects.1.deploy_low", Decimal("0.60")),
        ("version", "1.0-tried"),
    ],
)
def test_one_rule_is_set_and_no_other(rule: str, value: Setting) -> None:
    before, after = (
        tomllib.loads(text, parse_float=Decimal)
        for text in (TEXT, overridden(TEXT, [(rule, value)]))
    )
    place, other = before, after
    *steps, last = rule.split(".")
    for step in steps:
        at: str | int = int(step) if step.isdigit() else step
        place, other = place[at], other[at]  # type: ignore[index]
    assert other[last] == value
    place[last] = value
    assert after == before
    assert parse_rulebook(overridden(TEXT, [(rule, value)]))


def test_the_last_word_counts_where_a_rule_is_set_twice() -> None:
    text = overridden(TEXT, [("accounts.gen.delta.low", 30), ("accounts.gen.delta.low", 36)])
    assert parse_rulebook(text).accounts.gen.delta.low == 36


@pytest.mark.parametrize(
    "rule", ["", "nothing", "accounts.gen.delta.middle", "condition.effects.9.x", "name.x"]
)
def test_a_rule_that_is_not_there_is_refused_plainly(rule: str) -> None:
    with pytest.raises(OverrideRefused, match="has no rule"):
        overridden(TEXT, [(rule, 1)])


def test_values_as_they_are_typed() -> None:
    assert read_setting("true") is True
    assert read_setting("false") is False
    assert read_setting("12") == 12
    assert str(read_setting("0.650")) == "0.650"
    assert read_setting("classic") == "classic"
    assert read_setting("NaN") == "NaN"
    for endless in ("1e999999", "1e-999999", "9" * 5_000):
        assert read_setting(endless) == endless
