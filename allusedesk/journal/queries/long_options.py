"""Options that were bought: rungs of the LEAPS ladder, hedges, and the money laid out in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import BalancesMarked, LadderWeighed
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import CashMoved, LotChanged, Reinvestment

RUNG, HEDGE = "LEAPS rung", "hedge"
_OPTION_UNITS = 100
_BOOKED_ON_RUNGS = (
    "sequence IN (SELECT lot_changes.sequence FROM lot_changes JOIN lots ON lots.id = lot "
    "WHERE role = 'LEAPS rung')"
)


@dataclass(frozen=True, slots=True)
class LongOption:
    """A bought lot as it stood at a close; `bought` and `quantity` in contracts.

    `cost` is what was paid for all of it and `worth` its mark for what is left, None without one;
    `realised` is what the part that ended brought beyond its cost. `delta` is x 100, unsigned.
    """

    id: str
    account: str
    instrument: str
    role: str
    opened_at: datetime
    opened_sequence: int
    closed_sequence: int | None
    bought: int
    quantity: int
    price: Price
    cost: Money
    worth: Money | None
    realised: Money
    delta: Decimal | None
    is_modelled: bool

    @property
    def expiry(self) -> date:
        return date.fromisoformat(self.instrument.split(" ")[1])

    @property
    def is_call(self) -> bool:
        return self.instrument.endswith(" call")


@dataclass(frozen=True, slots=True)
class LadderMoney:
    """A sleeve's ladder money over a period: its cash before and after, and what moved it."""

    account: str
    before: Money
    came: Money
    spent: Money
    returned: Money

    @property
    def after(self) -> Money:
        return self.before + self.came + self.spent + self.returned


@dataclass(frozen=True, slots=True)
class _Lot:
    id: str
    account: str
    instrument: str
    role: str
    price_average: Price
    opened_at: datetime
    opened_sequence: int
    closed_sequence: int | None


def long_options(side: ReadSide, last: int) -> tuple[LongOption, ...]:
    """Every bought lot opened up to the entry `last`, which marked a close; oldest first."""
    quotes = _marks_at(side, last)
    lots = side.figures(
        _Lot,
        "FROM lots WHERE role IN ('LEAPS rung', 'hedge') AND opened_sequence <= ? "
        "ORDER BY opened_sequence, id",
        (last,),
    )
    return tuple(_seen(side, lot, last, quotes) for lot in lots)


def ladder_money(side: ReadSide, first: int, last: int) -> tuple[LadderMoney, ...]:
    """Each sleeve that ever had ladder money, over the entries from `first` to `last`."""
    parts = side.figures(Reinvestment, "FROM reinvestments WHERE sequence <= ?", (last,))
    moves = side.figures(
        CashMoved,
        f"FROM cash_moves WHERE sequence <= ? AND {_BOOKED_ON_RUNGS} ORDER BY sequence",
        (last,),
    )
    accounts = sorted({*(one.account for one in parts), *(one.account for one in moves)})
    found = []
    for account in accounts:
        came = [one for one in parts if one.account == account]
        own = [one for one in moves if one.account == account]
        inside = [move.amount for move in own if move.sequence >= first]
        found.append(
            LadderMoney(
                account,
                total([one.leaps for one in came if one.sequence < first])
                + total([move.amount for move in own if move.sequence < first]),
                total([one.leaps for one in came if one.sequence >= first]),
                total([amount for amount in inside if amount < NOTHING]),
                total([amount for amount in inside if amount > NOTHING]),
            )
        )
    return tuple(found)


def ladder_looks(side: ReadSide, first: int, last: int) -> tuple[LadderWeighed, ...]:
    """The last look at each sleeve's ladder among the entries, by sleeve."""
    wanted = side.column(
        "SELECT sequence FROM notices WHERE subject = 'ladder' AND sequence BETWEEN ? AND ? "
        "ORDER BY sequence",
        (first, last),
    )
    found: dict[str, LadderWeighed] = {}
    for sequence in wanted:
        event = next(iter(side.journal.read(sequence, sequence))).event
        if isinstance(event, LadderWeighed):
            found[str(event.account)] = event
    return tuple(found[account] for account in sorted(found))


def _marks_at(side: ReadSide, sequence: int) -> dict[str, Quote]:
    event = next(iter(side.journal.read(sequence, sequence))).event
    if not isinstance(event, BalancesMarked):
        return {}
    return {str(quote.instrument): quote for quote in event.quotes}


def _seen(side: ReadSide, lot: _Lot, last: int, quotes: dict[str, Quote]) -> LongOption:
    changes = side.figures(
        LotChanged,
        "FROM lot_changes WHERE lot = ? AND sequence <= ? ORDER BY sequence",
        (lot.id, last),
    )
    bought = sum(max(0, one.quantity_after - one.quantity_before) for one in changes)
    quantity = changes[-1].quantity_after if changes else 0
    quote = quotes.get(lot.instrument)
    mark = quote.mark if quote is not None else None
    units = quote.instrument.multiplier if quote is not None else _OPTION_UNITS
    greeks = quote.greeks if quote is not None else None
    return LongOption(
        lot.id,
        lot.account,
        lot.instrument,
        lot.role,
        lot.opened_at,
        lot.opened_sequence,
        lot.closed_sequence if lot.closed_sequence and lot.closed_sequence <= last else None,
        bought,
        quantity,
        lot.price_average,
        notional(lot.price_average, bought, units),
        notional(mark, quantity, units) if mark is not None and quantity else None,
        total([one.realised for one in changes]),
        None if greeks is None else Decimal(repr(round(abs(greeks.delta) * 100, 6))),
        quote.is_modelled if quote is not None else False,
    )
