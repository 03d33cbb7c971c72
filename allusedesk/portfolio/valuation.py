"""What the book is worth, sleeve by sleeve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price, total
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
    marks = {
        instrument: _marked(instrument, quote_of, quote_before) for instrument in book.instruments()
    }
    values = []
    for account in sorted(book.accounts):
        lots = [(lot, marks[lot.instrument]) for lot in book.positions_of(account)]
        positions = total(
            [
                lot.value_at(lot.price_average if marked is None else marked[1])
                for lot, marked in lots
            ]
        )
        cash = book.cash[account].whole
        values.append(
            AccountValue(
                account,
                cash + positions,
                cash,
                positions,
                book.collateral_of(account, fee_per_contract),
                positions - book.cost_of(account),
                any(marked is not None and marked[0].is_modelled for _, marked in lots),
            )
        )
    used = tuple(marked[0] for marked in marks.values() if marked is not None)
    return BookValue(
        tuple(values),
        total([value.equity for value in values]),
        used,
        tuple(instrument for instrument, marked in marks.items() if marked is None),
        any(quote.is_modelled for quote in used),
    )


def _marked(
    instrument: Instrument, quote_of: QuoteOf, quote_before: QuoteOf
) -> tuple[Quote, Price] | None:
    for found in (quote_of, quote_before):
        quote = found(instrument)
        mark = quote.mark if quote is not None else None
        if quote is not None and mark is not None:
            return quote, mark
    return None
