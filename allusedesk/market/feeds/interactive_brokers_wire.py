"""The vendor's client for Interactive Brokers as far as quotes need it, on one asyncio loop.

This module is imported on first use only, on the feed's own thread: the client is an extra, and
it wants to be imported where its loop runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import nan
from typing import Any, TypeVar

from ib_async import IB, Contract, Index, Option, RequestError, Ticker
from ib_async import Stock as VendorStock

from allusedesk.domain.instruments import (
    INDEX_CLASSES,
    STANDARD_MULTIPLIER,
    OptionContract,
    Right,
)
from allusedesk.market.feeds.interactive_brokers_login import Login

_Answer = TypeVar("_Answer")
BarRow = tuple[date, float, float, float, float, float]
# Open interest comes with this generic tick, the day's volume without being asked for.
_OPEN_INTEREST_TICK = "101"
_BARS_SPAN = "2 Y"
_ABSENT = -1.0


class QuestionRefused(Exception):
    """The vendor's refusal of one question, with its number and words."""

    def __init__(self, code: int, text: str) -> None:
        """Keep both."""
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class LineShown:
    """What one line shows now; NaN where nothing was told, zero where there is no such price.

    `kind` is 1 for live, 2 frozen, 3 delayed, 4 delayed and frozen.
    """

    con_id: int
    kind: int
    bid: float
    ask: float
    last: float
    bid_size: float
    ask_size: float
    volume: float
    open_interest: float
    is_halted: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """Whom the wire tells: what lines show, what the vendor says, and that the line is lost."""

    shown: Callable[[list[LineShown]], None]
    said: Callable[[int, int, str], None]
    lost: Callable[[], None]


class QuoteWire:
    """One connection to Trader Workstation or Gateway for quotes alone; it never trades.

    Questions raise TimeoutError where no answer comes within `seconds`, ConnectionError where the
    line is lost, and QuestionRefused where the vendor refuses. The client spaces its messages by
    itself to stay below `messages_per_second`.
    """

    def __init__(self, heard: Heard, seconds: float, messages_per_second: int) -> None:
        self._heard = heard
        self._seconds = seconds
        self._contracts: dict[int, Contract] = {}
        self._ib = IB()
        self._login = Login(self._ib, seconds)
        self._ib.RaiseRequestErrors = True
        self._ib.client.MaxRequests = messages_per_second
        self._ib.pendingTickersEvent += self._on_tickers
        self._ib.errorEvent += self._on_error
        self._ib.disconnectedEvent += heard.lost
        self._ib.client.apiError += self._login.lost

    async def connect(self, host: str, port: int, client_id: int) -> None:
        """Log in; raises ConnectionError or OSError where nobody lets us."""
        await self._login.join(host, port, client_id)

    def disconnect(self) -> None:
        """End the connection, if there is one."""
        self._ib.disconnect()

    def want(self, kind: int) -> None:
        """Ask for live quotes (1), or for delayed ones where live are not subscribed (3)."""
        self._ib.reqMarketDataType(kind)

    async def clock(self) -> datetime:
        """Return the vendor's own instant, in whole seconds."""
        told = await self._answered(self._ib.reqCurrentTimeAsync())
        return told.astimezone(UTC)

    async def underlying(self, symbol: str) -> int:
        """Return the number of a share or an index; raises QuestionRefused where unknown."""
        index = INDEX_CLASSES.get(symbol)
        asked = (
            VendorStock(_name(symbol), "SMART", "USD")
            if index is None
            else Index(index.index, "", currency="USD")
        )
        details = await self._answered(self._ib.reqContractDetailsAsync(asked))
        if not details or details[0].contract is None:
            raise QuestionRefused(200, f"no security {symbol}")
        found = details[0].contract
        if index is None:
            found.exchange = "SMART"
        return self._learn(found)

    async def expiries(self, symbol: str, con_id: int) -> tuple[date, ...]:
        """Return the listed expiries of an underlying's standard options."""
        index = INDEX_CLASSES.get(symbol)
        kind = "STK" if index is None else "IND"
        chains = await self._answered(
            self._ib.reqSecDefOptParamsAsync(_name(symbol), "", kind, con_id)
        )
        found = {
            date.fromisoformat(text)
            for chain in chains
            if chain.tradingClass == _root(symbol)
            and str(chain.multiplier) == str(STANDARD_MULTIPLIER)
            for text in chain.expirations
        }
        return tuple(sorted(found))

    async def series(self, symbol: str, expiry: date) -> dict[OptionContract, int]:
        """Return every standard option of one expiry with its number."""
        asked = Option(
            _name(symbol),
            f"{expiry:%Y%m%d}",
            exchange="SMART",
            currency="USD",
            tradingClass=_root(symbol),
        )
        details = await self._answered(self._ib.reqContractDetailsAsync(asked))
        found: dict[OptionContract, int] = {}
        for each in details:
            contract = None if each.contract is None else _option(symbol, each.contract)
            if contract is not None and each.contract is not None:
                each.contract.exchange = "SMART"
                found[contract] = self._learn(each.contract)
        return found

    async def daily_bars(self, con_id: int) -> list[BarRow]:
        """Return two years of daily bars of regular hours, which the vendor adjusts for splits."""
        bars = await self._answered(
            self._ib.reqHistoricalDataAsync(
                self._contracts[con_id],
                "",
                _BARS_SPAN,
                "1 day",
                "TRADES",
                useRTH=True,
                timeout=0,
            ),
            self._seconds * 4,
        )
        return [
            (bar.date, bar.open, bar.high, bar.low, bar.close, float(bar.volume))
            for bar in bars
            if not isinstance(bar.date, datetime)
        ]

    def watch(self, con_id: int) -> None:
        """Begin to stream a line."""
        contract = self._contracts[con_id]
        generic = _OPEN_INTEREST_TICK if contract.secType == "OPT" else ""
        self._ib.reqMktData(contract, generic)

    def unwatch(self, con_id: int) -> None:
        """End a line, and forget what it showed: what comes next was not told before."""
        contract = self._contracts[con_id]
        self._ib.cancelMktData(contract)
        self._ib.wrapper.tickers.pop(hash(contract), None)

    def _learn(self, contract: Contract) -> int:
        self._contracts[contract.conId] = contract
        return contract.conId

    async def _answered(self, answer: Awaitable[_Answer], seconds: float = 0.0) -> _Answer:
        try:
            async with asyncio.timeout(seconds or self._seconds):
                return await answer
        except RequestError as refused:
            raise QuestionRefused(refused.code, refused.message) from refused

    def _on_tickers(self, tickers: Iterable[Ticker]) -> None:
        self._heard.shown([_shown(each) for each in tickers if each.contract is not None])

    def _on_error(self, request: int, code: int, text: str, contract: Contract | None) -> None:
        del request
        self._heard.said(0 if contract is None else contract.conId, code, text)


def _name(symbol: str) -> str:
    """Return what the vendor calls the underlying of an option root; BRK.B is BRK B to it."""
    index = INDEX_CLASSES.get(symbol)
    return symbol.replace(".", " ") if index is None else index.index


def _root(symbol: str) -> str:
    """Return the root of an underlying's standard options; that of BRK.B is BRKB."""
    return symbol.replace(".", "")


def _option(symbol: str, told: Contract) -> OptionContract | None:
    """Return a standard option; None for one that delivers something else."""
    if told.tradingClass != _root(symbol) or str(told.multiplier) != str(STANDARD_MULTIPLIER):
        return None
    return OptionContract(
        symbol,
        date.fromisoformat(told.lastTradeDateOrContractMonth[:8]),
        Right(told.right[:1]),
        Decimal(repr(told.strike)),
    )


def _shown(ticker: Ticker) -> LineShown:
    contract = ticker.contract
    is_put = contract is not None and contract.right.startswith("P")
    return LineShown(
        con_id=0 if contract is None else contract.conId,
        kind=ticker.marketDataType,
        bid=_price(ticker.bid),
        ask=_price(ticker.ask),
        last=_price(ticker.last),
        bid_size=ticker.bidSize,
        ask_size=ticker.askSize,
        volume=ticker.volume,
        open_interest=ticker.putOpenInterest if is_put else ticker.callOpenInterest,
        is_halted=ticker.halted > 0.0,
    )


def _price(told: Any) -> float:  # noqa: ANN401 - the client leaves it open
    """Return a price: NaN until told, zero where the vendor says that there is none."""
    if told is None:
        return nan
    return 0.0 if told == _ABSENT else float(told)
