"""Single values as they stand in an entry's text, exact and with one spelling each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from allusedesk.domain.instruments import (
    Instrument,
    OptionContract,
    Stock,
    read_option_symbol,
    write_option_symbol,
)
from allusedesk.domain.money import Currency, Money, Price

# A sample repeats its instants, its contracts and many of its prices, so each text is made once.
_REMEMBERED = 16384
_STOCK = "stock:"


def write_decimal(value: Decimal) -> str:
    """The exact text, trailing zeros kept; raises ValueError for NaN and infinities."""
    if not value.is_finite():
        message = f"{value} is no finite number"
        raise ValueError(message)
    return str(value)


def read_decimal(text: object) -> Decimal:
    """The number of a text; this and its neighbours raise where the content is no such value."""
    value = Decimal(read_text(text))
    if not value.is_finite():
        message = f"{text!r} is no finite number"
        raise ValueError(message)
    return value


def write_money(value: Money) -> str:
    """The amount alone in the desk's one currency; another currency stands behind a space."""
    if value.currency is Currency.USD:
        return str(value.amount)
    return f"{value.amount} {value.currency.name}"


def read_money(text: object) -> Money:
    """As `write_money` wrote it."""
    amount, _, currency = read_text(text).partition(" ")
    return Money(Decimal(amount), Currency[currency] if currency else Currency.USD)


def write_price(value: Price) -> str:
    """As `write_money`, of one unit."""
    if value.currency is Currency.USD:
        return str(value.per_unit)
    return f"{value.per_unit} {value.currency.name}"


@lru_cache(_REMEMBERED)
def _price_of(text: str) -> Price:
    amount, _, currency = text.partition(" ")
    return Price(Decimal(amount), Currency[currency] if currency else Currency.USD)


def read_price(text: object) -> Price:
    """As `write_price` wrote it."""
    return _price_of(read_text(text))


@lru_cache(_REMEMBERED)
def write_instant(value: datetime) -> str:
    """The instant in UTC, ISO 8601 with Z; microseconds where there are any."""
    if value.tzinfo is None:
        message = f"the instant {value} names no time zone"
        raise ValueError(message)
    return value.astimezone(UTC).isoformat()[:-6] + "Z"


@lru_cache(_REMEMBERED)
def _instant_of(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is not UTC:
        message = f"{text!r} is no instant in UTC"
        raise ValueError(message)
    return value


def read_instant(text: object) -> datetime:
    """The aware instant in UTC."""
    return _instant_of(read_text(text))


def write_date(value: date) -> str:
    """ISO 8601; an instant is refused, since its date depends on the place."""
    if isinstance(value, datetime):
        message = f"{value} is an instant where a date belongs"
        raise TypeError(message)
    return value.isoformat()


def read_date(text: object) -> date:
    """A date of the exchange."""
    return date.fromisoformat(read_text(text))


@lru_cache(_REMEMBERED)
def write_instrument(value: Instrument) -> str:
    """An option by its standard symbol, a share as `stock:` and its symbol.

    Raises ValueError for a contract that its symbol could not bring back.
    """
    if isinstance(value, Stock):
        return _STOCK + value.symbol
    text = write_option_symbol(value)
    if read_option_symbol(text) != value:
        message = f"{value} does not fit the standard option symbol"
        raise ValueError(message)
    return text


@lru_cache(_REMEMBERED)
def _instrument_of(text: str) -> Instrument:
    if text.startswith(_STOCK):
        return Stock(text.removeprefix(_STOCK))
    return read_option_symbol(text)


def read_instrument(text: object) -> Instrument:
    """As `write_instrument` wrote it."""
    return _instrument_of(read_text(text))


def read_contract(text: object) -> OptionContract:
    """An instrument that must be an option."""
    value = _instrument_of(read_text(text))
    if not isinstance(value, OptionContract):
        message = f"{text!r} is no option"
        raise TypeError(message)
    return value


def read_stock(text: object) -> Stock:
    """An instrument that must be a share."""
    value = _instrument_of(read_text(text))
    if not isinstance(value, Stock):
        message = f"{text!r} is no share"
        raise TypeError(message)
    return value


def read_text(value: object) -> str:
    """A text as it stands."""
    if type(value) is not str:
        message = f"{value!r} is no text"
        raise TypeError(message)
    return value


def read_whole(value: object) -> int:
    """A whole number; true and false are none."""
    if type(value) is not int:
        message = f"{value!r} is no whole number"
        raise TypeError(message)
    return value


def read_flag(value: object) -> bool:
    """True or false."""
    if type(value) is not bool:
        message = f"{value!r} is neither true nor false"
        raise TypeError(message)
    return value


def read_float(value: object) -> float:
    """A float; a whole number was never written for one."""
    if type(value) is not float:
        message = f"{value!r} is no number with a point"
        raise TypeError(message)
    return value
