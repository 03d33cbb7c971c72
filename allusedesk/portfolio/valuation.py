"""What the book is worth, sleeve by sleeve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book
from allusedesk.domain.collateral import held_by_lots
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
    marks: dict[Instrument, tuple[Quote, Price] | None] = {}
    by_account: dict[AccountId, list[tuple[Position, tuple[Quote, Price] | None]]] = {
        account: [] for account in book.accounts
    }
    for lot in book.all_positions():
        instrument = lot.instrument
        if instrument not in marks:
            marks[instrument] = _marked(instrument, quote_of, quote_before)
        by_account[lot.account].append((lot, marks[instrument]))
    values = []
    for account in sorted(by_account):
        lots = by_account[account]
        worth = [
            lot.value_at(lot.price_average if marked is None else marked[1]) for lot, marked in lots
        ]
        cost = total([lot.value_at(lot.price_average) for lot, _ in lots])
        cash = book.cash[account].whole
        positions = total(worth)
        collateral = held_by_lots((lot for lot, _ in lots), fee_per_contract).cash
        values.append(
            AccountValue(
                account,
                cash + positions,
                cash,
                positions,
                collateral,
                positions - cost,
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
