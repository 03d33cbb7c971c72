"""The rules of the clock, of orders and quotes, and of the people who approve them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import Enum

from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import TrustLevel


class Weekday(Enum):
    """A day on which the exchange may open."""

    MONDAY = "Mon"
    TUESDAY = "Tue"
    WEDNESDAY = "Wed"
    THURSDAY = "Thu"
    FRIDAY = "Fri"

    @property
    def number(self) -> int:
        """Zero for Monday, as `date.weekday`."""
        return list(Weekday).index(self)


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock times in New York, both ends included."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class TickRule:
    """The price steps of one class: below `threshold` and from it on."""

    symbols: tuple[str, ...]
    below: Decimal
    threshold: Decimal
    above: Decimal


@dataclass(frozen=True, slots=True)
class OrderRules:
    """Section 8, orders: gates for openings, and how an order lives. Ratios are fractions."""

    worst_price: Decimal
    acknowledgement_seconds: int
    patience_seconds: int
    retry_size: Decimal
    clip_contracts: int
    open_interest_min: int
    volume_min: int
    spread_max: Decimal
    volume_share_max: Decimal
    ticks: tuple[TickRule, ...]
    tick_otherwise: TickRule


@dataclass(frozen=True, slots=True)
class QuoteRules:
    """Section 8, quotes: how old one may be, and the buffer against us beyond that."""

    age_seconds_max: Decimal
    stale_buffer: Decimal


@dataclass(frozen=True, slots=True)
class CostRules:
    """Commissions in dollars, and sessions until cash settles."""

    contract: Decimal
    share: Decimal
    share_order_min: Decimal
    settlement_sessions: int


@dataclass(frozen=True, slots=True)
class MarginRules:
    """Section 2, margin: the shares Regulation T asks for, and how much of equity may be used.

    The law's own figures stand here so that a broker's stricter ones can take their place.
    """

    use_max: Decimal
    spot_share: Decimal
    spot_share_broad_index: Decimal
    least_share: Decimal
    shares_initial: Decimal
    shares_maintenance: Decimal
    broad_indexes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """Section 14 and the looks of a week, in New York time.

    Closing times are written for a close at `regular_close` and keep their distance from it.
    """

    regular_close: time
    condition_look: time
    opening_look: time
    entry_looks: tuple[time, ...]
    management_looks: tuple[time, ...]
    closing_window: Window
    assignment_look: time
    pin_risk_minutes_before_close: int
    report: time
    final_report: time
    plan_minutes_after_report: int
    entry_minutes_after_open_min: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a proposal of these kinds may wait; shorter at few days to expiry."""

    kinds: tuple[ProposalKind, ...]
    minutes: int
    minutes_short: int | None = None
    days_short: int | None = None


@dataclass(frozen=True, slots=True)
class TrustStep:
    """A level of trust: from so many decided proposals on, at such a score (a fraction)."""

    level: TrustLevel
    decided_min: int
    score_min: Decimal


@dataclass(frozen=True, slots=True)
class TrustRules:
    """Section 12: how trust is earned. Weights, worths and the decay of a week are fractions.

    `outcome_expected` is the weekly target that counts as borne out in full; `veto_minutes` is
    how long a person may say no to what trust has announced.
    """

    agreement_weight: Decimal
    outcome_weight: Decimal
    edited_worth: Decimal
    outcome_expected: Decimal
    idle_decay: Decimal
    veto_minutes: int
    levels: tuple[TrustStep, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """Section 12: the time limits of proposals, who signs, and how trust is earned.

    `second_signature_above` is the worst case in dollars above which two persons sign; None
    leaves it to the operator. A rulebook without `trust` lets it act for nothing.
    """

    deadlines: tuple[Deadline, ...]
    second_signature_above: Decimal | None = None
    trust: TrustRules | None = None

    def deadline(self, kind: ProposalKind) -> Deadline:
        """The time limit of a kind; a ladder that is not named has a fork's (section 12)."""
        for wanted in (kind, ProposalKind.FORK):
            for deadline in self.deadlines:
                if wanted in deadline.kinds:
                    return deadline
        raise ValueError(f"The rulebook names no deadline for {kind.value}.")
