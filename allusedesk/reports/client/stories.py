"""Each option of an account from its opening to its end, gathered from the bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from allusedesk.domain.events import BalancesMarked, Event
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.positions import Position
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import entry_of
from allusedesk.reports.client.record import AccountBooking, AccountRecord, amount_of

_LOOKED = frozenset((MarketSampled.__name__, BalancesMarked.__name__))


@dataclass(frozen=True, slots=True)
class StoryEnd:
    """How units of a lot ended: `amount` is the cash that came (negative: went) with it.

    `is_replaced` says that the same trade opened another one in its place.
    """

    on: date
    how: str
    quantity: int
    amount: Money
    realised: Money
    is_replaced: bool = False


@dataclass(frozen=True, slots=True)
class OptionStory:
    """One lot of options: what was agreed, how it ended in the period, and what is left of it.

    `premium` is what all `quantity` contracts brought (negative: cost) when they were opened,
    `realised` what those that ended in the period earned, commissions left aside; `was_split`
    says that the contract is not the one that was opened any more, `is_covered` that shares stood
    behind it when it was opened.
    """

    lot: PositionId
    account: str
    contract: OptionContract
    is_short: bool
    opened_on: date
    is_carried_in: bool
    quantity: int
    premium: Money
    ends: tuple[StoryEnd, ...]
    left: int
    was_split: bool
    is_covered: bool = False

    @property
    def realised(self) -> Money:
        return NOTHING.plus(end.realised for end in self.ends)

    @property
    def told_on(self) -> date:
        """The day under which it is told: that of its opening, or of its first end if earlier."""
        return self.ends[0].on if self.is_carried_in and self.ends else self.opened_on

    @property
    def is_bounded_by_rights(self) -> bool:
        """Whether it promises to sell, or to pay for a rise, what was not held."""
        return self.is_short and not self.is_put and not self.is_covered

    @property
    def was_delivered(self) -> bool:
        """Whether shares changed hands through it."""
        return any(end.how == "assignment" for end in self.ends)

    @property
    def is_put(self) -> bool:
        return self.contract.right is Right.PUT


@dataclass(frozen=True, slots=True)
class ShareStep:
    """Shares that came or went: `how` as the booking says, `amount` signed as cash."""

    sequence: int
    on: date
    how: str
    account: str
    symbol: str
    units_signed: int
    amount: Money
    cost: Money
    realised: Money


@dataclass(slots=True)
class _Told:
    """A story while it is being gathered."""

    first: Position
    last: Position
    opened_on: date
    is_carried_in: bool
    quantity: int = 0
    premium: Money = NOTHING
    ends: list[StoryEnd] = field(default_factory=list)
    was_split: bool = False


def option_stories(record: AccountRecord) -> tuple[OptionStory, ...]:
    """Every lot of options that was open in the period, by the day it is told under."""
    told: dict[PositionId, _Told] = {}
    for is_carried_in, booked in ((True, record.earlier), (False, record.bookings)):
        for booking in booked:
            _gather(told, booking, is_carried_in=is_carried_in)
        if is_carried_in:
            told = {lot: one for lot, one in told.items() if lot in record.held_first}
            for one in told.values():
                one.ends.clear()
    found = [_story(one, record.held) for one in told.values()]
    return tuple(sorted(found, key=lambda one: (one.told_on, one.lot)))


def _gather(told: dict[PositionId, _Told], booking: AccountBooking, *, is_carried_in: bool) -> None:
    for change in booking.changes:
        lot = change.after or change.before
        if lot is None or lot.option is None:
            continue
        before = change.before.quantity if change.before else 0
        after = change.after.quantity if change.after else 0
        if change.before is None:
            told[lot.id] = _Told(lot, lot, booking.on, is_carried_in)
        one = told[lot.id]
        one.last = lot
        if booking.how == "split" and change.before is not None:
            one.was_split = True
            one.quantity = after
        elif after > before:
            one.quantity += after - before
            one.premium = one.premium + amount_of(change)
        elif after < before:
            end = StoryEnd(
                booking.on,
                booking.how,
                before - after,
                amount_of(change),
                change.realised,
                is_replaced=booking.how == "fill" and _opens(booking, lot),
            )
            one.ends.append(end)


def _opens(booking: AccountBooking, closed: Position) -> bool:
    """Whether a booking opens options on the same side as the ones it closes."""
    opened = [change.after for change in booking.changes if change.before is None]
    return any(
        lot is not None and lot.option is not None and lot.is_short is closed.is_short
        for lot in opened
    )


def _story(told: _Told, held: Mapping[PositionId, Position]) -> OptionStory:
    contract = told.last.option
    if contract is None:
        raise ValueError(f"{told.last.id} is no option.")
    left = held.get(told.last.id)
    return OptionStory(
        lot=told.first.id,
        account=told.first.account,
        contract=contract,
        is_short=told.first.is_short,
        opened_on=told.opened_on,
        is_carried_in=told.is_carried_in,
        quantity=told.quantity,
        premium=told.premium,
        ends=tuple(told.ends),
        left=left.quantity if left else 0,
        was_split=told.was_split,
        is_covered=told.first.linked_to is not None,
    )


def share_steps(record: AccountRecord) -> tuple[ShareStep, ...]:
    """Every coming and going of shares in the period, in order."""
    found = []
    for booking in record.bookings:
        for change in booking.changes:
            lot = change.after or change.before
            if lot is None or not isinstance(lot.instrument, Stock):
                continue
            before = change.before.quantity_signed if change.before else 0
            after = change.after.quantity_signed if change.after else 0
            amount = amount_of(change)
            found.append(
                ShareStep(
                    booking.sequence,
                    booking.on,
                    booking.how,
                    lot.account,
                    lot.instrument.symbol,
                    after - before,
                    amount,
                    amount - change.realised,
                    change.realised,
                )
            )
    return tuple(found)


def prices_at_the_end(
    side: ReadSide, stories: Sequence[OptionStory]
) -> dict[tuple[str, date], Price]:
    """What the share (or index) of each option that ran to its end cost at the last look that day.

    A pair of symbol and last day is left out where the desk did not look.
    """
    wanted: dict[date, set[str]] = {}
    for story in stories:
        if any(end.how != "fill" for end in story.ends):
            wanted.setdefault(story.contract.expiry, set()).add(story.contract.priced_by)
    found: dict[tuple[str, date], Price] = {}
    for day in sorted(wanted):
        for symbol, price in _looked(side, day, wanted[day]).items():
            found[symbol, day] = price
    return found


def _looked(side: ReadSide, day: date, symbols: set[str]) -> dict[str, Price]:
    before, last = side.rows(
        "SELECT max(CASE WHEN on_day < ? THEN sequence END), max(sequence) FROM marks "
        "WHERE on_day <= ?",
        (day.isoformat(), day.isoformat()),
    )[0]
    if last is None or last == before:
        return {}
    found: dict[str, Price] = {}
    rows = [row for row in side.journal.rows((before or 0) + 1, last) if row.kind in _LOOKED]
    for row in reversed(rows):
        if len(found) == len(symbols):
            break
        if any(symbol in row.body for symbol in symbols if symbol not in found):
            for symbol, price in _shares_priced(entry_of(row).event):
                if symbol in symbols:
                    found.setdefault(symbol, price)
    return found


def _shares_priced(event: Event) -> Iterable[tuple[str, Price]]:
    quotes = (
        [seen.quote for seen in event.snapshot.underlyings]
        if isinstance(event, MarketSampled)
        else event.quotes
        if isinstance(event, BalancesMarked)
        else ()
    )
    for quote in quotes:
        if isinstance(quote.instrument, Stock) and quote.mark is not None:
            yield quote.instrument.symbol, quote.mark


def price_per_share(amount: Money, units: int) -> Price:
    """An amount over so many shares; raises ZeroDivisionError for none."""
    return Price(abs(amount.amount) / Decimal(abs(units)), amount.currency)
