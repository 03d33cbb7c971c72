"""The path of each lot through a period: what it earned between two sights, and by which greek.

Between sights nothing is traded, so a lot's gain is its units times the change of its price, and
`attribution_steps` divides it: delta and gamma for the underlying's move, theta for the time, vega
for the change of implied volatility. What they leave is the rest: fills off the middle, and
stretches of which a price is not known. Gains are exact; only their division rests on the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, allocate
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import Quote
from allusedesk.portfolio.attribution_days import GREEKS, LotDay, SleeveDay
from allusedesk.portfolio.attribution_steps import OptionStretch, divide, settled_spot, years_left

# Finer than a cent, so that what is divided often still comes to its cents.
_FINE = Decimal("0.000001")
_ENDINGS = ("assignment", "expiry", "settlement")


@dataclass(frozen=True, slots=True)
class _Sight:
    """A lot's price per share at an instant, and what the market showed of it then.

    `middle` is what it was quoted at, which a fill may miss; None where nothing showed it. At its
    end an option is worth what exercise brings, whatever time it had left.
    """

    at: datetime
    price: Decimal
    spot: float | None = None
    middle: float | None = None
    rate: float = 0.0
    is_end: bool = False

    def years_left(self, option: OptionContract) -> float:
        return 0.0 if self.is_end else years_left(option, self.at)


@dataclass(slots=True)
class _Path:
    """A lot on its way; what is summed or waits to be divided begins anew after each close."""

    lot: Position
    sight: _Sight
    gain: Decimal = Decimal(0)
    dividends: Decimal = Decimal(0)
    costs: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)
    stretches: list[tuple[int, OptionStretch]] = field(default_factory=list)

    @property
    def units(self) -> int:
        return _units(self.lot)

    def advance(self, sight: _Sight) -> None:
        """Book the stretch from the last sight to this one.

        A quote that is not newer than the last sight is that sight still: no time passed and no
        underlying moved between the two, whatever the clock and the underlying show by now.
        """
        self.gain += self.units * (sight.price - self.sight.price)
        if sight.at <= self.sight.at:
            self.sight = replace(self.sight, price=sight.price)
            return
        self._keep(self.sight, sight)
        self.sight = sight

    def _keep(self, before: _Sight, after: _Sight) -> None:
        """Shares move with their price alone; an option's stretch is divided with the others."""
        option = self.lot.instrument
        if before.spot is None or after.spot is None:
            return
        if not isinstance(option, OptionContract):
            self.moved += self.units * _exact(after.spot - before.spot)
        elif before.middle is not None and after.middle is not None:
            stretch = OptionStretch(
                float(option.strike),
                option.right is Right.PUT,
                before.rate,
                (before.spot, after.spot),
                (before.years_left(option), after.years_left(option)),
                (before.middle, after.middle),
            )
            self.stretches.append((self.units, stretch))

    def adjust(self, after: Position) -> None:
        """A split: the value stays, and the model is silent until the next sight."""
        was = self.units
        self.lot = after
        factor = Decimal(was) / self.units
        spot = None if self.sight.spot is None else self.sight.spot * float(factor)
        if isinstance(after.instrument, OptionContract):
            spot = None
        self.sight = _Sight(self.sight.at, self.sight.price * factor, spot)

    def day(self, on: date, parts: Sequence[float]) -> LotDay:
        """What was earned since the last close, its stretches divided into `parts`."""
        divided = dict(zip(GREEKS, (_exact(part) for part in parts), strict=True))
        divided["delta"] += self.moved
        found = LotDay(
            on,
            self.lot.account,
            self.lot.id,
            self.lot.opened_by,
            self.lot.underlying,
            self.gain,
            dividends=self.dividends,
            costs=self.costs,
            **divided,
        )
        self.gain = self.dividends = self.costs = self.moved = Decimal(0)
        self.stretches.clear()
        return found


class Paths:
    """Every lot's path and every sleeve's equity, moment by moment, in order.

    `rate` is the short rate a year as the market showed it last, to be kept up by the caller.
    """

    def __init__(self, held: Sequence[Position]) -> None:
        self.rate = 0.0
        self.lots: list[LotDay] = []
        self.sleeves: list[SleeveDay] = []
        self._held = list(held)
        self._paths: dict[PositionId, _Path] = {}
        self._ended: list[_Path] = []
        self._equity: Mapping[str, Money] = {}
        self._moved: dict[str, Money] = {}

    def begin(
        self,
        at: datetime,
        equity: Mapping[str, Money],
        marks: Mapping[Instrument, Quote],
        quotes: Mapping[Instrument, Quote],
    ) -> None:
        """The close before the period: where every path and every equity starts from."""
        self._equity = dict(equity)
        for lot in self._held:
            self._paths[lot.id] = _Path(lot, self._marked(lot, at, marks, quotes))

    def see(self, quotes: Mapping[Instrument, Quote]) -> None:
        """What was held was quoted; a lot that was not is left where it is."""
        for path in self._paths.values():
            quote = quotes.get(path.lot.instrument)
            mark = quote.mark if quote is not None else None
            if quote is not None and mark is not None:
                spot = _spot(path.lot.instrument, quotes)
                price = mark.per_unit
                sight = _Sight(quote.quoted_at, price, spot, float(price), self.rate)
                path.advance(sight)

    def book(
        self,
        at: datetime,
        how: str,
        booking: Booking,
        quotes: Mapping[Instrument, Quote],
        moved: Mapping[str, Money],
        symbol: str = "",
    ) -> None:
        """Lots traded, delivered, expired or split; cash beyond their prices becomes a cost."""
        for account, amount in moved.items():
            self._moved[account] = self._moved.get(account, NOTHING) + amount
        left = {move.account: Decimal(0) for move in booking.cash}
        for move in booking.cash:
            left[move.account] += move.amount.amount
        prices = _delivery_prices(booking.changes, quotes) if how == "assignment" else {}
        touched: dict[str, list[_Path]] = {}
        for change in booking.changes:
            path = self._change(at, how, change, prices, quotes)
            touched.setdefault(path.lot.account, []).append(path)
            brought = change.cash.amount
            left[path.lot.account] = left.get(path.lot.account, Decimal(0)) - brought
        for name, rest in left.items():
            self._share(name, rest, touched.get(name, []), symbol)

    def _change(
        self,
        at: datetime,
        how: str,
        change: LotChange,
        prices: Mapping[PositionId, Decimal],
        quotes: Mapping[Instrument, Quote],
    ) -> _Path:
        before, after, lot = change.before, change.after, change.lot
        was, now = _units(before), _units(after)
        path = self._paths.get(lot.id)
        is_other = before is not None and before.instrument != lot.instrument
        if path is not None and after is not None and (how == "split" or is_other):
            path.adjust(after)
            return path
        cash = change.cash.amount
        if now == was:
            price = path.sight.price if path is not None else lot.price_average.per_unit
        else:
            price = prices.get(lot.id, cash / (was - now))
        sight = self._booked(at, how, lot, price, quotes)
        if path is None:
            path = self._paths[lot.id] = _Path(lot, sight)
        else:
            path.advance(sight)
        if after is None:
            self._ended.append(self._paths.pop(lot.id))
        else:
            path.lot = after
        return path

    def _share(self, account: str, amount: Decimal, touched: list[_Path], symbol: str) -> None:
        """Cash that no price explains: a dividend of shares, else what the trade cost."""
        if not amount:
            return
        if symbol:
            owners = [
                path
                for path in self._paths.values()
                if path.lot.account == account and path.lot.instrument == Stock(symbol)
            ]
            weights = [Decimal(path.lot.quantity) for path in owners]
            for path, part in zip(owners, _divided(amount, weights), strict=True):
                path.dividends += part
        elif touched:
            weights = [Decimal(1)] * len(touched)
            for path, part in zip(touched, _divided(amount, weights), strict=True):
                path.costs += part

    def close(
        self,
        at: datetime,
        on: date,
        equity: Mapping[str, Money],
        marks: Mapping[Instrument, Quote],
        quotes: Mapping[Instrument, Quote],
    ) -> None:
        """A close: every lot at its mark, and what each sleeve earned since the last one."""
        engaged: dict[str, dict[str, Decimal]] = {}
        for path in self._paths.values():
            path.advance(self._marked(path.lot, at, marks, quotes))
            mine = engaged.setdefault(path.lot.account, {})
            name = path.lot.underlying
            mine[name] = mine.get(name, Decimal(0)) + _engaged(path)
        days = self._days(on)
        self.lots.extend(days)
        earned: dict[str, Decimal] = {}
        for one in days:
            earned[one.account] = earned.get(one.account, Decimal(0)) + one.whole
        for account in sorted({*self._equity, *equity, *self._moved}):
            ends = equity.get(account, NOTHING)
            moved = self._moved.get(account, NOTHING)
            gain = ends - self._equity.get(account, NOTHING) - moved
            other = gain.amount - earned.get(account, Decimal(0))
            mine = engaged.get(account, {})
            self.sleeves.append(
                SleeveDay(
                    on, AccountId(account), ends, moved, gain, other, tuple(sorted(mine.items()))
                )
            )
        self._equity = dict(equity)
        self._moved.clear()

    def _days(self, on: date) -> list[LotDay]:
        """What each lot earned; the stretches of all of them are divided at once."""
        paths = [*self._ended, *self._paths.values()]
        self._ended.clear()
        waiting = [(path, units, one) for path in paths for units, one in path.stretches]
        divided = divide([one for _, _, one in waiting]).tolist()
        parts: dict[PositionId, list[list[float]]] = {}
        for (path, units, _), shares in zip(waiting, divided, strict=True):
            parts.setdefault(path.lot.id, []).append([units * share for share in shares])
        found = []
        for path in paths:
            mine = zip(*parts.get(path.lot.id, [[0.0] * len(GREEKS)]), strict=True)
            found.append(path.day(on, [math.fsum(each) for each in mine]))
        return found

    def _marked(
        self,
        lot: Position,
        at: datetime,
        marks: Mapping[Instrument, Quote],
        quotes: Mapping[Instrument, Quote],
    ) -> _Sight:
        """As the book is valued: at the mark, at cost where there is none."""
        quote = marks.get(lot.instrument)
        mark = quote.mark if quote is not None else None
        price = (lot.price_average if mark is None else mark).per_unit
        at = at if quote is None else quote.quoted_at
        middle = None if mark is None else float(price)
        return _Sight(at, price, _spot(lot.instrument, quotes), middle, self.rate)

    def _booked(
        self,
        at: datetime,
        how: str,
        lot: Position,
        price: Decimal,
        quotes: Mapping[Instrument, Quote],
    ) -> _Sight:
        """A fill beside what was quoted; what ends otherwise is worth what it ended at."""
        spot = _spot(lot.instrument, quotes)
        if how in _ENDINGS and isinstance(lot.instrument, OptionContract):
            spot = settled_spot(lot.instrument, price, spot)
            return _Sight(at, price, spot, float(price), self.rate, is_end=True)
        quote = quotes.get(lot.instrument)
        mark = quote.mark if quote is not None else None
        middle = None if mark is None else float(mark.per_unit)
        return _Sight(at, price, spot, middle, self.rate)


def _spot(instrument: Instrument, quotes: Mapping[Instrument, Quote]) -> float | None:
    symbol = instrument.priced_by if isinstance(instrument, OptionContract) else instrument.symbol
    quote = quotes.get(Stock(symbol))
    mark = quote.mark if quote is not None else None
    return None if mark is None else float(mark.per_unit)


def _delivery_prices(
    changes: Sequence[LotChange], quotes: Mapping[Instrument, Quote]
) -> dict[PositionId, Decimal]:
    """Shares of a delivery at their market price, its options at what they were worth by that.

    The strike alone would show a loss of the shares and a gain of the option that nobody made.
    Where the market's price or the matching number of shares is missing, the strike it is.
    """
    options = [one for one in changes if isinstance(one.lot.instrument, OptionContract)]
    shares = [one for one in changes if one not in options]
    contracts = {one.lot.instrument for one in options}
    if len(contracts) != 1:
        return {}
    contract = contracts.pop()
    if not isinstance(contract, OptionContract):
        return {}
    sign = 1 if contract.right is Right.PUT else -1
    quote = quotes.get(Stock(contract.priced_by))
    mark = quote.mark if quote is not None else None
    if mark is None or _units_moved(options) != sign * _units_moved(shares):
        return {}
    worth = sign * (contract.strike - mark.per_unit)
    prices = {one.lot.id: worth for one in options}
    return prices | {one.lot.id: mark.per_unit for one in shares}


def _units_moved(changes: Sequence[LotChange]) -> int:
    return sum(_units(one.after) - _units(one.before) for one in changes)


def _units(lot: Position | None) -> int:
    return 0 if lot is None else lot.quantity_signed * lot.instrument.multiplier


def _engaged(path: _Path) -> Decimal:
    lot = path.lot
    if lot.is_short_put:
        return lot.assignment_cost().amount
    return abs(path.units * path.sight.price) if lot.is_shares else Decimal(0)


def _divided(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    if not weights:
        return []
    return [part.amount for part in allocate(Money(amount), weights, _FINE)]


def _exact(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_FINE)
