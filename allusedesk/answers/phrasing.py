"""How figures are said: dollars, per cents, counts, each with the entries it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from allusedesk.answers.answer import Figure, Nature, Part
from allusedesk.domain.money import Money, Price

NEW_YORK = ZoneInfo("America/New_York")
# More entries than a reader would open are told by the first and the last of them.
CITED_MAX = 12


def dollars(
    amount: Money | Decimal | float,
    *entries: int | None,
    nature: Nature = Nature.MEASURED,
    is_signed: bool = False,
) -> Figure:
    """An amount in dollars, to the cent where it is exact, to the dollar where it is a model's."""
    value = amount.amount if isinstance(amount, Money) else amount
    places = 2 if isinstance(value, Decimal) else 0
    is_above = is_signed and float(value) > 0
    sign = "-" if _is_below(value, places) else "+" if is_above else ""
    return Figure(f"{sign}${abs(value):,.{places}f}", _cited(entries), nature)


def per_share(price: Price | None, *entries: int | None, nature: Nature = Nature.MEASURED) -> Part:
    """A price a share; a dash where there is none."""
    if price is None:
        return "-"
    return Figure(f"{price.per_unit:,.2f}", _cited(entries), nature)


def percent(
    fraction: Decimal | float,
    *entries: int | None,
    nature: Nature = Nature.MEASURED,
    is_signed: bool = False,
    places: int = 2,
) -> Figure:
    """A fraction as per cent."""
    value = fraction * 100
    shown = f"{value:+,.{places}f}%" if is_signed else f"{value:,.{places}f}%"
    return Figure(shown.replace("-0.00%", "0.00%"), _cited(entries), nature)


def count(number: int, noun: str, entries: Iterable[int | None] = (), many: str = "") -> Figure:
    """A count with its noun: `no order`, `1 order`, `2 orders`."""
    named = noun if number == 1 else many or f"{noun}s"
    return Figure(f"{number or 'no'} {named}", _cited(tuple(entries)))


def fact(text: object, *entries: int | None, nature: Nature = Nature.MEASURED) -> Figure:
    """Words or a number of the record with the entries that say so."""
    return Figure(str(text), _cited(entries), nature)


def instant(at: datetime, *entries: int | None) -> Figure:
    """An instant in New York, such as `Mon 2019-10-14 09:45`."""
    return Figure(f"{at.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M}", _cited(entries))


def day(on: date, *entries: int | None) -> Figure:
    """A day, such as `Mon 2019-10-14`."""
    return Figure(f"{on:%a %Y-%m-%d}", _cited(entries))


def joined(parts: Sequence[Sequence[Part]], last: str = " and ") -> tuple[Part, ...]:
    """Groups of parts with commas between them and `and` before the last."""
    said: list[Part] = []
    for place, group in enumerate(parts):
        if place:
            said.append(last if place == len(parts) - 1 else ", ")
        said += group
    return tuple(said)


def _cited(entries: Sequence[int | None]) -> tuple[int, ...]:
    known = tuple(dict.fromkeys(entry for entry in entries if entry is not None))
    if len(known) <= CITED_MAX:
        return known
    return (*known[: CITED_MAX // 2], *known[-CITED_MAX // 2 :])


def _is_below(value: Decimal | float, places: int) -> bool:
    return round(float(value), places) < 0
