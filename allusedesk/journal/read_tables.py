"""The tables of the read side; made anew whenever they change, since entries bring them back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Comparison, TurnedDown
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.scalars import write_date, write_instant, write_money, write_price

# Raised with every change below or in the projections: a side file of another version is dropped.
READ_VERSION = 5

# Money, prices and fractions are exact text, as in the entries; instants and dates likewise.
_TABLES = {
    "desk": "sequence mode rulebook symbols trend_symbol seed program notes",
    "sleeves": "sequence account family kind parent opened_on base",
    "weeks": "sequence week first_session last_session expiry session_after",
    "conditions": "sequence week condition rule deploy vix vix_average reason",
    "comparisons": "sequence week name value limit_value passed",
    "looks": "sequence week account look proposals target",
    "turned_down": "sequence week account proposal candidate rule reason value limit_value count",
    "proposals": (
        "sequence id week account kind legs quantity credit_net rule reason note spot "
        "most_earnable target is_modelled made_at expires_at verdict decided_by decided_at "
        "verdict_reason worst_case scenarios break_evens "
        "quantity_done trust decided_in"
    ),
    "answers": "sequence id recorded_at week account kind operator effect reason",
    "refusals": "sequence week account proposal rule",
    "orders": (
        "sequence id proposal week account kind legs quantity limit_first limit_last limit_worst "
        "mid_at_send written_at status status_reason moves status_in"
    ),
    "order_legs": "sequence id instrument",
    "fills": "sequence id order_id week account leg instrument quantity price commission filled_at",
    "lots": (
        "id account instrument instrument_opened role price_average spot_at_open basis linked_to "
        "opened_by opened_at opened_week opened_sequence closed_week closed_sequence closed_how"
    ),
    "lot_changes": "sequence week lot account quantity_before quantity_after realised how",
    "cash_moves": "sequence week account amount settles_on reason how",
    "bookings": "sequence week how reason commission",
    "outcomes": "sequence week account position outcome tag action",
    "labels": "sequence week family label tags",
    "forecasts": "sequence week target code probability base_rate",
    "levels": "sequence week position level_before level distance atr spot",
    "marks": (
        "sequence week on_day account equity cash positions collateral unrealised high "
        "drawdown is_modelled"
    ),
    "branchings": "sequence week how account family amount",
    "reinvestments": "sequence week account quarter gain tax contracts leaps",
    "notices": "sequence recorded_at week severity subject text",
    "closings": "sequence week is_final version",
    "alarms": "sequence id kind due_at subject is_dropped",
    "alerts": (
        "sequence recorded_at week id severity text cleared_in acknowledged_by acknowledged_in"
    ),
    "floors": "sequence week account base reason",
    "switches": "sequence recorded_at what subject setting operator reason",
    "samples": "sequence week alarm quotes modelled",
    "lines": "sequence recorded_at kind cause account line",
}
_KEYS = {
    "proposals": "id",
    "answers": "id",
    "orders": "id",
    "order_legs": "id",
    "lots": "id",
    "alarms": "id",
    "weeks": "week",
    "lines": "sequence",
}
_INDEXED = ("week", "lot", "order_id", "on_day", "closed_sequence", "due_at")
_INDEXED_TOO = {"samples": ("sequence",), "lot_changes": ("sequence",)}
_LOT = re.compile(r"[^\s,;:()]+/L\d+(?:/S\d+)*")


def create_tables(connection: sqlite3.Connection) -> None:
    """Make every table, empty, with how far each half of them has come."""
    connection.execute("CREATE TABLE progress (part TEXT PRIMARY KEY, sequence, hash)")
    for table, columns in _TABLES.items():
        names = columns.split()
        key = _KEYS.get(table)
        whole = "INTEGER PRIMARY KEY" if key == "sequence" else "PRIMARY KEY"
        declared = ", ".join(f"{name} {whole}" if name == key else name for name in names)
        connection.execute(f"CREATE TABLE {table} ({declared})")


def create_indexes(connection: sqlite3.Connection) -> None:
    """Index what is asked for most, where it is not yet: faster once the first rows are in."""
    for table, columns in _TABLES.items():
        for name in (*_INDEXED, *_INDEXED_TOO.get(table, ())):
            if name in columns.split() and name != _KEYS.get(table):
                connection.execute(f"CREATE INDEX IF NOT EXISTS {table}_{name} ON {table} ({name})")


def put(connection: sqlite3.Connection, table: str, **columns: object) -> None:
    """Add a row, replacing one with the same key."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    connection.execute(
        f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
        [stored(value) for value in columns.values()],
    )


def change(connection: sqlite3.Connection, table: str, key: str, **columns: object) -> None:
    """Set columns of the row whose id is `key`; one that is not there stays away."""
    assigned = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"UPDATE {table} SET {assigned} WHERE id = ?",  # noqa: S608
        [*(stored(value) for value in columns.values()), key],
    )


def stored(value: object) -> object:
    """A value of the domain as SQLite holds it."""
    write = _WRITTEN.get(type(value))
    if write is not None:
        return write(value)
    return stored(value.value) if isinstance(value, Enum) else value


def _text(value: str) -> str:
    # A lone surrogate is text to an entry, but none to SQLite.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


_WRITTEN: dict[type, Callable[[Any], object]] = {
    str: _text,
    Money: write_money,
    Price: write_price,
    Decimal: str,
    WeekId: str,
    datetime: write_instant,
    date: write_date,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the journal an entry stands, and the tables its rows go to.

    What does not name its week counts for the ISO week of the instant it was recorded in.
    """

    tables: sqlite3.Connection
    sequence: int
    recorded_at: datetime

    @property
    def week(self) -> str:
        year, number, _ = self.recorded_at.isocalendar()
        return str(WeekId(year, number))

    def put(self, table: str, **columns: object) -> None:
        """Add a row that carries the entry's sequence."""
        put(self.tables, table, sequence=self.sequence, **columns)

    def change(self, table: str, key: str, **columns: object) -> None:
        change(self.tables, table, key, **columns)

    def found(self, table: str, key: str, column: str) -> str | None:
        """A column of the row whose id is `key`; None where there is no such row."""
        row = self.tables.execute(
            f"SELECT {column} FROM {table} WHERE id = ?",  # noqa: S608
            (key,),
        ).fetchone()
        return row[0] if row else None

    def naming_lots(self, line: str) -> str:
        """The line with what each lot was before its id, which alone says little to a reader."""
        return _LOT.sub(self._named, line)

    def _named(self, lot: re.Match[str]) -> str:
        instrument = self.found("lots", lot[0], "instrument_opened")
        if instrument is None:
            return lot[0]
        kind = "" if " " in instrument else " shares"
        return f"{instrument}{kind} ({lot[0]})"


def compare(place: Place, week: str, comparisons: Sequence[Comparison]) -> None:
    """Keep the figures an entry held against limits."""
    for one in comparisons:
        place.put(
            "comparisons",
            week=week,
            name=one.name,
            value=one.value,
            limit_value=one.limit,
            passed=one.passed,
        )


def turn_down(
    place: Place, week: str, account: str, turned: Sequence[TurnedDown], proposal: str = ""
) -> None:
    """Keep what a look, or a proposal on its way, did not take."""
    for one in turned:
        place.put(
            "turned_down",
            week=week,
            account=account,
            proposal=proposal,
            candidate=one.candidate,
            rule=one.rule,
            reason=one.reason,
            value=one.value,
            limit_value=one.limit,
            count=one.count,
        )
