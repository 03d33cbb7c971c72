"""A copy of the journal each day, made by whoever has time beside the engine."""

from __future__ import annotations

from pathlib import Path

from allusedesk.engine.clock import WallClock, stopwatch
from allusedesk.journal.backup import back_up_today, is_due

# A desk that has just begun has other things to do, and one that failed tries again.
FIRST_LOOK_SECONDS = 60.0
_LOOK_SECONDS = 600.0


class DailyBackups:
    """Makes a copy of `journal` on each day of the machine's calendar; use from one thread."""

    def __init__(self, journal: Path, first_look_seconds: float = FIRST_LOOK_SECONDS) -> None:
        self.journal = journal
        self._clock = WallClock()
        self._passed = stopwatch()
        self._look_at = first_look_seconds

    def look(self) -> Path | None:
        """Make the day's copy if it is due and it is time to look; the copy, or None.

        Raises JournalCannotOpen where it could not be made; the next look tries again.
        """
        if self._passed() < self._look_at:
            return None
        self._look_at = self._passed() + _LOOK_SECONDS
        return self.take() if is_due(self.journal, self._clock.now().date()) else None

    def take(self) -> Path:
        """Make a copy now. Raises JournalCannotOpen."""
        return back_up_today(self.journal, self._clock.now().date())
