"""Every booking with the day it counts for, and the book they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from allusedesk.domain.book import Book, Booking
from allusedesk.domain.events import Entry
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.order_events import FillBooked
from allusedesk.domain.sleeve_events import BalancesMarked, FamilyMerged, FamilyOpened
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Reinvestment

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class BookingSeen:
    """One booking; `how` is fill, assignment, settlement, expiry, dividend, split or cash."""

    sequence: int
    on: date
    how: str
    booking: Booking


def bookings(side: ReadSide) -> Iterator[BookingSeen]:
    """Every booking in order; a fill counts for the day it was traded, in New York."""
    sequences = side.column("SELECT sequence FROM bookings ORDER BY sequence")
    hows = side.column("SELECT how FROM bookings ORDER BY sequence")
    for sequence, how in zip(sequences, hows, strict=True):
        entry = _entry(side, sequence)
        yield BookingSeen(sequence, _day_of(entry), how, _booking_of(entry))


def book_as_of(side: ReadSide, today: date) -> Book:
    """Accounts, cash and positions after the last entry, with what settles up to `today`."""
    book = Book()
    wanted = side.column(
        "SELECT sequence FROM sleeves UNION SELECT sequence FROM bookings "
        "UNION SELECT sequence FROM branchings WHERE how = 'merge' ORDER BY sequence"
    )
    for sequence in wanted:
        entry = _entry(side, sequence)
        match entry.event:
            case FamilyOpened():
                book = book.with_family(entry.event.family, entry.event.accounts)
            case FamilyMerged():
                book = book.without_family(entry.event.family)
            case _:
                day = entry.recorded_at.astimezone(_NEW_YORK).date()
                book = book.settled_through(day).booked(_booking_of(entry), day)
    return book.settled_through(today)


def year_end_prices(side: ReadSide) -> dict[int, dict[Instrument, Price]]:
    """The marks of what was held at each year's last marked close."""
    found: dict[int, dict[Instrument, Price]] = {}
    last = side.column("SELECT max(sequence) FROM marks GROUP BY substr(on_day, 1, 4)")
    for sequence in last:
        event = _entry(side, sequence).event
        if isinstance(event, BalancesMarked):
            prices = {quote.instrument: quote.mark for quote in event.quotes}
            found[event.on.year] = {held: mark for held, mark in prices.items() if mark is not None}
    return found


def tax_reserves(side: ReadSide) -> dict[str, Money]:
    """What each sleeve has put aside for tax out of its quarters' gains."""
    kept: dict[str, Money] = {}
    for part in side.figures(Reinvestment, "FROM reinvestments ORDER BY sequence"):
        kept[part.account] = kept.get(part.account, NOTHING) + part.tax
    return kept


def _entry(side: ReadSide, sequence: int) -> Entry:
    return next(iter(side.journal.read(sequence, sequence)))


def _day_of(entry: Entry) -> date:
    at = entry.recorded_at
    if isinstance(entry.event, FillBooked):
        at = max(fill.filled_at for fill in entry.event.fills)
    return at.astimezone(_NEW_YORK).date()


def _booking_of(entry: Entry) -> Booking:
    event: Any = entry.event
    booking = event.booking
    if not isinstance(booking, Booking):
        message = f"Entry {entry.sequence} books nothing."
        raise TypeError(message)
    return booking
