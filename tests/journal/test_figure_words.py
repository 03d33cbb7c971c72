from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.proposals import Comparison
from allusedesk.journal.words.figures import in_words, met_in_words


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
        (
            "reason",
            "one contract costs 1,080.65 USD, 27 of them",
            "one contract costs 1,080.65 USD, 27 of them",
        ),
    ],
)
def test_a_figure_is_rounded_for_reading(name: str, text: str, said: str) -> None:
    assert in_words(name, text) == said


def test_a_figure_stands_beside_its_limit() -> None:
    held = [
        Comparison("delta", "41", "40 to 45", passed=True),
        Comparison("open interest", "499", "at least 500", passed=False),
        Comparison("sessions before 2020-04-29", "2020-04-24", "after 2020-02-28", passed=True),
    ]
    assert met_in_words(held) == [
        "delta 41 (40 to 45)",
        "open interest 499 (at least 500: not met)",
        "sessions before 2020-04-29: 2020-04-24 (after 2020-02-28)",
    ]


def test_one_figure_against_several_limits_is_told_once() -> None:
    levels = [("L1 from 1", True), ("L2 from 2", True), ("L3 from 3", False)]
    held = [Comparison("distance in ATR", "2.455", at, passed=met) for at, met in levels]
    assert met_in_words(held) == [
        "distance in ATR 2.455 (L1 from 1; L2 from 2; L3 from 3: not met)"
    ]


@given(name=st.sampled_from(["drawdown", "delta"]), text=st.text())
def test_any_text_has_words(name: str, text: str) -> None:
    assert isinstance(in_words(name, text), str)
