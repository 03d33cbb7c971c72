from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.journal.figure_words import in_words, met_in_words


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("drawdown", "0.08595866666666666666666666667", "8.6%"),
        ("premium earned", "0.77631579", "77.63%"),
        ("fall", "in (0.10, 0.15]", "above 10% to 15%"),
        ("fall", "in [-0.05, 0)", "-5% to below 0%"),
        ("fall", "in (-inf, 0]", "at most 0%"),
        ("fall", "in (-inf, -0.05)", "below -5%"),
        ("delta", "41.23456789", "41.2346"),
        ("surplus over base", "103286.6", "103,286.60"),
        ("reason", "it costs 1,015.65 USD", "it costs 1,015.65 USD"),
        ("earnings date", "after 2020-04-17", "after 2020-04-17"),
        ("time in New York", "09:45:00 to 11:00:00", "09:45:00 to 11:00:00"),
        ("GBR-4", "calls of 20-30 delta", "calls of 20-30 delta"),
        ("a put at L2", "True", "yes"),
    ],
)
def test_a_figure_is_rounded_for_reading(name: str, text: str, said: str) -> None:
    assert in_words(name, text) == said


def test_a_figure_stands_beside_its_limit() -> None:
    assert met_in_words("delta", "41", "40 to 45", passed=True) == "delta 41 (40 to 45)"
    failed = met_in_words("open interest", "499", "at least 500", passed=False)
    assert failed == "open interest 499 (at least 500): not met"


@given(name=st.sampled_from(["drawdown", "delta"]), text=st.text())
def test_any_text_has_words(name: str, text: str) -> None:
    assert isinstance(in_words(name, text), str)
