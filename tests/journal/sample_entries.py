"""Entries to fill a journal with: short and long ones, in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from allusedesk.domain.events import Entry, Event, NoticeRaised
from allusedesk.domain.inputs import CapitalDeposited, MarketSampled
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.domain.quotes import Greeks, MarketSnapshot, OptionChain, Quote

START = datetime(2026, 2, 9, 14, 30, tzinfo=UTC)


def snapshot(minute: int = 0, quotes: int = 40) -> MarketSnapshot:
    at = START + timedelta(minutes=minute)
    rows = tuple(
        Quote(
            OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal(200 + k)),
            Price(Decimal(100 + 7 * k + minute) / 100),
            Price(Decimal(104 + 7 * k + minute) / 100),
            None,
            at,
            is_modelled=True,
            greeks=Greeks(-0.01 * k, 0.04, -0.11, 0.08, 0.31),
            open_interest=500 + k,
            volume_average=100.5,
        )
        for k in range(quotes)
    )
    chain = OptionChain("AAPL", (date(2026, 2, 13),), rows, is_modelled=True)
    return MarketSnapshot(at, chains=(chain,))


def event(number: int) -> Event:
    if number % 7 == 3:
        return MarketSampled(f"A{number}", snapshot(number))
    if number % 7 == 5:
        return CapitalDeposited("F1", Money(Decimal(number)), date(2026, 2, 9))
    return NoticeRaised("note", f"subject {number}", f"Notice {number} is here to be read.")


def entry(number: int) -> Entry:
    cause = number - 1 if number % 2 == 0 else None
    return Entry(number, START + timedelta(seconds=number), cause, event(number))


def entries(count: int, after: int = 0) -> list[Entry]:
    return [entry(number) for number in range(after + 1, after + count + 1)]
