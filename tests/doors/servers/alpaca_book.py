"""The exchange and the ledger behind the Alpaca server: orders against quotes a test sets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.doors.servers.alpaca_wire import Refused, Shown, WireOrder, multiplier, option_parts

Listener = Callable[[str, WireOrder, dict[str, Any]], None]


class Book:
    """One account at an exchange where every order meets its counterpart in the middle.

    Whoever calls a public method holds no lock; listeners are called in the order of happenings.
    """

    def __init__(self, now: Callable[[], datetime], cash: str = "100000") -> None:
        self.lock = threading.RLock()
        self.account_number = "PA3TESTDESK1"
        self.account_id = self._identifier_of(1, 0xACC0)
        self.cash = Decimal(cash)
        self.positions: dict[str, tuple[int, Decimal]] = {}
        self.orders: dict[str, WireOrder] = {}
        self.activities: list[dict[str, Any]] = []
        self.quotes: dict[str, Shown] = {}
        self.options_level = 3
        self.account: dict[str, Any] = {}
        self.is_market_open = True
        self.holds_cancels = False
        self.fills_before_replacing = False
        self.refuses_replacing = False
        self.is_activity_late = False
        self._late: list[dict[str, Any]] = []
        self._now, self._numbers, self._listeners = now, 0, list[Listener]()

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    # What a test does to the world.

    def show(self, symbol: str, bid: str, ask: str, size: int | None = None) -> None:
        """A new quote; open orders are looked at, oldest first."""
        with self.lock:
            self.quotes[symbol] = Shown(Decimal(bid), Decimal(ask), size)
            for order in list(self.orders.values()):
                self._match(order)

    def close_session(self) -> None:
        """The market closes; what was good for the day is over."""
        with self.lock:
            self.is_market_open = False
            for order in list(self.orders.values()):
                if order.is_open and order.time_in_force == "day":
                    self._end(order, "expired")

    def let_cancels_go(self) -> None:
        """Cancellations that were held are carried out where still possible."""
        with self.lock:
            self.holds_cancels = False
            for order in list(self.orders.values()):
                if order.status == "pending_cancel":
                    self._end(order, "canceled")

    def let_activities_come(self) -> None:
        """Executions that the activities did not show yet are shown."""
        with self.lock:
            self.is_activity_late = False
            self.activities.extend(self._late)
            self._late.clear()

    def note(self, kind: str, symbol: str = "", qty: int = 0, net: str = "0", **more: str) -> str:
        """An activity that is no trade; returns its id."""
        with self.lock:
            at = self._instant()
            number = self._identifier()
            name = f"{at:%Y%m%d}000000000::{number}"
            row = {
                "id": name,
                "activity_type": kind,
                "date": f"{at:%Y-%m-%d}",
                "created_at": _stamp(at),
                "net_amount": net,
                "description": more.pop("description", ""),
                "symbol": symbol,
                "qty": str(qty),
                "status": "executed",
                "_at": at,
                **more,
            }
            self.activities.append({key: value for key, value in row.items() if value != ""})
            self.cash += Decimal(net)
            return name

    def take_off(self, kind: str, symbol: str) -> str:
        """Assign (OPASN), exercise (OPEXC) or expire (OPEXP) all that is held of an option."""
        with self.lock:
            held, _ = self.positions.pop(symbol)
            notice = self.note(kind, symbol, -held, description="Option Event")
            if kind != "OPEXP":
                root, right, strike = option_parts(symbol)
                shares = held * 100 * (1 if right == "C" else -1)
                self._hold(root, shares, strike)
                self.note("OPTRD", root, shares, str(-shares * strike), price=str(strike))
            return notice

    # What the vendor's customers ask.

    def place(self, order: WireOrder) -> WireOrder:
        """Take an order, or raise Refused."""
        with self.lock:
            if any(order.client_order_id == other.client_order_id for other in self._all()):
                raise Refused(422, 40010001, "client_order_id must be unique")
            self._check(order, ())
            self.orders[order.id] = order
            self.tell("pending_new", order)
            self._route(order)
            return order

    def replace(self, order: WireOrder, after: WireOrder) -> None:
        """Put `after` in the place of an open order; the vendor forgets what `order` filled."""
        with self.lock:
            if order.status not in ("new", "partially_filled"):
                raise Refused(422, 42210000, f"cannot replace order in {order.status} status")
            if any(after.client_order_id == other.client_order_id for other in self._all()):
                raise Refused(422, 40010001, "client_order_id must be unique")
            self._check(after, (order,))
            order.replaced_by, after.replaces = after.id, order.id
            self.orders[after.id] = after
            self.tell("pending_replace", order)
            if self.fills_before_replacing:
                self.fills_before_replacing = False
                self._fill(order, order.qty - order.filled, [order.limit or Decimal(0)])
            if order.status == "filled" or self.refuses_replacing:
                order.replaced_by = None
                self._end(after, "rejected")
                return
            self._end(order, "replaced")
            self._route(after)

    def cancel(self, order: WireOrder) -> None:
        """Cancel an open order, or raise Refused."""
        with self.lock:
            if not order.is_open:
                message = f'order is already in "{order.status}" state'
                raise Refused(422, 42210000, message)
            if self.holds_cancels:
                order.status = "pending_cancel"
                self.tell("pending_cancel", order)
            else:
                self._end(order, "canceled")

    def reject(self, order: WireOrder) -> None:
        """The exchange sends an order back that was taken before."""
        with self.lock:
            self._end(order, "rejected")

    def new_order(self, **told: Any) -> WireOrder:
        """An order object with an id and an instant."""
        with self.lock:
            return WireOrder(id=self._identifier(), created_at=self._instant(), **told)

    def find(self, name: str) -> WireOrder | None:
        """The order of that id or client order id, the newest first."""
        with self.lock:
            for order in reversed(list(self._all())):
                if name in (order.id, order.client_order_id):
                    return order
            return None

    def tell(self, event: str, order: WireOrder, **more: Any) -> None:
        """Let listeners know of an order's change."""
        for listener in self._listeners:
            listener(event, order, {"timestamp": _stamp(self._instant()), **more})

    # How it works inside.

    def _all(self) -> Iterator[WireOrder]:
        for order in self.orders.values():
            yield order
            yield from order.legs

    def _route(self, order: WireOrder) -> None:
        for part in (order, *order.legs):
            part.status = "new"
        self.tell("new", order, execution_id=self._identifier())
        self._match(order)

    def _match(self, order: WireOrder) -> None:
        if not order.is_open or not self.is_market_open:
            return
        shown = [self.quotes.get(part.symbol) for part in order.parts]
        found = [each for each in shown if each is not None]
        if len(found) < len(shown):
            return
        signs = [1 if part.side == "buy" else -1 for part in order.parts]
        net = sum((s * each.mid for s, each in zip(signs, found, strict=True)), Decimal(0))
        if order.limit is not None:
            limit = order.limit if order.legs else order.limit * signs[0]
            if net > limit:
                return
        sizes = [each.size for each in found if each.size is not None]
        units = min([order.qty - order.filled, *sizes])
        if units > 0:
            self._fill(order, units, [each.mid for each in found])
            for each in found:
                each.size = None if each.size is None else each.size - units

    def _fill(self, order: WireOrder, units: int, prices: list[Decimal]) -> None:
        at = self._instant()
        net = Decimal(0)
        is_whole = order.filled + units == order.qty
        for part, price in zip(order.parts, prices, strict=True):
            self._fill_part(part, units, price, at, is_whole=is_whole)
            net += price if part.side == "buy" else -price
        if order.legs:
            order.filled += units
            order.cost += net * units
        if order.status != "pending_cancel" or is_whole:
            for part in (order, *order.legs):
                part.status = "filled" if is_whole else "partially_filled"
                part.moments["filled_at"] = at
        event = "fill" if is_whole else "partial_fill"
        price = net if order.legs else prices[0]
        told = {"price": str(price), "qty": str(units), "execution_id": self._identifier()}
        held = self.positions.get(order.symbol, (0, Decimal(0)))[0]
        self.tell(event, order, position_qty=str(held), **told)

    def _fill_part(
        self, part: WireOrder, units: int, price: Decimal, at: datetime, *, is_whole: bool
    ) -> None:
        part.filled += units
        part.cost += price * units
        signed = units if part.side == "buy" else -units
        self._hold(part.symbol, signed, price)
        self.cash -= price * signed * multiplier(part.symbol)
        row = {
            "id": f"{at:%Y%m%d%H%M%S%f}"[:17] + f"::{self._identifier()}",
            "activity_type": "FILL",
            "transaction_time": _stamp(at),
            "type": "fill" if is_whole else "partial_fill",
            "price": str(price),
            "qty": str(units),
            "side": part.side,
            "symbol": part.symbol,
            "leaves_qty": str(part.qty - part.filled),
            "order_id": part.id,
            "cum_qty": str(part.filled),
            "order_status": "filled" if is_whole else "partially_filled",
            "_at": at,
        }
        (self._late if self.is_activity_late else self.activities).append(row)

    def _hold(self, symbol: str, signed: int, price: Decimal) -> None:
        before, average = self.positions.get(symbol, (0, Decimal(0)))
        after = before + signed
        if after == 0:
            self.positions.pop(symbol, None)
        else:
            is_growing = before == 0 or (before > 0) == (signed > 0)
            cost = average * before + price * signed
            self.positions[symbol] = (after, cost / after if is_growing else average)

    def _end(self, order: WireOrder, status: str) -> None:
        moment = {"canceled": "canceled_at", "expired": "expired_at", "replaced": "replaced_at"}
        for part in (order, *order.legs):
            part.status = status
            part.moments[moment.get(status, "failed_at")] = self._instant()
        self.tell(status, order)

    def _check(self, order: WireOrder, without: tuple[WireOrder, ...]) -> None:
        """Options level and buying power, as if everything open were filled."""
        if order.qty <= 0:
            raise Refused(422, 42210000, "qty must be > 0")
        is_option = any(multiplier(part.symbol) == 100 for part in order.parts)
        if self.account.get("account_blocked") or self.account.get("trading_blocked"):
            raise Refused(403, 40310000, "account is restricted from trading")
        if is_option and self.options_level < (3 if order.legs else 1):
            raise Refused(403, 40310000, "account not eligible to trade uncovered option contracts")
        held = {symbol: signed for symbol, (signed, _) in self.positions.items()}
        debit = Decimal(0)
        for other in (*self.orders.values(), order):
            if other is order or (other.is_open and other not in without):
                for part in other.parts:
                    sign = 1 if part.side == "buy" else -1
                    held[part.symbol] = held.get(part.symbol, 0) + sign * (other.qty - other.filled)
                debit += _debit(other)
        need = debit
        for symbol, signed in held.items():
            need += self._collateral(symbol, signed, held)
        if need > self.cash:
            raise Refused(
                403,
                40310000,
                "insufficient options buying power for cash-secured put "
                f"(required: {need}, available: {self.cash})",
            )

    def _collateral(self, symbol: str, signed: int, held: dict[str, int]) -> Decimal:
        if signed >= 0:
            return Decimal(0)
        if multiplier(symbol) == 1:
            raise Refused(403, 40310000, f"insufficient qty available for order of {symbol}")
        root, right, strike = option_parts(symbol)
        if right == "P":
            return -signed * 100 * strike
        if held.get(root, 0) < -signed * 100:
            raise Refused(403, 40310000, "account not eligible to trade uncovered option contracts")
        return Decimal(0)

    def _identifier(self) -> str:
        self._numbers += 1
        return self._identifier_of(self._numbers, 0xA1)

    def _identifier_of(self, number: int, kind: int) -> str:
        return str(UUID(int=(kind << 96) | (0x4 << 76) | (0x8 << 60) | number))

    def _instant(self) -> datetime:
        """The instant of a happening; no two are the same."""
        self._numbers += 1
        return self._now() + timedelta(microseconds=self._numbers)


def _debit(order: WireOrder) -> Decimal:
    """Cash that an order may take for what it buys."""
    if order.limit is None or (not order.legs and order.side == "sell"):
        return Decimal(0)
    units = (order.qty - order.filled) * multiplier(order.parts[0].symbol)
    return max(order.limit, Decimal(0)) * units


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
