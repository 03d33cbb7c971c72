"""`AlpacaBroker`: orders to Alpaca and its reports back, on threads of the door's own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Price
from allusedesk.domain.orders import BrokerReport, LinkChanged, Order
from allusedesk.execution.brokers.alpaca_account import Hours, read_account, read_hours
from allusedesk.execution.brokers.alpaca_errands import Errand, Errands, Urgency
from allusedesk.execution.brokers.alpaca_rest import (
    AlpacaKeys,
    AlpacaSettings,
    AnswerKind,
    Pace,
    Refused,
    Rest,
    TooFast,
    Unanswered,
)
from allusedesk.execution.brokers.alpaca_statement import Statements
from allusedesk.execution.brokers.alpaca_stream import Listener, UpdateStream
from allusedesk.execution.brokers.alpaca_trades import Needs, Trades
from allusedesk.execution.brokers.alpaca_words import Row, Unreadable
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding

# So many calls without an answer, one after another, and the line counts as lost.
_SILENCES_MAX = 3
_JOIN_SECONDS = 2.0
# Errands of which one that waits is enough, however often they are wished.
_BEGIN, _WELCOME, _STATEMENT, _LOOK = "begin", "welcome", "statement", "look again"

_DOWN = LineStanding(
    is_up=False,
    reason="The connection to Alpaca is not open yet.",
    account="",
    is_paper=None,
    clock_offset_seconds=None,
    options_level=None,
)


def trial(
    settings: AlpacaSettings, keys: AlpacaKeys, seconds: float, now: Callable[[], datetime]
) -> LineStanding:
    """Read the account, listen to its updates, and leave; nothing takes longer than `seconds`.

    Raises ConnectionRefused with what is wrong and what to do about it.
    """
    settings = replace(settings, call_seconds=seconds)
    rest = Rest(settings, keys, Pace(settings, now))
    try:
        standing = read_account(rest, settings, keys, now).standing
    except Unreadable as strange:
        told = str(strange)
    else:
        _try_stream(settings, keys, seconds)
        return standing
    finally:
        rest.close()
    raise ConnectionRefused(
        f"{settings.place} answered what this desk cannot read ({told}): nothing is traded; "
        "look whether it is Alpaca that answers there."
    )


def _try_stream(settings: AlpacaSettings, keys: AlpacaKeys, seconds: float) -> None:
    """Raises ConnectionRefused where the stream of updates does not open in time."""
    is_listening = threading.Event()
    stream = UpdateStream(settings, keys, Listener(is_listening.set, _nobody, _unheard))
    stream.start()
    try:
        if is_listening.wait(seconds):
            return
    finally:
        stream.stop()
    raise ConnectionRefused(
        f"{settings.place} shows the account, but the stream of its updates does not open: fills "
        "would be heard of late; look whether this network lets websockets through."
    )


class AlpacaBroker:
    """A cash account at Alpaca; `now` is the desk's clock.

    Wishes become errands of two threads, one of which does cancellations alone; a third listens
    to the stream of updates. Alpaca asks no commission: fills carry none, and the regulators'
    fees come as charges on a later day. Assignments come by asking, not by the stream.
    """

    def __init__(
        self, settings: AlpacaSettings, keys: AlpacaKeys, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._keys, self._now = settings, keys, now
        self._pace = Pace(settings, now)
        self._errands = Errands(now)
        self._trades = Trades(
            Needs(
                self._tell,
                self._is_open,
                self._since,
                self._go_on,
                lambda: self._account.options_level,
                self._pause,
            )
        )
        self._statements = Statements(self._trades, self._since, now)
        self._reports: deque[BrokerReport] = deque()
        self._heard: Callable[[], None] = _nobody
        self._state = threading.Lock()
        self._standing = self._account = _DOWN
        self._is_listening = False
        self._hours: Hours | None = None
        self._silences = 0
        self._retry_seconds = settings.retry_seconds
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._stream: UpdateStream | None = None

    # The line.

    def open(self, heard: Callable[[], None]) -> None:
        """Begin to connect and return at once; `heard` is called from the door's threads."""
        self._heard = heard
        for name, is_urgent in (("alpaca", False), ("alpaca cancellations", True)):
            work = partial(self._work, is_urgent=is_urgent)
            self._threads.append(threading.Thread(target=work, name=name, daemon=True))
        for thread in self._threads:
            thread.start()
        self._errands.add(Urgency.LINE, self._begin, what=_BEGIN)

    def close(self) -> None:
        """Disconnect and end the threads; a call that hangs is not waited for."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._errands.end()
        self._pace.end()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        if self._stream is not None:
            self._stream.stop()
        with self._state:
            self._standing = replace(_DOWN, reason="The connection to Alpaca was closed.")

    def standing(self) -> LineStanding:
        with self._state:
            return self._standing

    # What the desk asks.

    def place_order(self, order: Order) -> None:
        self._errands.add(Urgency.ORDER, lambda calls: self._trades.place(calls, order), order.id)

    def replace_order(self, order: OrderId, version: int, quantity: int, limit: Price) -> None:
        self._errands.add(
            Urgency.ORDER,
            lambda calls: self._trades.replace(calls, order, version, quantity, limit),
            order,
        )

    def cancel_order(self, order: OrderId) -> None:
        if self._errands.drop_wishes(order) and self._trades.take_back_unsent(order):
            return
        act = partial(self._trades.cancel, order=order)
        self._errands.add(Urgency.CANCEL, act, order, what="cancel")

    def look_up(self, order: OrderId) -> None:
        act = partial(self._trades.look_up, order=order)
        self._errands.add(Urgency.QUESTION, act, order, what="look up")

    def statement(self) -> None:
        """Fetched first: it comes among the reports, one for all that ask meanwhile."""
        self._errands.add(Urgency.STATEMENT, self._take_statement, what=_STATEMENT)

    def next_event_at(self) -> datetime | None:
        """Not known: `heard` wakes whoever waits."""
        return None

    def advance(self, to: datetime) -> Sequence[BrokerReport]:
        del to
        told: list[BrokerReport] = []
        while self._reports:
            told.append(self._reports.popleft())
        return told

    # On the door's threads.

    def _work(self, *, is_urgent: bool) -> None:
        """A thread's life: its own calls, and errands until the door closes."""
        settings, keys, pace = self._settings, self._keys, self._pace
        try:
            calls = Rest(settings, keys, pace, is_urgent=is_urgent, on_answer=self._on_answer)
        except ConnectionRefused as refused:
            self._went_down(str(refused))
            return
        while (errand := self._errands.take(is_urgent=is_urgent)) is not None:
            try:
                self._try(errand, calls)
            finally:
                self._errands.done(errand)
        calls.close()

    def _try(self, errand: Errand, calls: Rest) -> None:
        """Do one errand. One that Alpaca did not answer is dropped: whoever waits asks again."""
        try:
            errand.act(calls)
        except TooFast:
            self._errands.put_back(errand)
        except (Unanswered, Refused):
            return
        except Unreadable as strange:
            self._disbelieve(strange)
        except Exception as fault:  # noqa: BLE001 - a door that breaks must say so, not fall silent
            name = type(fault).__name__
            self._went_down(f"The door to Alpaca broke ({name}): restart the desk.")

    def _begin(self, calls: Rest) -> None:
        """Read the account, again and again until Alpaca lets us, then listen to the stream."""
        if self._greet(calls, self._begin, _BEGIN) and not self._closed.is_set():
            listener = Listener(self._listening, self._lost, self._updated)
            self._stream = UpdateStream(self._settings, self._keys, listener)
            self._stream.start()
            with self._state:
                reason = "The stream of Alpaca's updates is not open yet."
                self._standing = replace(self._account, is_up=False, reason=reason)
            self._tend_later()

    def _welcome(self, calls: Rest) -> None:
        """The line is there: catch up with what it did not tell, then say that it is up."""
        if not self._is_listening or not self._greet(calls, self._welcome, _WELCOME):
            return
        try:
            self._catch_up(calls)
        except (Unanswered, TooFast):
            self._again(self._welcome, _WELCOME)
            return
        with self._state:
            is_news = not self._standing.is_up
            self._standing = replace(self._account, is_up=True, reason="")
            self._silences = 0
        if is_news:
            self._tell([LinkChanged(is_up=True)])

    def _greet(self, calls: Rest, again: Callable[[Rest], None], what: str) -> bool:
        """Read the account anew; where that fails, say why and try again later."""
        try:
            account = read_account(calls, self._settings, self._keys, self._now)
        except (ConnectionRefused, Unreadable) as refused:
            self._went_down(str(refused))
            self._again(again, what)
            return False
        with self._state:
            self._account = account.standing
            self._hours = account.hours
        return True

    def _again(
        self, act: Callable[[Rest], None], what: str, urgency: Urgency = Urgency.LINE
    ) -> None:
        """Try once more, after a wait that grows until something worked."""
        self._errands.add(urgency, act, seconds=self._retry_seconds, what=what)
        self._retry_seconds = min(self._retry_seconds * 2, self._settings.retry_seconds_max)

    def _take_statement(self, calls: Rest) -> None:
        """Fetch what somebody waits for; again and again where Alpaca does not answer."""
        try:
            told = self._statements.take(calls)
        except (Unanswered, Refused):
            self._again(self._take_statement, _STATEMENT, Urgency.STATEMENT)
            return
        self._retry_seconds = self._settings.retry_seconds
        self._tell([told])

    def _tend(self, calls: Rest) -> None:
        """Now and then: what no update told, and notices, which no update ever tells."""
        self._tend_later()
        with suppress(TooFast):
            self._catch_up(calls)

    def _tend_later(self) -> None:
        seconds = self._settings.poll_seconds
        self._errands.add(Urgency.TENDING, self._tend, seconds=seconds, what="tend")

    def _catch_up(self, calls: Rest) -> None:
        with self._trades.lock:
            followed = self._trades.ledger.followed()
        for known in followed:
            act = partial(self._trades.refresh, order=known.id)
            self._errands.add(Urgency.QUESTION, act, known.id, what=_LOOK)
        self._tell(self._statements.new_notices(calls))

    def _listening(self) -> None:
        self._is_listening = True
        self._retry_seconds = self._settings.retry_seconds
        self._errands.add(Urgency.LINE, self._welcome, what=_WELCOME)

    def _lost(self) -> None:
        self._is_listening = False
        if not self._closed.is_set():
            self._went_down(
                "The stream of Alpaca's updates was lost; it is being connected again, and what "
                "happens meanwhile is asked for."
            )

    def _updated(self, told: Row) -> None:
        try:
            known = self._trades.heard(told)
        except Unreadable as strange:
            self._disbelieve(strange)
            return
        if known is not None and known.is_unsettled:
            act = partial(self._trades.refresh, order=known.id)
            self._errands.add(Urgency.ORDER, act, known.id, what=_LOOK)

    def _disbelieve(self, strange: Unreadable) -> None:
        """What cannot be read puts the line in doubt, until all was asked for anew."""
        self._went_down(f"{strange} Nothing is believed of it until all was asked for anew.")
        self._again(self._welcome, _WELCOME)

    def _on_answer(self, answer: AnswerKind) -> None:
        with self._state:
            self._silences = 0 if answer is AnswerKind.ANSWER else self._silences + 1
            is_lost = self._silences == _SILENCES_MAX and self._standing.is_up
        if is_lost:
            self._went_down("Alpaca does not answer any more; it is asked again.")
            self._again(self._welcome, _WELCOME)

    def _went_down(self, reason: str) -> None:
        """Tell of a loss, once for each reason."""
        with self._state:
            is_news = self._standing.is_up or self._standing.reason != reason
            self._standing = replace(self._standing, is_up=False, reason=reason)
        if is_news:
            self._tell([LinkChanged(is_up=False, reason=reason)])

    def _go_on(self, order: OrderId) -> None:
        self._errands.add(Urgency.ORDER, lambda calls: self._trades.pursue(calls, order), order)

    def _is_open(self, calls: Rest) -> bool:
        """Whether the market is open: Alpaca would queue what comes after the close."""
        hours = self._hours
        if hours is None or self._now() >= hours.until:
            hours = self._hours = read_hours(calls.row("/clock"))
        return hours.is_open

    def _since(self) -> datetime:
        return self._now() - timedelta(days=self._settings.days_remembered)

    def _pause(self, seconds: float) -> None:
        self._closed.wait(seconds)

    def _tell(self, reports: Sequence[BrokerReport]) -> None:
        if reports:
            self._reports.extend(reports)
            self._heard()


def _nobody() -> None:
    """Where nobody listens yet."""


def _unheard(_told: Row) -> None:
    """Where an update is no news."""
