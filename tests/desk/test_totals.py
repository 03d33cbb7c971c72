"""The line under a table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.desk.totals import Figure, totals_of


@dataclass(frozen=True, slots=True)
class Line:
    account: str
    amount: Decimal | None


FIGURES = (Figure("profit", lambda line: line.amount, is_signed=True),)


def said(*lines: Line) -> str:
    return totals_of(lines, lambda line: line.account, "lot", FIGURES)


def test_one_sleeve_is_the_whole() -> None:
    assert said(Line("F1.gen", Decimal("1.5")), Line("F1.gen", None)) == (
        "All: 2 lots, profit +1.50"
    )


def test_every_sleeve_is_added_up_the_fullest_first() -> None:
    lines = (Line("b", Decimal(1)), Line("a", Decimal(-3)), Line("a", Decimal(1)))
    assert said(*lines) == (
        "All: 3 lots, profit \N{MINUS SIGN}1.00   |   a: 2 lots, profit \N{MINUS SIGN}2.00   |   "
        "b: 1 lot, profit +1.00"
    )


def test_many_sleeves_are_counted() -> None:
    assert said(*(Line(f"s{number}", Decimal(1)) for number in range(7))).endswith(
        "and 3 more sleeves"
    )


def test_nothing_has_no_total() -> None:
    assert said() == ""
