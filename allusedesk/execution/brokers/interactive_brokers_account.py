"""What the door to Interactive Brokers remembers from one connection to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerNotice, BrokerReport
from allusedesk.execution.brokers.interactive_brokers_ledger import Ledger
from allusedesk.execution.brokers.interactive_brokers_notices import (
    Moves,
    moves_of,
    notices_of,
    unexplained,
)
from allusedesk.execution.brokers.line import LineStanding


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a session speaks to its door: reports, and changes of how the line stands."""

    tell: Callable[[BrokerReport], None]
    stand: Callable[[LineStanding], None]
    now: Callable[[], datetime]
    assumed_commission: Callable[[Instrument, int], Money]


@dataclass
class Account:
    """Orders, the last picture of the positions, and every notice told since the program began.

    `known` is how many of the executions heard that picture includes.
    """

    ledger: Ledger
    held: dict[Instrument, int] | None = None
    known: int = 0
    notices: dict[str, tuple[datetime, BrokerNotice]] = field(default_factory=dict)

    def has_strayed(self, held: dict[Instrument, int]) -> bool:
        """True where positions have changed otherwise than by orders since the last picture."""
        return self.held is not None and bool(self._moved_without_order(self.held, held))

    def _moved_without_order(
        self, before: dict[Instrument, int], held: dict[Instrument, int]
    ) -> Moves:
        traded = [each for each in self.ledger.heard[self.known :] if not each.is_orderless]
        return unexplained(before, held, moves_of(traded))

    def see(self, held: dict[Instrument, int], now: datetime) -> list[BrokerNotice]:
        """Take a new picture; what ended without an order since the last one.

        Before the first picture of a run nothing is known, so that it has the day's executions
        alone to go by.
        """
        orderless = [each for each in self.ledger.heard if each.is_orderless]
        if self.held is None:
            moved = moves_of(orderless)
        else:
            moved = self._moved_without_order(self.held, held)
        self.held, self.known = held, len(self.ledger.heard)
        found = notices_of(moved, orderless, now)
        news = [each for each in found if each.notice not in self.notices]
        self.notices.update((each.notice, (now, each)) for each in news)
        return news

    def notices_since(self, start: datetime) -> tuple[BrokerNotice, ...]:
        """What ended since an instant, in the row of telling."""
        return tuple(notice for told_at, notice in self.notices.values() if told_at >= start)
