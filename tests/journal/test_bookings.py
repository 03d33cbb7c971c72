from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from allusedesk.domain import events as told
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId
from allusedesk.domain.book import Booking
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.money import NOTHING
from allusedesk.domain.quotes import Quote
from allusedesk.journal.bookings import book_as_of, bookings, tax_reserves, year_end_prices
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from tests.journal.week_entries import GEN, LOT, PUT, REV, at, balances, price, recorded, usd

FORK = AccountId("F2.gen")


def read(path: Path, *more: tuple[datetime, Event]) -> ReadSide:
    entries = recorded()
    entries += [
        Entry(len(entries) + number, moment, None, event)
        for number, (moment, event) in enumerate(more, 1)
    ]
    with Journal.create(path / "week.journal", durable=False) as journal, journal.group():
        journal.append(entries)
    return ReadSide.open(path / "week.journal")


def test_bookings_come_in_order_with_the_day_they_count_for(tmp_path: Path) -> None:
    with read(tmp_path) as side:
        found = list(bookings(side))
    assert [(one.on, one.how) for one in found] == [
        (date(2026, 2, 9), "cash"),
        (date(2026, 2, 12), "fill"),
        (date(2026, 2, 13), "expiry"),
        (date(2026, 2, 18), "cash"),
        (date(2026, 2, 18), "cash"),
    ]
    assert [len(one.booking.changes) for one in found] == [0, 1, 1, 0, 0]
    assert found[1].sequence < found[2].sequence


def test_a_fill_booked_late_counts_for_the_day_it_was_traded(tmp_path: Path) -> None:
    entries = recorded()
    booked = next(one.event for one in entries if isinstance(one.event, told.FillBooked))
    # Midnight in London is still the evening before in New York.
    late = replace(
        booked,
        fills=tuple(
            replace(fill, id="late", filled_at=datetime(2026, 2, 18, 0, 30, tzinfo=UTC))
            for fill in booked.fills
        ),
        booking=Booking((), ()),
    )
    with read(tmp_path, (at(19), late)) as side:
        assert list(bookings(side))[-1].on == date(2026, 2, 17)


def test_the_book_is_what_the_bookings_add_up_to(tmp_path: Path) -> None:
    with read(tmp_path) as side:
        book = book_as_of(side, date(2026, 2, 18))
    assert book.cash[GEN].settled == usd(1000 + 238 + 100 - 1)
    assert (book.cash[REV].settled, book.cash[REV].pending) == (usd(500), ())
    assert LOT not in book.positions


def test_a_merged_family_has_left_the_book(tmp_path: Path) -> None:
    opened = told.FamilyOpened(
        Family(FamilyId("F2"), FamilyId("F1"), date(2026, 2, 19)),
        (Account(FORK, FamilyId("F2"), AccountKind.GENERATION, date(2026, 2, 19)),),
        (usd(50),),
    )
    merged = told.FamilyMerged(FamilyId("F2"), GEN, usd(50))
    with read(tmp_path, (at(19), opened)) as side:
        assert set(book_as_of(side, date(2026, 2, 19)).accounts) == {GEN, REV, FORK}
    whole = tmp_path / "whole"
    whole.mkdir()
    with read(whole, (at(19), opened), (at(20), merged)) as side:
        assert set(book_as_of(side, date(2026, 2, 20)).accounts) == {GEN, REV}


def test_prices_at_the_years_ends_are_those_of_the_last_close(tmp_path: Path) -> None:
    def marked(day: int, mark: str) -> told.BalancesMarked:
        seen = Quote(PUT, price(mark), price(mark), None, at(day))
        unseen = Quote(replace(PUT, strike=Decimal(250)), None, None, None, at(day))
        return replace(balances(day, 1000, 495), quotes=(seen, unseen))

    with read(tmp_path, (at(19, 21), marked(19, "3")), (at(20, 21), marked(20, "4"))) as side:
        assert year_end_prices(side) == {2026: {PUT: price(4)}}


def test_tax_reserves_add_up_by_sleeve(tmp_path: Path) -> None:
    def kept(quarter: str, tax: int) -> told.GainReinvested:
        return told.GainReinvested(REV, quarter, usd(100), usd(tax), usd(50), usd(20))

    with read(tmp_path, (at(19), kept("2026Q1", 30)), (at(20), kept("2026Q2", 12))) as side:
        assert tax_reserves(side) == {REV: usd(42)}
        assert tax_reserves(side).get(GEN, NOTHING) == NOTHING
