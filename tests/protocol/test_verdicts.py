from __future__ import annotations

import pytest

from allusedesk.protocol.verdicts import exact, percent, ratio, written
from tests.protocol.examples import D


@pytest.mark.parametrize(
    ("value", "text"),
    [(D("1.500"), "1.5"), (D(100), "100"), (D("1E+3"), "1000"), (7, "7"), (D("NaN"), "NaN"),
     (D("0.00"), "0"), (D("-0.0100"), "-0.01")],
)  # fmt: skip
def test_numbers_are_written_as_plain_digits(value: D | int, text: str) -> None:
    assert written(value) == text


def test_a_ratio_is_for_reading_and_a_float_is_what_it_prints_as() -> None:
    assert ratio(D(1), D(3)) == "0.33333333"
    assert ratio(D(1), D(0)) == "no ratio"
    assert ratio(D("1e30"), D(1)) == "1" + "0" * 30
    assert ratio(D("-1e17"), D(1)) == "-1" + "0" * 17
    assert exact(0.1) == D("0.1")


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        # What is beyond a limit of a quarter by a hair is not shown as a quarter.
        (D("25000.01"), D(100_000), "25.01%"), (D(25_000), D(100_000), "25%"),
        (D(-1), D(3), "-33.33%"), (D(1), D(0), "no share"), (D("1e30"), D(1), "no share"),
    ],
)  # fmt: skip
def test_a_share_is_shown_rounded_up_and_never_made_up(part: D, whole: D, text: str) -> None:
    assert percent(part, whole) == text
