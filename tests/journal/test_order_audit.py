"""The life of an order and its fill beside the quotes, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from allusedesk.domain.book import Booking
from allusedesk.domain.events import (
    Entry,
    Event,
    FillBooked,
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalApproved,
    ProposalMade,
)
from allusedesk.domain.identifiers import OrderId, approval_id
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.orders import OrderStatus
from allusedesk.journal.order_audit import OrderAudit, audit_orders
from tests.trading import NOON, buy, fill, order, price, proposal, put, quote, sell, snapshot

WANTED = proposal(sell(put(100)), buy(put(95)), quantity=2, credit_net=price("1.10"))
WRITTEN = order(*WANTED.legs, quantity=2)
SEEN = snapshot(quote(put(100), "1.90", "2.10"), quote(put(95), "0.85", "0.95"))


def followed(*events: Event) -> OrderAudit:
    return audit_orders(
        Entry(place, NOON + timedelta(seconds=place), None, event)
        for place, event in enumerate(events, 1)
    )


def test_each_step_stands_with_its_entry_and_who_said_yes() -> None:
    approved = ProposalApproved(
        WANTED.id, approval_id(WANTED.id), "Ann", NOON, NOON, countersigned_by="Ben"
    )
    found = followed(
        MarketSampled("look", SEEN),
        ProposalMade(WANTED),
        approved,
        OrderWritten(WRITTEN),
        OrderMoved(WRITTEN.id, 2, price("1.05"), 2),
        OrderStatusChanged(WRITTEN.id, OrderStatus.SENT, OrderStatus.WORKING, "acknowledged"),
    )
    told = [(line.entry, line.what, line.by, line.price) for line in found.lines]
    assert told == [
        (2, "proposed", "the desk", Decimal("1.10")),
        (3, "approved", "Ann and Ben", None),
        (4, "written", "the desk", Decimal("2.00")),
        (5, "moved", "the desk", Decimal("1.05")),
        (6, "status", "the desk", None),
    ]
    assert {line.account for line in found.lines} == {WANTED.account}
    assert found.lines[-1].detail == "sent to working: acknowledged"


def test_a_fill_stands_beside_mid_and_spread_at_decision_sending_and_fill() -> None:
    later = snapshot(quote(put(100), "1.80", "2.00"), quote(put(95), "0.85", "0.95"))
    fills = (
        fill(WRITTEN, 2, "1.95", leg=0),
        replace(fill(WRITTEN, 2, "0.95", leg=1), id="second"),
    )
    found = followed(
        MarketSampled("decision", SEEN),
        ProposalMade(WANTED),
        OrderWritten(WRITTEN),
        MarketSampled("later", later),
        FillBooked(WRITTEN.id, fills, Booking((), ())),
    )
    (done,) = found.executions
    assert done.decided is not None
    assert done.filled is not None
    assert (done.decided.mid, done.decided.spread) == (Decimal("1.10"), Decimal("0.30"))
    assert (done.filled.mid, done.filled.spread) == (Decimal("1.00"), Decimal("0.30"))
    # Sold at 1.95 and bought at 0.95 nets 1.00: ten cents under the mid, on two units of 100.
    assert (done.quantity, done.price, done.better) == (2, Decimal("1.00"), Decimal("-20.00"))
    assert [line.what for line in found.lines] == ["proposed", "written", "filled", "filled"]


def test_what_nobody_quoted_and_what_nobody_wrote_is_told_as_such() -> None:
    bare = followed(
        MarketSampled("look", snapshot(quote(put(100)), quote(put(95), None))),
        ProposalMade(WANTED),
        OrderWritten(WRITTEN),
        FillBooked(WRITTEN.id, (fill(WRITTEN, 2),), Booking((), ())),
    )
    (done,) = bare.executions
    assert (done.decided, done.sent, done.better) == (None, None, None)
    stranger = FillBooked(OrderId("nobody's"), (fill(WRITTEN),), Booking((), ()))
    alone = followed(stranger, ProposalMade(replace(WANTED, legs=())))
    assert alone.executions == ()
    assert [line.what for line in alone.lines] == ["filled"]
