"""Alpaca's market data through its own client, by requests that block.

This module is imported on first use only, on the feed's own thread: the client is an extra and
takes a second to load.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from math import nan
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from allusedesk.domain.instruments import (
    OptionContract,
    Right,
    Stock,
    read_option_symbol,
    write_option_symbol,
)
from allusedesk.market.calendar import NEW_YORK
from allusedesk.market.feeds.live_columns import Tick

with warnings.catch_warnings():
    # The client uses a part of websockets that its makers have retired.
    warnings.simplefilter("ignore", DeprecationWarning)
    from alpaca.common.exceptions import APIError
    from alpaca.data.enums import Adjustment, DataFeed, OptionsFeed
    from alpaca.data.historical.option import OptionHistoricalDataClient
    from alpaca.data.historical.stock import StockHistoricalDataClient
    from alpaca.data.requests import (
        OptionChainRequest,
        OptionSnapshotRequest,
        StockBarsRequest,
        StockSnapshotRequest,
    )
    from alpaca.data.timeframe import TimeFrame
    from alpaca.trading.client import TradingClient
    from alpaca.trading.enums import ContractType
    from alpaca.trading.requests import GetOptionContractsRequest

_ANSWER_SECONDS = (5.0, 10.0)
_PAGE = 10_000
_Answer = TypeVar("_Answer")

BarRow = tuple[date, float, float, float, float, float]


class CallFailed(Exception):
    """A call without an answer. `status` is that of the vendor's refusal, 0 where none came."""

    def __init__(self, status: int, text: str, wait_seconds: float = 0.0) -> None:
        """Keep the vendor's status and words, and how long it wants to be left alone."""
        super().__init__(text)
        self.status = status
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class ChainRange:
    """A part of a chain as the vendor is asked for it; strikes in dollars, both ends included."""

    symbol: str
    rights: tuple[Right, ...]
    first: date
    last: date
    strike_low: float
    strike_high: float


@dataclass(frozen=True, slots=True)
class OptionShown:
    """One option as a snapshot shows it; NaN where the vendor tells nothing."""

    tick: Tick
    bid_size: float
    ask_size: float
    volume: float


class _BoundedAdapter(HTTPAdapter):
    """The client's requests wait for ever; these end, and each tells that it is made."""

    def __init__(self, made: Callable[[], None]) -> None:
        super().__init__()
        self._made = made

    def send(  # type: ignore[override]  # the arguments are handed on as they come.
        self, request: requests.PreparedRequest, **more: object
    ) -> requests.Response:
        self._made()
        terms: dict[str, Any] = {**more, "timeout": _ANSWER_SECONDS}
        return super().send(request, **terms)


class AlpacaWire:
    """The vendor's three clients, one question at a time; every method blocks for its answer.

    The clients would repeat a refused call by themselves, three times and blindly; here each call
    is made once, and `CallFailed` says why there is no answer. `requests_made` counts what went
    out, each page of an answer by itself.
    """

    def __init__(
        self, key: str, secret: str, *, is_paper: bool, urls: tuple[str | None, str | None]
    ) -> None:
        rest, trading = urls
        self.requests_made = 0
        self._shares = StockHistoricalDataClient(key, secret, raw_data=True, url_override=rest)
        self._options = OptionHistoricalDataClient(key, secret, raw_data=True, url_override=rest)
        self._trading = TradingClient(
            key, secret, paper=is_paper, raw_data=True, url_override=trading
        )
        for client in (self._shares, self._options, self._trading):
            # The constructor takes zero for its default of three, and knows no adapters.
            client._retry = 0  # noqa: SLF001
            for scheme in ("https://", "http://"):
                adapter = _BoundedAdapter(self._count)
                client._session.mount(scheme, adapter)  # noqa: SLF001

    def _count(self) -> None:
        self.requests_made += 1

    def close(self) -> None:
        """Close the sessions' sockets."""
        for client in (self._shares, self._options, self._trading):
            client._session.close()  # noqa: SLF001 - the client cannot be closed.

    def shares(self, symbols: Sequence[str], feed: str) -> list[Tick]:
        """Return the latest quote and trade price of shares."""
        asked = StockSnapshotRequest(symbol_or_symbols=list(symbols), feed=DataFeed(feed))
        told = _answered(lambda: self._shares.get_stock_snapshot(asked))
        return [
            _share_tick(symbol, shown)
            for symbol, shown in _items(told)
            if isinstance(shown, dict) and shown.get("latestQuote")
        ]

    def chain(self, wanted: ChainRange, feed: str) -> list[OptionShown]:
        """Return the snapshots of a part of a chain."""
        kinds = {Right.PUT: ContractType.PUT, Right.CALL: ContractType.CALL}
        asked = OptionChainRequest(
            underlying_symbol=wanted.symbol,
            feed=OptionsFeed(feed),
            type=kinds[wanted.rights[0]] if len(wanted.rights) == 1 else None,
            expiration_date_gte=wanted.first,
            expiration_date_lte=wanted.last,
            strike_price_gte=wanted.strike_low,
            strike_price_lte=wanted.strike_high,
        )
        told = _answered(lambda: self._options.get_option_chain(asked))
        return [
            shown
            for symbol, each in _items(told)
            if (contract := _contract(symbol, wanted.symbol)) is not None
            and (shown := _option_shown(contract, each)) is not None
        ]

    def contracts(self, contracts: Sequence[OptionContract], feed: str) -> list[OptionShown]:
        """Return the snapshots of single options."""
        known = {_vendor_symbol(contract): contract for contract in contracts}
        asked = OptionSnapshotRequest(symbol_or_symbols=list(known), feed=OptionsFeed(feed))
        told = _answered(lambda: self._options.get_option_snapshot(asked))
        return [
            shown
            for symbol, each in _items(told)
            if symbol in known and (shown := _option_shown(known[symbol], each)) is not None
        ]

    def daily_bars(
        self, symbols: Sequence[str], span: tuple[datetime, datetime], *, is_raw: bool
    ) -> dict[str, list[BarRow]]:
        """Return daily bars of all exchanges: unadjusted, or adjusted for splits alone.

        Whatever the plan, they may be had up to fifteen minutes ago.
        """
        asked = StockBarsRequest(
            symbol_or_symbols=list(symbols),
            timeframe=TimeFrame.Day,
            start=span[0],
            end=span[1],
            adjustment=Adjustment.RAW if is_raw else Adjustment.SPLIT,
            feed=DataFeed.SIP,
        )
        told = _answered(lambda: self._shares.get_stock_bars(asked))
        return {symbol: [_bar(bar) for bar in bars] for symbol, bars in _items(told)}

    def open_interests(
        self, symbol: str, first: date, last: date
    ) -> dict[OptionContract, float | None]:
        """Return last night's open interest of the listed options of an underlying."""
        found: dict[OptionContract, float | None] = {}
        token: str | None = None
        while True:
            asked = GetOptionContractsRequest(
                underlying_symbols=[symbol],
                expiration_date_gte=first,
                expiration_date_lte=last,
                limit=_PAGE,
                page_token=token,
            )
            told: Any = _answered(partial(self._trading.get_option_contracts, asked))
            for row in told.get("option_contracts") or ():
                contract = _contract(str(row.get("symbol")), symbol)
                if contract is not None:
                    told_interest = row.get("open_interest")
                    found[contract] = None if told_interest is None else float(told_interest)
            token = told.get("next_page_token") or told.get("page_token")
            if not token:
                return found

    def clock(self) -> datetime:
        """Return the vendor's own instant."""
        told: Any = _answered(self._trading.get_clock)
        return datetime.fromisoformat(str(told["timestamp"])).astimezone(UTC)


def _answered(ask: Callable[[], _Answer]) -> _Answer:
    """Return the answer to a call; raises `CallFailed` for everything that is none."""
    try:
        return ask()
    except APIError as refused:
        status, wait = 0, 0.0
        if refused.response is not None:
            status = int(refused.response.status_code)
            wait = number(refused.response.headers.get("Retry-After"), 0.0)
        # Its words stay behind: an answer may say back what it was asked with, the key too.
        raise CallFailed(status, f"status {status}", wait) from None
    except (requests.RequestException, OSError, ValueError, KeyError, AttributeError) as lost:
        # A cut line, and an answer that is not what the vendor documents.
        raise CallFailed(0, type(lost).__name__) from lost


def _items(told: object) -> Iterable[tuple[str, Any]]:
    return told.items() if isinstance(told, dict) else ()


def _share_tick(symbol: str, shown: dict[str, Any]) -> Tick:
    quote, trade = shown["latestQuote"], shown.get("latestTrade") or {}
    return Tick(
        Stock(symbol),
        number(quote.get("bp")),
        number(quote.get("ap")),
        number(trade.get("p")),
        seconds(quote.get("t")),
    )


def _option_shown(contract: OptionContract, shown: object) -> OptionShown | None:
    """Return a snapshot of an option; None where nobody ever quoted it."""
    quote = shown.get("latestQuote") if isinstance(shown, dict) else None
    if not isinstance(shown, dict) or not quote:
        return None
    trade, bar = shown.get("latestTrade") or {}, shown.get("dailyBar") or {}
    return OptionShown(
        Tick(
            contract,
            number(quote.get("bp")),
            number(quote.get("ap")),
            number(trade.get("p")),
            seconds(quote.get("t")),
        ),
        number(quote.get("bs")),
        number(quote.get("as")),
        number(bar.get("v")),
    )


def _contract(symbol: str, underlying: str) -> OptionContract | None:
    """Return a standard option of the underlying; None for others, and for what is no option.

    The root of an option has no dot where its underlying has one (BRK.B, BRKB).
    """
    try:
        found = read_option_symbol(symbol)
    except ValueError:
        return None
    if found.underlying != underlying.replace(".", ""):
        return None
    return replace(found, underlying=underlying)


def _vendor_symbol(contract: OptionContract) -> str:
    return write_option_symbol(contract).replace(".", "")


def _bar(told: dict[str, Any]) -> BarRow:
    day = datetime.fromisoformat(str(told["t"])).astimezone(NEW_YORK).date()
    prices = [number(told.get(name)) for name in ("o", "h", "l", "c", "v")]
    return (day, prices[0], prices[1], prices[2], prices[3], prices[4])


def number(told: object, absent: float = nan) -> float:
    """Return a price as told; what is no number stands for nothing."""
    try:
        return absent if told is None else float(str(told))
    except ValueError:
        return absent


def seconds(told: object) -> float:
    """Return an instant as seconds since 1970; NaN for what is none."""
    try:
        return datetime.fromisoformat(str(told)).timestamp()
    except ValueError:
        return nan
