from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.money import NOTHING, total
from allusedesk.portfolio.holding_periods import Term
from allusedesk.portfolio.tax_forms import form_rows, instalments, tax_sums
from allusedesk.portfolio.tax_lots import Ending, TaxClosing
from tests.trading import REV, STOCK, dollars, put

SHARES = TaxClosing(
    lot=1,
    account=REV,
    instrument=STOCK,
    units=100,
    is_short=False,
    opened_on=date(2012, 1, 3),
    closed_on=date(2012, 2, 1),
    held_from=date(2012, 1, 3),
    proceeds=dollars("750.004"),
    basis=dollars("1000.25"),
    term=Term.SHORT,
    ending=Ending.SOLD,
    disallowed=dollars("200.25"),
)


def test_a_row_has_the_columns_of_the_form() -> None:
    (row,) = form_rows([SHARES], 2012)
    assert (row.form, row.part, row.description) == ("8949", "short", "100 AAPL")
    assert (row.acquired, row.sold) == (date(2012, 1, 3), date(2012, 2, 1))
    assert (row.proceeds, row.basis) == (dollars("750.00"), dollars("1000.25"))
    assert (row.code, row.adjustment, row.gain) == ("W", dollars("200.25"), dollars("-50.00"))
    assert form_rows([SHARES], 2013) == ()
    assert form_rows([replace(SHARES, disallowed=NOTHING)], 2012)[0].code == ""


def test_what_was_written_is_sold_first_and_acquired_when_it_ends() -> None:
    written = replace(SHARES, instrument=put(95), is_short=True, units=2, ending=Ending.EXPIRED)
    (row,) = form_rows([written], 2012)
    assert (row.acquired, row.sold) == (date(2012, 2, 1), date(2012, 1, 3))
    assert row.description == "2 AAPL 2013-02-15 95 put (written)"
    assert row.realised_on == date(2012, 2, 1)


def test_section_1256_goes_sixty_to_forty() -> None:
    index = replace(SHARES, term=Term.SECTION_1256, proceeds=dollars("1100.30"), disallowed=NOTHING)
    rows = form_rows([SHARES, index, replace(SHARES, term=Term.LONG)], 2012)
    assert [row.part for row in rows] == ["short", "long", "section 1256"]
    assert rows[2].form == "6781"
    sums = tax_sums(rows)
    assert sums.section_1256 == dollars("100.05")
    assert sums.long_term == dollars("-50.00") + dollars("60.03")
    assert sums.short_term == dollars("-50.00") + dollars("40.02")
    assert sums.whole == total([row.gain for row in rows])
    assert sums.disallowed == dollars("400.50")


@pytest.mark.parametrize(
    ("month", "period", "due"),
    [
        (3, "Jan-Mar", date(2012, 4, 15)),
        (4, "Apr-May", date(2012, 6, 15)),
        (5, "Apr-May", date(2012, 6, 15)),
        (6, "Jun-Aug", date(2012, 9, 15)),
        (8, "Jun-Aug", date(2012, 9, 15)),
        (9, "Sep-Dec", date(2013, 1, 15)),
    ],
)
def test_instalments_look_at_uneven_periods(month: int, period: str, due: date) -> None:
    rows = form_rows([replace(SHARES, closed_on=date(2012, month, 20))], 2012)
    found = [one for one in instalments(rows, 2012) if one.sums.whole]
    assert [(one.period, one.due, one.sums.whole) for one in found] == [
        (period, due, dollars("-50.00"))
    ]


@given(
    some.lists(some.tuples(some.integers(1, 12), some.sampled_from(Term), some.integers(-999, 999)))
)
def test_periods_and_parts_add_up(closed: list[tuple[int, Term, int]]) -> None:
    closings = [
        replace(SHARES, closed_on=date(2012, month, 9), term=term, proceeds=dollars(cents) * 1)
        for month, term, cents in closed
    ]
    rows = form_rows(closings, 2012)
    whole = total([row.gain for row in rows])
    assert tax_sums(rows).whole == whole
    # Each period rounds its own 60%, so the parts may differ by cents, never their sum.
    assert total([one.sums.whole for one in instalments(rows, 2012)]) == whole
