"""A classic rulebook and a small market of one week that the protocol's tests are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId, account_id
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.quotes import (
    Greeks,
    Indicators,
    MarketSnapshot,
    OptionChain,
    Quote,
    Underlying,
)
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.protocol.views import SleeveView

CLASSIC = Path(__file__).resolve().parents[2] / "resources" / "rulebooks" / "classic.toml"
GEN, REV, COM = AccountKind
D = Decimal
# An ordinary week of February 2013: Monday the 4th to Friday the 8th.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2013, 2, day) for day in range(4, 9))


def classic_text() -> str:
    return CLASSIC.read_text(encoding="utf-8")


@cache
def classic() -> Rulebook:
    return parse_rulebook(classic_text())


def constitution_text() -> str:
    return CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")


@cache
def constitution() -> Rulebook:
    return parse_rulebook(constitution_text())


def classic_with(*changes: tuple[str, str]) -> Rulebook:
    """The classic rulebook with pieces of its text replaced, each of which must be there."""
    return _with(classic_text(), changes)


def constitution_with(*changes: tuple[str, str]) -> Rulebook:
    """The constitution's rulebook with pieces of its text replaced."""
    return _with(constitution_text(), changes)


def _with(text: str, changes: tuple[tuple[str, str], ...]) -> Rulebook:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_rulebook(text)


def at(day: date, clock: str) -> datetime:
    """An instant given as New York wall-clock time."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=NEW_YORK).astimezone(UTC)


def session(day: date, closes: str = "16:00") -> Session:
    return Session(day, at(day, "09:30"), at(day, closes), closes != "16:00")


def week_of(
    monday: date, closed: tuple[date, ...] = (), early: tuple[date, ...] = ()
) -> TradingWeek:
    days = [monday + timedelta(days=n) for n in range(5)]
    sessions = tuple(
        session(day, "13:00" if day in early else "16:00") for day in days if day not in closed
    )
    year, number, _ = monday.isocalendar()
    return TradingWeek(year, number, sessions, sessions[-1].date)


WEEK = week_of(MONDAY)


def dollars(amount: str | int) -> Money:
    return Money(Decimal(amount))


def price(per_unit: str | int) -> Price:
    return Price(Decimal(per_unit))


def option(
    strike: str | int = 100,
    expiry: date = FRIDAY,
    right: Right = Right.PUT,
    symbol: str = "AAPL",
    multiplier: int = 100,
) -> OptionContract:
    return OptionContract(symbol, expiry, right, Decimal(strike), multiplier)


def quote(
    instrument: Instrument,
    bid: str | None = "1.98",
    ask: str | None = "2.02",
    *,
    delta: float | None = None,
    now: datetime | None = None,
    **changes: Any,
) -> Quote:
    greeks = None if delta is None else Greeks(-delta / 100, 0.01, -0.02, 0.05, 0.3)
    seen = Quote(
        instrument,
        None if bid is None else price(bid),
        None if ask is None else price(ask),
        None,
        now or at(MONDAY, "10:00"),
        greeks=greeks,
        open_interest=1000,
        volume_average=1000.0,
    )
    return replace(seen, **changes)


def indicators(symbol: str = "AAPL", **changes: Any) -> Indicators:
    known = Indicators(symbol, 60, D(100), D(3), D(4), D(99), D(98), D(97), D(90), 0.3)
    return replace(known, **changes)


def underlying(symbol: str = "AAPL", spot: str = "100", **changes: Any) -> Underlying:
    now = changes.pop("now", None)
    low, high = D(spot) - D("0.01"), D(spot) + D("0.01")
    seen = quote(Stock(symbol), str(low), str(high), now=now)
    return replace(Underlying(symbol, seen, indicators(symbol)), **changes)


def chain(*quotes: Quote, symbol: str = "AAPL", expiries: tuple[date, ...] = ()) -> OptionChain:
    listed = expiries or tuple(
        sorted({q.instrument.expiry for q in quotes if isinstance(q.instrument, OptionContract)})
    )
    return OptionChain(symbol, listed, quotes, is_modelled=False)


def market(
    *seen: Underlying,
    chains: tuple[OptionChain, ...] = (),
    now: datetime | None = None,
    **changes: Any,
) -> MarketSnapshot:
    return replace(MarketSnapshot(now or at(MONDAY, "10:00"), seen, chains), **changes)


def view(kind: AccountKind = REV, equity: str | int = 100_000, **changes: Any) -> SleeveView:
    seen = SleeveView(
        account_id(FamilyId("F1"), kind),
        kind,
        ("AAPL",),
        dollars(equity),
        dollars(equity),
        (),
    )
    return replace(seen, **changes)


def lot(instrument: Instrument, signed: int = -1, **changes: Any) -> Position:
    is_shares = isinstance(instrument, Stock)
    held = Position(
        PositionId("put"),
        AccountId("F1.rev"),
        instrument,
        signed,
        price(100 if is_shares else 2),
        PositionRole.SHARES if is_shares else PositionRole.WEEKLY_PUT,
        OrderId("earlier"),
        at(MONDAY, "10:00"),
        spot_at_open=price(100),
        basis=price(98) if is_shares else None,
    )
    return replace(held, **changes)


def shares(quantity: int = 100, **changes: Any) -> Position:
    given = {"id": PositionId("shares"), "linked_to": PositionId("old put"), **changes}
    return lot(Stock("AAPL"), quantity, **given)


def short_call(strike: str | int = 100, quantity: int = 1, **changes: Any) -> Position:
    given = {
        "id": PositionId("call"),
        "role": PositionRole.COVERED_CALL,
        "linked_to": PositionId("shares"),
        **changes,
    }
    expiry = given.pop("expiry", FRIDAY)
    return lot(option(strike, expiry, Right.CALL), -quantity, **given)
