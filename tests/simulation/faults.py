"""A broker's door and a feed that misbehave, by a seed: late, lost, doubled, crossed, cut off."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    LinkChanged,
    Order,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
)
from allusedesk.domain.quotes import ChainWish, Quote
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.raw_quotes import ChainColumns, FeedTables, QuoteBatch
from tests.simulation.dice import Dice

ABOUT_ORDERS = (
    OrderAcknowledged,
    OrderFilled,
    OrderCancelled,
    OrderRejected,
    OrderRunOut,
    OrderLookedUp,
)
LATE_SECONDS_MAX = 20.0
LOST_IN_OUTAGES = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which the line is dead (`outage`) or the feed stands still (`stall`)."""

    kind: str
    number: int
    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


class FaultyBroker:
    """The simulated broker behind a bad line; what it holds is always right, what it says not.

    Wishes keep their order, as on one connection; reports overtake each other.
    """

    def __init__(self, inner: SimulatedBroker, dice: Dice, outages: tuple[Span, ...] = ()) -> None:
        self.inner = inner
        self.received: list[OrderId] = []
        self._dice = dice
        self._now = dice.now
        self._outages = outages
        self._waiting: list[tuple[datetime, int, BrokerReport]] = []
        self._wishes: list[tuple[datetime, int, Callable[[], None]]] = []
        self._wishes_until: datetime | None = None
        self._count = 0
        for span in outages:
            self._hold(span.start, LinkChanged(is_up=False, reason="the line is dead"))
            self._hold(span.end, LinkChanged(is_up=True))

    # What the desk asks.

    def place_order(self, order: Order) -> None:
        if order.version == 1 and self._dice.happens("refused order", order.id):
            refusal = OrderRejected(order.id, "no reason is given")
            self._hold(self._now() + timedelta(milliseconds=40), refusal)
            return
        self._wish(f"the order {order.id}", lambda: self._placed(order))

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        what = f"the move of {order}"
        self._wish(what, lambda: self.inner.replace_order(order, version, quantity, limit))

    def cancel_order(self, order: OrderId) -> None:
        self._wish(f"the cancellation of {order}", lambda: self.inner.cancel_order(order))

    def look_up(self, order: OrderId) -> None:
        self._wish(f"the question about {order}", lambda: self.inner.look_up(order))

    def statement(self) -> BrokerStatement:
        self._deliver(self._now())
        return self.inner.statement()

    def _placed(self, order: Order) -> None:
        self.received.append(order.id)
        self.inner.place_order(order)

    def _wish(self, what: str, act: Callable[[], None]) -> None:
        """Pass a wish on at once, late, twice or never; behind a late one others wait."""
        now, dice = self._now(), self._dice
        if any(span.holds(now) for span in self._outages) or dice.happens("lost wish", what):
            return
        at = now
        if dice.happens("late wish", what):
            at = now + timedelta(seconds=dice.amount() * LATE_SECONDS_MAX)
        if self._wishes_until is not None:
            at = max(at, self._wishes_until)
        self._wishes_until = at
        self._pass_wish(at, act)
        if dice.happens("doubled wish", what):
            self._pass_wish(at, act)

    def _pass_wish(self, at: datetime, act: Callable[[], None]) -> None:
        if at <= self._now():
            # A desk that was dead asks anew what it asked before; that came while it was dead.
            self._deliver(self._now())
            act()
            return
        self._count += 1
        heapq.heappush(self._wishes, (at, self._count, act))

    # What drives it.

    def next_event_at(self) -> datetime | None:
        instants = [self._waiting[0][0]] if self._waiting else []
        if self._wishes:
            instants.append(self._wishes[0][0])
        inner = self.inner.next_event_at()
        if inner is not None:
            instants.append(inner)
        return min(instants, default=None)

    def _deliver(self, to: datetime) -> None:
        while self._wishes and self._wishes[0][0] <= to:
            heapq.heappop(self._wishes)[2]()

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        self._deliver(to)
        for report in self.inner.advance(to):
            self._pass_on(report, to)
        arrived = []
        while self._waiting and self._waiting[0][0] <= to:
            arrived.append(heapq.heappop(self._waiting)[2])
        return arrived

    def _pass_on(self, report: BrokerReport, at: datetime) -> None:
        dice = self._dice
        is_about_order = isinstance(report, ABOUT_ORDERS)
        what = f"{type(report).__name__} of {getattr(report, 'order', '')}"
        if isinstance(report, OrderFilled):
            self._note_part(report)
        shut_until = next((span.end for span in self._outages if span.holds(at)), None)
        if shut_until is not None:
            if not is_about_order or not dice.happens("report lost in an outage", what):
                self._hold(shut_until, report)
            return
        if is_about_order and dice.happens("lost report", what):
            return
        late = timedelta(0)
        if is_about_order and dice.happens("late report", what):
            late = timedelta(seconds=dice.amount() * LATE_SECONDS_MAX)
        elif is_about_order and dice.happens("overtaking report", what):
            late = timedelta(milliseconds=1 + 400 * dice.amount())
        self._hold(at + late, report)
        if dice.happens("doubled report", what):
            self._hold(at + late + timedelta(seconds=dice.amount() * 5.0), report)

    def _note_part(self, report: OrderFilled) -> None:
        order = self.inner._orders[report.order]
        if order.quantity_filled < order.quantity or len(order.fills) > len(order.legs):
            number = self._dice.chances["partial fill"]
            self._dice.chances["partial fill"] += 1
            self._dice.note(("partial fill", number), report.order)

    def _hold(self, at: datetime, report: BrokerReport) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, report))


class FaultyFeed(RecordedFeed):
    """A recorded feed that stands still, shows what cannot be a quote, and quotes far off."""

    dice: Dice
    stalls: tuple[Span, ...] = ()

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        return tuple(self._spoilt(batch) for batch in super().pull(self._as_of(until)))

    def next_at(self) -> datetime | None:
        instant = super().next_at()
        if instant is None:
            return None
        ends = [span.end for span in self.stalls if span.holds(instant)]
        return max([instant, *ends])

    def quote(self, instrument: Instrument, at: datetime) -> Quote | None:
        return super().quote(instrument, self._as_of(at))

    def tables(
        self, wishes: tuple[ChainWish, ...], contracts: tuple[OptionContract, ...], at: datetime
    ) -> FeedTables:
        found = super().tables(wishes, contracts, self._as_of(at))
        return FeedTables(
            tuple(columns and self._spoilt_chain(columns) for columns in found.chains),
            tuple(self._spoilt_chain(columns) for columns in found.held),
        )

    def _as_of(self, at: datetime) -> datetime:
        return next((span.start for span in self.stalls if span.holds(at)), at)

    def _spoilt(self, batch: QuoteBatch) -> QuoteBatch:
        if self.dice.happens("crossed batch", "every share's quote"):
            return replace(batch, bids=batch.asks, asks=batch.bids)
        if not self.dice.happens("wild quote", "one share's quote"):
            return batch
        drawn = self.dice.amount()
        row = int(drawn * 97) % len(batch.symbols)
        factor = np.ones(len(batch.symbols))
        factor[row] = 0.6 + 0.8 * drawn
        return replace(
            batch, bids=batch.bids * factor, asks=batch.asks * factor, lasts=batch.lasts * factor
        )

    def _spoilt_chain(self, columns: ChainColumns) -> ChainColumns:
        if not self.dice.happens("crossed chain", f"a fifth of {columns.underlying}'s options"):
            return columns
        first = int(self.dice.amount() * 5)
        rows = np.arange(len(columns)) % 5 == first
        return replace(columns, bids=np.where(rows, columns.asks + 0.5, columns.bids))
