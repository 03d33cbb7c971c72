from __future__ import annotations

import pytest

from allusedesk.protocol.verdicts import exact, ratio, written
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
