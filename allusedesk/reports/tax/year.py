"""One year of one taxpayer, gathered from the journal for the tax statement; an estimate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.inputs import DeskOpened
from allusedesk.domain.money import Money, total
from allusedesk.journal.bookings import BookingSeen, bookings, year_end_prices
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import CashMoved, Reinvestment
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_lots import (
    LotChoice,
    TaxClosing,
    TaxLot,
    TaxPicture,
    WashDeferral,
)
from allusedesk.portfolio.tax_trades import TaxEvent, tax_events
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.kinds import PeriodUnknown
from allusedesk.reports.tax.report import TaxReport, report_of

# Shares must be held more than this many days within 60 around the ex-date (1(h)(11)(B)(iii)).
HELD_DAYS_MIN = 61
_AROUND = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class DividendSeen:
    """A dividend of the year; `is_ordinary` where the shares were surely held too short."""

    on: date
    account: str
    symbol: str
    amount: Money
    is_ordinary: bool


@dataclass(frozen=True, slots=True)
class WashSeen:
    """A deferral of the year's losses: the closing that lost, and where the loss went."""

    loss: TaxClosing
    into: WashDeferral


@dataclass(frozen=True, slots=True)
class TaxYear:
    """A year: its rows and sums, deferrals, lots at its end, income, commissions and reserve.

    `lots` are those open after the year's last day on record, `reserve_share` the part of gains
    the rulebook sets aside, `reserved` what was set aside in the year's quarters.
    """

    report: TaxReport
    is_whole: bool
    washes: tuple[WashSeen, ...]
    lots: tuple[TaxLot, ...]
    dividends: tuple[DividendSeen, ...]
    interest: tuple[CashMoved, ...]
    charges: tuple[CashMoved, ...]
    commissions: Money
    reserve_share: Decimal
    reserved: tuple[Reinvestment, ...]

    @property
    def still_deferred(self) -> Money:
        """Losses in the cost of what is still open, or was bought after the year."""
        later = [one.into for one in self.washes if one.into.acquired_on.year > self.report.year]
        return total([*(lot.deferred for lot in self.lots), *(one.deferred for one in later)])

    @property
    def set_aside(self) -> Money:
        return total([one.tax for one in self.reserved])


def tax_year(side: ReadSide, year: int, choice: LotChoice) -> TaxYear:
    """A year's taxes as the whole journal tells them. Raises PeriodUnknown without one day of it.

    A loss of December may be deferred by a purchase of January, so the journal is read to its end.
    """
    last = last_mark_day(side)
    if last is None:
        raise PeriodUnknown("The journal holds no whole day yet, so no year can be reported.")
    seen = list(bookings(side))
    dated = [(one.on, event) for one in seen for event in tax_events(one.on, one.how, one.booking)]
    marks = year_end_prices(side)
    whole = estimate_tax(dated, last, marks, choice)
    ends = min(last, date(year, 12, 31))
    at_end = estimate_tax(_until(dated, ends), ends, marks, choice)
    first = next(iter(side.journal.read(1, 1))).event
    if not isinstance(first, DeskOpened):
        raise PeriodUnknown("The journal does not begin with the opening of a desk: verify it.")
    inside = [one for one in seen if one.on.year == year]
    charged = _charged(side, year)
    return TaxYear(
        report=report_of(side, year, whole, choice),
        is_whole=last >= date(year, 12, 31),
        washes=_washes(whole, year),
        lots=at_end.lots,
        dividends=tuple(_dividends(inside, whole, last)),
        interest=tuple(one for one in charged if "interest" in one.reason.lower()),
        charges=tuple(one for one in charged if "interest" not in one.reason.lower()),
        commissions=total([one.booking.commission for one in inside]),
        reserve_share=parse_rulebook(first.rulebook_text).reinvestment.tax,
        reserved=tuple(
            one
            for one in side.figures(Reinvestment, "FROM reinvestments ORDER BY sequence")
            if one.quarter.startswith(f"{year:04}-")
        ),
    )


def _until(dated: Iterable[tuple[date, TaxEvent]], ends: date) -> Iterable[tuple[date, TaxEvent]]:
    return [(on, event) for on, event in dated if on <= ends]


def _washes(whole: TaxPicture, year: int) -> tuple[WashSeen, ...]:
    found = [WashSeen(whole.closings[one.closing], one) for one in whole.washes]
    return tuple(one for one in found if one.loss.closed_on.year == year)


def _charged(side: ReadSide, year: int) -> Sequence[CashMoved]:
    """Interest and fees booked apart from trades."""
    moved = side.figures(
        CashMoved,
        "FROM cash_moves WHERE how = 'cash' AND (lower(reason) LIKE '%interest%' "
        "OR lower(reason) LIKE '%fee%' OR lower(reason) LIKE '%commission%') ORDER BY sequence",
    )
    return [one for one in moved if one.settles_on.year == year]


def _dividends(
    inside: Sequence[BookingSeen], whole: TaxPicture, last: date
) -> Iterable[DividendSeen]:
    for one in inside:
        if one.how != "dividend":
            continue
        for move in one.booking.cash:
            symbol, _, ex_date = move.reason.removeprefix("dividend of ").partition(", ex ")
            ex_day = date.fromisoformat(ex_date) if ex_date else one.on
            yield DividendSeen(
                one.on,
                move.account,
                symbol,
                move.amount,
                _is_ordinary(whole, symbol, ex_day, last),
            )


def _is_ordinary(whole: TaxPicture, symbol: str, ex_day: date, last: date) -> bool:
    """Whether no share of the symbol was held long enough around the ex-date, as far as it goes.

    Days under a written call may count for nothing, so that a longer holding proves nothing.
    """
    first, end = ex_day - _AROUND, ex_day + _AROUND
    spans = [
        (one.opened_on, one.closed_on)
        for one in whole.closings
        if str(one.instrument) == symbol and not one.is_short
    ]
    spans += [
        (lot.acquired_on, max(end, last))
        for lot in whole.lots
        if str(lot.instrument) == symbol and not lot.is_short
    ]
    held = [
        (min(closed, end) - max(opened, first)).days
        for opened, closed in spans
        if opened < ex_day <= closed
    ]
    return bool(held) and max(held) < HELD_DAYS_MIN
