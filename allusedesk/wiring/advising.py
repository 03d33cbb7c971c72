"""A forecast for each week a desk plans, admitted as a fact like any other."""

from __future__ import annotations

import threading
from collections.abc import Callable

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import Input, WeekPlanned
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.meters import Meters
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import Journal, JournalReader, entry_of
from allusedesk.learning.features import MarketPast
from allusedesk.learning.forecasting import Forecaster
from allusedesk.learning.lessons import classes_of
from allusedesk.learning.week_log import HEARD_KINDS
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.wiring.deciding import Deciders

_HEARD = frozenset(kind.__name__ for kind in HEARD_KINDS)


class Adviser:
    """Makes the forecast when a week is planned; `observe` is one of an engine's observers.

    In recorded time it answers at once, so that the same run makes the same record. With
    `is_apart` it works on a thread of its own, and the desk goes on meanwhile. `journal` is what
    the desk recorded before it went on.
    """

    def __init__(
        self,
        history: MarketHistory,
        rules: Rulebook,
        journal: Journal | None = None,
        *,
        is_apart: bool = False,
    ) -> None:
        self._forecaster = Forecaster(MarketPast(history, rules), classes_of(rules))
        self._is_apart = is_apart
        self._lock, self._working = threading.Lock(), threading.Lock()
        self._admit: Callable[[Input, int | None], None] | None = None
        if journal is not None:
            hear_weeks(self._forecaster, journal)

    def serve(self, engine: Engine) -> None:
        """Tell an engine's inbox from now on; a planned week it knows no forecast for, at once."""
        self._admit = engine.inbox.admit
        week, known = engine.state.week, engine.state.forecast
        if week is not None and (known is None or known.week != week.id):
            self._begin(None)

    def observe(self, _state: DeskState, entry: Entry) -> None:
        """Hear one entry; a planned week is answered by its forecast."""
        if isinstance(entry.event, HEARD_KINDS):
            with self._lock:
                self._forecaster.hear(entry.event)
        if isinstance(entry.event, WeekPlanned):
            self._begin(entry.sequence)

    def _begin(self, cause: int | None) -> None:
        if not self._is_apart:
            self._tell(cause)
            return
        apart = threading.Thread(target=self._tell, args=(cause,), name="advice", daemon=True)
        apart.start()

    def _tell(self, cause: int | None) -> None:
        """Answer without keeping the engine from telling more; one question at a time."""
        with self._lock:
            asked = self._forecaster.question()
        if asked is None or self._admit is None:
            return
        with self._working:
            self._admit(self._forecaster.answer(asked), cause)


def engine_beside(
    adviser: Adviser | None,
    doors: Doors,
    state: DeskState,
    observers: tuple[Observer, ...],
    meters: Meters | None = None,
    *,
    is_apart: bool = False,
) -> Engine:
    """An engine with strategies' classes, and an adviser where there is one, as observers.

    With `is_apart`, as in real time, classes think on threads of their own.
    """
    deciders = Deciders(is_apart=is_apart)
    heard = (*observers, deciders.observe)
    if adviser is not None:
        heard = (*heard, adviser.observe)
    engine = Engine(doors, state, heard, meters)
    deciders.serve(engine)
    if adviser is not None:
        adviser.serve(engine)
    return engine


def hear_weeks(forecaster: Forecaster, journal: Journal | JournalReader) -> None:
    """Let a forecaster hear what a journal recorded of its weeks."""
    for row in journal.rows():
        if row.kind in _HEARD:
            forecaster.hear(entry_of(row).event)
