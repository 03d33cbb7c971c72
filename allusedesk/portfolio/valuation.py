"""What the book is worth, sleeve by sleeve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, total
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
    """Every sleeve, by id; `quotes` are the marks used, what had none stands at cost."""

    accounts: tuple[AccountValue, ...]
    equity: Money
    quotes: tuple[Quote, ...]
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
    quotes = {
        instrument: _quote_used(instrument, quote_of, quote_before)
        for instrument in book.instruments()
    }
    values = []
    for account in sorted(book.accounts):
        marked = tuple([quotes[lot.instrument] for lot in book.positions_of(account)])
        # A look shows a few symbols; sleeves without any of them are worth what they were.
        values.append(
            book.while_same(
                (AccountValue, account, fee_per_contract),
                marked,
                partial(_value_of, book, account, marked, fee_per_contract),
            )
        )
    used = tuple(quote for quote in quotes.values() if quote is not None)
    return BookValue(
        tuple(values),
        total([value.equity for value in values]),
        used,
        any(quote.is_modelled for quote in used),
    )


def _value_of(
    book: Book, account: AccountId, quotes: tuple[Quote | None, ...], fee_per_contract: Money
) -> AccountValue:
    """One sleeve, its lots marked by quotes in their order, or standing at cost without one."""
    marks = [quote.mark if quote is not None else None for quote in quotes]
    positions = total(
        [
            lot.value_at(lot.price_average if mark is None else mark)
            for lot, mark in zip(book.positions_of(account), marks, strict=True)
        ]
    )
    cash = book.cash[account].whole
    return AccountValue(
        account,
        cash + positions,
        cash,
        positions,
        book.collateral_of(account, fee_per_contract),
        positions - book.cost_of(account),
        any(quote is not None and quote.is_modelled for quote in quotes),
    )


def _quote_used(instrument: Instrument, quote_of: QuoteOf, quote_before: QuoteOf) -> Quote | None:
    for found in (quote_of, quote_before):
        quote = found(instrument)
        if quote is not None and quote.has_mark:
            return quote
    return None
