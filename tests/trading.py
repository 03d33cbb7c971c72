"""Small books, quotes, proposals and orders that tests of the trading stages are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from allusedesk.approvals.gate import Approval
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId, account_id
from allusedesk.domain.book import Book, Booking, CashMove
from allusedesk.domain.identifiers import (
    OrderId,
    PositionId,
    ProposalId,
    approval_id,
    order_id,
    proposal_id,
)
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, Proposal, ProposalKind, RuleReference, Side
from allusedesk.domain.quotes import Indicators, MarketSnapshot, OptionChain, Quote, Underlying
from allusedesk.domain.weeks import Session, WeekId
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.views import SleeveView

ROOT = Path(__file__).resolve().parent.parent
# A Tuesday of an ordinary week in winter; New York is five hours behind.
DAY = date(2013, 2, 12)
NOON = datetime(2013, 2, 12, 17, 0, tzinfo=UTC)
FRIDAY = date(2013, 2, 15)
WEEK = WeekId(2013, 7)
FAMILY = FamilyId("F1")
GEN = account_id(FAMILY, AccountKind.GENERATION)
REV = account_id(FAMILY, AccountKind.REVENUE)
COM = account_id(FAMILY, AccountKind.COMPOUNDING)
STOCK = Stock("AAPL")


@cache
def classic() -> Rulebook:
    text = (ROOT / "resources" / "rulebooks" / "classic.toml").read_text(encoding="utf-8")
    return parse_rulebook(text)


def dollars(amount: str | int) -> Money:
    return Money(Decimal(amount))


def price(per_unit: str | int) -> Price:
    return Price(Decimal(per_unit))


def put(strike: str | int = 100, expiry: date = FRIDAY, **changes: Any) -> OptionContract:
    return replace(OptionContract("AAPL", expiry, Right.PUT, Decimal(strike)), **changes)


def call(strike: str | int = 100, expiry: date = FRIDAY, **changes: Any) -> OptionContract:
    return replace(OptionContract("AAPL", expiry, Right.CALL, Decimal(strike)), **changes)


def funded_book(cash: str | int = 100_000) -> Book:
    """One family with its three sleeves, each with so much settled cash."""
    accounts = [
        Account(account_id(FAMILY, kind), FAMILY, kind, DAY - timedelta(days=30))
        for kind in AccountKind
    ]
    book = Book().with_family(Family(FAMILY, None, DAY - timedelta(days=30)), accounts)
    moves = tuple(CashMove(account.id, dollars(cash), DAY, "start") for account in accounts)
    return book.booked(Booking((), moves), DAY)


def with_lots(book: Book, *lots: Position) -> Book:
    positions = book.positions
    for lot in lots:
        positions = positions.set(lot.id, lot)
    return replace(book, positions=positions)


def lot(instrument: Instrument, signed: int, **changes: Any) -> Position:
    is_shares = isinstance(instrument, Stock)
    held = Position(
        id=PositionId("lot"),
        account=REV,
        instrument=instrument,
        quantity_signed=signed,
        price_average=price(100 if is_shares else 2),
        role=PositionRole.SHARES if is_shares else PositionRole.WEEKLY_PUT,
        opened_by=OrderId("earlier"),
        opened_at=NOON - timedelta(days=3),
        basis=price(100) if is_shares else None,
    )
    return replace(held, **changes)


def sell(instrument: Instrument, **changes: Any) -> Leg:
    return replace(Leg(instrument, Side.SELL, PositionRole.WEEKLY_PUT), **changes)


def buy(instrument: Instrument, **changes: Any) -> Leg:
    return replace(Leg(instrument, Side.BUY, PositionRole.WEEKLY_PUT), **changes)


def proposal(*legs: Leg, quantity: int = 1, **changes: Any) -> Proposal:
    wanted = Proposal(
        id=proposal_id(WEEK, REV, 1),
        account=REV,
        week=WEEK,
        kind=ProposalKind.ENTRY,
        legs=legs,
        quantity=quantity,
        credit_net=price("2.00"),
        rule=RuleReference("classic@1.0", "entry.delta"),
        reason="a test",
        comparisons=(),
        turned_down=(),
        snapshot_sequence=1,
        made_at=NOON,
        expires_at=NOON + timedelta(hours=2),
        spot=price(101),
    )
    return replace(wanted, **changes)


def approval(of: Proposal) -> Approval:
    return Approval(approval_id(of.id), of.id, "tester", NOON, NOON + timedelta(hours=4))


def order(*legs: Leg, quantity: int = 1, **changes: Any) -> Order:
    wanted = ProposalId(f"{WEEK}/{REV}/P1")
    written = Order(
        id=order_id(wanted, 1),
        proposal=wanted,
        approval=approval_id(wanted),
        account=REV,
        kind=ProposalKind.ENTRY,
        legs=legs,
        quantity=quantity,
        type=OrderType.LIMIT,
        limit=price("2.00"),
        limit_worst=price("1.90"),
        time_in_force=TimeInForce.DAY,
        good_until=NOON + timedelta(hours=4),
        written_at=NOON,
        status=OrderStatus.SENT,
    )
    return replace(written, **changes)


def fill(of: Order, quantity: int = 1, at: str = "2.00", leg: int = 0, **changes: Any) -> Fill:
    done = Fill(
        id=f"{of.id}/{leg + 1}",
        order=of.id,
        leg=leg,
        quantity=quantity,
        price=price(at),
        commission=Money(Decimal("0.65") * quantity),
        filled_at=NOON,
    )
    return replace(done, **changes)


def quote(
    instrument: Instrument, bid: str | None = "1.98", ask: str | None = "2.02", **changes: Any
) -> Quote:
    seen = Quote(
        instrument,
        None if bid is None else price(bid),
        None if ask is None else price(ask),
        None,
        NOON,
        open_interest=1000,
        volume_average=1000.0,
    )
    return replace(seen, **changes)


def snapshot(
    *quotes: Quote, spot: str = "101", at: datetime = NOON, **changes: Any
) -> MarketSnapshot:
    """One look at AAPL: its own quote, and these option quotes as its chain."""
    low, high = Decimal(spot) - Decimal("0.01"), Decimal(spot) + Decimal("0.01")
    seen = Quote(STOCK, Price(low), Price(high), None, NOON)
    known = Indicators("AAPL", 0, None, None, None, None, None, None, None, None)
    own = [each for each in quotes if each.instrument == STOCK]
    underlying = replace(Underlying("AAPL", own[0] if own else seen, known), **changes)
    options = tuple(each for each in quotes if each.instrument != STOCK)
    chain = OptionChain("AAPL", (FRIDAY,), options, is_modelled=False)
    return MarketSnapshot(at, (underlying,), (chain,))


def view(account: AccountId = REV, book: Book | None = None, **changes: Any) -> SleeveView:
    book = funded_book() if book is None else book
    free = book.cash[account].settled - book.collateral_of(account, dollars("0.65"))
    seen = SleeveView(
        account=account,
        kind=AccountKind(account.partition(".")[2]),
        symbols=("AAPL",),
        equity=book.cash[account].whole,
        cash_free=free,
        lots=book.positions_of(account),
        cash_buffer=Decimal("0.05"),
    )
    return replace(seen, **changes)


def sessions(first: date = date(2013, 2, 4), days: int = 30) -> tuple[Session, ...]:
    """Weekdays from 09:30 to 16:00 New York winter time, Presidents' Day closed."""
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        if day.weekday() < 5 and day != date(2013, 2, 18):
            opens = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
            found.append(Session(day, opens, opens + timedelta(hours=6, minutes=30)))
    return tuple(found)
