"""Values as JSON, each kind by a template of its own: text is made once, never walked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from json import JSONEncoder
from json.encoder import encode_basestring_ascii as write_text
from operator import attrgetter
from typing import Any, get_args, get_origin, get_type_hints

from immutables import Map

from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.journal import scalars
from allusedesk.journal.hints import is_union, item_of, members_of, plain_of

# A value of one type to its text, which is ASCII without a line break.
Write = Callable[[Any], str]

_REMEMBERED = 16384
_INFINITE = float("inf")
_write_any = JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _write_whole(value: int) -> str:
    # What passes for a whole number, as true does, is spelt as JSON spells it.
    return repr(value) if type(value) is int else _write_any(value)


def _write_flag(value: object) -> str:
    return "true" if value is True else "false" if value is False else _write_any(value)


def _write_float(value: float) -> str:
    # A whole number in a field of floats is spelt as the float it will be read back as.
    number = float(value)
    if not -_INFINITE < number < _INFINITE:
        message = f"{value} is no finite number"
        raise ValueError(message)
    return repr(number)


def _write_decimal(value: Decimal) -> str:
    return f'"{scalars.write_decimal(value)}"'


def _write_money(value: Money) -> str:
    return f'"{scalars.write_money(value)}"'


def _write_price(value: Price) -> str:
    return f'"{scalars.write_price(value)}"'


def _write_date(value: date) -> str:
    return f'"{scalars.write_date(value)}"'


@lru_cache(_REMEMBERED)
def _write_instant(value: datetime) -> str:
    return f'"{scalars.write_instant(value)}"'


@lru_cache(_REMEMBERED)
def _write_instrument(value: Stock | OptionContract) -> str:
    return write_text(scalars.write_instrument(value))


def _write_greeks(greeks: Greeks) -> str:
    numbers = (greeks.delta, greeks.gamma, greeks.theta, greeks.vega, greeks.implied_volatility)
    return f"[{','.join([_write_float(number) for number in numbers])}]"


def _write_quote(quote: Quote) -> str:
    """A row in the order of the class's fields; quotes come by the hundred."""
    bid, ask, last, greeks = quote.bid, quote.ask, quote.last, quote.greeks
    interest, volume = quote.open_interest, quote.volume_average
    return (
        f"[{_write_instrument(quote.instrument)},"
        f"{'null' if bid is None else _write_price(bid)},"
        f"{'null' if ask is None else _write_price(ask)},"
        f"{'null' if last is None else _write_price(last)},"
        f"{_write_instant(quote.quoted_at)},"
        f"{_write_flag(quote.is_modelled)},"
        f"{'null' if greeks is None else _write_greeks(greeks)},"
        f"{'null' if interest is None else _write_whole(interest)},"
        f"{'null' if volume is None else _write_float(volume)},"
        f"{_write_flag(quote.volume_is_of_day)}]"
    )


_SCALARS: dict[object, Write] = {
    str: write_text,
    int: _write_whole,
    bool: _write_flag,
    float: _write_float,
    Decimal: _write_decimal,
    Money: _write_money,
    Price: _write_price,
    datetime: _write_instant,
    date: _write_date,
    Stock: _write_instrument,
    OptionContract: _write_instrument,
    Stock | OptionContract: _write_instrument,
    Quote: _write_quote,
}


@cache
def writer_of(kind: type) -> Write:
    """How a dataclass is written: its fields by name, in their order."""
    hints = get_type_hints(kind)
    names = tuple(field.name for field in fields(kind))
    writes = tuple(write_of(hints[name]) for name in names)
    if not names:
        return lambda _value: "{}"
    template = "{" + ",".join(f'"{name}":%s' for name in names) + "}"
    values_of = attrgetter(*names)
    if len(names) == 1:
        return lambda value: template % writes[0](values_of(value))
    return lambda value: (
        template
        % tuple([write(item) for write, item in zip(writes, values_of(value), strict=True)])
    )


def write_of(hint: object) -> Write:
    """How a value of a type is written; raises TypeError for a type no entry may hold."""
    plain = plain_of(hint)
    if plain in _SCALARS:
        return _SCALARS[plain]
    if isinstance(plain, type) and issubclass(plain, Enum):
        return {member: f'"{member.name}"' for member in plain}.__getitem__
    if get_origin(plain) is tuple:
        return _write_of_tuple(plain)
    if get_origin(plain) is Map:
        return _write_of_map(plain)
    if is_union(plain):
        members, has_none = members_of(plain)
        inner = _write_tagged if len(members) > 1 else write_of(members[0])
        return _write_or_null(inner) if has_none else inner
    if isinstance(plain, type) and is_dataclass(plain):
        return writer_of(plain)
    message = f"{hint} is no type that an entry may hold"
    raise TypeError(message)


def _write_or_null(write: Write) -> Write:
    return lambda value: "null" if value is None else write(value)


def _write_of_map(hint: object) -> Write:
    """Pairs of key and value; for the engine's state, which entries themselves never hold."""
    key, value = (write_of(each) for each in get_args(hint))
    return lambda pairs: (
        f"[{','.join([f'[{key(name)},{value(item)}]' for name, item in pairs.items()])}]"
    )


def _write_of_tuple(hint: object) -> Write:
    if get_args(hint)[-1] is not ...:
        parts = [write_of(each) for each in get_args(hint)]
        return lambda values: (
            f"[{','.join([part(value) for part, value in zip(parts, values, strict=True)])}]"
        )
    inner = write_of(item_of(hint))
    return lambda values: f"[{','.join([inner(value) for value in values])}]"


def _write_tagged(value: object) -> str:
    kind: type = type(value)
    return f'["{kind.__name__}",{writer_of(kind)(value)}]'
