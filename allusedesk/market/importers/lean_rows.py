"""LEAN's file names and number rows: what a member is about, and its cells as a matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from allusedesk.market.calendar import NEW_YORK
from allusedesk.market.contract_terms import ExerciseStyle
from allusedesk.market.history import Effect, FileRefused, Flags, Floats
from allusedesk.market.importers.option_columns import Findings, Numbers, floats_of
from allusedesk.market.importers.tables import day_of

PRICE_SCALE = 10_000.0
BAR_SECONDS = {"minute": 60, "second": 1}
_SECONDS_PER_DAY = 86_400
_CONTRACT = re.compile(
    r"(?:(?P<day>\d{8})_)?(?P<symbol>[a-z.]+)_(?:(?P<step>minute)_)?"
    r"(?P<kind>quote|trade|openinterest)_(?P<style>american|european)_(?P<right>put|call)_"
    r"(?P<strike>\d{1,11})_(?P<expiry>\d{8})\.csv"
)
_SHARE = re.compile(
    r"(?P<day>\d{8})_(?P<symbol>[a-z.]+)_(?P<step>minute|second)_(?P<kind>quote|trade)\.csv"
)


@dataclass(frozen=True, slots=True)
class ContractMember:
    """What the name of a contract's file says; `day` is None where it holds many days."""

    symbol: str
    kind: str
    day: date | None
    style: ExerciseStyle
    is_put: bool
    strike: float
    expiry: date


@dataclass(frozen=True, slots=True)
class ShareMember:
    """What the name of a share's intraday file says."""

    symbol: str
    kind: str
    day: date
    bar_seconds: int


@dataclass(frozen=True, slots=True)
class MemberRows:
    """The rows of several files one after the other: `starts[i]` is where file `i` begins."""

    cells: Floats
    starts: Numbers
    found: Findings


def contract_member(name: str) -> ContractMember | None:
    """Return what the name of a contract's file says; None where it is no such name."""
    match = _CONTRACT.fullmatch(name)
    if match is None:
        return None
    expiry = day_of(match["expiry"])
    day = day_of(match["day"]) if match["day"] else None
    if expiry is None or (match["day"] and day is None) or not int(match["strike"]):
        return None
    if (day is None) != (match["step"] is None):
        return None
    return ContractMember(
        symbol=match["symbol"].upper(),
        kind=match["kind"],
        day=day,
        style=ExerciseStyle(match["style"]),
        is_put=match["right"] == "put",
        strike=int(match["strike"]) / PRICE_SCALE,
        expiry=expiry,
    )


def share_member(name: str) -> ShareMember | None:
    """Return what the name of a share's intraday file says; None where it is no such name."""
    match = _SHARE.fullmatch(name)
    day = day_of(match["day"]) if match else None
    if match is None or day is None:
        return None
    return ShareMember(match["symbol"].upper(), match["kind"], day, BAR_SECONDS[match["step"]])


def member_rows(
    file: str, members: Sequence[tuple[str, bytes]], width: int, *, first_is_date: bool = False
) -> MemberRows:
    """Return the cells of the members as numbers, shape (rows, width); a blank cell is NaN.

    With `first_is_date` the first cell is a day such as
    `20140606 00:00`, read as the number 20140606. Rows of another width are refused.
    """
    parts: list[str] = []
    counts: list[int] = []
    for _, content in members:
        lines = _decoded(file, content)
        counts.append(len(lines))
        parts.extend(lines)
    begins = np.concatenate(([0], np.cumsum(counts)))
    names = tuple(name for name, _ in members)
    numbers = np.arange(1, len(parts) + 1)
    several = begins[:-1] if len(members) > 1 else None
    found = Findings(file, numbers, len(parts), names, several)
    if not parts:
        raise FileRefused(file, "it is empty")
    is_whole = np.array([line.count(",") == width - 1 for line in parts])
    reason = f"the row does not have {width} cells"
    found.note(~is_whole, "", reason, Effect.ROW_REFUSED)
    found.keep(is_whole)
    kept = parts if is_whole.all() else [parts[place] for place in np.flatnonzero(is_whole)]
    text = ",".join(kept)
    if first_is_date:
        text = text.replace(" 00:00,", ",")
    cells = floats_of([cell or "nan" for cell in text.split(",")]).reshape(-1, width)
    starts = np.concatenate(([0], np.cumsum(is_whole)))[begins]
    return MemberRows(cells, starts, found)


def instants_of(
    found: Findings, milliseconds: Floats, day: date, bar_seconds: int, zone: ZoneInfo = NEW_YORK
) -> tuple[Numbers, Flags]:
    """Return when each bar was complete, in seconds since 1970, and which rows have a time.

    LEAN stamps a bar with its beginning, in milliseconds since midnight on the exchange's clock.
    """
    is_time = (milliseconds >= 0) & (milliseconds < _SECONDS_PER_DAY * 1_000)
    reason = "the time is no count of milliseconds within a day"
    found.note(~is_time, "time", reason, Effect.ROW_REFUSED)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    # Reckoned from noon: on the days the clocks change, midnight lies an hour off.
    offset = noon.timestamp() - timedelta(hours=12).total_seconds()
    begun = np.where(is_time, milliseconds, 0.0).astype(np.int64) // 1_000
    return begun + int(offset) + bar_seconds, is_time


def rows_ascend(starts: Numbers, instants: Numbers) -> Flags:
    """Return which rows lie later than every row before them in the same file."""
    if not len(instants):
        return np.ones(0, dtype=np.bool_)
    # Each file's instants are lifted above those of the file before, so one pass tells all.
    files = np.searchsorted(starts[1:-1], np.arange(len(instants)), side="right")
    span = int(instants.max()) - int(instants.min()) + 1
    lifted = files * span + (instants - instants.min())
    latest = np.maximum.accumulate(lifted)
    return np.concatenate(([True], lifted[1:] > latest[:-1]))


def _decoded(file: str, content: bytes) -> list[str]:
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(file, "it holds something else than numbers", row) from error
    return [line for line in lines if line]
