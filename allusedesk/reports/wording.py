"""How a cell is written: for the eye, and exactly."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from allusedesk.domain.money import Money, Price
from allusedesk.journal.read_values import DeskHeader
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.reports.cells import Cell, Number, Percent, Reference

MINUS = "\N{MINUS SIGN}"
# Room for every digit of an amount that no desk will ever hold.
_WIDE = Context(prec=200)
NOTHING_SHOWN = "\N{EN DASH}"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def shown(cell: Cell, *, is_signed: bool = False) -> str:
    """The cell as a reader wants it: rounded, with thousands apart and a real minus sign."""
    match cell:
        case None:
            return NOTHING_SHOWN
        case Money(amount):
            return _grouped(amount, 2, is_signed=is_signed)
        case Price(per_unit):
            return _grouped(per_unit, _price_decimals(per_unit), is_signed=is_signed)
        case Percent(fraction):
            return f"{_grouped(fraction * 100, 2, is_signed=is_signed)}%"
        case Number(value, decimals):
            return _grouped(value, decimals, is_signed=is_signed)
        case int():
            return _grouped(Decimal(cell), 0, is_signed=is_signed)
        case datetime():
            return written_instant(cell)
        case date():
            return cell.isoformat()
        case str():
            return cell
        case Reference(value):
            return shown(value, is_signed=is_signed)


def exact(cell: Cell) -> str:
    """The cell without any rounding: plain digits, ISO dates, New York instants with offset."""
    match cell:
        case None:
            return ""
        case Money(amount):
            return f"{amount:f}"
        case Price(per_unit):
            return f"{per_unit:f}"
        case Percent(fraction):
            return f"{fraction:f}"
        case Number(value):
            return f"{value:f}"
        case datetime():
            return cell.astimezone(NEW_YORK).isoformat()
        case date():
            return cell.isoformat()
        case Reference(plain):
            return exact(plain)
        case _:
            return str(cell)


def is_figure(cell: Cell) -> bool:
    """True for cells that are a number of some kind."""
    if isinstance(cell, Reference):
        return is_figure(cell.value)
    return isinstance(cell, Money | Price | Percent | Number | int)


def sign_of(cell: Cell) -> int:
    """Below, at or above zero as it is shown: an amount that rounds to zero has no sign."""
    match cell:
        case Money(amount):
            return _sign(amount, 2)
        case Price(per_unit):
            return _sign(per_unit, _price_decimals(per_unit))
        case Percent(fraction):
            return _sign(fraction * 100, 2)
        case Number(value, decimals):
            return _sign(value, decimals)
        case int():
            return (cell > 0) - (cell < 0)
        case Reference(plain):
            return sign_of(plain)
        case _:
            return 0


def written_instant(instant: datetime) -> str:
    """Weekday, day and minute in New York, such as `Mon 11 Feb 09:45`."""
    local = instant.astimezone(NEW_YORK)
    month = _MONTHS[local.month - 1][:3]
    return f"{_DAYS[local.weekday()]} {local.day} {month} {local:%H:%M}"


def moment_shown(instant: datetime) -> str:
    """Day and time in New York to the millisecond, such as `2013-02-11 09:45:00.012`."""
    return instant.astimezone(NEW_YORK).isoformat(" ", "milliseconds")[:23]


def gap_shown(gap: timedelta | None) -> str:
    """A stretch of time in the two units that tell most; an en dash for none."""
    if gap is None:
        return NOTHING_SHOWN
    milliseconds = gap // timedelta(milliseconds=1)
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds // 1000}.{milliseconds % 1000:03d} s"
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def entry_shown(entry: int | None) -> str:
    """The number of a journal entry in words; nothing where there is none."""
    return "" if entry is None else f"entry {entry:,}"


def written_day(day: date) -> str:
    """A day in full, such as `11 February 2013`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `no order`, `1 order`, `2 orders`."""
    if count == 0:
        return f"no {many or one + 's'}"
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def entries_covered(desk: DeskHeader, first: int, last: int, recorded_at: datetime) -> str:
    """The entries a statement covers, `recorded_at` that of the last, and the desk they are of."""
    return (
        f"This statement covers the journal's entries {first:,} to {last:,}, the last of "
        f"{written_instant(recorded_at)} New York time; trend symbol {desk.trend_symbol}, seed "
        f"{desk.seed}, {desk.program}. The chain head stands for every entry of the journal at "
        "the time of printing; the command journal verify recomputes it."
    )


def _price_decimals(per_unit: Decimal) -> int:
    """Cents at least; averages of several fills get two digits more."""
    exponent = per_unit.normalize().as_tuple().exponent
    return min(4, max(2, -exponent)) if isinstance(exponent, int) else 2


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, _WIDE)


def _sign(value: Decimal, decimals: int) -> int:
    rounded = _rounded(value, decimals)
    return (rounded > 0) - (rounded < 0)


def _grouped(value: Decimal, decimals: int, *, is_signed: bool) -> str:
    sign = _sign(value, decimals)
    text = f"{_rounded(value, decimals).copy_abs():,.{decimals}f}"
    if sign < 0:
        return MINUS + text
    return f"+{text}" if is_signed and sign > 0 else text
