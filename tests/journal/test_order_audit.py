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
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalRefused,
    ProposalVoided,
)
from allusedesk.domain.identifiers import OrderId, ProposalId, approval_id
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


def test_an_older_look_with_both_sides_is_no_quote_of_the_instant() -> None:
    gone = snapshot(quote(put(100), None, "0.02"), quote(put(95), "0.01", "0.02"))
    elsewhere = snapshot(quote(put(80), "0.01", "0.02"))
    found = followed(
        MarketSampled("both sides", SEEN),
        MarketSampled("another symbol's look", elsewhere),
        ProposalMade(WANTED),
        MarketSampled("the bid is gone", gone),
        MarketSampled("another symbol's look", elsewhere),
        OrderWritten(WRITTEN),
        FillBooked(WRITTEN.id, (fill(WRITTEN, 2),), Booking((), ())),
    )
    (done,) = found.executions
    assert done.decided is not None
    assert done.decided.mid == Decimal("1.10")
    assert (done.sent, done.better, done.half_spread) == (None, None, None)


def test_what_became_of_a_proposal_stands_in_its_trail() -> None:
    name = WANTED.id
    found = followed(
        ProposalMade(WANTED),
        ProposalRefused(name, WANTED.account, "entry.delta", ()),
        ProposalDeclined(name, "Ann", "too near"),
        ProposalLapsed(name),
        ProposalVoided(name, "seen.stale", "the price moved"),
        ProposalCompleted(name, 2, "done"),
        ProposalLapsed(ProposalId("without legs")),
    )
    told = [(line.what, line.detail, line.by, line.quantity) for line in found.lines[1:]]
    assert told == [
        ("refused", "by entry.delta", "the desk", 0),
        ("declined", "too near", "Ann", 0),
        ("lapsed", "nobody answered in time", "the desk", 0),
        ("not sent", "seen.stale: the price moved", "the desk", 0),
        ("over", "done", "the desk", 2),
    ]
    assert {line.rule for line in found.lines} == {"classic@1.0/entry.delta"}
