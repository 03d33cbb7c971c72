"""A small desk whose days are told one after another, for statements of accounts and taxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Self

from allusedesk.domain import events as told
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId, account_id
from allusedesk.domain.book import Book, Booking, CashMove, LotChange
from allusedesk.domain.identifiers import (
    ApprovalId,
    OrderId,
    PositionId,
    ProposalId,
)
from allusedesk.domain.inputs import DeskOpened, MarketSampled, Mode, SymbolList, WeekPlanned
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.orders import (
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    Order,
    OrderType,
    SplitTookEffect,
    TimeInForce,
)
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, ProposalKind, Side
from allusedesk.domain.quotes import Indicators, MarketSnapshot, Quote, Underlying
from allusedesk.domain.weeks import Session, TradingWeek, WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from allusedesk.portfolio.accounting import (
    book_assignment,
    book_exercise,
    book_expiry,
)
from allusedesk.portfolio.settlement import book_settlement
from allusedesk.portfolio.splits import book_split

ROOT = Path(__file__).resolve().parents[2]
GEN, REV, COM = AccountId("F1.gen"), AccountId("F1.rev"), AccountId("F1.com")
_KINDS = (AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING)


def usd(amount: str | int | Decimal) -> Money:
    return Money(Decimal(amount))


def put(strike: str, expiry: date, symbol: str = "MSFT") -> OptionContract:
    return OptionContract(symbol, expiry, Right.PUT, Decimal(strike))


def call(strike: str, expiry: date, symbol: str = "MSFT") -> OptionContract:
    return OptionContract(symbol, expiry, Right.CALL, Decimal(strike))


class ClientDesk:
    """Entries of a desk with one family, made by what happens on its days.

    Nothing is priced but what `close` names; commissions are what a trade says.
    """

    def __init__(
        self,
        opened_on: date,
        *,
        mode: Mode = Mode.LIVE,
        rulebook: str = "classic",
        capital: str = "100000",
    ) -> None:
        self.entries: list[told.Entry] = []
        self.book = Book()
        self.today = opened_on
        self._number = 0
        self._planned: set[WeekId] = set()
        text = (ROOT / "resources" / "rulebooks" / f"{rulebook}.toml").read_text(encoding="utf-8")
        symbols = tuple(SymbolList(kind, ("MSFT",)) for kind in _KINDS)
        self._tell(
            DeskOpened(mode, rulebook, text, symbols, "SPY", 7, "allusedesk 0.1.0", ()), hour=12
        )
        self.family("F1", dict.fromkeys(_KINDS, usd(capital)), "opening")

    def family(
        self,
        name: str,
        bases: dict[AccountKind, Money],
        reason: str,
        parent: AccountId | None = None,
    ) -> Self:
        """Open a family with money from outside, or from the sleeve it is forked from."""
        home = None if parent is None else FamilyId(parent.partition(".")[0])
        family = Family(FamilyId(name), home, self.today)
        accounts = tuple(
            Account(account_id(family.id, kind), family.id, kind, self.today) for kind in bases
        )
        self.book = self.book.with_family(family, accounts)
        self._tell(told.FamilyOpened(family, accounts, tuple(bases.values())), hour=12)
        moves = [
            CashMove(account.id, base, self.today, reason)
            for account, base in zip(accounts, bases.values(), strict=True)
        ]
        if parent is not None:
            whole = total(list(bases.values()))
            moves.insert(0, CashMove(parent, -whole, self.today, reason))
            self._tell(told.FamilyForked(parent, family.id, whole), hour=12)
        self._book(told.CashBooked(Booking((), tuple(moves)), reason), hour=12)
        return self

    def merge(self, name: str, into: AccountId) -> Self:
        """All cash of a family goes home, and it is closed."""
        moves, whole = [], NOTHING
        for account in self.book.accounts_of(FamilyId(name)):
            left = self.book.cash[account.id].whole
            whole = whole + left
            moves.append(CashMove(account.id, -left, self.today, "merge"))
        moves.append(CashMove(into, whole, self.today, "merge"))
        self._book(told.CashBooked(Booking((), tuple(moves)), "merge"), hour=16)
        self._tell(told.FamilyMerged(FamilyId(name), into, whole), hour=16)
        self.book = self.book.without_family(FamilyId(name))
        return self

    def on(self, day: date) -> Self:
        self.today = day
        week = WeekId(*day.isocalendar()[:2])
        if week not in self._planned:
            self._planned.add(week)
            monday = day - timedelta(days=day.weekday())
            sessions = tuple(_session(monday + timedelta(days=n)) for n in range(5))
            after = _session(monday + timedelta(days=7))
            plan = TradingWeek(week.year, week.number, sessions, sessions[-1].date)
            self._tell(WeekPlanned(plan, after), hour=11)
        return self

    def cash(self, account: AccountId, amount: str, reason: str) -> Self:
        move = CashMove(account, usd(amount), self.today, reason)
        self._book(told.CashBooked(Booking((), (move,)), reason), hour=15)
        return self

    def dividend(self, account: AccountId, amount: str, symbol: str = "MSFT") -> Self:
        reason = f"dividend of {symbol}, ex {self.today}"
        move = CashMove(account, usd(amount), self.today, reason)
        self._book(told.DividendBooked("N", Booking((), (move,))), hour=15)
        return self

    def trade(
        self,
        account: AccountId,
        instrument: Instrument,
        units_signed: int,
        at_price: str,
        fee: str = "0",
        *,
        closes: PositionId | None = None,
        adds_to: PositionId | None = None,
        covers: PositionId | None = None,
        mid: str | None = None,
    ) -> PositionId:
        """Buy (above zero) or sell; opens a lot unless one is named. Returns the lot."""
        self._number += 1
        proposal = ProposalId(f"P{self._number}")
        order = OrderId(f"{proposal}/O1")
        at = self._at(15)
        price = Price(Decimal(at_price))
        units = abs(units_signed)
        side = Side.BUY if units_signed > 0 else Side.SELL
        leg = Leg(instrument, side, _role(instrument, units_signed), closes)
        worth = price.per_unit * units * instrument.multiplier
        if adds_to is not None:
            lot, change = adds_to, self._grown(adds_to, units_signed, price)
        elif closes is not None:
            lot, change = closes, self._reduced(closes, units, price)
        else:
            lot = PositionId(f"{order}/L0")
            position = Position(
                lot,
                account,
                instrument,
                units_signed,
                price,
                _role(instrument, units_signed),
                order,
                at,
                basis=price if isinstance(instrument, Stock) else None,
                linked_to=covers,
            )
            change = LotChange(None, position)
        cash = usd(-worth if units_signed > 0 else worth) - usd(fee)
        later = self.today + timedelta(days=1)
        settles = later if cash.amount > 0 else self.today
        move = CashMove(account, cash, settles, f"fill of {order}")
        written = Order(
            order,
            proposal,
            ApprovalId(f"{proposal}/A"),
            account,
            ProposalKind.ENTRY,
            (leg,),
            units,
            OrderType.LIMIT,
            price,
            price,
            TimeInForce.DAY,
            at,
            at,
        )
        middle = Price(Decimal(at_price if mid is None else mid))
        self._tell(told.OrderWritten(written, middle), hour=15)
        fill = Fill(f"{order}/1", order, 0, units, price, usd(fee), at)
        booking = Booking((change,), (move,), usd(fee))
        self._book(told.FillBooked(order, (fill,), booking), hour=15)
        return lot

    def assigned(self, contract: OptionContract, quantity: int, fee: str = "0") -> Self:
        notice = OptionsAssigned("N", contract, quantity)
        at = self._at(12)
        booking = book_assignment(self.book, notice, at, self.today, self.today, usd(fee))
        self._book(told.AssignmentBooked("N", booking), hour=12)
        return self

    def exercised(self, contract: OptionContract, quantity: int) -> Self:
        notice = OptionsExercised("N", contract, quantity)
        booking = book_exercise(self.book, notice, self._at(12), self.today, self.today)
        self._book(told.AssignmentBooked("N", booking), hour=12)
        return self

    def settled(self, contract: OptionContract, quantity_signed: int, per_share: str) -> Self:
        notice = OptionsSettled("N", contract, quantity_signed, Price(Decimal(per_share)))
        booking = book_settlement(self.book, notice, self.today, self.today)
        self._book(told.SettlementBooked("N", booking), hour=12)
        return self

    def expired(self, contract: OptionContract, quantity_signed: int) -> Self:
        booking = book_expiry(self.book, OptionsExpired("N", contract, quantity_signed))
        self._book(told.ExpiryBooked("N", booking), hour=12)
        return self

    def split(self, symbol: str, ratio: str) -> Self:
        notice = SplitTookEffect("N", symbol, self.today, Decimal(ratio), Price(Decimal(1)))
        self._book(told.SplitBooked("N", book_split(self.book, notice, self.today)), hour=13)
        return self

    def look(self, **prices: str) -> Self:
        """The desk looks at shares in the afternoon."""
        at = self._at(18)
        looked = tuple(
            Underlying(symbol, _quote(Stock(symbol), Price(Decimal(price)), at), _unknown(symbol))
            for symbol, price in prices.items()
        )
        self._tell(MarketSampled("look", MarketSnapshot(at, underlyings=looked)), hour=18)
        return self

    def close(self, *, is_modelled: bool = False, **prices: str) -> Self:
        """Mark every sleeve; a share is priced by its symbol, an option at `MSFT_130_put`.

        What is held and not named is marked at its cost.
        """
        at = self._at(20)
        named = {name: Price(Decimal(price)) for name, price in prices.items()}
        looked = tuple(
            Underlying(symbol, _quote(Stock(symbol), price, at), _unknown(symbol))
            for symbol, price in named.items()
            if "_" not in symbol
        )
        self._tell(MarketSampled("close", MarketSnapshot(at, underlyings=looked)), hour=20)
        marks, quotes = [], {}
        for account in sorted(self.book.accounts):
            lots = self.book.positions_of(account)
            worth = cost = NOTHING
            for lot in lots:
                price = named.get(_name(lot.instrument), lot.price_average)
                worth, cost = worth + lot.value_at(price), cost + lot.value_at(lot.price_average)
                quotes[lot.instrument] = _quote(lot.instrument, price, at)
            cash = self.book.cash[account].whole
            marks.append(
                told.SleeveMark(
                    account,
                    cash + worth,
                    cash,
                    worth,
                    self.book.collateral_of(account, NOTHING),
                    worth - cost,
                    cash + worth,
                    Decimal(0),
                )
            )
        event = told.BalancesMarked(self.today, tuple(marks), tuple(quotes.values()), is_modelled)
        self._tell(event, hour=21)
        return self

    def side(self, folder: Path) -> ReadSide:
        """The journal, written into a folder and opened for questions."""
        path = folder / "client.journal"
        with Journal.create(path, durable=False) as journal, journal.group():
            journal.append(self.entries)
        return ReadSide.open(path)

    def tell(self, event: told.Event) -> Self:
        """Anything else that happened this afternoon."""
        self._tell(event, hour=15)
        return self

    def _grown(self, lot: PositionId, units_signed: int, price: Price) -> LotChange:
        held = self.book.positions[lot]
        quantity = held.quantity + abs(units_signed)
        paid = held.price_average * held.quantity + price * abs(units_signed)
        after = replace(
            held,
            quantity_signed=held.quantity_signed + units_signed,
            price_average=Price(paid.per_unit / quantity),
        )
        return LotChange(held, after)

    def _reduced(self, lot: PositionId, units: int, price: Price) -> LotChange:
        held = self.book.positions[lot]
        left = held.quantity_signed + (units if held.is_short else -units)
        gap = held.price_average - price if held.is_short else price - held.price_average
        gain = Money(gap.per_unit * units * held.instrument.multiplier)
        return LotChange(held, replace(held, quantity_signed=left) if left else None, gain)

    def _at(self, hour: int) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, hour, tzinfo=UTC)

    def _tell(self, event: told.Event, hour: int) -> None:
        number = len(self.entries) + 1
        self.entries.append(told.Entry(number, self._at(hour), None, event))

    def _book(self, event: told.Event, hour: int) -> None:
        booking = getattr(event, "booking", None)
        assert isinstance(booking, Booking)
        self.book = self.book.settled_through(self.today).booked(booking, self.today)
        self._tell(event, hour)


def _session(day: date) -> Session:
    return Session(
        day,
        datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC),
        datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
    )


def _quote(instrument: Instrument, price: Price, at: datetime) -> Quote:
    return Quote(instrument, price, price, price, at)


def _unknown(symbol: str) -> Indicators:
    return Indicators(symbol, 0, None, None, None, None, None, None, None, None)


def _name(instrument: Instrument) -> str:
    if isinstance(instrument, Stock):
        return instrument.symbol
    right = "put" if instrument.right is Right.PUT else "call"
    return f"{instrument.underlying}_{instrument.strike.normalize():f}_{right}"


def _role(instrument: Instrument, units_signed: int) -> PositionRole:
    if isinstance(instrument, Stock):
        return PositionRole.SHARES
    if units_signed > 0:
        return PositionRole.HEDGE
    return PositionRole.WEEKLY_PUT if instrument.right is Right.PUT else PositionRole.COVERED_CALL
