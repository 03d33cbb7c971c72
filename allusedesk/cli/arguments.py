"""Values typed on the command line, read exactly; each refusal says what to write instead."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from allusedesk.domain.instruments import Right

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
# A quotient of any two such numbers still fits the digits in which it is shown.
_LARGEST = Decimal(10) ** 11
_FINEST_PLACES = 8
_NEW_YORK = ZoneInfo("America/New_York")
_LEG = re.compile(
    r"(long|short) (\d+) (?:(put|call)s? (\S+)|shares?) at (\S+)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LegTyped:
    """One leg as it was typed; without a right it is shares. Short units are negative."""

    units_signed: int
    right: Right | None
    strike: Decimal | None
    mark: Decimal


def number(text: str) -> Decimal:
    """Any exact number, never through a float."""
    if not _NUMBER.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is no number, write plain digits such as 18.5")
    value = Decimal(text)
    if abs(value) >= _LARGEST or int(value.as_tuple().exponent) < -_FINEST_PLACES:
        raise ArgumentTypeError(f"{text!r} is beyond any figure a desk meets, write less digits")
    return value


def number_from_zero(text: str) -> Decimal:
    """A number that is not negative."""
    value = number(text)
    if value < 0:
        raise ArgumentTypeError(f"{text} is negative, it must be 0 or more")
    return value


def number_above_zero(text: str) -> Decimal:
    """A number above zero."""
    value = number(text)
    if value <= 0:
        raise ArgumentTypeError(f"{text} must be above 0")
    return value


def fraction(text: str) -> Decimal:
    """A part of one, such as 0.15 for 15%."""
    value = number(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text} must lie between 0 and 1, 15% is written 0.15")
    return value


def whole(text: str) -> int:
    """A whole number."""
    value = number(text)
    if value != value.to_integral_value():
        raise ArgumentTypeError(f"{text} must be a whole number")
    return int(value)


def whole_from_zero(text: str) -> int:
    """A whole number that is not negative."""
    value = whole(text)
    if value < 0:
        raise ArgumentTypeError(f"{text} is negative, it must be 0 or more")
    return value


def whole_above_zero(text: str) -> int:
    """A whole number of one or more."""
    value = whole(text)
    if value < 1:
        raise ArgumentTypeError(f"{text} must be 1 or more")
    return value


def person(text: str) -> str:
    """The name of whoever wants something, which the record keeps."""
    from allusedesk.domain.trust import is_person

    name = " ".join(text.split())
    if not is_person(name) or not name.isprintable():
        raise ArgumentTypeError(f"{text!r} names nobody, write who it is that wants this")
    return name


def month(text: str) -> int:
    """A month by its number."""
    value = whole(text)
    if value not in range(1, 13):
        raise ArgumentTypeError(f"{text} is no month, write 1 to 12")
    return value


def days_listed(text: str) -> tuple[int, ...]:
    """Days to expiry with commas between them."""
    days = tuple(whole_from_zero(part.strip()) for part in text.split(","))
    return tuple(sorted(set(days)))


def day(text: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date, write one such as 2026-02-12") from None


def new_york_instant(text: str) -> datetime:
    """A date and a time of day in New York."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or not re.search(r"[T ]\d", text):
        message = f"{text!r} is no instant, write New York time such as 2026-02-12T10:00"
        raise ArgumentTypeError(message)
    return read.replace(tzinfo=_NEW_YORK) if read.tzinfo is None else read.astimezone(_NEW_YORK)


def margin_leg(text: str) -> LegTyped:
    """A leg such as `short 2 put 200 at 1.20`."""
    found = _LEG.fullmatch(" ".join(text.split()))
    if found is None:
        message = f"{text!r} is no leg, write one such as 'short 2 put 200 at 1.20'"
        raise ArgumentTypeError(message)
    side, units, right, strike, mark = found.groups()
    count = whole_above_zero(units)
    return LegTyped(
        count if side.lower() == "long" else -count,
        None if right is None else Right[right.upper()],
        None if strike is None else number_above_zero(strike),
        number_from_zero(mark),
    )
