"""Money, prices, dates and signs as the eye wants them; one spelling each for the whole desk."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo

from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import Money, Price

NEW_YORK = ZoneInfo("America/New_York")
MINUS = "\N{MINUS SIGN}"
NOTHING_TO_SHOW = "\N{EM DASH}"


def tip(text: str) -> str:
    """A text for a tip, which Qt would read as markup where it looks like some: names may."""
    return f"<qt>{escape(text)}</qt>" if "<" in text else text


def money(amount: Money | None, *, signed: bool = False) -> str:
    """Dollars and cents with thousands separators; a gain gets its plus where `signed`."""
    if amount is None:
        return NOTHING_TO_SHOW
    return number(amount.amount, 2, signed=signed)


def whole_money(amount: Money | None, *, signed: bool = False) -> str:
    """Whole dollars, for columns where cents would be noise."""
    return NOTHING_TO_SHOW if amount is None else number(amount.amount, 0, signed=signed)


def price(value: Price | None) -> str:
    """A price with the decimals of its tick, two at least."""
    if value is None:
        return NOTHING_TO_SHOW
    exponent = value.per_unit.normalize().as_tuple().exponent
    decimals = max(2, min(4, -exponent)) if isinstance(exponent, int) else 2
    return number(value.per_unit, decimals)


def number(value: Decimal | float | None, decimals: int, *, signed: bool = False) -> str:
    """A figure with thousands separators and a true minus sign."""
    if value is None:
        return NOTHING_TO_SHOW
    if isinstance(value, Decimal):
        value = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(value):,.{decimals}f}"
    is_nothing = not any(digit in text for digit in "123456789")
    if value < 0 and not is_nothing:
        return MINUS + text
    return f"+{text}" if signed and not is_nothing else text


def percent(fraction: Decimal | float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """A fraction as a percentage."""
    if fraction is None:
        return NOTHING_TO_SHOW
    return number(fraction * 100, decimals, signed=signed) + "%"


@lru_cache(maxsize=4_096)
def instrument(what: Instrument) -> str:
    """`AAPL`, or `AAPL 13 Feb 26 260 P` for an option."""
    if not isinstance(what, OptionContract):
        return what.symbol
    right = "P" if what.right is Right.PUT else "C"
    return f"{what.underlying} {day(what.expiry)} {strike(what.strike)} {right}"


def strike(value: Decimal) -> str:
    """A strike without idle noughts."""
    return f"{value.normalize():f}"


def day(value: date) -> str:
    """`13 Feb 26`."""
    return f"{value.day} {value:%b %y}"


def clock(instant: datetime | None, *, seconds: bool = True) -> str:
    """The time of day in New York, without its zone."""
    if instant is None:
        return NOTHING_TO_SHOW
    return f"{instant.astimezone(NEW_YORK):{'%H:%M:%S' if seconds else '%H:%M'}}"


def moment(instant: datetime | None) -> str:
    """`Fri 13 Feb 26 15:59:01 New York`."""
    if instant is None:
        return NOTHING_TO_SHOW
    local = instant.astimezone(NEW_YORK)
    return f"{local:%a} {day(local.date())} {local:%H:%M:%S} New York"


def span(length: timedelta) -> str:
    """`1 d 04:12`, `4:12:09` or `12:09`; a negative span is over."""
    seconds = int(length.total_seconds())
    if seconds < 0:
        return "over"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24:02d}:{minutes:02d}"
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def age(seconds: float | None) -> str:
    """How old something is: `3 s`, `4 min`, `2 h`, `5 d`."""
    if seconds is None:
        return NOTHING_TO_SHOW
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
