"""Classes that decide: asked after each look, their answers admitted as facts like any other."""

from __future__ import annotations

import threading
from collections.abc import Callable

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import Input, MarketSampled
from allusedesk.domain.strategy_events import IntentsGiven
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.engine.strategies import decided_by_class
from allusedesk.strategy.catalogue import Catalogue, Listed
from allusedesk.strategy.deciding import Decided, IntentsRefused, StrategyDecider, read_intents
from allusedesk.strategy.standing import Scene, Standing
from allusedesk.wiring.strategies import strategies_known

_FAULT_MAX = 200


class Deciders:
    """Asks the class of a strategy after each look; `observe` is one of an engine's observers.

    In recorded time it answers at once, so that the same run makes the same record. With
    `is_apart` each class thinks on a thread of its own and the desk goes on meanwhile; one that
    thinks still at its next look is told of and not asked.
    """

    def __init__(
        self, known: Callable[[], Catalogue] = strategies_known, *, is_apart: bool = False
    ) -> None:
        self._load = known
        self._known: Catalogue | None = None
        self._is_apart = is_apart
        self._thinking: dict[tuple[str, str], threading.Thread] = {}
        self._admit: Callable[[Input, int | None], None] | None = None

    def serve(self, engine: Engine) -> None:
        """Tell an engine's inbox from now on."""
        self._admit = engine.inbox.admit

    def observe(self, state: DeskState, entry: Entry) -> None:
        """Hear one entry; a look of the strategies is answered by each class that is on."""
        event = entry.event
        if not isinstance(event, MarketSampled):
            return
        for standing, scene in decided_by_class(state, event.alarm, event.snapshot):
            if standing.is_leaving or not (standing.is_on or standing.holdings):
                continue
            if self._is_apart:
                self._ask_apart(standing, scene, entry.sequence)
            else:
                self._answer(standing, scene, entry.sequence)

    def _ask_apart(self, standing: Standing, scene: Scene, cause: int) -> None:
        whose = (standing.account, standing.definition.id)
        before = self._thinking.get(whose)
        if before is not None and before.is_alive():
            self._tell(_failed(standing, scene, "it thinks still about an earlier look"), cause)
            return
        asked = threading.Thread(
            target=self._answer, args=(standing, scene, cause), name="strategy", daemon=True
        )
        self._thinking[whose] = asked
        asked.start()

    def _answer(self, standing: Standing, scene: Scene, cause: int) -> None:
        try:
            decided = self._decided(standing, scene)
        except IntentsRefused as refused:
            self._tell(_failed(standing, scene, str(refused)), cause)
            return
        if decided.openings or decided.closings:
            at = scene.snapshot.taken_at
            openings = decided.openings if standing.is_on else ()
            name = standing.definition.id
            self._tell(IntentsGiven(standing.account, name, at, openings, decided.closings), cause)

    def _tell(self, given: IntentsGiven, cause: int) -> None:
        if self._admit is not None:
            self._admit(given, cause)

    def _decided(self, standing: Standing, scene: Scene) -> Decided:
        listed = self._listed(standing.definition.id)
        if listed is None or listed.writer is None:
            raise IntentsRefused("its class is not installed here")
        if listed.definition != standing.definition:
            raise IntentsRefused(
                "its class writes another definition now than the one that was switched on, "
                "under the same version"
            )
        first, again = (_asked(listed.writer, standing, scene) for _ in range(2))
        if first != again:
            raise IntentsRefused("asked twice about the same look it answered differently")
        return first

    def _listed(self, name: str) -> Listed | None:
        if self._known is None:
            self._known = self._load()
        return self._known.find(name)


def _asked(writer: Callable[[], StrategyDecider], standing: Standing, scene: Scene) -> Decided:
    """One answer of an instance made anew, whatever its code does; raises IntentsRefused."""
    try:
        return read_intents(writer().decide(standing, scene))
    except IntentsRefused:
        raise
    except Exception as fault:
        said = "".join(letter for letter in str(fault) if letter.isprintable())[:_FAULT_MAX]
        raise IntentsRefused(f"it raised {type(fault).__name__} ({said})") from fault


def _failed(standing: Standing, scene: Scene, reason: str) -> IntentsGiven:
    at = scene.snapshot.taken_at
    return IntentsGiven(standing.account, standing.definition.id, at, fault=reason)
