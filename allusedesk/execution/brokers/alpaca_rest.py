"""Alpaca's trading API, one bounded call at a time; its client's faults and secrets end here.

The vendor's client would repeat calls by itself and wait without end: its repetitions are off and
every call has a time. Its exceptions carry the headers with the keys, so none leaves this module.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from allusedesk.execution.brokers.alpaca_words import Row, Ticket, Unreadable, WireLeg
from allusedesk.execution.brokers.line import ConnectionRefused

if TYPE_CHECKING:
    from alpaca.trading.requests import OptionLegRequest, OrderRequest

_Told = TypeVar("_Told")

_LIMIT_WAIT_SECONDS_MAX = 60.0
_WINDOW = timedelta(minutes=1)
_SLICE_SECONDS = 0.25
_TOO_MANY = 429
_WORDS_MAX = 300
_FAULTS_FROM = 500
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class AlpacaKeys:
    """The key's name and its secret; neither is ever shown."""

    id: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AlpacaSettings:
    """Where Alpaca is and how patient the door is.

    An empty `host` is the vendor's own, paper or live; another is spoken to without encryption
    where it is this machine alone. `calls_per_minute` is Alpaca's limit, of which
    `calls_reserved` are kept for cancellations. `days_remembered` is how far statements reach back.
    """

    paper: bool = True
    host: str = ""
    port: int = 0
    call_seconds: float = 10.0
    calls_per_minute: int = 200
    calls_reserved: int = 20
    poll_seconds: float = 30.0
    retry_seconds: float = 1.0
    retry_seconds_max: float = 60.0
    silence_seconds: float = 20.0
    days_remembered: int = 7

    @property
    def url(self) -> str | None:
        """The address of a server of one's own; None for the vendor's."""
        if not self.host:
            return None
        return f"http{self._security}://{self.host}:{self.port}"

    @property
    def stream_url(self) -> str | None:
        if not self.host:
            return None
        return f"ws{self._security}://{self.host}:{self.port}/stream"

    @property
    def _security(self) -> str:
        return "" if self.host in _THIS_MACHINE else "s"

    @property
    def place(self) -> str:
        """The endpoint in words."""
        if self.host:
            return f"Alpaca at {self.host}:{self.port}"
        return "Alpaca's paper endpoint" if self.paper else "Alpaca's live endpoint"


class Refused(Exception):
    """Alpaca's no to a call: its HTTP status and its own words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Unanswered(Exception):
    """A call that brought no answer one could believe: what became of it is not known."""


class TooFast(Exception):
    """Alpaca took nothing because too much was asked of it; nothing has happened."""


class Pace:
    """At most so many calls in any minute; the last of them are kept for what is urgent."""

    def __init__(self, settings: AlpacaSettings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._made: deque[datetime] = deque()
        self._free_at: datetime | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()

    def wait(self, *, is_urgent: bool) -> None:
        """Return when a call may be made, or when the door closes."""
        while not self._over.is_set():
            seconds = self._seconds_to_wait(is_urgent=is_urgent)
            if seconds <= 0:
                return
            self._over.wait(min(seconds, _SLICE_SECONDS))

    def hold(self, seconds: float) -> None:
        """Alpaca said it was too fast: no call before so many seconds."""
        with self._lock:
            self._free_at = self._now() + timedelta(seconds=min(seconds, _LIMIT_WAIT_SECONDS_MAX))

    def end(self) -> None:
        self._over.set()

    def _seconds_to_wait(self, *, is_urgent: bool) -> float:
        with self._lock:
            now = self._now()
            if self._free_at is not None and now < self._free_at:
                return (self._free_at - now).total_seconds()
            while self._made and now - self._made[0] >= _WINDOW:
                self._made.popleft()
            reserved = 0 if is_urgent else self._settings.calls_reserved
            if len(self._made) < self._settings.calls_per_minute - reserved:
                self._made.append(now)
                return 0.0
            return max((self._made[0] + _WINDOW - now).total_seconds(), 0.001)


class AnswerKind(Enum):
    """Whether a call was answered, were it with a no."""

    ANSWER = "answer"
    SILENCE = "silence"


def _nobody(_answer: AnswerKind) -> None:
    """Where nobody counts answers."""


class Rest:
    """Calls of one thread. `is_urgent` calls may use what the limit keeps back.

    `on_answer` is told after each call whether Alpaca answered it.

    Every call raises Refused for Alpaca's no, TooFast where its limit was reached, and Unanswered
    where the line, the time or Alpaca itself failed.
    """

    def __init__(
        self,
        settings: AlpacaSettings,
        keys: AlpacaKeys,
        pace: Pace,
        *,
        is_urgent: bool = False,
        on_answer: Callable[[AnswerKind], None] = _nobody,
    ) -> None:
        if not keys.id or not keys.secret:
            raise ConnectionRefused(
                "No key of Alpaca is known, so nothing was asked of it: enter the key and its "
                "secret."
            )
        self._keys = keys
        client = vendor().TradingClient(
            keys.id,
            keys.secret,
            paper=settings.paper,
            raw_data=True,
            url_override=settings.url,
        )
        # Once and no more: a repeated POST could be a second order.
        client._retry = 0  # noqa: SLF001
        session = client._session  # noqa: SLF001
        bounded = partial(session.request, timeout=settings.call_seconds)
        setattr(session, "request", bounded)  # noqa: B010
        self._client, self._pace, self._is_urgent = client, pace, is_urgent
        self._on_answer = on_answer

    def row(self, path: str, **query: str) -> Row:
        """The one thing a path of version 2 shows; raises Unreadable where it is none."""
        return _row(self._call(lambda: self._client.get(path, query)))

    def rows(self, path: str, **query: str) -> list[Row]:
        """The things a path of version 2 shows; raises Unreadable where it is no list."""
        told = self._call(lambda: self._client.get(path, query))
        if not isinstance(told, list):
            raise Unreadable(f"Alpaca answered {path} with something that is no list.")
        return [_row(each) for each in told]

    def by_id(self, wire: str) -> Row:
        """The order of Alpaca's id, its legs within it."""
        return self.row(f"/orders/{wire}", nested="true")

    def by_name(self, name: str) -> Row | None:
        """The order of that client order id; None where Alpaca has none."""
        try:
            return self._whole(self.row("/orders:by_client_order_id", client_order_id=name))
        except Refused as no:
            if no.status == 404:  # noqa: PLR2004 - there is none
                return None
            raise

    def place(self, ticket: Ticket, name: str) -> Row:
        """Submit an order under a name; one that is taken already is refused."""
        request = _request_of(ticket, name)
        return self._whole(_row(self._call(lambda: self._client.submit_order(request))))

    def replace(self, wire: str, limit: str, name: str) -> Row:
        """Replace an order by one at another limit, under a name of its own."""
        request = vendor().ReplaceOrderRequest(limit_price=float(limit), client_order_id=name)
        told = self._call(lambda: self._client.replace_order_by_id(wire, request))
        return self._whole(_row(told))

    def cancel(self, wire: str) -> None:
        """Ask for the end of an order; whether it came is told by the order alone."""
        self._call(lambda: self._client.cancel_order_by_id(wire))

    def close(self) -> None:
        self._client._session.close()  # noqa: SLF001

    def _whole(self, order: Row) -> Row:
        """An order with its legs: asked for by its id where they are missing."""
        is_whole = order.get("order_class") != "mleg" or order.get("legs")
        return order if is_whole else self.by_id(str(order.get("id")))

    def _without_keys(self, words: str) -> str:
        """An answer may say back what it was asked with, and its words go into the record."""
        for hidden in (self._keys.secret, self._keys.id):
            words = words.replace(hidden, "(the key)")
        return words

    def _call(self, call: Callable[[], _Told]) -> _Told:
        """One call, its fault turned into ours; the vendor's is let go before ours is raised."""
        self._pace.wait(is_urgent=self._is_urgent)
        try:
            answer = call()
        except vendor().APIError as fault:
            status = fault.status_code or _FAULTS_FROM
            words = self._without_keys(_words_of(str(fault)))
            headers = getattr(fault.response, "headers", {})
            wait = _wait_named_in(headers)
        except (OSError, ValueError) as fault:
            # What requests raises is an OSError; an answer that is no JSON is a ValueError.
            status, words, wait = _FAULTS_FROM, type(fault).__name__, 0.0
        else:
            self._on_answer(AnswerKind.ANSWER)
            return answer
        self._on_answer(AnswerKind.SILENCE if status >= _FAULTS_FROM else AnswerKind.ANSWER)
        if status == _TOO_MANY:
            self._pace.hold(wait)
            raise TooFast(words)
        if status >= _FAULTS_FROM:
            raise Unanswered(words)
        raise Refused(status, words)


class _Vendor:
    """The names of alpaca-py that this door uses, imported on first use."""

    def __init__(self) -> None:
        try:
            with warnings.catch_warnings():
                # Its stream rests on the older client of websockets, which warns of itself.
                warnings.simplefilter("ignore", DeprecationWarning)
                from alpaca.common.exceptions import APIError
                from alpaca.trading import requests
                from alpaca.trading.client import TradingClient
                from alpaca.trading.stream import TradingStream
        except ImportError:
            raise ConnectionRefused(
                "The library of Alpaca is not installed, so its accounts cannot be reached: "
                "install the extra named alpaca (pip install allusedesk[alpaca])."
            ) from None
        self.APIError = APIError
        self.TradingClient, self.TradingStream = TradingClient, TradingStream
        self.LimitOrderRequest = requests.LimitOrderRequest
        self.MarketOrderRequest = requests.MarketOrderRequest
        self.OptionLegRequest = requests.OptionLegRequest
        self.ReplaceOrderRequest = requests.ReplaceOrderRequest


def _row(told: object) -> Row:
    if not isinstance(told, dict):
        raise Unreadable("Alpaca answered with something that is no object.")
    return told


_vendors: list[_Vendor] = []


def vendor() -> _Vendor:
    """alpaca-py; raises ConnectionRefused where it is not installed."""
    if not _vendors:
        _vendors.append(_Vendor())
    return _vendors[0]


def _request_of(ticket: Ticket, name: str) -> OrderRequest:
    told: dict[str, Any] = {
        "qty": ticket.quantity,
        "time_in_force": ticket.time_in_force,
        "client_order_id": name,
    }
    if len(ticket.legs) == 1:
        leg = ticket.legs[0]
        told |= {"symbol": leg.symbol, "side": leg.side}
        if leg.intent and leg.symbol[-1].isdigit():
            told["position_intent"] = leg.intent
    else:
        told["order_class"] = "mleg"
        told["legs"] = [_leg_of(leg) for leg in ticket.legs]
    if ticket.limit is None:
        return vendor().MarketOrderRequest(**told)
    return vendor().LimitOrderRequest(limit_price=float(ticket.limit), **told)


def _leg_of(leg: WireLeg) -> OptionLegRequest:
    told: dict[str, Any] = {"symbol": leg.symbol, "ratio_qty": 1, "side": leg.side}
    if leg.intent:
        told["position_intent"] = leg.intent
    return vendor().OptionLegRequest(**told)


def _words_of(text: str) -> str:
    """Alpaca's own message out of its JSON."""
    import json

    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return "without a word"
    if not isinstance(told, dict):
        return "without a word"
    return " ".join(str(told.get("message", "")).split())[:_WORDS_MAX].rstrip(".")


def _wait_named_in(headers: Mapping[str, str]) -> float:
    """Seconds to wait after too many calls; one where Alpaca names none."""
    try:
        return max(float(headers.get("Retry-After", "1")), 0.05)
    except ValueError:
        return 1.0
