from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Money, Price
from allusedesk.journal.read_values import DeskHeader
from allusedesk.reports.statement import Cell, Number, Percent
from allusedesk.reports.wording import counted, entries_covered, exact, shown, sign_of

AMOUNTS = st.decimals(-(10**9), 10**9, places=4)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Money(Decimal("-1234567.895")), "\u22121,234,567.90"),
        (Money(Decimal("-0.004")), "0.00"),
        (Price(Decimal(3)), "3.00"),
        (Price(Decimal("3.175")), "3.175"),
        (Price(Decimal(1) / 3), "0.3333"),
        (Percent(Decimal("0.015")), "1.50%"),
        (Number(Decimal("12.944"), 2), "12.94"),
        (-12345, "\u221212,345"),
        (date(2013, 2, 11), "2013-02-11"),
        (datetime(2013, 2, 11, 14, 45, tzinfo=UTC), "Mon 11 Feb 09:45"),
        (datetime(2013, 7, 1, 13, 30, tzinfo=UTC), "Mon 1 Jul 09:30"),
        (None, "\u2013"),
        ("=1+1", "=1+1"),
    ],
)
def test_cells_are_written_for_the_eye(cell: Cell, text: str) -> None:
    assert shown(cell) == text


def test_a_signed_figure_carries_its_plus_but_zero_has_none() -> None:
    assert shown(Money(Decimal(5)), is_signed=True) == "+5.00"
    assert shown(Money(Decimal("0.001")), is_signed=True) == "0.00"


@given(AMOUNTS)
def test_what_is_shown_reads_back_as_the_rounded_amount(amount: Decimal) -> None:
    text = shown(Money(amount)).replace(",", "").replace("\u2212", "-")
    assert abs(Decimal(text) - amount) <= Decimal("0.005")
    assert (Decimal(text) > 0) - (Decimal(text) < 0) == sign_of(Money(amount))


@given(AMOUNTS)
def test_exact_text_loses_nothing(amount: Decimal) -> None:
    assert Decimal(exact(Money(amount))) == amount
    assert Decimal(exact(Percent(amount))) == amount


def test_an_exact_instant_keeps_its_offset() -> None:
    instant = datetime(2013, 2, 11, 14, 45, 3, tzinfo=UTC)
    assert exact(instant) == "2013-02-11T09:45:03-05:00"
    assert datetime.fromisoformat(exact(instant)) == instant


def test_counts_agree_with_their_noun() -> None:
    found = [counted(0, "order"), counted(1, "order"), counted(1200, "family", "families")]
    assert found == ["no orders", "1 order", "1,200 families"]


def test_a_statement_says_which_entries_it_covers_and_of_which_desk() -> None:
    desk = DeskHeader("PAPER", "classic@1.0", "gen=IBM", "SPY", 7, "allusedesk 0.1.0", "")
    text = entries_covered(desk, 1_001, 2_345, datetime(2013, 2, 11, 14, 45, tzinfo=UTC))
    assert text.startswith(
        "This statement covers the journal's entries 1,001 to 2,345, the last of "
        "Mon 11 Feb 09:45 New York time; trend symbol SPY, seed 7, allusedesk 0.1.0. "
    )
    assert text.endswith("the command journal verify recomputes it.")
