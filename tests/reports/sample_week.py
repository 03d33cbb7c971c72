"""A week of a small desk as journal entries: one trade or many, an expiry, and what was skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.domain import events as told
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.book import Booking, CashMove, LotChange
from allusedesk.domain.identifiers import approval_id, order_id, position_id, proposal_id
from allusedesk.domain.inputs import DeskOpened, MarketSampled, Mode, SymbolList, WeekPlanned
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    Proposal,
    ProposalKind,
    RuleReference,
    Side,
    TurnedDown,
)
from allusedesk.domain.quotes import MarketSnapshot, OptionChain, Quote
from allusedesk.domain.weeks import Session, TradingWeek, WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "resources" / "fonts"
RULEBOOK = (ROOT / "resources" / "rulebooks" / "classic.toml").read_text(encoding="utf-8")

WEEK, NEXT_WEEK = WeekId(2013, 7), WeekId(2013, 8)
MONDAY = date(2013, 2, 11)
REV = AccountId("F1.rev")
KINDS = (AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING)
BASES = (Money(Decimal(120000)), Money(Decimal(90000)), Money(Decimal(90000)))
PUT = OptionContract("AAPL", date(2013, 2, 15), Right.PUT, Decimal(460))
ODD = '<b>R&D</b> "said" Ωμέγα Жук'


def usd(amount: str) -> Money:
    return Money(Decimal(amount))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of the week's `day`, zero being Monday, in UTC."""
    return datetime(2013, 2, 11, hour, minute, tzinfo=UTC) + timedelta(days=day)


def sessions(first: date) -> tuple[Session, ...]:
    days = [first + timedelta(days=n) for n in range(5)]
    return tuple(
        Session(
            day,
            datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC),
            datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
        )
        for day in days
    )


def trading_week(week: WeekId, first: date) -> TradingWeek:
    return TradingWeek(week.year, week.number, sessions(first), first + timedelta(days=4))


@dataclass(frozen=True, slots=True)
class Shape:
    """What the week holds: how many trades, whether anything at all, which words are odd."""

    trades: int = 1
    is_empty: bool = False
    reason: str = ODD
    approver: str = "policy all"
    price: str = "3.15"
    is_final: bool = True
    is_cut: bool = True
    mode: Mode = Mode.REHEARSAL
    is_trade_modelled: bool = True
    is_mark_modelled: bool = True


def opening(shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    start = at(-1, 12)
    symbols = tuple(SymbolList(kind, ("AAPL", "MSFT")) for kind in KINDS)
    yield (
        start,
        DeskOpened(
            shape.mode,
            "classic@1.0",
            RULEBOOK,
            symbols,
            "SPY",
            7,
            "allusedesk 0.1.0",
            ("sample prices, split-adjusted",),
        ),
    )
    family = Family(FamilyId("F1"), None, MONDAY)
    accounts = tuple(Account(AccountId(f"F1.{k.value}"), family.id, k, MONDAY) for k in KINDS)
    yield start, told.FamilyOpened(family, accounts, BASES)
    moves = tuple(
        CashMove(account.id, amount, MONDAY, "opening")
        for account, amount in zip(accounts, BASES, strict=True)
    )
    yield start, told.CashBooked(Booking((), moves), "opening")
    after = sessions(MONDAY + timedelta(days=7))[0]
    yield start, WeekPlanned(trading_week(WEEK, MONDAY), after)


def snapshot(modelled: bool) -> MarketSnapshot:
    now = at(0, 14, 45)
    quotes = tuple(
        Quote(
            OptionContract("AAPL", PUT.expiry, Right.PUT, Decimal(440 + strike)),
            Price(Decimal("3.10")),
            Price(Decimal("3.25")),
            None,
            now,
            is_modelled=modelled,
        )
        for strike in range(0, 30, 5)
    )
    chain = OptionChain("AAPL", (PUT.expiry,), quotes, is_modelled=modelled)
    return MarketSnapshot(now, chains=(chain,), quotes_dropped=2, defects=("row 7 is crossed",))


def condition() -> Iterator[tuple[datetime, told.Event]]:
    yield (
        at(0, 14),
        told.ConditionClassified(
            WEEK,
            "Green",
            "condition.green",
            (
                Comparison("close", "151.8", "above the 10-day average 151.2", passed=True),
                Comparison("VIX", "12.94", "at or below its average 17.1", passed=True),
            ),
            Decimal("0.95"),
            Decimal("12.94"),
            Decimal("17.1"),
        ),
    )


def trade(number: int, shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    wish = proposal_id(WEEK, REV, number)
    when = at(0, 14, 46) + timedelta(minutes=number % 300)
    leg = Leg(PUT, Side.SELL, PositionRole.WEEKLY_PUT)
    price = Price(Decimal(shape.price))
    yield (
        when,
        told.ProposalMade(
            Proposal(
                wish,
                REV,
                WEEK,
                ProposalKind.ENTRY,
                (leg,),
                2,
                price,
                RuleReference("classic@1.0", "entry.delta"),
                shape.reason,
                (Comparison("delta", "34.8", "30 to 40", passed=True),),
                (TurnedDown("AAPL 455 put", "entry.delta", "delta 28 lies outside"),),
                1,
                when,
                when + timedelta(minutes=15),
                most_earnable=Decimal("0.00685"),
                target=Decimal("0.01"),
                amounts=(NamedAmount("premium", usd("630")),),
                is_modelled=shape.is_trade_modelled,
            )
        ),
    )
    approval = approval_id(wish)
    later = when + timedelta(minutes=5)
    yield when, told.ProposalApproved(wish, approval, shape.approver, when, later)
    order = Order(
        order_id(wish, 1),
        wish,
        approval,
        REV,
        ProposalKind.ENTRY,
        (leg,),
        2,
        OrderType.LIMIT,
        price,
        Price(Decimal("3.00")),
        TimeInForce.DAY,
        later,
        when,
    )
    yield when, told.OrderWritten(order, Price(Decimal("3.175")))
    fill = Fill(f"X{number}", order.id, 0, 2, price, usd("1.30"), when)
    lot = position(order, price, when)
    cash = Money(price.per_unit * 200) - usd("1.30")
    booking = Booking(
        (LotChange(None, lot),),
        (CashMove(REV, cash, MONDAY + timedelta(days=1), f"fill of {order.id}"),),
        usd("1.30"),
    )
    yield when, told.FillBooked(order.id, (fill,), booking)
    yield (
        when,
        told.OrderStatusChanged(order.id, OrderStatus.WORKING, OrderStatus.FILLED),
    )


def levels() -> Iterator[tuple[datetime, told.Event]]:
    """The first put goes to the second level and comes back by one."""
    lot = position_id(order_id(proposal_id(WEEK, REV, 0), 1), 0)
    for day, before, level, distance, spot in (
        (1, "hold", "watch", "0.62", "458.2"),
        (2, "watch", "prepare", "1.13", "453.1"),
        (3, "prepare", "watch", "0.81", "456.3"),
    ):
        price = Price(Decimal(spot))
        yield (
            at(day, 15),
            told.LevelChanged(lot, before, level, Decimal(distance), Decimal(10), price),
        )


def position(order: Order, price: Price, when: datetime) -> Position:
    return Position(
        position_id(order.id, 0), REV, PUT, -2, price, PositionRole.WEEKLY_PUT, order.id, when
    )


def skipped() -> Iterator[tuple[datetime, told.Event]]:
    gen = AccountId("F1.gen")
    turned = (
        TurnedDown("AAPL 2013-02-14 445 put", "liquidity.spread", "7.2% of mid", "0.072", "0.05"),
        TurnedDown("TSLA", "earnings.before_expiry", "reports on 2013-02-14"),
    )
    yield at(3, 15), told.EntriesWeighed(gen, WEEK, (), turned, Decimal("0.015"))
    yield at(3, 15), told.NoticeRaised("warning", "quotes", "Two quotes were dropped.")


def last_close(shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    gain = Decimal(0) if shape.is_empty else Decimal(shape.price) * 200 * shape.trades
    worth = [Decimal(0), Decimal(0) if shape.is_empty else Decimal("-60.00"), Decimal(0)]
    added = [Decimal(0), gain, Decimal(0)]
    marks = tuple(
        told.SleeveMark(
            AccountId(f"F1.{kind.value}"),
            floor + Money(more + held),
            floor + Money(more),
            Money(held),
            usd("0"),
            Money(held + (gain if held else 0)),
            floor + Money(more),
            Decimal("0.0004"),
        )
        for kind, floor, more, held in zip(KINDS, BASES, added, worth, strict=True)
    )
    is_modelled = shape.is_mark_modelled and not shape.is_empty
    yield at(4, 21), told.BalancesMarked(date(2013, 2, 15), marks, (), is_modelled)


def ending(shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    for number in range(0 if shape.is_empty else shape.trades):
        wish = order_id(proposal_id(WEEK, REV, number), 1)
        yield (
            at(4, 21),
            told.OutcomeClassified(
                REV,
                WEEK,
                position_id(wish, 0),
                "P-EW",
                "final",
                (Comparison("fall", "-0.0002", "in (-inf, 0]", passed=True),),
                "keep premium, sell again",
            ),
        )
    yield (
        at(4, 21),
        told.OutcomeClassified(
            AccountId("F1.com"),
            WEEK,
            None,
            "W-IDL",
            "final",
            (Comparison("positions and entries", "0", "none", passed=True),),
            "pause",
        ),
    )
    yield at(4, 21), told.WeekLabelled(FamilyId("F1"), WEEK, "Calm-Income", ("Earnings-Filter",))
    yield at(4, 21, 30), told.WeekClosed(WEEK, is_final=False, version=1)


def after(shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    following = MONDAY + timedelta(days=7)
    later = sessions(following + timedelta(days=7))[0]
    yield at(4, 21, 31), WeekPlanned(trading_week(NEXT_WEEK, following), later)
    look = Alarm("W8/condition", AlarmKind.CONDITION, at(7, 14))
    yield at(4, 21, 31), told.AlarmsSet((look,))
    for number in range(0 if shape.is_empty else shape.trades):
        order = order_id(proposal_id(WEEK, REV, number), 1)
        price = Price(Decimal(shape.price))
        when = at(0, 14, 46) + timedelta(minutes=number % 300)
        lot = Position(
            position_id(order, 0), REV, PUT, -2, price, PositionRole.WEEKLY_PUT, order, when
        )
        booking = Booking((LotChange(lot, None, Money(price.per_unit * 200)),), ())
        yield at(7, 12, 30), told.ExpiryBooked(f"N{number}", booking)
    yield at(7, 13), told.WeekClosed(WEEK, is_final=True, version=2)


def happenings(shape: Shape) -> Iterator[tuple[datetime, told.Event]]:
    yield from opening(shape)
    if not shape.is_empty:
        yield from condition()
        yield at(0, 14, 45), MarketSampled("W7/entry", snapshot(modelled=True))
        found = [one for number in range(shape.trades) for one in trade(number, shape)]
        yield from sorted(found, key=lambda one: one[0])
        yield from sorted([*levels(), *skipped()], key=lambda one: one[0])
    yield from last_close(shape)
    if not shape.is_cut:
        return
    yield from ending(shape)
    if shape.is_final:
        yield from after(shape)


def written_week(folder: Path, shape: Shape) -> ReadSide:
    """A journal of the week in `folder`, opened for questions."""
    path = folder / "week.journal"
    with Journal.create(path, durable=False) as journal, journal.group():
        for number, (when, event) in enumerate(happenings(shape), start=1):
            journal.append([told.Entry(number, when, None, event)])
    return ReadSide(JournalReader.open(path))
