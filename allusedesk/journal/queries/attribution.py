"""A journal's span as moments: what was seen of what was held, what was booked, each close."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allusedesk.domain.book import Booking
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import BrokerReported, MarketSampled
from allusedesk.domain.instruments import Instrument, with_underlyings
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.order_events import DividendBooked
from allusedesk.domain.orders import DividendPaid
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import BalancesMarked, CashBooked
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.chain import Row
from allusedesk.journal.queries.record import is_cost
from allusedesk.journal.quote_rows import quote_in_sample, rate_in_sample
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.scalars import read_instant
from allusedesk.journal.store import entry_of

_BOOKED = (
    "FillBooked",
    "CashBooked",
    "AssignmentBooked",
    "SettlementBooked",
    "ExpiryBooked",
    "DividendBooked",
    "ChargeBooked",
    "SplitBooked",
)
# An order may be filled while other looks come in between its own and its fill.
_SAMPLES_KEPT = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """Quotes of what is held, and of what it is priced by, at one instant.

    `rate` is the short rate a year that the market showed last; 0 where it showed none yet.
    """

    at: datetime
    quotes: Mapping[Instrument, Quote]
    rate: float


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking; `quotes` as last seen of what it changed.

    `moved` is what came from outside or another sleeve, `symbol` whose dividend it was.
    """

    at: datetime
    how: str
    booking: Booking
    quotes: Mapping[Instrument, Quote]
    moved: Mapping[str, Money]
    symbol: str
    rate: float


@dataclass(frozen=True, slots=True)
class Marked:
    """A close: every sleeve's equity, and the quotes it was marked by with those of underlyings."""

    at: datetime
    on: date
    equity: Mapping[str, Money]
    marks: Mapping[Instrument, Quote]
    quotes: Mapping[Instrument, Quote]
    rate: float


Moment = Seen | Booked | Marked


@dataclass(frozen=True, slots=True)
class Span:
    """The closes a period lies between, by their entries; 0 where it begins with the journal.

    `held` are the lots at its beginning.
    """

    first: date
    last: date
    sequence_first: int
    sequence_last: int
    held: tuple[Position, ...]


def span_of(side: ReadSide, first: date | None, last: date | None) -> Span | None:
    """The period of the closes from `first` to `last`; None where the journal has none of them."""
    closes = [
        (date.fromisoformat(day), sequence)
        for day, sequence in side.rows(
            "SELECT on_day, max(sequence) FROM marks GROUP BY on_day ORDER BY on_day"
        )
    ]
    inside = [
        one
        for one in closes
        if (first is None or one[0] >= first) and (last is None or one[0] <= last)
    ]
    if not inside:
        return None
    before = [one[1] for one in closes if one[0] < inside[0][0]]
    begins = before[-1] if before else 0
    return Span(inside[0][0], inside[-1][0], begins, inside[-1][1], _held_at(side, begins))


def moments(side: ReadSide, span: Span) -> Iterator[Moment]:
    """Every moment of the span in order; the first is the close before it, where there is one."""
    watch = _Watch(span.held)
    if span.sequence_first:
        row = next(iter(side.journal.rows(span.sequence_first, span.sequence_first)))
        if row.cause is not None:
            watch.see(next(iter(side.journal.rows(row.cause, row.cause))))
        yield watch.marked(row)
    for row in side.journal.rows(span.sequence_first + 1, span.sequence_last):
        if row.kind == MarketSampled.__name__:
            seen = watch.see(row)
            if seen.quotes:
                yield seen
        elif row.kind == BalancesMarked.__name__:
            yield watch.marked(row)
        elif row.kind in _BOOKED:
            yield watch.booked(side, row)


def rules_by_order(side: ReadSide) -> dict[str, str]:
    """The rule, with its rulebook, that wanted each order."""
    found = side.rows(
        "SELECT orders.id, proposals.rule FROM orders "
        "JOIN proposals ON proposals.id = orders.proposal ORDER BY orders.id"
    )
    return dict(found)


def labels_by_week(side: ReadSide) -> dict[tuple[str, str], str]:
    """Each family's label of each week, the last where it was corrected."""
    found = side.rows("SELECT family, week, label FROM labels ORDER BY sequence")
    return {(family, week): label for family, week, label in found}


def outcomes_by_week(side: ReadSide) -> dict[tuple[str, str], str]:
    """Each position's outcome of each week; what was only interim where nothing else is."""
    found = side.rows(
        "SELECT position, week, outcome FROM outcomes WHERE position IS NOT NULL "
        "ORDER BY tag != 'interim', sequence"
    )
    return {(position, week): outcome for position, week, outcome in found}


def closes_modelled(side: ReadSide, first: date, last: date) -> tuple[int, int]:
    """At how many closes of a period something was marked by a model, and how many there were."""
    found = side.rows(
        "SELECT max(is_modelled) FROM marks WHERE on_day BETWEEN ? AND ? GROUP BY on_day",
        (first.isoformat(), last.isoformat()),
    )
    return sum(bool(row[0]) for row in found), len(found)


def week_of(day: date) -> str:
    """The week a day belongs to, as the journal names it."""
    year, number, _ = day.isocalendar()
    return str(WeekId(year, number))


class _Watch:
    """What is held, and the last samples as text: only rows of what is held are ever read."""

    def __init__(self, held: Iterable[Position]) -> None:
        self._held = {lot.id: lot for lot in held}
        self._bodies: deque[str] = deque(maxlen=_SAMPLES_KEPT)

    def see(self, row: Row) -> Seen:
        self._bodies.appendleft(row.body)
        wanted = with_underlyings(lot.instrument for lot in self._held.values())
        found = {one: quote_in_sample(row.body, one) for one in wanted}
        quotes = {one: quote for one, quote in found.items() if quote is not None}
        return Seen(read_instant(row.recorded_at), quotes, self._rate)

    def marked(self, row: Row) -> Marked:
        event: Any = entry_of(row).event
        marks = {quote.instrument: quote for quote in event.quotes}
        lots = with_underlyings(lot.instrument for lot in self._held.values())
        return Marked(
            read_instant(row.recorded_at),
            event.on,
            {mark.account: mark.equity for mark in event.marks},
            marks,
            self._last_seen(lots) | marks,
            self._rate,
        )

    def booked(self, side: ReadSide, row: Row) -> Booked:
        event: Any = entry_of(row).event
        booking: Booking = event.booking
        how = row.kind.removesuffix("Booked").lower()
        lots = [lot for one in booking.changes for lot in (one.before, one.after) if lot]
        quotes = self._last_seen(with_underlyings(lot.instrument for lot in lots))
        _change(self._held, booking)
        moved: dict[str, Money] = {}
        if isinstance(event, CashBooked):
            for move in booking.cash:
                if not is_cost(move.reason):
                    moved[move.account] = moved.get(move.account, NOTHING) + move.amount
        symbol = ""
        if isinstance(event, DividendBooked) and row.cause is not None:
            symbol = _symbol_of(side, row.cause)
        at = read_instant(row.recorded_at)
        return Booked(at, how, booking, quotes, moved, symbol, self._rate)

    @property
    def _rate(self) -> float:
        return rate_in_sample(self._bodies[0]) if self._bodies else 0.0

    def _last_seen(self, wanted: Iterable[Instrument]) -> dict[Instrument, Quote]:
        found: dict[Instrument, Quote] = {}
        for one in wanted:
            for body in self._bodies:
                quote = quote_in_sample(body, one)
                if quote is not None:
                    found[one] = quote
                    break
        return found


def _symbol_of(side: ReadSide, sequence: int) -> str:
    event = next(iter(side.journal.read(sequence, sequence))).event
    if isinstance(event, BrokerReported) and isinstance(event.report, DividendPaid):
        return event.report.symbol
    return ""


def _held_at(side: ReadSide, sequence: int) -> tuple[Position, ...]:
    held: dict[PositionId, Position] = {}
    wanted = side.column(
        "SELECT sequence FROM bookings WHERE sequence <= ? ORDER BY sequence", (sequence,)
    )
    for one in wanted:
        event: Any = next(iter(side.journal.read(one, one))).event
        _change(held, event.booking)
    return tuple(held.values())


def _change(held: dict[PositionId, Position], booking: Booking) -> None:
    for one in booking.changes:
        if one.after is not None:
            held[one.after.id] = one.after
        elif one.before is not None:
            held.pop(one.before.id, None)
