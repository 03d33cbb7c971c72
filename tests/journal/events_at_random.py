"""Strategies that make any event of the domain from its type hints."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from allusedesk.domain.events import EVENT_KINDS
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Quote

# Lone surrogates and NUL are text to Python and must survive too.
TEXTS = st.text(st.characters(), max_size=12)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda value: abs(value.adjusted()) < 40
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(minutes=330))])
SECONDS = st.integers(0, 3 * 10**9)
INSTANTS = st.builds(
    lambda seconds, micro, zone: datetime.fromtimestamp(seconds, zone).replace(microsecond=micro),
    SECONDS,
    st.sampled_from([0, 0, 1, 250_000, 999_999]),
    ZONES,
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
CONTRACTS = st.builds(
    OptionContract,
    st.sampled_from(["AAPL", "SPY", "BRK.B", "F", "GOOG1"]),
    st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from(Right),
    st.integers(1, 99_999_999).map(lambda thousandths: Decimal(thousandths) / 1000),
    st.sampled_from([100, 100, 10, 150]),
)
STOCKS = st.builds(Stock, TEXTS)

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(10**9), 10**9),
    bool: st.booleans(),
    float: FLOATS,
    Decimal: DECIMALS,
    Money: st.builds(Money, DECIMALS),
    Price: st.builds(Price, DECIMALS),
    datetime: INSTANTS,
    date: st.dates(),
    Stock: STOCKS,
    OptionContract: CONTRACTS,
}


@cache
def strategy_of(hint: Any) -> st.SearchStrategy[Any]:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if hint is NoneType:
        return st.none()
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return st.one_of([strategy_of(member) for member in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(strategy_of(get_args(hint)[0]), max_size=2).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert is_dataclass(hint), hint
    return values(hint)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a dataclass; those its constructor refuses are drawn again."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    parts = st.tuples(*[strategy_of(hints[name]) for name in names])
    if kind is Quote:
        parts = parts.map(uncrossed)
    return parts.filter(lambda chosen: accepted(kind, chosen)).map(lambda chosen: kind(*chosen))


def uncrossed(chosen: tuple[Any, ...]) -> tuple[Any, ...]:
    instrument, bid, ask, *rest = chosen
    if bid is not None and ask is not None and ask < bid:
        bid, ask = ask, bid
    return (instrument, bid, ask, *rest)


def accepted(kind: Any, chosen: tuple[Any, ...]) -> bool:
    try:
        kind(*chosen)
    except ValueError:
        return False
    return True


EVENTS = st.one_of([values(kind) for kind in EVENT_KINDS])
