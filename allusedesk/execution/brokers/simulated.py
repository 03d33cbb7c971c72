"""`SimulatedBroker`: the simulated exchange behind the `Broker` interface, and its back office."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as wall_clock
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import (
    BrokerNotice,
    BrokerReport,
    BrokerStatement,
    Fill,
    HeldAtBroker,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import Session
from allusedesk.execution import clearing
from allusedesk.execution.back_office import BackOffice, BrokerSettings, BrokerWorld, QuoteOf
from allusedesk.execution.clearing import Custody
from allusedesk.market.simulated_exchange import DisplayedQuote, match

if TYPE_CHECKING:
    import numpy as np

NEW_YORK = ZoneInfo("America/New_York")
NOTICES_AT = wall_clock(7, 30)


@dataclass(frozen=True, slots=True)
class _DayEvent:
    """One of the three moments of a session at which the back office works."""

    at: datetime
    session: int
    act: Callable[[int, datetime], None]


class SimulatedBroker:
    """A cash account at a broker that exists in memory, driven by whoever owns the clock.

    Nothing happens by itself: `on_market` says that quotes moved, `advance` hands over what was
    due. It holds its own cash and positions, and reports arrive in the order they were made.
    The same generator and the same calls give the same reports.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        world: BrokerWorld,
        rng: np.random.Generator,
        now: Callable[[], datetime],
    ) -> None:
        self._latency_rng, self._match_rng, night_rng = rng.spawn(3)
        self.office = BackOffice(settings, world, night_rng)
        self._settings = settings
        self._world = world
        self._now = now
        self._orders: dict[OrderId, Order] = {}
        self._working: dict[OrderId, Order] = {}
        self._inbound: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._outbound: deque[tuple[datetime, BrokerReport]] = deque()
        self._sent = 0
        self._last_inbound: datetime | None = None
        self._executions: deque[tuple[int, Fill]] = deque()
        self._notices: deque[tuple[int, BrokerNotice]] = deque()
        self._quote_of: QuoteOf = _no_quote
        self._session = -1
        self._days = self._moments_after(now())
        self._next_day = next(self._days, None)

    @property
    def custody(self) -> Custody:
        """Cash and positions as the broker has them."""
        return self.office.custody

    # What the desk asks.

    def place_order(self, order: Order) -> None:
        self._receive(lambda at: self._arrived(order, at))

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        self._receive(lambda at: self._replaced(order, version, quantity, limit, at))

    def cancel_order(self, order: OrderId) -> None:
        self._receive(lambda at: self._cancelled(order, at))

    def look_up(self, order: OrderId) -> None:
        self._receive(lambda at: self._looked_up(order, at))

    def statement(self) -> BrokerStatement:
        self._work_until(self._now())
        return BrokerStatement(
            self._now(),
            self.custody.cash.whole,
            tuple(HeldAtBroker(instrument, signed) for instrument, signed in self.custody.lines()),
            tuple(
                OrderAtBroker(order.id, order.version, order.fills)
                for order in self._working.values()
            ),
            tuple(fill for _, fill in self._executions),
            tuple(notice for _, notice in self._notices),
        )

    def take_over(self, custody: Custody, since: datetime, ended: Iterable[Order] = ()) -> None:
        """Go on from `since` with an account as the desk left it; no order works any more."""
        self.office.custody = custody
        self._orders = {each.id: replace(each, status=OrderStatus.CANCELLED) for each in ended}
        self._days = self._moments_after(since)
        self._next_day = next(self._days, None)

    def transfer_cash(self, amount: Money) -> None:
        """Money that reaches the account, or leaves it where negative, settled at once."""
        today = self._now().astimezone(NEW_YORK).date()
        self.office.custody = self.custody.with_cash(amount, today, today)

    def on_market(self, instant: datetime, quote_of: QuoteOf) -> None:
        """Quotes moved at `instant`: every working order is looked at once, oldest first."""
        self._work_until(instant)
        self._quote_of = quote_of
        for order in list(self._working.values()):
            self._look_at(order, instant)

    def next_event_at(self) -> datetime | None:
        instants = [self._inbound[0][0]] if self._inbound else []
        if self._outbound:
            instants.append(self._outbound[0][0])
        if self._next_day is not None and (self._working or self.office.is_busy):
            instants.append(self._next_day.at)
        return min(instants, default=None)

    def advance(self, to: datetime) -> list[BrokerReport]:
        """Do what is due up to an instant, and return the reports that have arrived by then."""
        self._work_until(to)
        arrived: list[BrokerReport] = []
        while self._outbound and self._outbound[0][0] <= to:
            arrived.append(self._outbound.popleft()[1])
        return arrived

    def _work_until(self, instant: datetime) -> None:
        while True:
            inbound_at = self._inbound[0][0] if self._inbound else None
            day = self._next_day
            if (
                day is not None
                and day.at <= instant
                and (inbound_at is None or day.at <= inbound_at)
            ):
                self._next_day = next(self._days, None)
                day.act(day.session, day.at)
            elif inbound_at is not None and inbound_at <= instant:
                at, _, act = heapq.heappop(self._inbound)
                act(at)
            else:
                return

    def _receive(self, act: Callable[[datetime], None]) -> None:
        """A wish travels half the latency; a later one never overtakes an earlier one."""
        at = self._now() + self._half_latency()
        if self._last_inbound is not None:
            at = max(at, self._last_inbound)
        self._last_inbound = at
        self._sent += 1
        heapq.heappush(self._inbound, (at, self._sent, act))

    def _report(self, report: BrokerReport, at: datetime) -> None:
        """A report travels the other half, in the order reports are made."""
        at = at + self._half_latency()
        if self._outbound:
            at = max(at, self._outbound[-1][0])
        self._outbound.append((at, report))

    def _half_latency(self) -> timedelta:
        low, high = self._settings.latency_ms_min, self._settings.latency_ms_max
        return timedelta(milliseconds=low + int(self._latency_rng.random() * (high - low + 1))) / 2

    # Orders.

    def _arrived(self, order: Order, at: datetime) -> None:
        known = self._orders.get(order.id)
        if known is not None and order.version < known.version:
            return
        if known is not None and order.version == known.version:
            if _content(order) != _content(known):
                self._report(OrderRejected(order.id, "this id was used for another order"), at)
            elif known.id in self._working:
                self._report(OrderAcknowledged(order.id, order.version), at)
            return
        if known is not None and known.id in self._working and order.limit is not None:
            self._replaced(order.id, order.version, order.quantity, order.limit, at)
            return
        fills = known.fills if known is not None else ()
        taken = replace(order, fills=fills, status=OrderStatus.WORKING)
        reason = self._reason_to_reject(taken, at)
        if reason:
            if known is None:
                self._orders[order.id] = replace(taken, status=OrderStatus.REJECTED)
            self._report(OrderRejected(order.id, reason), at)
            return
        self._keep(taken)
        self._report(OrderAcknowledged(order.id, order.version), at)
        self._look_at(taken, at)

    def _reason_to_reject(self, order: Order, at: datetime) -> str:
        session = self._open_session(at)
        if session is None:
            return "the market is closed"
        if not order.legs or order.quantity_open <= 0:
            return "nothing of it is left to fill"
        for leg in order.legs:
            is_held = leg.instrument in self.custody.held
            if not is_held and not self._world.is_listed(leg.instrument):
                return f"{leg.instrument} is not listed"
            if isinstance(leg.instrument, Stock) and leg.instrument.is_index:
                return f"{leg.instrument} is an index, which nobody trades"
            if isinstance(leg.instrument, OptionContract) and leg.instrument.expiry < session.date:
                return f"{leg.instrument} has expired"
        if len({leg.instrument.underlying for leg in order.legs}) != 1:
            return "its legs have different underlyings"
        if len({leg.instrument.multiplier for leg in order.legs}) != 1:
            return "its legs deliver different numbers of shares"
        if order.type not in {OrderType.MARKET, OrderType.LIMIT}:
            return f"a {order.type.value} order is not taken"
        if (order.limit is None) is (order.type is OrderType.LIMIT):
            return "a limit order names a limit, and no other does"
        others = [other for other in self._working.values() if other.id != order.id]
        fee = self._settings.exchange.commission_per_contract
        return clearing.refusal(self.custody, order, others, fee)

    def _replaced(
        self, order: OrderId, version: int, quantity: int, limit: Price, at: datetime
    ) -> None:
        known = self._orders.get(order)
        if known is None or order not in self._working:
            self._report(OrderRejected(order, "there is no working order to replace"), at)
            return
        if version <= known.version:
            return
        after = replace(known, version=version, quantity=quantity, limit=limit)
        reason = self._reason_to_reject(after, at)
        if reason:
            self._finish(known, OrderStatus.REJECTED)
            self._report(OrderRejected(order, reason), at)
            return
        self._keep(after)
        self._report(OrderAcknowledged(order, version), at)
        self._look_at(after, at)

    def _cancelled(self, order: OrderId, at: datetime) -> None:
        known = self._working.get(order)
        if known is not None:
            self._finish(known, OrderStatus.CANCELLED)
            self._report(OrderCancelled(order, known.quantity_filled), at)
        elif order not in self._orders:
            self._report(OrderRejected(order, "there is no such order to cancel"), at)

    def _looked_up(self, order: OrderId, at: datetime) -> None:
        known = self._orders.get(order)
        if known is None:
            self._report(OrderLookedUp(order, OrderStanding.NEVER_RECEIVED), at)
        else:
            self._report(OrderLookedUp(order, _STANDINGS[known.status], known.fills), at)

    def _keep(self, order: Order) -> None:
        self._orders[order.id] = order
        self._working[order.id] = order

    def _finish(self, order: Order, status: OrderStatus) -> None:
        self._orders[order.id] = replace(order, status=status)
        self._working.pop(order.id, None)

    def _look_at(self, order: Order, at: datetime) -> None:
        """Fill what the quotes of this instant fill, and end what may not wait."""
        session = self._open_session(at)
        if session is None:
            return
        displayed = [self._displayed(leg.instrument) for leg in order.legs]
        shown = [each for each in displayed if each is not None]
        fills: tuple[Fill, ...] = ()
        if len(shown) == len(order.legs):
            fills = match(order, shown, self._match_rng, self._settings.exchange, at)
        if fills:
            order = replace(order, fills=(*order.fills, *fills))
            self._keep(order)
            self.office.execute(self._session, order, fills)
            self._executions.extend((self._session, fill) for fill in fills)
            self._report(OrderFilled(order.id, fills), at)
            if order.quantity_filled == order.quantity:
                self._finish(order, OrderStatus.FILLED)
                return
        if order.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
            self._finish(order, OrderStatus.CANCELLED)
            self._report(OrderCancelled(order.id, order.quantity_filled), at)

    def _displayed(self, instrument: Instrument) -> DisplayedQuote | None:
        quote = self._quote_of(instrument)
        if quote is None or quote.mark is None:
            return None
        tick = self._world.tick_of(instrument, quote.mark)
        size = self._size_shown(quote)
        return DisplayedQuote(quote, tick, size, size)

    def _size_shown(self, quote: Quote) -> int | None:
        share = self._settings.shown_share
        if share is None or quote.volume_average is None or isinstance(quote.instrument, Stock):
            return None
        exact = share * Decimal(str(quote.volume_average))
        return max(int(exact.to_integral_value(ROUND_CEILING)), 1)

    # The day.

    def _moments_after(self, start: datetime) -> Iterator[_DayEvent]:
        for number, session in enumerate(self._world.sessions):
            if session.closes_at < start:
                self._session = number
                continue
            morning = datetime.combine(session.date, NOTICES_AT, NEW_YORK)
            moments = (
                _DayEvent(morning, number, self._morning),
                _DayEvent(session.opens_at, number, self._opened),
                _DayEvent(session.closes_at, number, self._closed),
            )
            if morning < start:
                self._session = number
            yield from (moment for moment in moments if moment.at >= start)

    def _open_session(self, at: datetime) -> Session | None:
        if self._session < 0:
            return None
        session = self._world.sessions[self._session]
        return session if session.opens_at <= at < session.closes_at else None

    def _morning(self, session: int, at: datetime) -> None:
        self._session = session
        while self._executions and (
            session - self._executions[0][0] >= self._settings.sessions_remembered
        ):
            self._executions.popleft()
        while self._notices and (
            session - self._notices[0][0] >= self._settings.sessions_remembered
        ):
            self._notices.popleft()
        self._tell(self.office.morning(session), at)

    def _opened(self, session: int, at: datetime) -> None:
        self._tell(self.office.opened(session), at)

    def _closed(self, session: int, at: datetime) -> None:
        for order in list(self._working.values()):
            if order.time_in_force is not TimeInForce.GTC:
                self._finish(order, OrderStatus.EXPIRED)
                self._report(OrderRunOut(order.id), at)
        self.office.closed(session, self._quote_of)

    def _tell(self, notices: list[BrokerNotice], at: datetime) -> None:
        """A notice is there at its hour, without the latency of an order."""
        if self._outbound:
            at = max(at, self._outbound[-1][0])
        self._outbound.extend((at, notice) for notice in notices)
        self._notices.extend((self._session, notice) for notice in notices)


_STANDINGS = {
    OrderStatus.WORKING: OrderStanding.WORKING,
    OrderStatus.FILLED: OrderStanding.FILLED,
    OrderStatus.CANCELLED: OrderStanding.CANCELLED,
    OrderStatus.EXPIRED: OrderStanding.CANCELLED,
    OrderStatus.REJECTED: OrderStanding.REJECTED,
}


def _no_quote(_instrument: Instrument) -> Quote | None:
    return None


def _content(order: Order) -> tuple[object, ...]:
    """What makes two orders of one id and version the same."""
    return order.account, order.legs, order.quantity, order.type, order.limit, order.time_in_force
