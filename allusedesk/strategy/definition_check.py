"""What keeps a definition from making sense, however well it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import Side
from allusedesk.strategy.definition import Definition, LegRule, Part, Structure

_SYMBOL = re.compile(r"[A-Z][A-Z.]{0,5}")
# Hours and minutes of the session, New York.
_OPENS, _CLOSES = (9, 30), (16, 0)
_DELTA_MOST = 100
# No exchange lists an option for longer than some years; ten are more than any has.
_DAYS_MOST = 3_660
_SELL_PUT, _BUY_PUT = (Side.SELL, Right.PUT), (Side.BUY, Right.PUT)
_SELL_CALL, _BUY_CALL = (Side.SELL, Right.CALL), (Side.BUY, Right.CALL)
# What the legs of each structure are, in their order; several where there is a choice.
_SHAPES: dict[Structure, tuple[tuple[tuple[Side, Right], ...], ...]] = {
    Structure.SHARES: ((),),
    Structure.CASH_SECURED_PUT: ((_SELL_PUT,),),
    Structure.COVERED_CALL: ((_SELL_CALL,),),
    Structure.CREDIT_SPREAD: ((_SELL_PUT, _BUY_PUT), (_SELL_CALL, _BUY_CALL)),
    Structure.IRON_CONDOR: ((_SELL_PUT, _BUY_PUT, _SELL_CALL, _BUY_CALL),),
    Structure.COLLAR: ((_BUY_PUT, _SELL_CALL),),
    Structure.LONG_OPTION: ((_BUY_PUT,), (_BUY_CALL,)),
    Structure.CALL_ON_CALL: ((_SELL_CALL,),),
}


def contradictions(definition: Definition) -> Iterator[tuple[str, str]]:
    """Each key that contradicts another, with why; nothing for a sound definition."""
    if not definition.tiers:
        yield "tiers", "must name a tier at least: gen, rev or com"
    for symbol in definition.symbols:
        if not _SYMBOL.fullmatch(symbol):
            yield "symbols", f"holds {symbol!r}, which is no symbol"
    if definition.protocol is not None:
        if definition.parts:
            yield "parts", "has no place beside protocol, whose parts are the rulebook's"
        if definition.tiers != (definition.protocol,):
            yield "tiers", "must be the tier that protocol names, and no other"
        if definition.decided_by_class:
            yield "decided_by_class", "has no place beside protocol, which the rulebook decides"
        return
    if not definition.parts:
        yield "parts", "is empty: a strategy does something"
    if not definition.looks:
        yield "looks", "is empty: a strategy looks at the market at some time of the day"
    names = [part.name for part in definition.parts]
    for row, part in enumerate(definition.parts):
        if names.count(part.name) > 1 or not part.name.replace("-", "").isalnum():
            yield f"parts[{row}].name", "must be one word of its own"
        for key, reason in _of_part(part, definition):
            yield f"parts[{row}].{key}", reason


def impossibilities(definition: Definition) -> Iterator[tuple[str, str]]:
    """Each key that no market could fulfil, or that would undo itself, with why."""
    texts = (definition.title, definition.summary, *definition.changelog)
    if any(not letter.isprintable() for text in texts for letter in text):
        yield "title", "and what else is told of it must be plain text without control signs"
    if len(set(definition.symbols)) < len(definition.symbols):
        yield "symbols", "names a symbol twice: it would be traded twice over"
    for row, clock in enumerate(definition.looks):
        if not _OPENS < (clock.hour, clock.minute) < _CLOSES:
            yield f"looks[{row}]", f"is {clock}, when no market is open: look from 09:31 to 15:59"
    for row, part in enumerate(definition.parts):
        for key, reason in _never_of_part(part):
            yield f"parts[{row}].{key}", reason


def _never_of_part(part: Part) -> Iterator[tuple[str, str]]:
    for number, leg in enumerate(part.legs):
        if leg.delta is not None and not 0 < leg.delta.high <= _DELTA_MOST:
            yield f"legs[{number}].delta", f"is {leg.delta}: a delta is quoted from 0 to 100"
        if leg.days is not None and leg.days.high > _DAYS_MOST:
            yield f"legs[{number}].days", f"is {leg.days}: no option lives that long"
    for name, value in (("profit", part.exit.profit), ("loss", part.exit.loss)):
        if value is not None and value <= 0:
            yield f"exit.{name}", "must lie above zero, or it would leave at once what it opened"
    days = part.legs[0].days if part.legs else None
    if days is not None and part.exit.days_left is not None and part.exit.days_left >= days.low:
        left = f"is {part.exit.days_left} and what is opened may have {days.low} days"
        yield "exit.days_left", f"{left}: it would be left at once"


def _of_part(part: Part, definition: Definition) -> Iterator[tuple[str, str]]:
    shape = tuple((leg.side, leg.right) for leg in part.legs)
    if shape not in _SHAPES[part.structure]:
        wanted = " or ".join(_in_words(legs) for legs in _SHAPES[part.structure])
        yield "legs", f"must be {wanted} for a {part.structure.value}"
        return
    if not 0 < part.size.share <= 1:
        yield "size.share", "must lie above zero and not above one"
    if part.size.units_max < 1:
        yield "size.units_max", "must be one at least"
    if part.entry.open_max < 1:
        yield "entry.open_max", "must be one at least"
    if part.structure.is_limited and not part.exit.days_left:
        yield (
            "exit.days_left",
            "must be one at least: what other options protect is closed before its expiry",
        )
    if part.structure.needs_shares and not _has_shares(definition):
        yield "structure", "needs shares, which no other part buys or lets be assigned"
    if part.structure is Structure.CALL_ON_CALL and not _has_long_call(definition):
        yield "structure", "needs a long call, which no other part buys"
    for number, leg in enumerate(part.legs):
        for key, reason in _of_leg(leg, number, part):
            yield f"legs[{number}].{key}", reason


def _of_leg(leg: LegRule, number: int, part: Part) -> Iterator[tuple[str, str]]:
    ways = [band for band in (leg.delta, leg.away, leg.width) if band is not None]
    if len(ways) != 1:
        yield "delta", "is how a contract is found: give delta, away or width, and one of them"
    if number == 0 and leg.days is None:
        yield "days", "is missing: the first leg says to which expiries"
    if number > 0 and leg.days is not None:
        yield "days", "has no place here: all legs of a part share their expiry"
    if leg.width is not None:
        before = part.legs[number - 1] if number else None
        if before is None or before.right is not leg.right:
            yield "width", "is measured from the leg before it, which must be of the same right"
        if leg.width.low <= 0:
            yield "width", "must lie above zero"
    is_wing = number % 2 == 1 and part.structure in (Structure.CREDIT_SPREAD, Structure.IRON_CONDOR)
    if is_wing and leg.width is None:
        yield "width", "is missing: what protects lies so far beyond what it protects"


def _has_shares(definition: Definition) -> bool:
    brings = (Structure.SHARES, Structure.CASH_SECURED_PUT)
    return any(part.structure in brings for part in definition.parts)


def _has_long_call(definition: Definition) -> bool:
    return any(
        part.structure is Structure.LONG_OPTION and part.legs[0].right is Right.CALL
        for part in definition.parts
        if part.legs
    )


def _in_words(legs: tuple[tuple[Side, Right], ...]) -> str:
    if not legs:
        return "left out"
    return ", ".join(f"{side.name.lower()} {right.name.lower()}" for side, right in legs)
