"""Events to text and back, each kind with its version."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NewType, NoReturn, Union, cast, get_args, get_origin, get_type_hints

from immutables import Map

from allusedesk.domain.events import EVENT_KINDS, Event
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Quote
from allusedesk.journal import scalars
from allusedesk.journal.faults import EntryUnreadable, EventUnwritable
from allusedesk.journal.quote_rows import read_quote, write_quote

# What a hint of the domain is turned into: a function of one value, or None where the value
# stands in the text as it is.
_Write = Callable[[Any], object] | None
_Read = Callable[[object], Any]
_Upgrade = Callable[[dict[str, object]], dict[str, object]]

VERSION_FIRST = 1
# A kind whose fields changed gets its new version here, and below the step that brings the
# fields of the version before (the key) to the next one.
VERSIONS: dict[str, int] = {
    "BrokerReported": 3,
    "OperatorDecided": 3,
    "ProposalApproved": 3,
    "RiskJudged": 2,
    "WeekPlanned": 2,
}


# What versions 2 and 3 of a broker's report added, with what stands for it in the one before.
_ADDED_TO_REPORTS: dict[int, dict[str, dict[str, object]]] = {
    1: {"OptionsAssigned": {"reason": ""}, "OrderCancelled": {"quantity_filled": 0}},
    2: {"OptionsExpired": {"reason": ""}, "OptionsExercised": {"reason": ""}},
}


def _with_fields_of_reports(old: dict[str, object], version: int) -> dict[str, object]:
    name, content = cast("list[Any]", old["report"])
    return {"report": [name, {**content, **_ADDED_TO_REPORTS[version].get(name, {})}]}


def _with_sessions_quoted_throughout(old: dict[str, object]) -> dict[str, object]:
    week = cast("dict[str, Any]", old["week"])
    sessions = [{**session, "quoted_at": None} for session in week["sessions"]]
    after = {**cast("dict[str, Any]", old["session_after"]), "quoted_at": None}
    return {**old, "week": {**week, "sessions": sessions}, "session_after": after}


UPGRADES: dict[tuple[str, int], _Upgrade] = {
    ("BrokerReported", 1): lambda old: _with_fields_of_reports(old, 1),
    ("BrokerReported", 2): lambda old: _with_fields_of_reports(old, 2),
    ("OperatorDecided", 1): lambda old: {**old, "seen": None, "quantity": None, "limit": None},
    ("OperatorDecided", 2): lambda old: {**old, "countersigns": ""},
    ("ProposalApproved", 1): lambda old: {**old, "quantity": None, "limit": None, "seen": None},
    ("ProposalApproved", 2): lambda old: {**old, "countersigned_by": ""},
    ("RiskJudged", 1): lambda old: {**old, "greeks": None, "alternatives": [], "look": None},
    ("WeekPlanned", 1): _with_sessions_quoted_throughout,
}

_KINDS: dict[str, type] = {kind.__name__: kind for kind in EVENT_KINDS}

_SCALARS: dict[object, tuple[_Write, _Read]] = {
    str: (None, scalars.read_text),
    int: (None, scalars.read_whole),
    bool: (None, scalars.read_flag),
    float: (float, scalars.read_float),
    Decimal: (scalars.write_decimal, scalars.read_decimal),
    Money: (scalars.write_money, scalars.read_money),
    Price: (scalars.write_price, scalars.read_price),
    datetime: (scalars.write_instant, scalars.read_instant),
    date: (scalars.write_date, scalars.read_date),
    Stock: (scalars.write_instrument, scalars.read_stock),
    OptionContract: (scalars.write_instrument, scalars.read_contract),
    Stock | OptionContract: (scalars.write_instrument, scalars.read_instrument),
    Quote: (write_quote, read_quote),
}


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no finite number"
    raise ValueError(message)


_to_text = json.JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode
_from_text = json.JSONDecoder(parse_constant=_refuse_constant).decode


def version_of(kind: str) -> int:
    """The version in which this desk writes a kind."""
    return VERSIONS.get(kind, VERSION_FIRST)


def encode(event: Event) -> tuple[str, int, str]:
    """The kind, its version and the body: one line of ASCII JSON, the same for equal events.

    Raises EventUnwritable for what cannot be recorded exactly.
    """
    kind = type(event).__name__
    try:
        body = _to_text(_writer(_KINDS[kind])(event))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        message = f"{kind} cannot be recorded: {fault}. Correct the value where it arises."
        raise EventUnwritable(message) from fault
    return kind, version_of(kind), body


def decode(kind: str, version: int, body: str) -> Event:
    """The event behind a body; equal to the one written.

    Raises EntryUnreadable for an unknown kind, a newer version, or a body that is none of that
    kind.
    """
    known = _KINDS.get(kind)
    if known is None:
        message = (
            f"{kind!r} is no kind of entry this desk knows: "
            "read this journal with the desk that wrote it, or a newer one."
        )
        raise EntryUnreadable(message)
    if not VERSION_FIRST <= version <= version_of(kind):
        message = (
            f"Version {version} of {kind} is not known here (up to {version_of(kind)}): "
            "read this journal with the desk that wrote it, or a newer one."
        )
        raise EntryUnreadable(message)
    try:
        content = _from_text(body)
        for step in range(version, version_of(kind)):
            content = UPGRADES[kind, step](content)
        return cast("Event", _reader(known)(content))
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as fault:
        message = f"The text of a {kind} does not describe one: {fault!s:.200}."
        raise EntryUnreadable(message) from fault


def write_value(hint: object, value: object) -> object:
    """A value of a type, ready for JSON, by the rules by which events are written."""
    convert = _write_of(hint)
    return value if convert is None else convert(value)


def read_value(hint: object, content: object) -> object:
    """The value of a type behind what `write_value` made.

    Raises ValueError, TypeError or KeyError where it is none.
    """
    return _read_of(hint)(content)


@cache
def _writer(kind: type) -> Callable[[object], object]:
    hints = get_type_hints(kind)
    names = tuple(field.name for field in fields(kind))
    writes = tuple(_write_of(hints[name]) for name in names)
    if not names:
        return lambda _value: {}
    if len(names) == 1:
        return _writer_of_one(names[0], writes[0])
    values_of = attrgetter(*names)
    rows = tuple(zip(names, writes, strict=True))

    def write(value: object) -> object:
        return {
            name: item if convert is None else convert(item)
            for (name, convert), item in zip(rows, values_of(value), strict=True)
        }

    return write


def _writer_of_one(name: str, convert: _Write) -> Callable[[object], object]:
    value_of = attrgetter(name)
    if convert is None:
        return lambda value: {name: value_of(value)}
    return lambda value: {name: convert(value_of(value))}


@cache
def _reader(kind: type) -> Callable[[object], object]:
    hints = get_type_hints(kind)
    rows = tuple((field.name, _read_of(hints[field.name])) for field in fields(kind))

    def read(content: object) -> object:
        if type(content) is not dict or len(content) != len(rows):
            message = f"it has not the fields of {kind.__name__}"
            raise ValueError(message)
        return kind(*[convert(content[name]) for name, convert in rows])

    return read


def _write_of(hint: object) -> _Write:
    plain = _plain(hint)
    if plain in _SCALARS:
        return _SCALARS[plain][0]
    if isinstance(plain, type) and issubclass(plain, Enum):
        return attrgetter("name")
    if get_origin(plain) is tuple:
        return _write_of_tuple(plain)
    if get_origin(plain) is Map:
        return _write_of_map(plain)
    if _is_union(plain):
        members, has_none = _members(plain)
        inner = _write_tagged if len(members) > 1 else _write_of(members[0])
        if inner is None or not has_none:
            return inner
        return lambda value: None if value is None else inner(value)
    if isinstance(plain, type) and is_dataclass(plain):
        return _writer(plain)
    message = f"{hint} is no type that an entry may hold"
    raise TypeError(message)


def _write_of_map(hint: object) -> _Write:
    """Pairs of key and value; for the engine's state, which entries themselves never hold."""
    key, value = (_write_of(each) or _as_it_is for each in get_args(hint))
    return lambda pairs: [[key(name), value(item)] for name, item in pairs.items()]


def _as_it_is(value: object) -> object:
    return value


def _write_of_tuple(hint: object) -> _Write:
    if get_args(hint)[-1] is not ...:
        parts = [_write_of(each) or _as_it_is for each in get_args(hint)]
        return lambda values: [part(value) for part, value in zip(parts, values, strict=True)]
    inner = _write_of(_item_of(hint))
    if inner is None:
        return list
    return lambda values: [inner(value) for value in values]


def _write_tagged(value: object) -> object:
    kind: type = type(value)
    return [kind.__name__, _writer(kind)(value)]


def _read_of(hint: object) -> _Read:
    plain = _plain(hint)
    if plain in _SCALARS:
        return _SCALARS[plain][1]
    if isinstance(plain, type) and issubclass(plain, Enum):
        return {member.name: member for member in plain}.__getitem__  # type: ignore[return-value]
    if get_origin(plain) is tuple:
        return _read_of_tuple(plain)
    if get_origin(plain) is Map:
        return _read_of_map(plain)
    if _is_union(plain):
        members, _ = _members(plain)
        inner = _read_of(members[0]) if len(members) == 1 else _read_of_tagged(members)
        return lambda content: None if content is None else inner(content)
    if isinstance(plain, type) and is_dataclass(plain):
        return _reader(plain)
    message = f"{hint} is no type that an entry may hold"
    raise TypeError(message)


def _read_of_map(hint: object) -> _Read:
    key, value = (_read_of(each) for each in get_args(hint))
    return lambda pairs: Map([(key(name), value(item)) for name, item in _listed(pairs)])


def _listed(content: object) -> list[Any]:
    if type(content) is not list:
        message = f"{content!r} is no list"
        raise TypeError(message)
    return content


def _read_of_tuple(hint: object) -> _Read:
    if get_args(hint)[-1] is not ...:
        parts = [_read_of(each) for each in get_args(hint)]
        return lambda values: tuple(
            [part(value) for part, value in zip(parts, _listed(values), strict=True)]
        )
    inner = _read_of(_item_of(hint))

    def read(content: object) -> object:
        if type(content) is not list:
            message = f"{content!r} is no list"
            raise TypeError(message)
        return tuple([inner(item) for item in content])

    return read


def _read_of_tagged(members: tuple[object, ...]) -> _Read:
    known = {member.__name__: _reader(member) for member in members if isinstance(member, type)}

    def read(content: object) -> object:
        if type(content) is not list:
            message = f"{content!r} does not name what it is"
            raise TypeError(message)
        name, inner = content
        return known[name](inner)

    return read


def _plain(hint: object) -> object:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


def _is_union(hint: object) -> bool:
    return isinstance(hint, UnionType) or get_origin(hint) is Union


def _members(hint: object) -> tuple[tuple[object, ...], bool]:
    members = get_args(hint)
    present = tuple(member for member in members if member is not NoneType)
    if set(present) == {Stock, OptionContract}:
        present = (Stock | OptionContract,)
    return present, len(present) != len(members)


def _item_of(hint: object) -> object:
    item, *rest = get_args(hint)
    if rest != [...]:
        message = f"{hint} is no tuple of one type"
        raise TypeError(message)
    return item
