"""Finished trials of runs under way, kept beside the runs until these are done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from allusedesk.engine.clock import WallClock
from allusedesk.journal.results import ResultsFile, ResultsUnusable
from allusedesk.laboratory.outcome_text import TextUnreadable, text_of, value_of
from allusedesk.laboratory.trial import TrialOutcome, TrialPlan
from allusedesk.wiring.laboratory.trials import trial_rulebook
from allusedesk.wiring.requests import PROGRAM, RequestRefused
from allusedesk.wiring.strategies import strategy_of

# What nobody has asked for again in a month is not gone on with.
_KEPT = timedelta(days=30)


class ShelfOfResults:
    """Trials by all that they rest on: plan, rules, files of prices, and the desk's version.

    What cannot be read or written here is only tried anew, and so is whatever a class decides,
    whose logic no text tells; `clear` lets go of what was put and found, when the whole is kept.
    """

    def __init__(self, file: ResultsFile) -> None:
        self._file = file
        self._used: list[str] = []
        self._files = cache(_files_told)

    def find(self, plan: TrialPlan) -> TrialOutcome | None:
        """What this very plan came to on these very prices and rules; None where it is not here."""
        with suppress(ResultsUnusable, TextUnreadable, RequestRefused):
            name = self._name(plan)
            body = self._file.part(name) if name else None
            if body is not None:
                self._used.append(name)
                return value_of(TrialOutcome, body)
        return None

    def put(self, outcome: TrialOutcome) -> None:
        """Keep an outcome until `clear`, or for a month."""
        with suppress(ResultsUnusable, RequestRefused):
            name = self._name(outcome.plan)
            if name:
                self._file.put_part(name, WallClock().now(), text_of(outcome))
                self._used.append(name)

    def clear(self) -> None:
        """Let go of what is kept as part of a whole now."""
        with suppress(ResultsUnusable):
            self._file.drop_parts(self._used, WallClock().now() - _KEPT)

    def _name(self, plan: TrialPlan) -> str:
        """All that a trial rests on, hashed; empty where that cannot be told."""
        strategies = [strategy_of(one.partition("=")[0]) for one in plan.strategies]
        if any(one.definition.decided_by_class for one in strategies):
            return ""
        rests_on = (
            PROGRAM,
            text_of(plan),
            trial_rulebook(plan),
            *(one.text for one in strategies),
            self._files((*plan.data, Path(plan.approve))),
        )
        return hashlib.sha256("\0".join(rests_on).encode()).hexdigest()


def _files_told(places: Sequence[Path]) -> str:
    """Every file at some places with its size and when it was written."""
    return "\n".join(told for place in places for told in _told(place))


def _told(place: Path) -> Iterator[str]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    for path in files:
        with suppress(OSError):
            found = path.stat()
            yield f"{path} {found.st_size} {found.st_mtime_ns}"
