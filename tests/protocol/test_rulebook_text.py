from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.protocol.rulebook_ranges import Interval
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from tests.protocol.examples import REV, classic, classic_text

TEXT = classic_text()
LINES = TEXT.splitlines()


def refusal(old: str, new: str) -> str:
    assert old in TEXT
    with pytest.raises(RulebookRefused) as caught:
        parse_rulebook(TEXT.replace(old, new, 1))
    return str(caught.value)


def line_of(piece: str) -> int:
    return next(n for n, line in enumerate(LINES, start=1) if piece in line)


def test_the_classic_rulebook_is_read_exactly() -> None:
    rulebook = classic()
    assert rulebook.id == "classic@1.0"
    assert rulebook.account(REV).weekly_target == Decimal("0.010")
    assert [row.code for row in rulebook.outcomes.rows] == [
        "P-EW", "P-AWL", "P-RO", "P-AOL", "P-DD", "C-WAP", "C-WAP+", "C-PNO", "C-RO", "C-REC",
        "W-IDL",
    ]  # fmt: skip
    assert rulebook.issuer_of("GOOGL") == "GOOG"
    assert rulebook.issuer_of("AAPL") == "AAPL"


def test_one_text_is_read_once_and_another_is_another_rulebook() -> None:
    assert parse_rulebook(TEXT) is parse_rulebook(TEXT)
    other = parse_rulebook(TEXT.replace("weekly_target = 0.015", "weekly_target = 0.014"))
    assert other.accounts.gen.weekly_target == Decimal("0.014")
    assert parse_rulebook(TEXT).accounts.gen.weekly_target == Decimal("0.015")


def test_numbers_may_be_written_as_text_and_stay_exact() -> None:
    text = TEXT.replace("weekly_target = 0.015", 'weekly_target = "0.0150000000000000000000001"')
    rules = parse_rulebook(text).accounts.gen
    assert rules.weekly_target == Decimal("0.0150000000000000000000001")


@pytest.mark.parametrize(
    ("old", "new", "rule", "said"),
    [
        ("share_order_min = 1", "share_order_max = 1", "costs.share_order_max", "unknown"),
        ("worst_price = 0.05", "", "orders.worst_price", "missing"),
        ("weekly_target = 0.015", "weekly_target = true", "accounts.gen.weekly_target", "number"),
        ("weekly_target = 0.015", 'weekly_target = "x"', "accounts.gen.weekly_target", "number"),
        ("weekly_target = 0.015", "weekly_target = inf", "accounts.gen.weekly_target", "finite"),
        ("weeks = 4", "weeks = 4.5", "recovery.weeks", "whole number"),
        ("weeks = 4", "weeks = 4_000_000_000", "recovery.weeks", "whole number"),
        ("widened = false", 'widened = "no"', "accounts.gen.widened", "true or false"),
        ('symbols = ["TSLA", "NVDA"]', 'symbols = "TSLA"', "accounts.gen.symbols", "a list"),
        ('symbols = ["TSLA", "NVDA"]', 'symbols = [""]', "accounts.gen.symbols[0]", "a text"),
        ('entry_days = ["Thu"]', 'entry_days = ["Sat"]', "accounts.gen.entry_days[0]", "Mon, Tue"),
        ('trend = "up"', 'trend = "sideways"', "condition.rows[0].trend", "up, down, flat"),
        ('fall = "(-inf, 0]"', 'fall = "everything"', "outcomes.rows[0].fall", "a range"),
        ('fall = "(-inf, 0]"', "fall = 3", "outcomes.rows[0].fall", "a range"),
        ('fall = "(0, 0.05]"', 'fall = "(0, 0.0.5]"', "outcomes.rows[1].fall", "a number"),
        ("report = 16:30:00", 'report = "16:30"', "calendar.report", "a time of day"),
        ("effective_from = 2000-01-03", "effective_from = 3", "effective_from", "a date"),
        (
            "effective_from = 2000-01-03", "effective_from = 2000-01-03T10:00:00",
            "effective_from", "a date",
        ),
        ("closing_window = { opens = 14:30:00, closes = 15:45:00 }", "closing_window = 3",
         "calendar.closing_window", "a table"),
    ],
)  # fmt: skip
def test_each_error_names_the_rule_and_its_line(old: str, new: str, rule: str, said: str) -> None:
    message = refusal(old, new)
    assert message.startswith(f"Rule {rule} in line ")
    assert said in message
    assert message.endswith(".")
    if new:
        assert f"line {line_of(old.partition(' = ')[0] + ' = ')}" in message or rule.count("[")


def test_the_line_is_the_line_in_the_text() -> None:
    where = line_of("retry_size")
    assert f"orders.retry_size in line {where} " in refusal("retry_size = 0.5", "retry_size = 2")
    table = line_of("[orders]")
    assert f"line {table} " in refusal("worst_price = 0.05", "")
    rows = [n for n, line in enumerate(LINES, start=1) if line == "[[outcomes.rows]]"]
    message = refusal('holding = "idle"', 'holding = "nothing"')
    assert "outcomes.rows" in message
    assert any(f"line {n} " in message or f"line {n + 3} " in message for n in rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "no TOML in line 1"),
        ("a = 1\nb = [", "no TOML in line 2"),
        ("a = 1\n[b", "no TOML in line 2"),
        ("", "Rule name in line 1 is missing"),
        ("a = 1979-13-41", "no TOML"),
        (f"a = {'9' * 5000}", "number that cannot be read"),
    ],
)
def test_what_is_no_toml_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(RulebookRefused, match=re.escape(said)):
        parse_rulebook(text)


def answer(text: str) -> str:
    """What the reader says of a text; anything but a refusal in a sentence escapes."""
    try:
        parse_rulebook(text)
    except RulebookRefused as refused:
        return str(refused)
    return "Read."


@given(st.data())
def test_a_damaged_rulebook_is_refused_or_read_but_never_crashes(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 1))
    length = data.draw(st.integers(0, 30))
    piece = data.draw(st.text(st.characters(codec="utf-8"), max_size=12))
    damaged = TEXT[:start] + piece + TEXT[start + length :]
    said = answer(damaged)
    assert said.endswith(".")
    assert "line" in said or "number" in said or said == "Read."


NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.:-])")


@given(st.data())
def test_any_number_put_in_place_of_another_is_refused_or_read(data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(list(NUMBER.finditer(TEXT))))
    number = data.draw(
        st.sampled_from(["-1", "0", "1", "nan", "-inf", "1e400", "0.5", "1000000", '"7"', "{}"])
    )
    assert answer(TEXT[: found.start()] + number + TEXT[found.end() :]).endswith(".")


@given(st.text(max_size=60))
def test_any_text_at_all_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(RulebookRefused):
        parse_rulebook(text)


def test_a_range_holds_its_ends_as_written() -> None:
    half = Interval(Decimal("0.05"), Decimal("0.15"), holds_low=False, holds_high=True)
    whole = Decimal("79.97")
    assert not half.holds(whole * Decimal("0.05"), whole)
    assert half.holds(whole * Decimal("0.15"), whole)
    assert str(half) == "(0.05, 0.15]"
    endless = Interval(None, None, holds_low=False, holds_high=False)
    assert str(endless) == "(-inf, inf)"
    assert endless.holds(Decimal(-1), whole)
    closed = Interval(Decimal(0), Decimal(1), holds_low=True, holds_high=False)
    assert closed.holds(Decimal(0), whole)
    assert not closed.holds(whole, whole)
    assert not closed.holds(Decimal("-0.01"), whole)
