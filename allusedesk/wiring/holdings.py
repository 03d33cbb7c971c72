"""Shares held, their prices and their tax lots, from a journal or from what a person typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import BalancesMarked
from allusedesk.journal.bookings import book_as_of, bookings
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.construction import Construction
from allusedesk.portfolio.rebalance_terms import USUAL_TERMS, RebalanceTerms
from allusedesk.portfolio.rebalancing import (
    DriftRules,
    Holding,
    RebalancePlan,
    TaxView,
    propose_rebalance,
)
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.portfolio.tax_trades import TaxEvent, TaxTrade, tax_events
from allusedesk.protocol.costs import share_commission
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.wiring.price_tables import PriceTable, volatilities
from allusedesk.wiring.requests import RequestRefused

# A price from before the week's holidays is no price to trade at.
_OLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HeldShares:
    """Shares of one symbol; `quote` is the last mark's, None where only closes are known."""

    name: str
    shares: int
    free: int
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is held on a day, the cash that is free beside it, and all that is on the tax lots."""

    on: date
    account: AccountId
    shares: tuple[HeldShares, ...]
    cash: Money
    events: tuple[tuple[date, TaxEvent], ...]


@dataclass(frozen=True, slots=True)
class Purchase:
    """Shares a person says they hold, bought together."""

    name: str
    shares: int
    cost: Decimal
    on: date


def holdings_on_record(side: ReadSide, account: str | None) -> OnRecord:
    """What a sleeve, or the whole desk, holds after a journal's last close.

    Cash that short puts hold is not free. Raises RequestRefused for a sleeve that is not there.
    """
    on = last_mark_day(side)
    if on is None:
        raise RequestRefused(f"{side.journal.path} has no close yet, so nothing can be weighed.")
    book = book_as_of(side, on)
    accounts = sorted(book.accounts)
    if account is not None and account not in accounts:
        raise RequestRefused(f"There is no sleeve {account}: there are {', '.join(accounts)}.")
    mine = [one for one in accounts if account is None or one == account]
    quotes = _last_quotes(side)
    lots = [lot for one in mine for lot in book.positions_of(one) if lot.is_shares]
    found = []
    for name in sorted({lot.underlying for lot in lots}):
        own = [lot for lot in lots if lot.underlying == name]
        free = sum(max(0, book.shares_uncovered(lot)) for lot in own)
        shares = sum(lot.quantity_signed for lot in own)
        found.append(HeldShares(name, shares, free, quotes.get(Stock(name))))
    cash = total([book.cash[one].whole - book.collateral_of(one, NOTHING) for one in mine])
    events = tuple(
        (seen.on, event)
        for seen in bookings(side)
        for event in tax_events(seen.on, seen.how, seen.booking)
    )
    return OnRecord(on, mine[0], tuple(found), cash, events)


def holdings_typed(purchases: Sequence[Purchase], cash: Money, on: date) -> OnRecord:
    """What a person says they hold; each purchase is a tax lot."""
    account = AccountId("typed")
    shares: dict[str, int] = {}
    events: list[tuple[date, TaxEvent]] = []
    for number, one in enumerate(sorted(purchases, key=lambda bought: (bought.on, bought.name))):
        if one.on > on:
            raise RequestRefused(f"{one.name} was bought on {one.on}, after the prices end: {on}.")
        shares[one.name] = shares.get(one.name, 0) + one.shares
        trade = TaxTrade(
            on=one.on,
            account=account,
            lot=PositionId(f"typed/{number}"),
            instrument=Stock(one.name),
            units_signed=one.shares,
            amount=notional(Price(one.cost), -one.shares),
            fees=NOTHING,
            is_opening=True,
        )
        events.append((one.on, trade))
    found = [HeldShares(name, count, count, None) for name, count in sorted(shares.items())]
    return OnRecord(on, account, tuple(found), cash, tuple(events))


def trades_towards(
    weights: Construction,
    prices: PriceTable,
    record: OnRecord,
    buffer: Decimal,
    rules: Rulebook,
    terms: RebalanceTerms = USUAL_TERMS,
) -> RebalancePlan:
    """The trades from what is held to target weights; `buffer` is the part that stays cash.

    Raises RequestRefused for a holding that no price file knows, for a price that is much older
    than the book, and CannotRebalance.
    """
    return propose_rebalance(
        {one.name: one.weight for one in weights.weights},
        _priced(record, prices, terms.half_spread),
        record.cash,
        DriftRules(terms.band, terms.lot, terms.risk_aversion, buffer),
        TaxView(
            record.events,
            record.on,
            record.account,
            LotChoice.FIFO,
            terms.short_rate,
            terms.long_rate,
        ),
        lambda shares: share_commission(shares, rules) if shares else NOTHING,
    )


def _priced(record: OnRecord, prices: PriceTable, half_spread: Decimal) -> tuple[Holding, ...]:
    """Every symbol that is held or wanted, at its quote, else at its close."""
    closes, closed_on, moves = dict(prices.closes), dict(prices.closed_on), volatilities(prices)
    held = {one.name: one for one in record.shares}
    found = []
    for name in sorted({*held, *closes}):
        one = held.get(name, HeldShares(name, 0, 0, None))
        price, lost = closes.get(name), None
        mark = one.quote.mark if one.quote is not None else None
        if one.quote is not None and mark is not None:
            price = mark
            if one.quote.bid is not None and one.quote.ask is not None:
                lost = Price((one.quote.ask - one.quote.bid).per_unit / 2)
        if price is None:
            raise RequestRefused(
                f"{name} is held and has no price: add it to --symbols, or its prices to --data."
            )
        if mark is None and record.on - closed_on[name] > _OLD:
            raise RequestRefused(
                f"The last price of {name} is of {closed_on[name]}, and what is held stands as of "
                f"{record.on}: name newer prices with --data, or a later --to, or leave {name} out."
            )
        found.append(
            Holding(
                name,
                one.shares,
                one.free,
                price,
                lost or price * half_spread,
                moves.get(name, 0.0),
            )
        )
    return tuple(found)


def _last_quotes(side: ReadSide) -> dict[Instrument, Quote]:
    sequence = side.column("SELECT max(sequence) FROM marks")[0]
    event = next(iter(side.journal.read(sequence, sequence))).event
    quotes = event.quotes if isinstance(event, BalancesMarked) else ()
    return {quote.instrument: quote for quote in quotes}
