"""Each invariant can fail: a record, or what is known of it, is made wrong in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.events import Entry
from allusedesk.domain.money import Money
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.journal.chain import genesis
from tests.simulation.invariants import Watcher
from tests.simulation.ledger import Broken, Must
from tests.simulation.playing import Played, check_cuts, check_replay, play
from tests.simulation.seeds import chain_head, plan_of

CENT = Money(Decimal("0.01"))
# A calm week under classic with purchases, puts, calls on shares and a dividend.
CALM = 100


@cache
def week() -> Played:
    played = play(plan_of(CALM))
    assert played.broken is None
    return played


def _first(kind: type, wanted: Callable[[Any], bool] = lambda _: True) -> int:
    return next(
        place
        for place, entry in enumerate(week().entries)
        if isinstance(entry.event, kind) and wanted(entry.event)
    )


def _with(place: int, event: object) -> list[Entry]:
    entries = list(week().entries)
    entries[place] = replace(entries[place], event=event)  # type: ignore[arg-type]
    return entries


def _watched(entries: list[Entry]) -> Watcher:
    watcher = Watcher()
    for entry in entries:
        watcher.take(entry)
    watcher.check_weeks()
    watcher.check_broker(week().world.inner.statement())
    return watcher


def _stand(place: int) -> Watcher:
    """A watcher as it stood before an entry."""
    watcher = Watcher()
    for entry in week().entries[:place]:
        watcher.take(entry)
    return watcher


# A record that was made wrong. Each tells which invariant must notice.


def _missing_entry() -> None:
    entries = week().entries
    _watched([*entries[:5], *entries[6:]])


def _booked(change: Callable[[Any], Any], kind: type = ev.FillBooked) -> None:
    place = _first(kind)
    event = week().entries[place].event
    booked: Any = event
    _watched(_with(place, replace(booked, booking=change(booked.booking))))


def _a_cent_more() -> None:
    _booked(
        lambda booking: replace(
            booking,
            cash=(
                replace(booking.cash[0], amount=booking.cash[0].amount + CENT),
                *booking.cash[1:],
            ),
        )
    )


def _a_lot_forgotten() -> None:
    _booked(lambda booking: replace(booking, changes=()))


def _a_fee_forgotten() -> None:
    _booked(lambda booking: replace(booking, commission=booking.commission - CENT))


def _a_dividend_of_a_cent_more() -> None:
    _booked(
        lambda booking: replace(
            booking, cash=(replace(booking.cash[0], amount=booking.cash[0].amount + CENT),)
        ),
        ev.DividendBooked,
    )


def _a_fill_twice() -> None:
    place = _first(ev.FillBooked)
    event: Any = week().entries[place].event
    _watched(_with(place, replace(event, fills=event.fills * 2)))


def _cash_that_secures_nothing() -> None:
    watcher = _stand(_first(ev.FillBooked))
    book = watcher.state.book
    gone = {account: -pile.settled for account, pile in book.cash.items()}
    for account, amount in gone.items():
        book = replace(book, cash=book.cash.set(account, replace(book.cash[account])))
        pile = replace(book.cash[account], settled=amount)
        book = replace(book, cash=book.cash.set(account, pile))
    watcher.ledger.cash = sum((pile.whole.amount for pile in book.cash.values()), Decimal(0))
    watcher.state = replace(watcher.state, book=book)
    watcher._check_book(week().entries[0])


def _calls_without_shares() -> None:
    def is_call(event: Any) -> bool:
        return week().watcher.orders[event.order].kind is ProposalKind.COVERED_CALL

    watcher = _stand(_first(ev.FillBooked, is_call) + 1)
    book = watcher.state.book
    for lot in list(book.positions.values()):
        if lot.is_shares:
            book = replace(book, positions=book.positions.delete(lot.id))
            watcher.ledger.change(lot.instrument, -lot.quantity_signed)
    watcher.state = replace(watcher.state, book=book)
    watcher._check_book(week().entries[0])


def _order_at(watcher_and_order: Callable[[Watcher, Order], tuple[Any, Order]]) -> None:
    """An order as if it were written once more, after the desk or the order was changed."""
    place = _first(ev.OrderWritten)
    entry = week().entries[place]
    order: Order = entry.event.order  # type: ignore[union-attr]
    watcher = _stand(place + 1)
    before, order = watcher_and_order(watcher, order)
    watcher._follow_order(before, entry, order)


def _another(watcher: Watcher, order: Order, **changes: Any) -> Order:
    """An order of another proposal that was approved as well."""
    name: Any = "another"
    watcher.approvals[name] = watcher.approvals[order.proposal]
    return replace(order, id=name, proposal=name, **changes)


def _without_approval() -> None:
    nobodys: Any = {"id": "new", "proposal": "nobody's"}
    _order_at(lambda w, o: (w.state, replace(o, **nobodys)))


def _order_id_used_again() -> None:
    _order_at(lambda w, o: (w.state, o))


def _two_orders_at_once() -> None:
    _order_at(lambda w, o: (w.state, replace(o, id="new")))  # type: ignore[arg-type]


def _both_sides_at_once() -> None:
    def turned(watcher: Watcher, order: Order) -> tuple[Any, Order]:
        legs = tuple(replace(leg, side=Side(-leg.side.value)) for leg in order.legs)
        return watcher.state, _another(watcher, order, legs=legs)

    _order_at(turned)


def _beside_an_unknown_one() -> None:
    def doubtful(watcher: Watcher, order: Order) -> tuple[Any, Order]:
        unknown = replace(order, status=OrderStatus.UNKNOWN)
        state = replace(watcher.state, orders=watcher.state.orders.set(order.id, unknown))
        return state, _another(watcher, order)

    _order_at(doubtful)


def _while_stopped() -> None:
    _order_at(lambda w, o: (replace(w.state, halted_by="a person"), _another(w, o)))


def _a_hundred_times_too_large() -> None:
    def large(watcher: Watcher, order: Order) -> tuple[Any, Order]:
        after = _another(watcher, order, quantity=100 * order.quantity)
        orders = watcher.state.orders.set(after.id, after)
        watcher.state = replace(watcher.state, orders=orders)
        return watcher.state, after

    place = _first(ev.OrderWritten)
    entry = week().entries[place]
    watcher = _stand(place + 1)
    _, order = large(watcher, entry.event.order)  # type: ignore[union-attr]
    watcher._check_caps(entry, order)


def _old_quotes() -> None:
    place = _first(ev.OrderWritten)
    entry = week().entries[place]
    watcher = _stand(place)
    assert watcher._sample is not None
    late = watcher._sample.taken_at + timedelta(minutes=1)
    watcher._sample = replace(watcher._sample, taken_at=late)
    watcher.take(entry)


def _more_than_approved() -> None:
    place = _first(ev.ProposalApproved)
    event: Any = week().entries[place].event
    watcher = Watcher()
    for entry in week().entries:
        watcher.take(entry)
        if entry.sequence == place + 1:
            watcher.approvals[event.proposal] = replace(event, quantity=1)


def _approved_after_a_no() -> None:
    place = _first(inp.OperatorDecided)
    event: Any = week().entries[place].event
    _watched(_with(place, replace(event, answer=inp.Answer.REJECT)))


def _approved_too_late() -> None:
    place = _first(ev.ProposalApproved)
    event: Any = week().entries[place].event
    late = replace(event, granted_at=event.granted_at + timedelta(days=9))
    _watched(_with(place, late))


def _rejected_by_nobody() -> None:
    place = _first(ev.OrderStatusChanged)
    event: Any = week().entries[place].event
    wrong = replace(event, status_before=OrderStatus.UNKNOWN, status=OrderStatus.REJECTED)
    _watched(_with(place, wrong))


def _a_week_without_a_label() -> None:
    watcher = _watched(week().entries)
    watcher.labels.clear()
    watcher.check_weeks()


def _a_broker_that_has_more() -> None:
    statement = week().world.inner.statement()
    week().watcher.check_broker(replace(statement, cash=statement.cash + CENT))


def _another_state_from_the_record() -> None:
    check_cuts(week().entries, replace(week().state, halted_by="something"), 1)


def _another_thought_than_recorded() -> None:
    place = _first(ev.SleeveStateChanged)
    event: Any = week().entries[place].event
    check_replay(_with(place, replace(event, cause="another")), week().state)


WRONG_RECORDS: tuple[tuple[Callable[[], None], Must], ...] = (
    (_missing_entry, Must.FOLLOW),
    (_a_cent_more, Must.CASH),
    (_a_lot_forgotten, Must.POSITIONS),
    (_a_fee_forgotten, Must.FEES),
    (_a_dividend_of_a_cent_more, Must.DIVIDENDS),
    (_a_fill_twice, Must.ONCE),
    (_cash_that_secures_nothing, Must.SECURED),
    (_calls_without_shares, Must.COVERED),
    (_without_approval, Must.APPROVED),
    (_approved_after_a_no, Must.APPROVED),
    (_approved_too_late, Must.APPROVED),
    (_order_id_used_again, Must.OWN_ID),
    (_two_orders_at_once, Must.ONE_ORDER),
    (_both_sides_at_once, Must.ONE_SIDE),
    (_beside_an_unknown_one, Must.UNKNOWN_BLOCKS),
    (_while_stopped, Must.STOPPED),
    (_a_hundred_times_too_large, Must.CAPS),
    (_old_quotes, Must.SOUND),
    (_more_than_approved, Must.AS_APPROVED),
    (_rejected_by_nobody, Must.NEVER_REJECTED),
    (_a_week_without_a_label, Must.WEEKS),
    (_a_broker_that_has_more, Must.BROKER),
    (_another_state_from_the_record, Must.REPLAY),
    (_another_thought_than_recorded, Must.REPLAY),
)


@pytest.mark.parametrize(
    ("spoil", "invariant"),
    WRONG_RECORDS,
    ids=[spoil.__name__.strip("_") for spoil, _ in WRONG_RECORDS],
)
def test_a_wrong_record_breaks_its_invariant(spoil: Callable[[], None], invariant: Must) -> None:
    with pytest.raises(Broken) as broken:
        spoil()

    assert broken.value.invariant is invariant


def test_a_right_record_breaks_none() -> None:
    _watched(list(week().entries))


def test_a_desk_that_looks_at_the_dice_makes_another_chain_head() -> None:
    entries = week().entries

    assert chain_head(entries) != chain_head(entries[:-1])
    assert chain_head([]) == genesis(durable=True).hex()


def test_every_invariant_is_shown_to_fail() -> None:
    shown = {invariant for _, invariant in WRONG_RECORDS} | {Must.EXPLAINED, Must.GO_ON}
    shown |= {Must.SAME_SEED, Must.ENDS}

    assert shown == set(Must)
