"""`propose_all`: every enabled strategy over the same look, and no two of them on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.proposals import Side, TurnedDown
from allusedesk.domain.quotes import ChainWish
from allusedesk.protocol.closing_orders import Outcome, decision_of
from allusedesk.protocol.rulebook_trading import Weekday
from allusedesk.protocol.views import Decision, Wish
from allusedesk.strategy.deciding import INTENT_REFUSED, narrowed
from allusedesk.strategy.definition import Part, Structure
from allusedesk.strategy.entries import TIED_UP, entry_of
from allusedesk.strategy.exits import exits_of
from allusedesk.strategy.standing import Scene, Standing, Taken

CONTRADICTION = "strategy.contradiction"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one strategy wants in one sleeve at one look, and what it turned down."""

    account: AccountId
    strategy: str
    decision: Decision


def propose_all(standings: Sequence[Standing], scene: Scene) -> tuple[Proposed, ...]:
    """Closes first, then openings, strategy by strategy in the order given.

    An opening that would take the other side of a contract that anybody on the desk holds, asks
    for or has just been granted here is turned down, with who stands against it.
    """
    found: dict[int, list[Outcome]] = {
        place: list(exits_of(standing, scene)) for place, standing in enumerate(standings)
    }
    taken = scene.taken
    free = {standing.account: standing.cash_free for standing in standings}
    added: dict[str, Money] = {}
    for place, standing in enumerate(standings):
        if not standing.is_on or standing.is_leaving:
            continue
        for part, symbol in _openings(standing, scene):
            if isinstance(part, TurnedDown):
                found[place].append(part)
                continue
            own = _after(standing, free[standing.account], added)
            outcome = entry_of(own, part, symbol, scene)
            against = _against(outcome, taken) if isinstance(outcome, Wish) else None
            if against is not None:
                outcome = against
            if isinstance(outcome, Wish):
                taken = (*taken, *_sides(outcome))
                tied = _tied_up(outcome)
                free[standing.account] = free[standing.account] - tied
                added[symbol] = added.get(symbol, NOTHING) + tied
            if outcome is not None:
                found[place].append(outcome)
    return tuple(
        Proposed(standing.account, standing.definition.id, decision_of(found[place]))
        for place, standing in enumerate(standings)
    )


def _after(standing: Standing, free: Money, added: dict[str, Money]) -> Standing:
    """The standing once the wishes made before it at this look have taken their part."""
    rooms = tuple(
        replace(one, room=one.room - added.get(one.symbol, NOTHING)) for one in standing.rooms
    )
    return replace(standing, cash_free=free, rooms=rooms)


def _tied_up(wish: Wish) -> Money:
    return total([one.amount for one in wish.amounts if one.name == TIED_UP])


def chains_wanted(standings: Sequence[Standing], scene: Scene) -> tuple[ChainWish, ...]:
    """The parts of chains that the openings of this day may need, one for each symbol."""
    bands: dict[str, list[tuple[Right, int, int]]] = {}
    for standing in standings:
        if not standing.is_on or standing.is_leaving:
            continue
        for part, symbol in _in_view(standing, scene):
            for leg in part.legs:
                days = part.legs[0].days
                if days is not None:
                    row = (leg.right, int(days.low), int(days.high))
                    bands.setdefault(symbol, []).append(row)
    return tuple(
        ChainWish(
            symbol,
            tuple(right for right in Right if any(row[0] is right for row in rows)),
            min(row[1] for row in rows),
            max(row[2] for row in rows),
        )
        for symbol, rows in sorted(bands.items())
    )


def _in_view(standing: Standing, scene: Scene) -> Iterator[tuple[Part, str]]:
    """What may be opened; a class that was not asked yet is shown all that its parts could take."""
    if standing.definition.decided_by_class and standing.intents is not None:
        for part, symbol in _openings(standing, scene):
            if isinstance(part, Part):
                yield part, symbol
        return
    yield from _wanted(standing, scene)


def _openings(standing: Standing, scene: Scene) -> Iterator[tuple[Part | TurnedDown, str]]:
    """Each part to open in each symbol; of a class's strategy, what the class asks for alone."""
    if not standing.definition.decided_by_class:
        yield from _wanted(standing, scene)
        return
    intents = standing.intents.openings if standing.intents is not None else ()
    possible = {(part.name, symbol): part for part, symbol in _wanted(standing, scene)}
    for intent in intents:
        part = possible.get((intent.part, intent.symbol))
        if part is None:
            reason = "its part is not open to it now: by its day, by what is held or asked already"
            yield TurnedDown(intent.symbol, INTENT_REFUSED, reason, intent.part), intent.symbol
        else:
            yield narrowed(part, intent, standing.definition), intent.symbol


def _wanted(standing: Standing, scene: Scene) -> Iterator[tuple[Part, str]]:
    """Each part that may be opened today in each symbol: its day, and not as many as may be."""
    today = list(Weekday)[scene.today.weekday()] if scene.today.weekday() < len(Weekday) else None
    for part in standing.definition.parts:
        if part.entry.weekdays and today not in part.entry.weekdays:
            continue
        for symbol in standing.symbols:
            is_asked = (part.name, symbol) in standing.asked
            if not is_asked and _has_room(standing, part, symbol, scene):
                yield part, symbol


def _has_room(standing: Standing, part: Part, symbol: str, scene: Scene) -> bool:
    held = standing.open_of(part.name, symbol)
    if len(held) >= part.entry.open_max:
        return False
    youngest = max((one.opened_on for one in held), default=None)
    if youngest is not None and (scene.today - youngest).days < part.entry.days_apart:
        return False
    if part.structure is Structure.CASH_SECURED_PUT and standing.definition.keeps_shares:
        return not standing.shares_of(symbol)
    return True


def _sides(wish: Wish) -> tuple[Taken, ...]:
    holder = f"{wish.strategy} in {wish.account}"
    return tuple(
        Taken(leg.instrument, leg.side, holder)
        for leg in wish.legs
        if isinstance(leg.instrument, OptionContract)
    )


def _against(wish: Wish, taken: Sequence[Taken]) -> TurnedDown | None:
    for leg in wish.legs:
        for other in taken:
            if other.instrument == leg.instrument and other.side is Side(-leg.side.value):
                verb = "sold" if other.side is Side.SELL else "bought"
                reason = f"{leg.instrument} is {verb} by {other.holder}"
                return TurnedDown(str(leg.instrument), CONTRADICTION, reason)
    return None
