"""What the door has yet to do at Alpaca: the urgent first, one thing of an order at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from allusedesk.domain.identifiers import OrderId
from allusedesk.execution.brokers.alpaca_rest import Rest

_SLICE_SECONDS = 0.5


class Urgency(IntEnum):
    """What goes before what."""

    CANCEL = 0
    LINE = 1
    ORDER = 2
    QUESTION = 3
    STATEMENT = 4
    TENDING = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do with calls of a thread's own.

    `order` is what it is about, if one. `what` names an errand of which one is enough.
    """

    urgency: Urgency
    number: int
    act: Callable[[Rest], None]
    order: OrderId | None
    due_at: datetime
    what: str = ""


class Errands:
    """A queue for several threads; whoever takes an errand says when it is `done`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._waiting: list[Errand] = []
        self._busy: set[OrderId] = set()
        self._number = 0
        self._changed = threading.Condition()
        self.is_over = False

    def add(
        self,
        urgency: Urgency,
        act: Callable[[Rest], None],
        order: OrderId | None = None,
        *,
        seconds: float = 0.0,
        what: str = "",
    ) -> None:
        """Add an errand, to be taken in so many seconds at the earliest.

        One that is named and waits already is not added again, only moved up where it is later.
        """
        with self._changed:
            self._number += 1
            due_at = self._now() + timedelta(seconds=seconds)
            same = [one for one in self._waiting if what and (one.what, one.order) == (what, order)]
            if any(one.due_at <= due_at for one in same):
                return
            self._waiting = [one for one in self._waiting if one not in same]
            self._waiting.append(Errand(urgency, self._number, act, order, due_at, what))
            self._changed.notify_all()

    def put_back(self, errand: Errand) -> None:
        """Put back an errand that could not be begun; it keeps its place."""
        with self._changed:
            self._waiting.append(errand)
            self._changed.notify_all()

    def drop_wishes(self, order: OrderId) -> bool:
        """Forget what was yet to be sent of an order; False where there was nothing."""
        with self._changed:
            kept = [
                one
                for one in self._waiting
                if one.order != order or one.urgency is not Urgency.ORDER
            ]
            is_dropped = len(kept) < len(self._waiting)
            self._waiting = kept
            return is_dropped

    def take(self, *, is_urgent: bool) -> Errand | None:
        """Wait for the first errand, of cancellations only where urgent; None once it is over."""
        with self._changed:
            while not self.is_over:
                now = self._now()
                ready = [one for one in self._waiting if self._is_ready(one, now, is_urgent)]
                if ready:
                    first = min(ready, key=lambda one: (one.urgency, one.number))
                    self._waiting.remove(first)
                    if first.order is not None:
                        self._busy.add(first.order)
                    return first
                due_in = [(one.due_at - now).total_seconds() for one in self._waiting]
                later = [seconds for seconds in due_in if seconds > 0]
                # The desk's clock may be set forward while we wait, so never for long.
                self._changed.wait(min([*later, _SLICE_SECONDS]) if later else None)
            return None

    def done(self, errand: Errand) -> None:
        """The errand is over, and others of its order may follow."""
        if errand.order is not None:
            with self._changed:
                self._busy.discard(errand.order)
                self._changed.notify_all()

    def end(self) -> None:
        """Nobody takes anything any more."""
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def _is_ready(self, errand: Errand, now: datetime, is_urgent: bool) -> bool:  # noqa: FBT001
        is_mine = errand.urgency is Urgency.CANCEL or not is_urgent
        is_free = errand.order is None or errand.order not in self._busy
        return is_mine and is_free and errand.due_at <= now
