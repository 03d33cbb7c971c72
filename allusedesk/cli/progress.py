"""A bar on the terminal for whatever takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allusedesk.wiring.laboratory.trial_days import Passed


@contextmanager
def days_passing(first: date, last: date, what: str) -> Iterator[Callable[[date], None] | None]:
    """A bar from the first day to the last, moved by each day it is told; None off a terminal."""
    with steps_passing((last - first).days + 1, what) as done:
        yield None if done is None else lambda day: done((day - first).days + 1)


def parts_passing(step: Callable[[int], None] | None) -> Callable[[Passed], None]:
    """Moves a bar of a hundred steps by how far trials are; nothing where there is no bar."""

    def move(passed: Passed) -> None:
        if step is not None:
            step(int(100 * passed.part))

    return move


@contextmanager
def steps_passing(count: int | None, what: str) -> Iterator[Callable[[int], None] | None]:
    """A bar of so many steps (None: of unknown length), moved to each number it is told.

    Off a terminal there is no bar, and None to move it by.
    """
    if not sys.stderr.isatty():
        yield None
        return
    # rich takes a tenth of a second to load, which only a bar is worth.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=count)
        yield lambda step: bar.update(task, completed=step)
