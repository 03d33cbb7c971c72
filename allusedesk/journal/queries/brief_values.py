"""Rows of what the briefs of morning and evening ask of a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, Price


@dataclass(frozen=True, slots=True)
class LotOpen:
    """A lot as it stood: the entry that opened it and its last level, if it ever took a step."""

    id: str
    account: str
    instrument: str
    role: str
    quantity: int
    price_average: Price
    opened_sequence: int
    level: str | None
    levelled_in: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that nobody had answered for, and until when it can be answered."""

    sequence: int
    id: str
    account: str
    kind: str
    legs: str
    quantity: int
    rule: str
    expires_at: datetime
    worst_case: Money | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal that was decided in a span of entries, how and by whom."""

    sequence: int
    id: str
    account: str
    kind: str
    legs: str
    quantity: int
    rule: str
    verdict: str
    decided_by: str
    verdict_reason: str
    decided_in: int


@dataclass(frozen=True, slots=True)
class Done:
    """What an order's executions came to within a span of entries, and whose word it was.

    `quantity` is that of its first leg; `cash` what it brought, commissions taken off.
    """

    order: str
    account: str
    kind: str
    legs: str
    quantity: int
    cash: Decimal
    rule: str
    reason: str
    decided_by: str
    proposed_in: int | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AlertStanding:
    """An alert that stood and that nobody had taken note of."""

    sequence: int
    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderOpen:
    """An order that was neither filled nor over."""

    sequence: int
    id: str
    account: str
    legs: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SleeveDay:
    """A sleeve's day and its week so far, each with the marks it lies between.

    `target` is the least return the rulebook wants of the week; None where it was not asked yet.
    """

    account: str
    equity: Money
    marked_in: int
    day_before: Money | None
    day_before_in: int | None
    day_moved: Money
    week_start: Money | None
    week_start_in: int | None
    week_moved: Money
    target: Decimal | None
    asked_in: int | None
    is_modelled: bool

    @property
    def day_gain(self) -> Money:
        """Money moved in or out left aside; a sleeve's first day gains on what came in."""
        before = self.day_before if self.day_before is not None else NOTHING
        return self.equity - before - self.day_moved

    @property
    def week_gain(self) -> Money:
        """As the day's, since the last close before the week."""
        before = self.week_start if self.week_start is not None else NOTHING
        return self.equity - before - self.week_moved

    @property
    def week_return(self) -> Decimal | None:
        """The week's gain as a fraction of what it began with; None where that was nothing."""
        base = self.week_start if self.week_start is not None else self.week_moved
        return self.week_gain.amount / base.amount if base.amount else None
