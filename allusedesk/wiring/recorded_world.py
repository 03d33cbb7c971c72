"""A market and a broker over recorded time, from whatever data a request names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.weeks import Session
from allusedesk.engine.clock import Clock
from allusedesk.engine.state import NEW_YORK
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.hedge_histories import (
    DERIVED_SYMBOLS,
    INDEX_BEHIND,
    with_hedge_histories,
)
from allusedesk.market.history import MarketHistory
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from allusedesk.protocol.hedges import hedge_symbols
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import exact
from allusedesk.risk.market_gates import tick_for
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.paper_doors import ExchangeWeeks
from allusedesk.wiring.requests import DEFAULT_TREND, RehearsalRequest, RequestRefused
from allusedesk.wiring.sweeps import seldom_swept

_BROKER_STREAM = 1
_CONCESSIONS = {
    "mid": Concession.MID,
    "default": Concession.DRAWN,
    "full": Concession.FULL_SPREAD,
}


def sessions_of(request: RehearsalRequest, calendar: ExchangeCalendar) -> tuple[Session, ...]:
    """The sessions asked for, and the one after them, on whose morning assignments are known."""
    if request.first > request.last:
        raise RequestRefused(
            f"The rehearsal ends on {request.last}, before it begins on {request.first}: "
            "give --from before --to."
        )
    first, last = calendar.first, calendar.last - timedelta(days=31)
    if request.first < first or request.last > last:
        raise RequestRefused(
            f"The exchange's calendar runs from {first} to {last}; choose days within it."
        )
    if not calendar.dates_between(request.first, request.last):
        raise RequestRefused(
            f"The exchange has no session from {request.first} to {request.last}: widen the span."
        )
    return calendar.sessions_between(request.first, calendar.session_after(request.last))


def history_of(
    request: RehearsalRequest, rules: Rulebook, calendar: ExchangeCalendar
) -> MarketHistory:
    """The history of every symbol the desk may trade, of the trend's index, and of hedges'.

    Raises FileRefused for a path that is none, RequestRefused where prices or VIX are missing.
    """
    listed = {entry.kind: entry.symbols for entry in request.symbols}
    symbols = dict.fromkeys(
        symbol for kind in AccountKind for symbol in listed.get(kind, rules.account(kind).symbols)
    )
    for chosen in request.strategies:
        symbols |= dict.fromkeys(name for name in chosen.symbols if not Stock(name).is_index)
    hedges = dict.fromkeys(hedge_symbols(rules))
    for chosen in request.strategies:
        for name in (name for name in chosen.symbols if Stock(name).is_index):
            hedges |= dict.fromkeys((INDEX_BEHIND.get(name, name), name))
    with seldom_swept():
        history = history_below(
            request.data,
            tuple(symbols),
            request.trend or DEFAULT_TREND,
            calendar,
            days=(request.first, request.last + timedelta(days=7)),
            if_there=tuple(symbol for symbol in hedges if symbol not in DERIVED_SYMBOLS),
        )
    return with_hedge_histories(history, tuple(hedges))


def feed_of(
    history: MarketHistory, sessions: tuple[Session, ...], calendar: ExchangeCalendar, seed: int
) -> RecordedFeed:
    """The feed that plays a history over some sessions; what is only hedged with, when asked."""
    feed = RecordedFeed(history, sessions, calendar, seed)
    feed.subscribe(_traded(history))
    return feed


def _traded(history: MarketHistory) -> tuple[str, ...]:
    return tuple(sorted(symbol for symbol in history.symbols if symbol not in history.only_hedges))


def weeks_of(
    feed: RecordedFeed, history: MarketHistory, calendar: ExchangeCalendar
) -> ExchangeWeeks:
    """The exchange's weeks, with every instant at which a chain of what is traded was recorded.

    A session on which nothing traded has a path, modelled or by minutes, is quoted at such
    instants alone.
    """
    symbols = _traded(history)
    found = {instant for symbol in symbols for instant in feed.recorded_instants(symbol)}

    def is_quoted_throughout(session: Session) -> bool:
        return any(feed.has_path(symbol, session) for symbol in symbols)

    return ExchangeWeeks(calendar, tuple(sorted(found)), is_quoted_throughout)


def broker_of(
    feed: RecordedFeed,
    sessions: tuple[Session, ...],
    clock: Clock,
    rules: Rulebook,
    seed: int,
    fills: str = "default",
) -> SimulatedBroker:
    """A simulated broker that charges what the rulebook says and meets this market.

    `fills` is what a fill gives up of half the spread: mid, default or full.
    """
    costs = rules.costs
    settings = BrokerSettings(
        exchange=ExchangeSettings(
            concession=_CONCESSIONS[fills],
            commission_per_contract=Money(costs.contract),
            commission_per_share=Money(costs.share),
            commission_shares_min=Money(costs.share_order_min),
            quote_age_seconds_max=float(rules.quotes.age_seconds_max),
        )
    )
    world = BrokerWorld(
        sessions=sessions,
        is_listed=lambda instrument: feed.quote(instrument, clock.now()) is not None,
        tick_of=lambda instrument, price: tick_for(instrument, price.per_unit, rules),
        closing_price=lambda symbol, day: _priced(feed.closing_price(symbol, day)),
        dividends_on=lambda day: tuple((d.symbol, exact(d.amount)) for d in feed.dividends_on(day)),
        splits_on=lambda day: tuple((s.symbol, exact(s.ratio)) for s in feed.splits_on(day)),
        special_dividends_on=lambda day: _special_dividends(feed, day),
        rate_at=feed.rate,
        volatility_of=lambda contract, at: _volatility_of(feed, contract, at),
    )
    generator = np.random.default_rng([seed, _BROKER_STREAM])
    return SimulatedBroker(settings, world, generator, clock.now)


def _priced(price: Decimal | None) -> Price | None:
    return None if price is None else Price(price)


def _special_dividends(feed: RecordedFeed, day: date) -> tuple[str, ...]:
    """The symbols whose dividend of this ex-date is a special one."""
    closes = ((paid, feed.indicators(paid.symbol, day).close) for paid in feed.dividends_on(day))
    return tuple(
        paid.symbol for paid, close in closes if close is not None and paid.is_special(float(close))
    )


def _volatility_of(feed: RecordedFeed, contract: OptionContract, at: datetime) -> float | None:
    """The volatility a contract was modelled with; None where it was recorded or not quoted."""
    found = feed.quotes_of((contract,), at)
    return float(found[0].volatilities[0]) if found and found[0].is_modelled else None


def end_of(request: RehearsalRequest, calendar: ExchangeCalendar, rules: Rulebook) -> datetime:
    """The end of the last day; after a week's last session, until its report is final."""
    week = calendar.week_of(calendar.session_on_or_before(request.last))
    if request.last < week.sessions[-1].date:
        return midnight(request.last + timedelta(days=1))
    after = calendar.session_after(request.last)
    final = rules.calendar.final_report
    return datetime.combine(after, final, NEW_YORK).astimezone(UTC) + timedelta(minutes=1)


def midnight(day: date) -> datetime:
    """The instant at which a day begins in New York."""
    return datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
