"""Pictures of a small desk for tests of panels: one put, one order, and what a test changes."""

from __future__ import annotations

from typing import Any

from allusedesk.desk.context import DeskContext
from allusedesk.domain.inputs import Input
from allusedesk.engine.snapshot import DeskSnapshot, picture
from tests.acceptance.desks import WEDNESDAY, stage
from tests.acceptance.stage import Stage, at


class Engine:
    """Stands where the engine stands behind the bridge, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Input] = []
        self.beats = 0
        self.clock = None
        self.waiting = 0

    def admit(self, event: Input) -> None:
        """Keep a fact."""
        self.heard.append(event)

    def vitals(self) -> Any:
        """No figures: the desk is still being built."""
        return None


def small_desk() -> Stage:
    """A family by Wednesday noon: one short put of Rev, and its order of Monday."""
    desk = stage()
    desk.play(at(WEDNESDAY, "12:00"))
    return desk


def shown(desk: Stage, before: DeskSnapshot | None = None) -> DeskSnapshot:
    """The desk as the screen sees it now."""
    return picture(desk.state, desk.clock.now(), desk.quote, before=before)


def behind(context: DeskContext, seen: DeskSnapshot) -> Engine:
    """Put an engine and a picture behind a bridge, and return the engine."""
    engine = Engine()
    context.bridge.engine = engine  # type: ignore[assignment]
    context.bridge.latest = seen
    return engine
