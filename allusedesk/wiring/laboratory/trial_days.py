"""How far trials have come that run elsewhere, told by the day that each has reached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from allusedesk.laboratory.trial import TrialOutcome, TrialPlan, TrialRefused
from allusedesk.wiring.laboratory.trials import try_plan


@dataclass(frozen=True, slots=True)
class Passed:
    """How many of so many trials are done, and how far all of them are: `part` goes to 1.

    `day` is the latest that any trial under way has reached; None before the first.
    """

    done: int
    whole: int
    part: float
    day: date | None

    def __str__(self) -> str:
        done = f"{self.done} of {self.whole} done"
        if self.day is None or self.done == self.whole:
            return f"{done}."
        return f"{done}, the next at {self.day.day} {self.day:%B %Y}."


Moved = Callable[[Passed], None]


@dataclass(frozen=True, slots=True)
class DatedTrial:
    """Tries a plan and writes each new day of it into a folder; other processes find it there.

    Where the folder cannot be reached, as on another machine, the trial runs untold.
    """

    folder: str

    def __call__(self, plan: TrialPlan) -> TrialOutcome | TrialRefused:
        return try_plan(plan, lambda day: self.write(plan, day))

    def write(self, plan: TrialPlan, day: date) -> None:
        """Put down the day that the trial of a plan has reached."""
        place = Path(self.folder) / hashlib.sha256(repr(plan).encode()).hexdigest()
        with suppress(OSError):
            place.write_text(f"{day} {plan.first} {plan.last}", encoding="ascii")


class TrialWatch:
    """Asked now and then, it tells how far the trials are that write into its folder."""

    def __init__(self, folder: Path, whole: int, moved: Moved) -> None:
        self.trial = DatedTrial(str(folder))
        self._folder, self._moved = folder, moved
        self._told = Passed(0, whole, 0.0, None)

    def try_here(self, plan: TrialPlan) -> TrialOutcome | TrialRefused:
        """Try a plan in this process, where nobody else could look meanwhile."""

        def passing(day: date) -> None:
            self.trial.write(plan, day)
            self.look()

        return try_plan(plan, passing)

    def take(self, done: int, whole: int) -> None:
        """Hear that so many are done."""
        part, day = self._read()
        self._tell(Passed(done, whole, max(part, done / whole), day))

    def look(self) -> None:
        """Tell what has been written since."""
        part, day = self._read()
        least = self._told.done / self._told.whole
        self._tell(Passed(self._told.done, self._told.whole, max(part, least), day))

    def _tell(self, passed: Passed) -> None:
        if passed != self._told:
            self._told = passed
            self._moved(passed)

    def _read(self) -> tuple[float, date | None]:
        part, latest = 0.0, None
        for place in sorted(self._folder.iterdir()):
            with suppress(OSError, ValueError):
                words = place.read_text(encoding="ascii").split()
                day, first, last = (date.fromisoformat(word) for word in words)
                days = max((last - first).days, 1)
                part += min(max((day - first).days / days, 0.0), 1.0)
                if day < last:
                    latest = max(day, latest) if latest is not None else day
        return min(part / self._told.whole, 1.0), latest


@contextmanager
def trials_watched(whole: int, moved: Moved) -> Iterator[TrialWatch]:
    """A watch over so many trials, its folder gone when they are over."""
    with TemporaryDirectory(prefix="allusedesk-trials-", ignore_cleanup_errors=True) as folder:
        yield TrialWatch(Path(folder), whole, moved)
