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
from allusedesk.domain.weeks import Session
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.raw_quotes import ChainColumns, FeedTables, QuoteBatch

ABOUT_ORDERS = (
    OrderAcknowledged,
    OrderFilled,
    OrderCancelled,
    OrderRejected,
    OrderRunOut,
    OrderLookedUp,
)


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong; shares of one, and instants between which a door is shut."""

    lost_reports: float = 0.0
    doubled_reports: float = 0.0
    late_reports: float = 0.0
    late_seconds_max: float = 20.0
    lost_wishes: float = 0.0
    refused_orders: float = 0.0
    outages: tuple[tuple[datetime, datetime], ...] = ()
    stalls: tuple[tuple[datetime, datetime], ...] = ()
    crossed_quotes: float = 0.0


NO_FAULTS = Faults()


class FaultyBroker:
    """The simulated broker behind a bad line; what it holds is always right, what it says not."""

    def __init__(
        self,
        inner: SimulatedBroker,
        faults: Faults,
        rng: np.random.Generator,
        now: Callable[[], datetime],
    ) -> None:
        self.inner = inner
        self.received: list[OrderId] = []
        self._faults = faults
        self._rng = rng
        self._now = now
        self._waiting: list[tuple[datetime, int, BrokerReport]] = []
        self._count = 0
        for start, end in faults.outages:
            self._hold(start, LinkChanged(is_up=False, reason="the line is dead"))
            self._hold(end, LinkChanged(is_up=True))

    # What the desk asks.

    def place_order(self, order: Order) -> None:
        if self._is_lost():
            return
        if self._happens(self._faults.refused_orders) and order.version == 1:
            refusal = OrderRejected(order.id, "no reason is given")
            self._hold(self._now() + timedelta(milliseconds=40), refusal)
            return
        self.received.append(order.id)
        self.inner.place_order(order)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        if not self._is_lost():
            self.inner.replace_order(order, version, quantity, limit)

    def cancel_order(self, order: OrderId) -> None:
        if not self._is_lost():
            self.inner.cancel_order(order)

    def look_up(self, order: OrderId) -> None:
        if not self._is_lost():
            self.inner.look_up(order)

    def statement(self) -> BrokerStatement:
        return self.inner.statement()

    # What drives it.

    def next_event_at(self) -> datetime | None:
        instants = [self._waiting[0][0]] if self._waiting else []
        inner = self.inner.next_event_at()
        if inner is not None:
            instants.append(inner)
        return min(instants, default=None)

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        for report in self.inner.advance(to):
            self._pass_on(report, to)
        arrived = []
        while self._waiting and self._waiting[0][0] <= to:
            arrived.append(heapq.heappop(self._waiting)[2])
        return arrived

    def _pass_on(self, report: BrokerReport, at: datetime) -> None:
        faults = self._faults
        is_about_order = isinstance(report, ABOUT_ORDERS)
        shut_until = next((end for start, end in faults.outages if start <= at < end), None)
        if shut_until is not None:
            if is_about_order and self._happens(0.5):
                return
            self._hold(shut_until, report)
            return
        if is_about_order and self._happens(faults.lost_reports):
            return
        late = timedelta(0)
        if is_about_order and self._happens(faults.late_reports):
            late = timedelta(seconds=float(self._rng.random()) * faults.late_seconds_max)
        self._hold(at + late, report)
        if self._happens(faults.doubled_reports):
            self._hold(at + late + timedelta(seconds=float(self._rng.random()) * 5.0), report)

    def _hold(self, at: datetime, report: BrokerReport) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, report))

    def _is_lost(self) -> bool:
        now = self._now()
        if any(start <= now < end for start, end in self._faults.outages):
            return True
        return self._happens(self._faults.lost_wishes)

    def _happens(self, share: float) -> bool:
        return share > 0.0 and float(self._rng.random()) < share


class FaultyFeed(RecordedFeed):
    """A recorded feed that at times stands still and at times shows what cannot be a quote."""

    faults: Faults = NO_FAULTS
    dice: np.random.Generator

    def pull(self, until: datetime) -> tuple[QuoteBatch, ...]:
        return tuple(self._spoilt(batch) for batch in super().pull(self._as_of(until)))

    def next_at(self) -> datetime | None:
        instant = super().next_at()
        if instant is None:
            return None
        ends = [end for start, end in self.faults.stalls if start <= instant < end]
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
        return next((start for start, end in self.faults.stalls if start <= at < end), at)

    def _spoilt(self, batch: QuoteBatch) -> QuoteBatch:
        if not self._happens():
            return batch
        return replace(batch, bids=batch.asks, asks=batch.bids)

    def _spoilt_chain(self, columns: ChainColumns) -> ChainColumns:
        if not self._happens():
            return columns
        rows = self.dice.random(len(columns)) < 0.2
        return replace(columns, bids=np.where(rows, columns.asks + 0.5, columns.bids))

    def _happens(self) -> bool:
        share = self.faults.crossed_quotes
        return share > 0.0 and float(self.dice.random()) < share


def faults_of(seed: int, sessions: Sequence[Session]) -> Faults:
    """What goes wrong in the week of one seed; a tenth of the weeks pass without a fault."""
    rng = np.random.default_rng([seed, 77])
    if seed % 10 == 0:
        return NO_FAULTS
    kinds = [float(drawn < 0.5) for drawn in rng.random(8).tolist()]
    return Faults(
        lost_reports=0.15 * kinds[0],
        doubled_reports=0.2 * kinds[1],
        late_reports=0.25 * kinds[2],
        lost_wishes=0.1 * kinds[3],
        refused_orders=0.1 * kinds[4],
        outages=_spans(rng, sessions, 2, 90) if kinds[5] else (),
        stalls=_spans(rng, sessions, 2, 60) if kinds[6] else (),
        crossed_quotes=0.1 * kinds[7],
    )


def _spans(
    rng: np.random.Generator, sessions: Sequence[Session], count: int, minutes_max: int
) -> tuple[tuple[datetime, datetime], ...]:
    """Spans within sessions, the second of them maybe over a close and into the night."""
    found = []
    chosen = sorted(rng.choice(len(sessions) - 1, size=count, replace=False).tolist())
    for place in chosen:
        session = sessions[place]
        whole = (session.closes_at - session.opens_at).total_seconds()
        start = session.opens_at + timedelta(seconds=int(rng.random() * whole))
        length = timedelta(seconds=30 + int(rng.random() * minutes_max * 60))
        found.append((start, start + length))
    return tuple(found)
