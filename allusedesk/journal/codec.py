"""Events to text and back, each kind with its version."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NoReturn, cast, get_args, get_origin, get_type_hints

from immutables import Map

from allusedesk.domain.events import EVENT_KINDS, Event
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Quote
from allusedesk.journal import scalars
from allusedesk.journal.faults import EntryUnreadable, EventUnwritable
from allusedesk.journal.hints import is_union, item_of, members_of, plain_of
from allusedesk.journal.quote_rows import read_quote
from allusedesk.journal.write_values import write_of, writer_of

# What a hint of the domain is turned into: a function of one value.
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

_SCALARS: dict[object, _Read] = {
    str: scalars.read_text,
    int: scalars.read_whole,
    bool: scalars.read_flag,
    float: scalars.read_float,
    Decimal: scalars.read_decimal,
    Money: scalars.read_money,
    Price: scalars.read_price,
    datetime: scalars.read_instant,
    date: scalars.read_date,
    Stock: scalars.read_stock,
    OptionContract: scalars.read_contract,
    Stock | OptionContract: scalars.read_instrument,
    Quote: read_quote,
}


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no finite number"
    raise ValueError(message)


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
        body = writer_of(_KINDS[kind])(event)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        message = f"{kind} cannot be recorded: {fault}. Correct the value where it arises."
        raise EventUnwritable(message) from fault
    return kind, version_of(kind), body


def decode(kind: str, version: int, body: str, *, with_chains: bool = True) -> Event:
    """The event behind a body; equal to the one written.

    Without chains a sample of the market has none: they are most of it, and no fold looks at them.
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
        if not with_chains and known is MarketSampled:
            content["snapshot"]["chains"] = []
        return cast("Event", _reader(known)(content))
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as fault:
        message = f"The text of a {kind} does not describe one: {fault!s:.200}."
        raise EntryUnreadable(message) from fault


def write_value(hint: object, value: object) -> str:
    """The JSON of a value of a type, by the rules by which events are written."""
    return write_of(hint)(value)


def read_value(hint: object, content: object) -> object:
    """The value of a type behind what `write_value` made.

    Raises ValueError, TypeError or KeyError where it is none.
    """
    return _read_of(hint)(content)


@cache
def _reader(kind: type) -> Callable[[object], object]:
    hints = get_type_hints(kind)
    rows = tuple((field.name, _read_of(hints[field.name])) for field in fields(kind))
    needed = {field.name for field in fields(kind) if not _has_default(field)}

    def read(content: object) -> object:
        if type(content) is not dict:
            message = f"it has not the fields of {kind.__name__}"
            raise ValueError(message)
        if len(content) == len(rows):
            return kind(*[convert(content[name]) for name, convert in rows])
        # An earlier desk wrote it: a field that came later stands at its default.
        there = {name: convert(content[name]) for name, convert in rows if name in content}
        if len(there) != len(content) or not needed <= there.keys():
            message = f"it has not the fields of {kind.__name__}"
            raise ValueError(message)
        return kind(**there)

    return read


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _read_of(hint: object) -> _Read:
    plain = plain_of(hint)
    if plain in _SCALARS:
        return _SCALARS[plain]
    if isinstance(plain, type) and issubclass(plain, Enum):
        return {member.name: member for member in plain}.__getitem__  # type: ignore[return-value]
    if get_origin(plain) is tuple:
        return _read_of_tuple(plain)
    if get_origin(plain) is Map:
        return _read_of_map(plain)
    if is_union(plain):
        members, _ = members_of(plain)
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
    inner = _read_of(item_of(hint))

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
