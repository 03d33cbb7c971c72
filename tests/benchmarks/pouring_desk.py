"""A desk whose market pours: quotes onto the board, pictures of it, a beat, all on one thread.

It stands behind a bridge where the paper desk's engine would, with the real board, the real
pictures and a real engine that hears what a person says; only its clock is the machine's own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

import numpy as np

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import Input
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.quotes import Quote
from allusedesk.engine.loop import Engine
from allusedesk.engine.publishing import Publisher
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.engine.state import DeskState
from allusedesk.market.quote_board import QuoteBoard
from tests.trading import lot, with_lots

BEAT_SECONDS = 0.01
UNDERLYINGS = 50
EXPIRY = date(2013, 2, 15)


def with_many_lots(state: DeskState, count: int) -> DeskState:
    """The state with so many short puts on fifty symbols."""
    lots = [
        lot(
            OptionContract(
                f"S{number % UNDERLYINGS:02d}",
                EXPIRY,
                Right.PUT,
                Decimal(50 + number // UNDERLYINGS),
            ),
            -3,
            id=PositionId(f"lot-{number}"),
        )
        for number in range(count)
    ]
    return replace(state, book=with_lots(state.book, *lots))


class PouringDesk:
    """What a bridge expects of an engine; `late` is how late each beat of 10 ms came, in ms."""

    is_over = False
    fault = None
    clock = None
    looks = None

    def __init__(self, engine: Engine, begins: datetime, quotes_per_second: int) -> None:
        self.engine = engine
        self.late: list[float] = []
        self._begins, self._began = begins, perf_counter()
        self._rate = quotes_per_second
        self._board = QuoteBoard()
        held = engine.state.book.all_positions()
        instruments: list[Instrument] = [one.instrument for one in held]
        instruments += [Stock(symbol) for symbol in sorted({one.underlying for one in held})]
        self._rows = {one: self._board.register(one) for one in instruments}
        self.publisher = Publisher(engine, self.now, self.quote, QuestionLog())
        self._is_stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def latest(self) -> DeskSnapshot | None:
        return self.publisher.latest

    @property
    def beats(self) -> int:
        return self.publisher.rounds

    def start(self) -> None:
        """Pour from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the thread."""
        self._is_stopped.set()
        self._thread.join()

    def now(self) -> datetime:
        """The machine's own time, from the desk's instant on."""
        return self._begins + timedelta(seconds=perf_counter() - self._began)

    def quote(self, instrument: Instrument) -> Quote | None:
        """What the board shows of an instrument."""
        row = self._rows.get(instrument)
        return None if row is None else self._board.quote(row)

    def admit(self, event: Input) -> None:
        """A person's fact, into the engine's inbox."""
        self.engine.inbox.admit(event)

    def ask(self, _question: Callable[[], Any]) -> Future[Any]:
        """No question is answered here."""
        answer: Future[Any] = Future()
        answer.cancel()
        return answer

    consult = ask

    def vitals(self) -> None:
        """No figures."""

    async def _run(self) -> None:
        self.engine.inbox.attach(asyncio.get_running_loop())
        work = (self.publisher.run(), self._pour(), self._beat(), self._hear())
        tasks = [asyncio.create_task(one) for one in work]
        await asyncio.to_thread(self._is_stopped.wait)
        for task in tasks:
            task.cancel()

    async def _pour(self) -> None:
        rng = np.random.default_rng(3)
        count, known = int(self._rate * BEAT_SECONDS), len(self._rows)
        due = perf_counter()
        while True:
            rows = rng.integers(0, known, count)
            bids = np.round(rng.uniform(1.0, 2.0, count), 2)
            instants = np.full(count, self.now().timestamp())
            self._board.post(rows, bids, bids + 0.05, bids + 0.02, instants)
            due += BEAT_SECONDS
            await asyncio.sleep(max(0.0, due - perf_counter()))

    async def _beat(self) -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            self.late.append((perf_counter() - began - BEAT_SECONDS) * 1e3)

    async def _hear(self) -> None:
        while True:
            await self.engine.inbox.wake.wait()
            self.engine._drain()
