from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.alerts import Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised
from allusedesk.monitoring.alerts import AlertBook, AlertRule
from allusedesk.monitoring.rule_text import AlertRulesRefused, parse_alert_rules
from allusedesk.wiring.watching import shipped_rules

HIGH = AlertRule(
    id="cpu.high",
    measure="cpu",
    severity=Severity.CRITICAL,
    limit=0.9,
    clears_at=0.8,
    is_above=True,
    for_seconds=60,
    clear_seconds=10,
    text="{subject} is at {value:.0%} of {limit:.0%}",
)
LOW = AlertRule("disk.full", "free", Severity.WARNING, 10, 12, False, 0, 0, "{value:.0f} left")


def at(found: AlertBook, value: float | None, second: float, subject: str = "") -> list[str]:
    readings = {} if value is None else {"cpu": {subject: value}}
    return [type(change).__name__ for change in found.look(readings, second)]


def test_a_condition_must_hold_for_its_time_without_a_break() -> None:
    book = AlertBook([HIGH])
    assert at(book, 0.95, 0) == []
    assert at(book, 0.95, 59.9) == []
    assert at(book, 0.9, 59.95) == [], "at the limit nothing is broken"
    assert at(book, 0.95, 60) == []
    assert at(book, 0.95, 119) == []
    assert at(book, None, 119.5) == []
    assert at(book, 0.95, 120) == []
    assert at(book, 0.95, 180) == ["AlertRaised"]
    assert at(book, 0.99, 181) == [], "it is raised once"


def test_it_clears_only_well_below_and_for_a_while() -> None:
    book = AlertBook([HIGH])
    at(book, 0.95, 0)
    at(book, 0.95, 60)
    assert at(book, 0.85, 100) == [], "between the two limits nothing changes"
    assert at(book, 0.8, 101) == []
    assert at(book, 0.85, 110) == []
    assert at(book, 0.5, 112) == []
    assert at(book, None, 122) == ["AlertCleared"]
    assert at(book, 0.5, 130) == []


def test_subjects_are_apart() -> None:
    book = AlertBook([HIGH])
    book.look({"cpu": {"a": 1.0}}, 0)
    book.look({"cpu": {"a": 1.0, "b": 1.0}}, 30)
    (raised,) = book.look({"cpu": {"a": 1.0, "b": 1.0}}, 60)
    assert isinstance(raised, AlertRaised)
    assert raised.alert.id == "cpu.high/a"
    assert raised.alert.text == "a is at 100% of 90%"
    assert book.look({"cpu": {"b": 1.0}}, 70) == ()
    assert [type(one) for one in book.look({"cpu": {"b": 1.0}}, 90)] == [AlertCleared, AlertRaised]


def test_a_rule_below_its_limit() -> None:
    book = AlertBook([LOW])
    assert not book.look({"free": {"": 10}}, 0)
    (raised,) = book.look({"free": {"": 9.4}}, 1)
    assert isinstance(raised, AlertRaised)
    assert raised.alert.text == "9 left"
    assert not book.look({"free": {"": 11}}, 2)
    assert book.look({"free": {"": 12}}, 3) == (AlertCleared("disk.full"),)


def test_alerts_of_before_are_not_raised_again_and_those_of_lost_rules_clear() -> None:
    before = [LOW.alert("", 5), HIGH.alert("a", 1.0)]
    book = AlertBook([LOW], before)
    assert book.look({"free": {"": 5}}, 0) == (AlertCleared("cpu.high/a"),)


@given(st.lists(st.tuples(st.floats(0.01, 30), st.none() | st.floats(0, 2)), max_size=60))
def test_raised_and_cleared_take_turns(steps: list[tuple[float, float | None]]) -> None:
    book, second, stands = AlertBook([HIGH]), 0.0, False
    for passing, value in steps:
        second += passing
        for name in at(book, value, second):
            assert (name == "AlertCleared") is stands
            stands = not stands
        assert stands is bool(book.standing)


def test_rules_that_ship_are_those_of_the_handbook() -> None:
    rules = {rule.id: rule for rule in shipped_rules()}
    wanted = {
        "orders.errors": (0.01, Severity.CRITICAL),
        "orders.slow": (0.025, Severity.WARNING),
        "market.behind": (1_000, Severity.WARNING),
        "quotes.slow": (0.001, Severity.WARNING),
        "memory.high": (1.5e9, Severity.WARNING),
        "cpu.high": (0.9, Severity.CRITICAL),
        "disk.full": (1e9, Severity.CRITICAL),
        "limit.near": (0.8, Severity.WARNING),
    }
    for name, (limit, severity) in wanted.items():
        assert (rules[name].limit, rules[name].severity) == (limit, severity)
    assert rules["cpu.high"].for_seconds == 60
    from tests.house.sources import HANDBOOK

    page = (HANDBOOK / "monitoring.md").read_text(encoding="utf-8")
    for rule in rules.values():
        assert f"| `{rule.id}` | {rule.severity.value} |" in page
        assert rule.alert("it", 1.5).text.endswith(".")


WHOLE = """
[[rule]]
id = "a"
measure = "m"
severity = "warning"
breaks = "above"
limit = 2
clears_at = 1
for_seconds = 0
clear_seconds = 0
text = "{value}"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[rule]]", "[rule", "cannot be read"),
        ('"warning"', '"loud"', "cannot be held"),
        ('"above"', '"beside"', "above or below"),
        ("limit = 2", 'limit = "2"', "limit as a number"),
        ('measure = "m"', "", "needs measure"),
        ("clears_at = 1", "clears_at = 3", "while its limit is broken"),
        ('"{value}"', '"{price}"', "cannot be held"),
        ('"{value}"', '"{value"', "cannot be held"),
        ("limit = 2", "limit = 2\nloud = 1", "loud"),
        (WHOLE, WHOLE + WHOLE, "Two alert rules"),
        (WHOLE, "", "cannot be read"),
    ],
)
def test_rules_that_cannot_be_held_are_refused(old: str, new: str, says: str) -> None:
    assert len(parse_alert_rules(WHOLE)) == 1
    with pytest.raises(AlertRulesRefused, match=says):
        parse_alert_rules(WHOLE.replace(old, new))
