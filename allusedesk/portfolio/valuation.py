"""What the book is worth, sleeve by sleeve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price, total
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import Quote

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class AccountValue:
    """One sleeve: equity is cash plus positions at their marks; shorts count negative."""

    account: AccountId
    equity: Money
    cash: Money
    positions: Money
    collateral: Money
    unrealised: Money
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class BookValue:
    """Every sleeve, by id; `quotes` are the marks used, `unmarked` had none and stand at cost."""

    accounts: tuple[AccountValue, ...]
    equity: Money
    quotes: tuple[Quote, ...]
    unmarked: tuple[Instrument, ...]
    is_modelled: bool

    def of(self, account: AccountId) -> AccountValue:
        """One sleeve's figures; raises KeyError for a sleeve the book does not have."""
        for value in self.accounts:
            if value.account == account:
                return value
        raise KeyError(account)


def value_book(
    book: Book, quote_of: QuoteOf, quote_before: QuoteOf, fee_per_contract: Money
) -> BookValue:
    """Every sleeve at its marks: its quote's mark now, else the one before, else cost.

    A figure that rests on a modelled quote says so.
    """
    marks: dict[Instrument, Quote | None] = {}
    by_account: dict[AccountId, list[Position]] = {account: [] for account in book.accounts}
    for lot in book.all_positions():
        by_account[lot.account].append(lot)
        if lot.instrument not in marks:
            marks[lot.instrument] = _marked(lot.instrument, quote_of, quote_before)
    values = []
    for account in sorted(by_account):
        lots = by_account[account]
        worth = [lot.value_at(_mark_of(lot, marks)) for lot in lots]
        cost = total([lot.value_at(lot.price_average) for lot in lots])
        cash = book.cash[account].whole
        positions = total(worth)
        collateral = total(
            [
                lot.assignment_cost() + fee_per_contract * lot.quantity
                for lot in lots
                if lot.is_short_put
            ]
        )
        values.append(
            AccountValue(
                account,
                cash + positions,
                cash,
                positions,
                collateral,
                positions - cost,
                any(quote is not None and quote.is_modelled for quote in _quotes(lots, marks)),
            )
        )
    used = tuple(quote for quote in marks.values() if quote is not None)
    return BookValue(
        tuple(values),
        total([value.equity for value in values]),
        used,
        tuple(instrument for instrument, quote in marks.items() if quote is None),
        any(quote.is_modelled for quote in used),
    )


def _marked(instrument: Instrument, quote_of: QuoteOf, quote_before: QuoteOf) -> Quote | None:
    for quote in (quote_of(instrument), quote_before(instrument)):
        if quote is not None and quote.mark is not None:
            return quote
    return None


def _mark_of(lot: Position, marks: dict[Instrument, Quote | None]) -> Price:
    quote = marks[lot.instrument]
    mark = quote.mark if quote is not None else None
    return lot.price_average if mark is None else mark


def _quotes(lots: list[Position], marks: dict[Instrument, Quote | None]) -> list[Quote | None]:
    return [marks[lot.instrument] for lot in lots]
