"""The rules for what is held: levels, rolls, assignment, recovery, breakers and states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import SleeveState
from allusedesk.protocol.rulebook_ranges import DayBand, DeltaBand


@dataclass(frozen=True, slots=True)
class ManagementRules:
    """Section 7: true ranges that are missing, and when a short option is closed for profit.

    Without an ATR today the last valid one counts times `atr_stale_factor`, and without any
    `atr_price_share` of price. `from_entry` measures from the price at entry; a rulebook with
    levels from the strike names for its calls the decay and the days left at which they close.
    """

    atr_stale_factor: Decimal
    atr_price_share: Decimal
    watch: Decimal | None = None
    prepare: Decimal | None = None
    mandatory_above: Decimal | None = None
    favour_above: Decimal | None = None
    favour_earned_above: Decimal | None = None
    profit_at: Decimal | None = None
    profit_at_low: Decimal | None = None
    profit_at_high: Decimal | None = None
    call_decay: Decimal | None = None
    call_days_left: int | None = None

    @property
    def from_entry(self) -> EntryDistances | None:
        """The distances from the price at entry, where the rulebook has them all."""
        found = (
            self.watch,
            self.prepare,
            self.mandatory_above,
            self.favour_above,
            self.favour_earned_above,
            self.profit_at,
        )
        numbers = tuple(number for number in found if number is not None)
        return EntryDistances(*numbers) if len(numbers) == len(found) else None


@dataclass(frozen=True, slots=True)
class EntryDistances:
    """Section 7, classic: distances in ATR(14) against (or in favour of) a position.

    `watch` and `prepare` begin at their number, `mandatory_above` and `favour_above` beyond it.
    `profit_at` is the part of the premium at which a short option is closed.
    """

    watch: Decimal
    prepare: Decimal
    mandatory_above: Decimal
    favour_above: Decimal
    favour_earned_above: Decimal
    profit_at: Decimal


@dataclass(frozen=True, slots=True)
class LevelRules:
    """Section 7, constitution: L1 to L3 by distance from the strike in ATR(5).

    Price alarms ring between looks; `seconds_*` are how often a level is looked at besides.
    An exit pays the ask first, is moved every `exit_seconds` and never beyond `exit_worst` of
    mid; none is sent before `exit_not_before` (New York). Shares `shares_deep` under their basis
    stand at L3 whatever their true range.
    """

    one: Decimal
    two: Decimal
    three: Decimal
    seconds_zero: int
    seconds_one: int
    seconds_two: int
    exit_seconds: int
    exit_worst: Decimal
    exit_not_before: time
    shares_deep: Decimal


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

    `call_days_as` names the tier whose days to expiry such calls take, else their own.

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
    call_delta_target: Decimal | None = None
    call_days_as: AccountKind | None = None


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


@dataclass(frozen=True, slots=True)
class MiniRules:
    """When a mini comes home: after so many years, or at a multiple of its start."""

    years_max: int
    multiple: Decimal


@dataclass(frozen=True, slots=True)
class HedgeRules:
    """Section 11: what cover may cost, what is bought, what calls for it, when it goes again.

    Shares are fractions of a quarter's net gains or of sleeve equity. `index_symbols` are tried in
    order. `index_ratio` puts go with one call on `volatility_symbol`, whose strike is the first at
    or above `volatility_strike` times the forward of its expiry. A hedge that delivers shares is
    let go `release_days_left` days before it would.
    """

    budget_gain_share: Decimal
    budget_equity_share: Decimal
    carry_quarters: int
    index_symbols: tuple[str, ...]
    index_months_low: int
    index_months_high: int
    out_of_money_low: Decimal
    out_of_money_high: Decimal
    volatility_symbol: str
    volatility_months: int
    volatility_strike: Decimal
    index_ratio: int
    vix_above: Decimal
    vix_days: int
    index_fall: Decimal
    breadth_below: Decimal
    breadth_sessions: int
    release_gain: Decimal
    release_vix_below: Decimal
    release_days_left: int = 0


@dataclass(frozen=True, slots=True)
class LadderRules:
    """Section 11: the LEAPS ladder, where a rulebook has one; out of the money is a fraction.

    `growth_share` of the ladder's money goes to growth calls on the sleeve's own symbols, the
    rest to hedge puts on the first affordable of `hedge_symbols`. Expiries of one side lie
    `days_apart_min` apart. The monthly look is at `look`, New York.
    """

    growth_delta: DeltaBand
    growth_months: DayBand
    hedge_out_of_money_low: Decimal
    hedge_out_of_money_high: Decimal
    hedge_months: DayBand
    rung_share_max: Decimal
    roll_months_left: int
    keep_delta: DeltaBand
    is_on: bool = False
    look: time | None = None
    growth_share: Decimal = Decimal(1)
    hedge_symbols: tuple[str, ...] = ()
    days_apart_min: int = 0
