"""The rules for what is held: levels, rolls, assignment, recovery, breakers and states."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import SleeveState


@dataclass(frozen=True, slots=True)
class ManagementRules:
    """Section 7, classic: distances in ATR(14) against (or in favour of) a position.

    `watch` and `prepare` begin at their number, `mandatory_above` and `favour_above` beyond it.
    `profit_at` is the part of the premium at which a short option is closed. Without an ATR today
    the last valid one counts times `atr_stale_factor`, and without any `atr_price_share` of price.
    """

    watch: Decimal
    prepare: Decimal
    mandatory_above: Decimal
    favour_above: Decimal
    favour_earned_above: Decimal
    profit_at: Decimal
    profit_at_low: Decimal
    profit_at_high: Decimal
    atr_stale_factor: Decimal
    atr_price_share: Decimal


@dataclass(frozen=True, slots=True)
class LevelRules:
    """Section 7, constitution: L1 to L3 by distance from the strike in ATR(5)."""

    one: Decimal
    two: Decimal
    three: Decimal


@dataclass(frozen=True, slots=True)
class RollRules:
    """What makes a roll favourable, and where to look for it.

    `cost_ratio_max` is the net cost against the original credit; with `needs_credit` the roll
    must bring money, and zero is none.
    """

    days_later_low: int
    days_later_high: int
    needs_credit: bool
    cost_ratio_max: Decimal
    none_escalates: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentRules:
    """Before and after an assignment. `call_delta_*` None means calls at the money.

    `puts_resume` names the tiers whose puts come back early, once equity is within `resume_within`
    of its high.
    """

    probability_above: Decimal
    recovery_fall_above: Decimal
    recovery_delta_low: Decimal
    recovery_delta_high: Decimal
    earnings_cover_max: Decimal
    puts_resume: tuple[AccountKind, ...]
    resume_within: Decimal
    call_delta_low: Decimal | None = None
    call_delta_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MoneynessStep:
    """Early-assignment risk while the option is at most so far in the money; None has no end.

    Out of the money is negative; `holds_limit` says whether the limit itself belongs to it.
    """

    probability: Decimal
    in_money_max: Decimal | None = None
    holds_limit: bool = True


@dataclass(frozen=True, slots=True)
class DaysFactor:
    """By how much early-assignment risk rises at so many days to expiry or fewer."""

    days_max: int
    factor: Decimal


@dataclass(frozen=True, slots=True)
class EarlyAssignmentRules:
    """Section 7: early-assignment risk, and when it closes a position."""

    steps: tuple[MoneynessStep, ...]
    factors: tuple[DaysFactor, ...]
    probability_max: Decimal
    close_above: Decimal
    close_profit_min: Decimal


@dataclass(frozen=True, slots=True)
class PinRiskRules:
    """Section 7: shorts bought back before the close of their last day."""

    spot_share: Decimal
    atr_share: Decimal
    cost_max: Decimal


@dataclass(frozen=True, slots=True)
class RecoveryRules:
    """GBR-4: the raised buffer, the smaller sizes and how long they hold."""

    cash_buffer: Decimal
    size_factor: Decimal
    weeks: int
    horizon_days: int


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """Section 9: VIX levels that trip strictly above, and the sleeve's drawdown pivot.

    `prints` of VIX must stand `print_seconds` apart. The pivot holds only while VIX is under
    `drawdown_vix_below`, where the rulebook says so.
    """

    hedged_above: Decimal
    safe_above: Decimal
    kill_above: Decimal
    prints: int
    print_seconds: int
    hedged_factor: Decimal
    drawdown_vix_below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StateStep:
    """The states a sleeve may move to from one state."""

    state: SleeveState
    next: tuple[SleeveState, ...]


@dataclass(frozen=True, slots=True)
class StateRules:
    """Section 10: the legal steps between states, and what difference with the broker stops.

    A position off by `position_off_share` of itself, or cash off by `cash_off`, stops the desk.
    """

    position_off_share: Decimal
    cash_off: Decimal
    steps: tuple[StateStep, ...]
