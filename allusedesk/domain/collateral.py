"""What short options hold once the longs that protect them are counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, total
from allusedesk.domain.positions import Position

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of an option, negative for shorts; a call may be covered by another lot."""

    option: OptionContract
    signed: int
    is_covered: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Cash that shorts hold, and the calls among them that nothing stands behind."""

    cash: Money
    bare_calls: tuple[Units, ...]


@dataclass(slots=True)
class _Long:
    """Units of a long that no short has taken yet."""

    option: OptionContract
    left: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """What one matched short may lose beyond the long behind it, on its side of an expiry."""

    underlying: str
    expiry: date
    right: Right
    dollars: Decimal


def held_by(units: Sequence[Units], fee_per_contract: Money) -> Held:
    """What the shorts of one order, or of one account, hold.

    A short is protected by a long of its right, underlying and multiplier that ends with it or
    later: it holds the distance between the strikes, and where puts and calls of one expiry are
    protected, the larger side, since only one of them can end in the money. A put that nothing
    protects holds its strike. Fees are those of the puts, as if each were assigned.
    """
    longs = [_Long(one.option, one.signed) for one in units if one.signed > 0]
    gaps: list[_Gap] = []
    bare: list[Units] = []
    strikes, fees = _ZERO, _ZERO
    for short in sorted((one for one in units if one.signed < 0), key=_dearest_first):
        option, left = short.option, -short.signed
        if option.right is Right.PUT:
            fees += fee_per_contract.amount * left
        if short.is_covered and option.right is Right.CALL:
            continue
        for long in _nearest_first(longs, option):
            matched = min(left, long.left) if _protects(long.option, option) else 0
            if matched:
                long.left -= matched
                left -= matched
                gaps.append(_gap(option, long.option, matched))
        if left and option.right is Right.PUT:
            strikes += option.strike * left * option.multiplier
        elif left:
            bare.append(Units(option, -left))
    # Exact numbers are added up first and made money once: a book asks for this a lot.
    return Held(Money(_larger_sides(gaps) + strikes + fees), tuple(bare))


def held_by_lots(lots: Iterable[Position], fee_per_contract: Money) -> Held:
    """What an account's shorts hold: longs protect the shorts that one order opened with them."""
    orders: dict[str, list[Units]] = {}
    for lot in lots:
        if lot.option is not None:
            units = Units(lot.option, lot.quantity_signed, lot.linked_to is not None)
            orders.setdefault(lot.opened_by, []).append(units)
    found = [held_by(units, fee_per_contract) for units in orders.values()]
    bare = tuple(one for held in found for one in held.bare_calls)
    return Held(total([held.cash for held in found]), bare)


def _dearest_first(one: Units) -> tuple[date, Decimal]:
    return one.option.expiry, -one.option.strike


def _protects(long: OptionContract, short: OptionContract) -> bool:
    is_alike = long.right is short.right and long.multiplier == short.multiplier
    return is_alike and long.underlying == short.underlying and long.expiry >= short.expiry


def _distance(short: OptionContract, long: OptionContract) -> Decimal:
    """Dollars a share that the short may cost beyond what the long pays; none where it pays all."""
    gap = short.strike - long.strike if short.right is Right.PUT else long.strike - short.strike
    return max(gap, _ZERO)


def _nearest_first(longs: list[_Long], short: OptionContract) -> list[_Long]:
    return sorted(longs, key=lambda one: (_distance(short, one.option), one.option.expiry))


def _gap(short: OptionContract, long: OptionContract, units: int) -> _Gap:
    dollars = _distance(short, long) * units * short.multiplier
    return _Gap(short.underlying, short.expiry, short.right, dollars)


def _larger_sides(gaps: Sequence[_Gap]) -> Decimal:
    sides: dict[tuple[str, date], dict[Right, Decimal]] = {}
    for gap in gaps:
        side = sides.setdefault((gap.underlying, gap.expiry), {})
        side[gap.right] = side.get(gap.right, _ZERO) + gap.dollars
    return sum([max(side.values()) for side in sides.values()], _ZERO)
