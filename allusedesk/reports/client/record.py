"""What the journal holds of one account and one period, before it is put into plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from allusedesk.domain.book import LotChange
from allusedesk.domain.events import BalancesMarked
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import STANDARD_MULTIPLIER, Instrument
from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.positions import Position
from allusedesk.journal.bookings import BookingSeen, bookings
from allusedesk.journal.queries.blotters import fills_since
from allusedesk.journal.queries.record import is_cost, sleeves
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Branching, Mark, Reinvestment, Sleeve
from allusedesk.reports.kinds import PeriodUnknown, ReportPeriod

_FINEST = Decimal("0.000001")
_ONE = Decimal(1)
_TRADES_MODELLED = (
    "SELECT DISTINCT fills.account FROM fills JOIN orders ON orders.id = order_id JOIN proposals "
    "ON proposals.id = orders.proposal WHERE is_modelled AND fills.sequence BETWEEN ? AND ?"
)


class AccountUnknown(PeriodUnknown):
    """The journal has no such account, or it did not exist in the period; says what to write."""


@dataclass(frozen=True, slots=True)
class AccountBooking:
    """The part of one booking that concerns the account; `order` is empty where none led to it.

    `cash` is what came (negative: went) with it, `fees` what of that were commissions.
    """

    sequence: int
    on: date
    how: str
    reason: str
    changes: tuple[LotChange, ...]
    cash: Money
    fees: Money


@dataclass(frozen=True, slots=True)
class AccountDay:
    """The account at one close; `moved` came from outside since the close before.

    `index` is 1 where the period begins and grows by each day's gain; `at_risk` is the loss if
    every share became worthless overnight and every right bought with it.
    """

    on: date
    equity: Money
    moved: Money
    gain: Money
    index: Decimal
    at_risk: Money
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class SpreadGiven:
    """What trades brought less than the middle of bid and ask, where that was recorded."""

    amount: Money
    fills_measured: int
    fills: int


@dataclass(frozen=True, slots=True)
class LookCount:
    """Of all prices the desk looked at in the period: how many, and how many were computed."""

    quotes: int
    modelled: int


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One account over a period, from the close before it to its last close.

    `bookings` are those of the period, `earlier` all before; `held_first` and `held` are the lots
    at both closes, `prices_first` and `prices` what they cost then.
    """

    name: str
    sleeves: tuple[Sleeve, ...]
    period: ReportPeriod
    sequence_first: int
    sequence_last: int
    equity_first: Money
    days: tuple[AccountDay, ...]
    earlier: tuple[AccountBooking, ...]
    bookings: tuple[AccountBooking, ...]
    held_first: Mapping[PositionId, Position]
    held: Mapping[PositionId, Position]
    cash: Money
    prices_first: Mapping[Instrument, Price]
    prices: Mapping[Instrument, Price]
    spread: SpreadGiven
    looks: LookCount
    branchings: tuple[Branching, ...]
    reinvestments: tuple[Reinvestment, ...]
    is_traded_modelled: bool

    @property
    def equity(self) -> Money:
        return self.days[-1].equity

    @property
    def closed_on(self) -> date:
        return self.days[-1].on

    @property
    def moved(self) -> Money:
        return total([day.moved for day in self.days])

    @property
    def gain(self) -> Money:
        """What the account gained or lost, money from and to the outside left aside."""
        return self.equity - self.equity_first - self.moved

    @property
    def is_modelled(self) -> bool:
        """Whether any price behind the figures was computed by a model."""
        return self.is_traded_modelled or any(day.is_modelled for day in self.days)


def accounts_named(side: ReadSide, name: str) -> tuple[str, tuple[Sleeve, ...]]:
    """The sleeves of a family such as `F1`, or one sleeve such as `F1.gen`; the first if empty.

    Raises AccountUnknown where the journal has none of that name.
    """
    known = sleeves(side)
    if not known:
        message = f"{side.journal.path} holds no account yet: let the desk open one first."
        raise AccountUnknown(message)
    name = name or known[0].family
    found = tuple(one for one in known if name in (one.family, one.account))
    if not found:
        families = dict.fromkeys(one.family for one in known)
        written = ", ".join([*families, *(one.account for one in known)])
        message = f"The journal has no account {name!r}: write one of {written}."
        raise AccountUnknown(message)
    return name, found


def account_record(side: ReadSide, period: ReportPeriod, name: str) -> AccountRecord:
    """Everything of one account in a period.

    Raises AccountUnknown where there is no such account, or it was not open in the period.
    """
    name, mine = accounts_named(side, name)
    accounts = tuple(one.account for one in mine)
    first, last = _span(side, period)
    marked = _marks(side, accounts, last)
    inside = {on: marks for on, marks in marked.items() if on >= period.first}
    if not inside:
        opened = min(one.opened_on for one in mine)
        message = (
            f"The account {name} was not open in {period.name} (it was opened on {opened}"
            f"{_closed(marked)}): ask for another period."
        )
        raise AccountUnknown(message)
    before = [marks for on, marks in marked.items() if on < period.first]
    start = before[-1] if before else ()
    seen = [one for one in _bookings_of(side, accounts) if one.sequence <= last]
    earlier = tuple(one for one in seen if one.sequence < first)
    booked = tuple(one for one in seen if one.sequence >= first)
    held_first = _held({}, earlier)
    equity_first = total([mark.equity for mark in start])
    days = _days(equity_first, inside, booked)
    # An account that went home during the period holds nothing at its end.
    end = inside.get(days[-1].on, ()) if days[-1].equity else ()
    return AccountRecord(
        name=name,
        sleeves=mine,
        period=period,
        sequence_first=first,
        sequence_last=last,
        equity_first=equity_first,
        days=days,
        earlier=earlier,
        bookings=booked,
        held_first=held_first,
        held=_held(held_first, booked),
        cash=total([mark.cash for mark in end]),
        prices_first=_prices(side, first - 1),
        prices=_prices(side, last),
        spread=_spread(side, accounts, first, last),
        looks=_looks(side, first, last),
        branchings=_branchings(side, mine, first, last),
        reinvestments=tuple(
            one
            for one in side.figures(
                Reinvestment, "FROM reinvestments WHERE sequence <= ? ORDER BY sequence", (last,)
            )
            if one.account in accounts
        ),
        is_traded_modelled=bool(
            set(side.column(_TRADES_MODELLED, (first, last))).intersection(accounts)
        ),
    )


def _span(side: ReadSide, period: ReportPeriod) -> tuple[int, int]:
    """Entries from after the last close before the period up to its own last close."""
    before, last = side.rows(
        "SELECT max(CASE WHEN on_day < ? THEN sequence END), max(sequence) FROM marks "
        "WHERE on_day <= ?",
        (period.first.isoformat(), period.last.isoformat()),
    )[0]
    if last is None or last == before:
        message = f"The journal has no close in {period.name} yet: let the desk run to one first."
        raise AccountUnknown(message)
    return (before or 0) + 1, last


def _marks(side: ReadSide, accounts: Sequence[str], last: int) -> dict[date, tuple[Mark, ...]]:
    """The account's marks by day; of two at one close the later counts."""
    found: dict[date, dict[str, Mark]] = {}
    for mark in side.figures(
        Mark, "FROM marks WHERE sequence <= ? ORDER BY on_day, account, sequence", (last,)
    ):
        if mark.account in accounts:
            found.setdefault(mark.on_day, {})[mark.account] = mark
    return {on: tuple(marks.values()) for on, marks in found.items()}


def _closed(marked: Mapping[date, object]) -> str:
    return f" and last seen on {max(marked)}" if marked else ""


def _bookings_of(side: ReadSide, accounts: Sequence[str]) -> Iterable[AccountBooking]:
    for seen in bookings(side):
        part = _part_of(seen, accounts)
        if part is not None:
            yield part


def _part_of(seen: BookingSeen, accounts: Sequence[str]) -> AccountBooking | None:
    booking = seen.booking
    changes = tuple(one for one in booking.changes if one.lot.account in accounts)
    moves = [move for move in booking.cash if move.account in accounts]
    if not changes and not moves:
        return None
    cash = total([move.amount for move in moves])
    fees = NOTHING
    if seen.how not in ("cash", "dividend", "split"):
        fees = total([amount_of(change) for change in changes]) - cash
    reason = moves[0].reason if moves else ""
    return AccountBooking(seen.sequence, seen.on, seen.how, reason, changes, cash, fees)


def amount_of(change: LotChange) -> Money:
    """The cash that a change of a lot brought (negative: cost), commissions left aside."""
    return Money(change.cash.amount.quantize(_FINEST), change.cash.currency)


def is_outside(booking: AccountBooking) -> bool:
    """Whether a booking is money that came or went, and neither gain nor loss."""
    return booking.how == "cash" and not is_cost(booking.reason)


def _held(
    start: Mapping[PositionId, Position], booked: Iterable[AccountBooking]
) -> dict[PositionId, Position]:
    held = dict(start)
    for booking in booked:
        for change in booking.changes:
            lot = change.lot
            if change.after is None:
                held.pop(lot.id, None)
            else:
                held[lot.id] = change.after
    return held


def _days(
    equity_first: Money,
    marked: Mapping[date, tuple[Mark, ...]],
    booked: Sequence[AccountBooking],
) -> tuple[AccountDay, ...]:
    found = []
    outside = [one for one in booked if is_outside(one)]
    index, before, sequence = _ONE, equity_first, 0
    for on, marks in marked.items():
        closed = max(mark.sequence for mark in marks)
        moved = total([one.cash for one in outside if sequence < one.sequence <= closed])
        equity = total([mark.equity for mark in marks])
        whole = before + moved
        if whole.amount > 0:
            index = index * equity.share_of(whole)
        found.append(
            AccountDay(
                on,
                equity,
                moved,
                equity - whole,
                index,
                total([mark.positions + mark.collateral for mark in marks]),
                any(mark.is_modelled for mark in marks),
            )
        )
        before, sequence = equity, closed
    late = [one for one in outside if one.sequence > sequence]
    if late:
        # The account went home after its last close, so nothing was marked any more.
        moved = total([one.cash for one in late])
        gain = -(before + moved)
        if before.amount > 0:
            index = index * (before + gain).share_of(before)
        day = AccountDay(late[-1].on, NOTHING, moved, gain, index, NOTHING, is_modelled=False)
        if day.on == found[-1].on:
            last = found.pop()
            day = replace(day, moved=last.moved + moved, gain=last.gain + gain)
        found.append(day)
    return tuple(found)


def _prices(side: ReadSide, last: int) -> dict[Instrument, Price]:
    """Marks of what was held at the close that the entry `last` marked; none for entry 0."""
    if not last:
        return {}
    marked = next(iter(side.journal.read(last, last))).event
    if not isinstance(marked, BalancesMarked):
        return {}
    return {one.instrument: one.mark for one in marked.quotes if one.mark is not None}


def _spread(side: ReadSide, accounts: Sequence[str], first: int, last: int) -> SpreadGiven:
    mine = [
        fill
        for fill in fills_since(side, first - 1)
        if fill.sequence <= last and fill.account in accounts
    ]
    given = []
    for fill in mine:
        better = fill.slippage
        if better is not None:
            is_option = fill.instrument.endswith((" put", " call"))
            units = fill.quantity * (STANDARD_MULTIPLIER if is_option else 1)
            given.append(Money(-better.per_unit * units))
    return SpreadGiven(total(given), len(given), len(mine))


def _looks(side: ReadSide, first: int, last: int) -> LookCount:
    quotes, modelled = side.rows(
        "SELECT total(quotes), total(modelled) FROM samples WHERE sequence BETWEEN ? AND ?",
        (first, last),
    )[0]
    return LookCount(int(quotes), int(modelled))


def _branchings(
    side: ReadSide, mine: Sequence[Sleeve], first: int, last: int
) -> tuple[Branching, ...]:
    accounts = {one.account for one in mine}
    families = {one.family for one in mine}
    seen = side.figures(
        Branching,
        "FROM branchings WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
        (first, last),
    )
    return tuple(one for one in seen if one.account in accounts or one.family in families)
