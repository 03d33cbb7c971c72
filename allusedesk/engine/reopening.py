"""What a record tells of the desk that wrote it, and what its last input still has to lead to."""

from __future__ import annotations

from collections.abc import Iterable

from allusedesk.domain.events import Entry
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step


def reopened(
    entries: Iterable[Entry], state: DeskState | None = None
) -> tuple[DeskState, tuple[Entry, ...]]:
    """The state after a record, and the entries that a crash kept from following its last input.

    `state` is the desk before the first of `entries`. An input is recorded before it is thought
    about, so a desk may have died in between; the thought is pure and is made again. What it
    returns must be appended before anything else. The commands of that step are not carried out:
    a desk that resumes asks the broker instead.
    """
    now = state if state is not None else DeskState()
    held: Entry | None = None
    for entry in entries:
        if held is not None:
            now = fold(now, held)
        held = entry
    if held is None:
        return now, ()
    if not held.is_input:
        return fold(now, held), ()
    result = step(now, held)
    return result.state, result.entries
