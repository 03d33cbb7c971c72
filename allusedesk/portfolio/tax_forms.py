"""Closings as the rows of Forms 8949 and 6781, a year's sums, and the instalment periods.

Internal Revenue Code sections 1222, 1256 and 6654(d)(2); the columns are those of the forms. Every
figure is an estimate, ask your adviser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money, total
from allusedesk.portfolio.holding_periods import Term
from allusedesk.portfolio.tax_lots import TaxClosing

LONG_SHARE_1256 = Decimal("0.60")
WASH_CODE = "W"
# The months each estimated payment looks at, and the day it is due (6654(c)(2)).
_PERIODS = (("Jan-Mar", 1, 3, 4), ("Apr-May", 4, 5, 6), ("Jun-Aug", 6, 8, 9), ("Sep-Dec", 9, 12, 1))
_DUE_DAY = 15
# Brokers report the basis of what was bought from these days on (Treasury Regulation 1.6045-1).
_BASIS_OF_SHARES_FROM = date(2011, 1, 1)
_OPTIONS_REPORTED_FROM = date(2014, 1, 1)


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row, to the cent; `part` is short, long or section 1256, `code` W for a wash sale.

    What was written counts as sold when it was written and acquired when it ended. `box` is that
    of Form 8949, empty on Form 6781.
    """

    form: str
    part: str
    account: AccountId
    description: str
    acquired: date
    sold: date
    proceeds: Money
    basis: Money
    code: str
    adjustment: Money
    gain: Money
    realised_on: date
    ending: str
    box: str = ""


@dataclass(frozen=True, slots=True)
class TaxSums:
    """Gains of a span: by form and part, and what 60/40 makes of section 1256."""

    short_8949: Money
    long_8949: Money
    section_1256: Money
    short_term: Money
    long_term: Money
    disallowed: Money

    @property
    def whole(self) -> Money:
        return self.short_term + self.long_term


@dataclass(frozen=True, slots=True)
class Instalment:
    """One period of estimated payments, when its payment is due and what was gained in it."""

    period: str
    due: date
    sums: TaxSums


def box_of(closing: TaxClosing) -> str:
    """The box of Form 8949, as a broker would have reported the closing; empty for section 1256.

    A and D: with the basis, shares since 2011 and options since 2014. B and E: without it, older
    shares. C and F: not at all, older options. Funds count from 2011 here, by law from 2012.
    """
    if closing.term is Term.SECTION_1256:
        return ""
    if isinstance(closing.instrument, OptionContract):
        place = 0 if closing.opened_on >= _OPTIONS_REPORTED_FROM else 2
    else:
        place = 0 if closing.opened_on >= _BASIS_OF_SHARES_FROM else 1
    return ("DEF" if closing.term is Term.LONG else "ABC")[place]


def form_rows(closings: Sequence[TaxClosing], year: int) -> tuple[FormRow, ...]:
    """The rows of one year's closings: Form 8949 short, then long, then Form 6781."""
    order = list(Term)
    mine = [closing for closing in closings if closing.closed_on.year == year]
    mine.sort(key=lambda one: (order.index(one.term), one.closed_on))
    return tuple(_row(closing) for closing in mine)


def _row(closing: TaxClosing) -> FormRow:
    proceeds, basis = closing.proceeds.to_cents(), closing.basis.to_cents()
    adjustment = closing.disallowed.to_cents()
    written = " (written)" if closing.is_short else ""
    units = closing.units or "a fraction of"
    is_1256 = closing.term is Term.SECTION_1256
    opened, closed = closing.opened_on, closing.closed_on
    return FormRow(
        form="6781" if is_1256 else "8949",
        part=closing.term.value,
        account=closing.account,
        description=f"{units} {closing.instrument}{written}",
        acquired=closed if closing.is_short else opened,
        sold=opened if closing.is_short else closed,
        proceeds=proceeds,
        basis=basis,
        code=WASH_CODE if adjustment else "",
        adjustment=adjustment,
        gain=proceeds - basis + adjustment,
        realised_on=closed,
        ending=closing.ending.value,
        box=box_of(closing),
    )


def tax_sums(rows: Sequence[FormRow]) -> TaxSums:
    """Short and long, with 60% of section 1256 long and the rest short."""
    by_part = {part: total([row.gain for row in rows if row.part == part.value]) for part in Term}
    marked = by_part[Term.SECTION_1256]
    long_of_1256 = (marked * LONG_SHARE_1256).to_cents()
    return TaxSums(
        short_8949=by_part[Term.SHORT],
        long_8949=by_part[Term.LONG],
        section_1256=marked,
        short_term=by_part[Term.SHORT] + (marked - long_of_1256),
        long_term=by_part[Term.LONG] + long_of_1256,
        disallowed=total([row.adjustment for row in rows]),
    )


def instalments(rows: Sequence[FormRow], year: int) -> tuple[Instalment, ...]:
    """The four periods of estimated payments, each with what was realised in its months."""
    found = []
    for period, first, last, due in _PERIODS:
        mine = [row for row in rows if first <= row.realised_on.month <= last]
        due_on = date(year + (due < last), due, _DUE_DAY)
        found.append(Instalment(period, due_on, tax_sums(mine)))
    return tuple(found)
