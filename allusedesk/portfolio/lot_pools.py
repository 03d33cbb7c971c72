"""Open tax lots by instrument and side, and what a split makes of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING
from allusedesk.portfolio.tax_lots import LotChoice, TaxLot, take
from allusedesk.portfolio.tax_trades import TaxAdjustment, TaxTrade

_ROUNDING = Decimal("0.00001")


class LotPools:
    """Lots of one instrument and side together, whatever sleeve they are in."""

    def __init__(self) -> None:
        self._pools: dict[tuple[Instrument, bool], dict[int, TaxLot]] = {}
        self._number = 0

    def next_number(self) -> int:
        """A number for a lot that no other has."""
        self._number += 1
        return self._number

    def keep(self, lot: TaxLot) -> None:
        """Put a lot in, or in the place of the one with its number."""
        self._pools.setdefault((lot.instrument, lot.is_short), {})[lot.number] = lot

    def pop(self, trade: TaxTrade, choice: LotChoice) -> list[TaxLot]:
        """Take out what a closing ends, split where it ends only a part of a lot.

        Raises ValueError where fewer units are held.
        """
        key = (trade.instrument, trade.units_signed > 0)
        pool = self._pools.get(key, {})
        gone = []
        for lot, units in take(pool.values(), abs(trade.units_signed), trade.lot, choice):
            del pool[lot.number]
            ended = lot
            if units < lot.units:
                ended, rest = lot.split(units, self.next_number())
                pool[rest.number] = rest
            gone.append(ended)
        if not pool:
            self._pools.pop(key, None)
        return gone

    def taken_out(self, instrument: Instrument) -> list[list[TaxLot]]:
        """Take out every lot of an instrument, longs and shorts apart, each oldest first."""
        found = [self._pools.pop((instrument, is_short), {}) for is_short in (False, True)]
        return [sorted(pool.values(), key=_age) for pool in found if pool]

    def held(self, instrument: Instrument) -> list[TaxLot]:
        """Lots of an instrument that are held, not written; oldest first."""
        return sorted(self._pools.get((instrument, False), {}).values(), key=_age)

    def on(self, underlying: str) -> list[TaxLot]:
        """Lots of a share and of options on it, oldest first."""
        return [lot for lot in self.lots() if lot.instrument.underlying == underlying]

    def lots(self) -> tuple[TaxLot, ...]:
        """Every lot, oldest first."""
        return tuple(
            sorted((lot for pool in self._pools.values() for lot in pool.values()), key=_age)
        )


def _age(lot: TaxLot) -> tuple[int, int]:
    return lot.batch, lot.number


def floored(exact: Decimal) -> int:
    """Whole units; a ratio such as one third has lost its last digits."""
    return int((exact + _ROUNDING).to_integral_value(ROUND_FLOOR))


def adjusted(lots: list[TaxLot], event: TaxAdjustment, whole: int) -> list[TaxLot]:
    """The lots after a split; one that came to less than a unit lives on in the next."""
    made, seen = 0, 0
    found: list[TaxLot] = []
    cost, deferred = NOTHING, NOTHING
    for lot in lots:
        seen += lot.units
        units = min(floored(seen * event.ratio), whole) - made
        made += units
        cost, deferred = cost + lot.cost, deferred + lot.deferred
        if not units:
            continue
        after = replace(
            lot,
            instrument=event.after,
            units_signed=-units if lot.is_short else units,
            cost=cost,
            deferred=deferred,
        )
        replacing = lot.replacing * after.shares // lot.shares
        found.append(replace(after, replacing=replacing))
        cost, deferred = NOTHING, NOTHING
    if found:
        last = found[-1]
        found[-1] = replace(last, cost=last.cost + cost, deferred=last.deferred + deferred)
    return found
