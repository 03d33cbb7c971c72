"""A desk that has traded for a week and a half and stands still: nothing moves, all can be asked.

What screens ask of a running engine is answered here at once, on the same thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.engine.state import DeskState
from allusedesk.wiring.paper_desk import PaperDesk, build_paper_desk
from allusedesk.wiring.requests import DeskRequest
from allusedesk.wiring.screen_looks import ScreenLooks
from tests.desk.asking import request_of

# Wednesday the eighteenth of January 2012, five minutes before the close in New York.
INSTANT = datetime(2012, 1, 18, 20, 55, tzinfo=UTC)


class StandingDesk:
    """What a bridge expects of an engine, at one instant of a desk that has stopped."""

    is_over = False
    fault = None
    beats = 1
    clock = None

    def __init__(self, desk: PaperDesk, journal: Path) -> None:
        self.state: DeskState = desk.engine.state
        self.looks: ScreenLooks = desk.looks
        self.journal = journal
        self.asked = 0
        before = desk.publisher.latest
        assert before is not None
        self.latest: DeskSnapshot = replace(before, at=INSTANT)

    def consult(self, question: Callable[[DeskState, ScreenLooks, datetime], Any]) -> Future[Any]:
        """Answer at once."""
        self.asked += 1
        answer: Future[Any] = Future()
        try:
            answer.set_result(question(self.state, self.looks, self.latest.at))
        except Exception as fault:  # noqa: BLE001 - as the engine's thread does
            answer.set_exception(fault)
        return answer


def traded(out: Path) -> StandingDesk:
    """Trade the sample market to the eighteenth of January, everything approved."""
    request = request_of(
        ["--out", str(out), "--approve", "all", "--speed", "max", "--to", "2012-01-18"]
    )
    assert isinstance(request, DeskRequest)
    desk = build_paper_desk(request.desk, None)
    asyncio.run(desk.run())
    desk.publisher.publish()
    return StandingDesk(desk, request.journal)
