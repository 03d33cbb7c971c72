"""Strategies that a class decides: what it is shown, what it may answer, and how that is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.strategy_events import ClosingIntent, LegIntent, OpeningIntent
from allusedesk.strategy.definition import Band, Definition, LegRule, Part
from allusedesk.strategy.definition_check import contradictions
from allusedesk.strategy.standing import Scene, Standing

INTENT_REFUSED = "strategy.intent"

# A class that wants more at one look than any sleeve could do has lost its way.
_INTENTS_MAX = 64
_TEXT_MAX = 200
_NUMBER_MAX = Decimal(10) ** 6
_BANDS = ("days", "delta", "away", "width")

Intent = OpeningIntent | ClosingIntent


class StrategyDecider(Protocol):
    """What a class registered under `allusedesk.strategies` offers that decides by itself.

    It is made anew for each look and asked twice over; answers that differ are refused, so what
    it says can hang on nothing but what it is shown: no clock, no file, no chance, no memory.
    """

    def definition(self) -> str:
        """The strategy as the text of a definition that says `decided_by_class = true`."""

    def decide(self, standing: Standing, scene: Scene) -> Iterable[Intent]:
        """What to open and what to leave now, of the definition's parts."""


class IntentsRefused(Exception):
    """An answer that is none; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer that can be recorded."""

    openings: tuple[OpeningIntent, ...]
    closings: tuple[ClosingIntent, ...]


def read_intents(answer: object) -> Decided:
    """What a class answered, each value of the kind it should be; raises IntentsRefused."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        raise IntentsRefused(f"it answered {_shown(answer)}, which is no list of intents")
    found: list[Intent] = []
    for one in answer:
        if len(found) >= _INTENTS_MAX:
            raise IntentsRefused(f"it wants more than {_INTENTS_MAX} things at one look")
        if not isinstance(one, OpeningIntent | ClosingIntent) or not _is_sound(one):
            raise IntentsRefused(f"it answered {_shown(one)}, which is no intent")
        found.append(one)
    return Decided(
        tuple(one for one in found if isinstance(one, OpeningIntent)),
        tuple(one for one in found if isinstance(one, ClosingIntent)),
    )


def _is_sound(intent: Intent) -> bool:
    texts = (intent.part, intent.symbol, intent.reason)
    if not all(type(one) is str and len(one) <= _TEXT_MAX for one in texts):
        return False
    if not intent.reason.isprintable():
        return False
    if isinstance(intent, ClosingIntent):
        return True
    is_counted = type(intent.units_max) is int and 0 < intent.units_max <= _NUMBER_MAX
    return is_counted and type(intent.legs) is tuple and all(map(_is_sound_leg, intent.legs))


def _is_sound_leg(leg: object) -> bool:
    return (
        isinstance(leg, LegIntent)
        and type(leg.leg) is int
        and leg.band in _BANDS
        and all(type(one) is Decimal and one.is_finite() for one in (leg.low, leg.high))
        and 0 <= leg.low <= leg.high <= _NUMBER_MAX
    )


def _shown(value: object) -> str:
    return f"a {type(value).__name__}"


def narrowed(part: Part, intent: OpeningIntent, definition: Definition) -> Part | TurnedDown:
    """The part as an intent wants it: its own bands for the legs, never more units."""
    legs = list(part.legs)
    for one in intent.legs:
        if not 0 <= one.leg < len(legs):
            reason = f"the part {part.name} has no leg {one.leg}"
            return TurnedDown(intent.symbol, INTENT_REFUSED, reason)
        legs[one.leg] = _with_band(legs[one.leg], one)
    size = replace(part.size, units_max=min(part.size.units_max, intent.units_max))
    found = replace(part, legs=tuple(legs), size=size)
    others = tuple(found if one.name == part.name else one for one in definition.parts)
    for key, why in contradictions(replace(definition, parts=others)):
        return TurnedDown(intent.symbol, INTENT_REFUSED, f"{key} {why}")
    return found


def _with_band(leg: LegRule, wanted: LegIntent) -> LegRule:
    """A leg with one band changed; a way to find the strike takes the place of the one before."""
    band = Band(wanted.low, wanted.high)
    match wanted.band:
        case "days":
            return replace(leg, days=band)
        case "delta":
            return replace(leg, delta=band, away=None, width=None)
        case "away":
            return replace(leg, delta=None, away=band, width=None)
        case _:
            return replace(leg, delta=None, away=None, width=band)
