"""Pictures of the desk for screens, made on the engine's own thread at a fixed pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.clock import stopwatch
from allusedesk.engine.loop import Engine
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.snapshot import DeskSnapshot, QuoteOf, picture_in_parts

# Twenty pictures a second are as many as eyes follow.
PICTURE_SECONDS = 0.05
# Of the engine's time, pictures may take one part in so many, however much there is to show.
_SHARE = 10
# A picture holds up the engine for no longer than this at a time.
_HELD_SECONDS = 0.001


class Publisher:
    """Keeps `latest`, the newest picture; its figures may be read from any thread.

    `rounds` counts looks for a new picture. `beats` rises while the work goes on, twenty times a
    second where nothing holds it up and however long pictures take, so that whoever watches can
    tell a quiet engine from a dead one. A picture that fails is counted in `faults`, for an
    observer never stops the desk.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        quote_of: QuoteOf,
        questions: QuestionLog,
    ) -> None:
        self.latest: DeskSnapshot | None = None
        self.rounds = 0
        self.beats = 0
        self.faults = 0
        self.picture_seconds = 0.0
        self._engine = engine
        self._now = now
        self._quote_of = quote_of
        self._rack = CardRack()
        self._questions = questions

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            spent, passed = 0.0, stopwatch()
            for _ in self._parts():
                if passed() > _HELD_SECONDS:
                    spent += passed()
                    await asyncio.sleep(0)
                    passed = stopwatch()
            self.picture_seconds = spent + passed()
            await asyncio.sleep(max(PICTURE_SECONDS, _SHARE * self.picture_seconds))

    async def during(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the engine's work with pictures of it for screens, and one more when it is over."""
        beside = (asyncio.create_task(self.run()), asyncio.create_task(self._beat()))
        try:
            await work
        finally:
            for task in beside:
                task.cancel()
            self.publish()

    def publish(self) -> None:
        """Make one picture, if anything can have changed since the last one."""
        for _ in self._parts():
            pass

    async def _beat(self) -> None:
        while True:
            self.beats += 1
            await asyncio.sleep(PICTURE_SECONDS)

    def _parts(self) -> Iterator[None]:
        state, now = self._engine.state, self._now()
        self.rounds += 1
        known = self.latest
        if known is not None and known.sequence == state.sequence and known.at == now:
            return
        try:
            cards = self._rack.cards(state, now, self._quote_of)
            seen = yield from picture_in_parts(state, now, self._quote_of, cards, known)
            self.latest = replace(seen, outcomes=self._questions.ends)
        except Exception:  # noqa: BLE001 - an observer is isolated, by the rule of the house
            self.faults += 1
