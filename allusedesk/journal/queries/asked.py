"""Questions about any part of a record: so many days, these sleeves, one symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from allusedesk.domain.money import Money, Price
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Mark
from allusedesk.journal.scalars import read_instant, read_money

_NEW_YORK = ZoneInfo("America/New_York")
# What a table names a symbol by, where it does.
_SYMBOLS = {
    "proposals": "legs",
    "orders": "legs",
    "fills": "instrument",
    "lots": "instrument_opened",
    "turned_down": "candidate",
    "cash_moves": "reason",
}
# Rows of these are about their week as a whole, whenever they were written.
_OF_WEEKS = frozenset({"outcomes", "labels", "conditions", "forecasts", "closings"})

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a record: entries and weeks from first to last, sleeves and a symbol.

    No sleeve means all of them, an empty symbol any.
    """

    entries: tuple[int, int]
    weeks: tuple[str, str]
    accounts: tuple[str, ...] = ()
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class TurnedDownSum:
    """How often a rule stopped candidates of a sleeve, and the newest of them with its figures."""

    sequence: int
    account: str
    candidate: str
    rule: str
    reason: str
    value: str
    limit_value: str
    count: int


@dataclass(frozen=True, slots=True)
class LotEnded:
    """What a lot realised by a booking, before commissions."""

    sequence: int
    week: str
    lot: str
    account: str
    instrument: str
    role: str
    how: str
    realised: Money
    opened_sequence: int
    quantity_before: int
    quantity_after: int


@dataclass(frozen=True, slots=True)
class CashSum:
    """Cash that came or went for one reason."""

    sequence: int
    week: str
    account: str
    amount: Money
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class LotNow:
    """A lot that is open, with the entry that opened it."""

    id: str
    account: str
    instrument: str
    role: str
    quantity: int
    price_average: Price
    basis: Price | None
    opened_sequence: int
    opened_at: datetime


def last_instant(side: ReadSide) -> datetime | None:
    """When the last entry was recorded; None for an empty journal."""
    head = side.journal.head()[0]
    return _instant_at(side, head) if head else None


def scope_of(
    side: ReadSide, first: date, last: date, accounts: Sequence[str] = (), symbol: str = ""
) -> Scope:
    """The entries recorded on days in New York from `first` to `last`, both included."""
    head = side.journal.head()[0]
    begins = datetime(first.year, first.month, first.day, tzinfo=_NEW_YORK)
    ends = datetime(last.year, last.month, last.day, tzinfo=_NEW_YORK) + timedelta(days=1)
    entries = (_first_from(side, begins, head), _first_from(side, ends, head) - 1)
    return Scope(entries, (_week_of(first), _week_of(last)), tuple(accounts), symbol)


def rows_asked(
    side: ReadSide,
    kind: type[_Row],
    table: str,
    scope: Scope,
    also: str = "",
    values: Sequence[object] = (),
    order: str = "sequence",
) -> tuple[_Row, ...]:
    """The rows of a table within a scope; `also` narrows them further."""
    where, wanted = scope_where(table, scope)
    rest = f"FROM {table} WHERE {where} {f'AND ({also})' if also else ''} ORDER BY {order}"
    return tuple(side.figures(kind, rest, (*wanted, *values)))


def turned_down_asked(side: ReadSide, scope: Scope) -> tuple[TurnedDownSum, ...]:
    """Why candidates never became a proposal, most often first."""
    where, wanted = scope_where("turned_down", scope)
    return tuple(
        side.figures(
            TurnedDownSum,
            # Beside max() SQLite takes the other columns from the row that has it.
            "FROM (SELECT max(sequence) AS sequence, account, "  # noqa: S608
            "candidate, rule, reason, value, "
            f"limit_value, sum(count) AS count FROM turned_down WHERE {where} AND proposal = '' "
            "GROUP BY account, rule) ORDER BY count DESC, account, rule",
            wanted,
        )
    )


def lots_ended(side: ReadSide, scope: Scope) -> tuple[LotEnded, ...]:
    """Every booking that realised a lot or a part of it, in order."""
    narrowed, values = lots_where("c.account", scope)
    return tuple(
        side.figures(
            LotEnded,
            "FROM (SELECT c.sequence AS sequence, c.week AS week, lot, "  # noqa: S608
            "c.account AS account, "
            "instrument_opened AS instrument, role, how, realised, opened_sequence, "
            "quantity_before, quantity_after "
            "FROM lot_changes AS c JOIN lots ON lots.id = lot "
            "WHERE c.sequence BETWEEN ? AND ? AND c.week BETWEEN ? AND ? AND quantity_before != 0 "
            f"{narrowed}) ORDER BY sequence",
            [*scope.entries, *_weeks_around(scope), *values],
        )
    )


def cash_asked(side: ReadSide, scope: Scope, hows: Sequence[str]) -> tuple[CashSum, ...]:
    """Cash booked in one of these ways, in order."""
    also = f"how IN ({_marks(hows)})"
    return rows_asked(side, CashSum, "cash_moves", scope, also, hows)


def commissions_asked(
    side: ReadSide, scope: Scope
) -> tuple[tuple[str, Decimal, int, int, int], ...]:
    """By sleeve: the commissions of fills, how many fills, and the first and last entry."""
    where, wanted = scope_where("fills", scope)
    rows = side.rows(
        f"SELECT account, commission, sequence FROM fills WHERE "  # noqa: S608
        f"{where} ORDER BY sequence",
        wanted,
    )
    sums: dict[str, tuple[Decimal, int, int, int]] = {}
    for account, commission, sequence in rows:
        paid, fills, first, _ = sums.get(account, (Decimal(0), 0, sequence, sequence))
        sums[account] = (paid + read_money(commission).amount, fills + 1, first, sequence)
    return tuple((account, *sums[account]) for account in sorted(sums))


def marks_at(side: ReadSide, day: date, accounts: Sequence[str] = ()) -> tuple[Mark, ...]:
    """Each sleeve's last mark at or before a day; a sleeve merged earlier has none."""
    found = side.column("SELECT max(on_day) FROM marks WHERE on_day <= ?", (day.isoformat(),))
    if not found or found[0] is None:
        return ()
    marks = side.figures(Mark, "FROM marks WHERE on_day = ? ORDER BY sequence", (found[0],))
    latest = {one.account: one for one in marks if not accounts or one.account in accounts}
    return tuple(latest[account] for account in sorted(latest))


def lots_now(
    side: ReadSide, accounts: Sequence[str] = (), symbol: str = "", at: int | None = None
) -> tuple[LotNow, ...]:
    """Every lot that is open, or was after the entry `at`, by sleeve, oldest first."""
    conditions, values = ["closed_sequence IS NULL"], list[object]()
    last = side.journal.head()[0] if at is None else at
    if at is not None:
        conditions = ["opened_sequence <= ? AND (closed_sequence IS NULL OR closed_sequence > ?)"]
        values = [at, at]
    if accounts:
        conditions.append(f"account IN ({_marks(accounts)})")
        values += accounts
    if symbol:
        conditions.append("(instrument = ? OR instrument LIKE ?)")
        values += [symbol, f"{symbol} %"]
    return tuple(
        side.figures(
            LotNow,
            "FROM (SELECT lots.*, (SELECT quantity_after FROM "  # noqa: S608
            "lot_changes WHERE lot = lots.id "
            "AND sequence <= ? ORDER BY sequence DESC LIMIT 1) AS quantity FROM lots "
            f"WHERE {' AND '.join(conditions)}) WHERE quantity != 0 "
            "ORDER BY account, opened_at, id",
            (last, *values),
        )
    )


def symbols_seen(side: ReadSide) -> tuple[str, ...]:
    """Every symbol the desk was opened for or ever held, by name."""
    found: set[str] = set()
    for symbols, trend in side.rows("SELECT symbols, trend_symbol FROM desk"):
        found |= {trend, *(one for part in symbols.split(";") for one in _listed(part))}
    found |= {one.split(" ")[0] for one in side.column("SELECT instrument_opened FROM lots")}
    return tuple(sorted(found - {""}))


def _listed(part: str) -> list[str]:
    return part.partition("=")[2].split(",")


def scope_where(table: str, scope: Scope) -> tuple[str, list[object]]:
    """The condition that keeps rows of a table within a scope, and its values."""
    conditions, values = ["week BETWEEN ? AND ?"], list[object]()
    if table in _OF_WEEKS:
        values += scope.weeks
    else:
        values += _weeks_around(scope)
        conditions.append("sequence BETWEEN ? AND ?")
        values += scope.entries
    if scope.accounts and table not in {"labels", "conditions", "notices", "samples"}:
        conditions.append(f"account IN ({_marks(scope.accounts)})")
        values += scope.accounts
    column = _SYMBOLS.get(table)
    if scope.symbol and column is not None:
        conditions.append(f"' ' || replace({column}, ',', ' ') || ' ' LIKE ?")
        values.append(f"% {scope.symbol} %")
    return " AND ".join(conditions), values


def lots_where(account: str, scope: Scope) -> tuple[str, list[object]]:
    """What narrows rows about lots to a scope's sleeves and symbol, and its values.

    `account` is the column of the sleeve; the text begins with `AND`, or is empty.
    """
    conditions, values = "", list[object]()
    if scope.accounts:
        conditions += f" AND {account} IN ({_marks(scope.accounts)})"
        values += scope.accounts
    if scope.symbol:
        conditions += " AND (instrument_opened = ? OR instrument_opened LIKE ?)"
        values += [scope.symbol, f"{scope.symbol} %"]
    return conditions, values


def _weeks_around(scope: Scope) -> tuple[str, str]:
    """A week more on both sides: what concerns a week may be written in the next."""
    first, last = (date.fromisocalendar(int(w[:4]), int(w[6:]), 1) for w in scope.weeks)
    return _week_of(first - timedelta(weeks=1)), _week_of(last + timedelta(weeks=1))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _week_of(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def _first_from(side: ReadSide, at: datetime, head: int) -> int:
    """The first entry recorded at or after an instant; one past the last where none was."""
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        if _instant_at(side, middle) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _instant_at(side: ReadSide, sequence: int) -> datetime:
    row = next(iter(side.journal.rows(sequence, sequence)))
    return read_instant(row.recorded_at)
