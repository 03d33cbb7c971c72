"""Rungs and hedges by hand: what was bought, what is left of it, what it cost and is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, CashMove, LotChange
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.journal.queries.long_options import ladder_money, long_options
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from tests.reports.sample_week import Shape, at, opening, usd

COM = AccountId("F1.com")
CALL = OptionContract("AAPL", date(2014, 6, 20), Right.CALL, Decimal(500))
ORDER = OrderId("2013-W07/F1.com/P1/O1")


def price(amount: str) -> Price:
    return Price(Decimal(amount))


def booked(change: LotChange, cash: str, when: datetime) -> tuple[datetime, Event]:
    moves = (CashMove(COM, usd(cash), when.date(), f"fill of {ORDER}"),)
    return when, told.FillBooked(ORDER, (), Booking((change,), moves))


def marked(day: int) -> tuple[datetime, Event]:
    quote = Quote(
        CALL,
        price("2.90"),
        price("3.10"),
        None,
        at(day, 21),
        is_modelled=True,
        greeks=Greeks(0.312, 0.01, -0.02, 0.3, 0.25),
    )
    mark = told.SleeveMark(
        COM, usd("90000"), usd("89400"), usd("600"), usd("0"), usd("0"), usd("90000"), Decimal(0)
    )
    on = date(2013, 2, 11 + day)
    return at(day, 21), told.BalancesMarked(on, (mark,), (quote,), is_modelled=True)


def test_a_rung_stands_at_its_mark_for_what_is_left_and_at_cost_for_all(tmp_path: Path) -> None:
    lot = Position(
        PositionId(f"{ORDER}/L0"),
        COM,
        CALL,
        3,
        price("2.50"),
        PositionRole.LEAPS_RUNG,
        ORDER,
        at(0, 15),
    )
    less = replace(lot, quantity_signed=2)
    happened = [
        *opening(Shape()),
        (
            at(0, 14),
            told.GainReinvested(COM, "2012-Q4", usd("4000"), usd("0"), usd("3000"), usd("1000")),
        ),
        booked(LotChange(None, lot), "-751.95", at(0, 15)),
        marked(0),
        booked(LotChange(lot, less, usd("40.00")), "289.35", at(1, 15)),
        marked(1),
    ]
    path = tmp_path / "ladder.journal"
    with Journal.create(path, durable=False) as journal, journal.group():
        for number, (when, event) in enumerate(happened, start=1):
            journal.append([Entry(number, when, None, event)])
    with ReadSide(JournalReader.open(path)) as side:
        last = side.journal.head()[0]
        (before,) = long_options(side, last - 2)
        (after,) = long_options(side, last)
        (first,) = ladder_money(side, 1, last - 2)
        (second,) = ladder_money(side, last - 1, last)
    assert (before.bought, before.quantity, before.realised) == (3, 3, usd("0"))
    assert (before.cost, before.worth) == (usd("750.00"), usd("900.00"))
    assert (after.bought, after.quantity, after.realised) == (3, 2, usd("40.00"))
    assert (after.cost, after.worth) == (usd("750.00"), usd("600.00"))
    assert (after.expiry, after.is_call, after.closed_sequence) == (CALL.expiry, True, None)
    assert after.delta == Decimal("31.2")
    assert (first.before, first.came, first.spent, first.returned) == (
        usd("0"),
        usd("1000"),
        usd("-751.95"),
        usd("0"),
    )
    assert (second.before, second.returned, second.after) == (
        usd("248.05"),
        usd("289.35"),
        usd("537.40"),
    )
