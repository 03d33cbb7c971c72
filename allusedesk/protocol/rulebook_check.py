"""What a rulebook may not say: contradictions between its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import SleeveState
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import TrustLevel
from allusedesk.protocol.rulebook import AccountRules, Condition, Rulebook, Support, Trend, VixSide
from allusedesk.protocol.rulebook_ranges import Interval
from allusedesk.protocol.rulebook_trading import Window

Contradiction = tuple[str, str]
ONE = Decimal(1)
DELTA_FULL = Decimal(100)
MONTHS = range(1, 13)
MEASURED = (Support.STRONG, Support.MIXED, Support.BELOW)


def contradictions(rulebook: Rulebook) -> Iterator[Contradiction]:
    """Each rule that cannot hold, as dotted key and reason ("must ...")."""
    for check in (
        _check_fractions,
        _check_accounts,
        _check_condition,
        _check_outcomes,
        _check_management,
        _check_breakers,
        _check_orders,
        _check_money,
        _check_calendar,
        _check_tables,
        _check_trust,
    ):
        yield from check(rulebook)


def _check_fractions(rulebook: Rulebook) -> Iterator[Contradiction]:
    for rule, value in (
        ("capital.issuer_cap", rulebook.capital.issuer_cap),
        ("assignment.probability_above", rulebook.assignment.probability_above),
        ("assignment.recovery_fall_above", rulebook.assignment.recovery_fall_above),
        ("assignment.earnings_cover_max", rulebook.assignment.earnings_cover_max),
        ("assignment.resume_within", rulebook.assignment.resume_within),
        ("early_assignment.probability_max", rulebook.early_assignment.probability_max),
        ("early_assignment.close_above", rulebook.early_assignment.close_above),
        ("early_assignment.close_profit_min", rulebook.early_assignment.close_profit_min),
        ("pin_risk.spot_share", rulebook.pin_risk.spot_share),
        ("recovery.cash_buffer", rulebook.recovery.cash_buffer),
        ("recovery.size_factor", rulebook.recovery.size_factor),
        ("orders.worst_price", rulebook.orders.worst_price),
        ("orders.retry_size", rulebook.orders.retry_size),
        ("orders.spread_max", rulebook.orders.spread_max),
        ("orders.volume_share_max", rulebook.orders.volume_share_max),
        ("quotes.stale_buffer", rulebook.quotes.stale_buffer),
        ("breakers.hedged_factor", rulebook.breakers.hedged_factor),
        *_fractions_optional(rulebook),
    ):
        if not 0 <= value <= 1:
            yield rule, f"must lie between 0 and 1, not {value}"


def _fractions_optional(rulebook: Rulebook) -> Iterator[tuple[str, Decimal]]:
    """The fractions of rules that only some rulebooks have."""
    condition, levels, hedging = rulebook.condition, rulebook.levels, rulebook.hedging
    management = rulebook.management
    if condition is not None:
        yield "condition.standard", condition.standard
    for name, value in (
        ("favour_earned_above", management.favour_earned_above),
        ("call_decay", management.call_decay),
    ):
        if value is not None:
            yield f"management.{name}", value
    if levels is not None:
        yield "levels.exit_worst", levels.exit_worst
        yield "levels.shares_deep", levels.shares_deep
    if hedging is not None:
        yield "hedging.budget_gain_share", hedging.budget_gain_share
        yield "hedging.budget_equity_share", hedging.budget_equity_share
        yield "hedging.index_fall", hedging.index_fall
        yield "hedging.breadth_below", hedging.breadth_below


def _check_accounts(rulebook: Rulebook) -> Iterator[Contradiction]:
    shares = Decimal(0)
    for kind in AccountKind:
        rules = rulebook.account(kind)
        shares += rules.capital_share
        yield from _check_account(f"accounts.{kind.value}", rules)
        condition = rulebook.condition
        if (condition is None or not condition.binds) and rules.deploy_high is None:
            yield (
                f"accounts.{kind.value}.deploy_high",
                "must be said by a rulebook whose market condition does not bind",
            )
    if shares != ONE:
        yield "accounts", f"must share out the whole capital: the shares sum to {shares}"


def _check_account(rule: str, rules: AccountRules) -> Iterator[Contradiction]:
    if not 0 <= rules.delta.low < rules.delta.high <= DELTA_FULL:
        yield f"{rule}.delta", "must run upwards inside 0 to 100"
    if not 0 <= rules.days_to_expiry.low <= rules.days_to_expiry.high:
        yield f"{rule}.days_to_expiry", "must run upwards from 0"
    if not _is_ordered(rules.entry_window):
        yield f"{rule}.entry_window", "must open before it closes"
    for name, value in (
        ("capital_share", rules.capital_share),
        ("cash_buffer", rules.cash_buffer),
        ("weekly_target", rules.weekly_target),
        ("drawdown_max", rules.drawdown_max),
        ("symbol_cap", rules.symbol_cap if rules.symbol_cap is not None else ONE),
        ("deploy_high", rules.deploy_high if rules.deploy_high is not None else ONE),
    ):
        if not 0 <= value <= 1:
            yield f"{rule}.{name}", f"must lie between 0 and 1, not {value}"
    low, high = rules.deploy_low, rules.deploy_high
    if (low is None) is not (high is None) or (
        low is not None and high is not None and not 0 <= low <= high
    ):
        yield f"{rule}.deploy_low", "must stand with deploy_high and not above it"
    for name, items in (("entry_days", rules.entry_days), ("instruments", rules.instruments)):
        if not items or len(set(items)) < len(items):
            yield f"{rule}.{name}", "must name at least one, and each once"


def _check_condition(rulebook: Rulebook) -> Iterator[Contradiction]:
    rules = rulebook.condition
    if rules is None:
        return
    for trend in Trend:
        for is_above in (False, True):
            for support in MEASURED:
                sides = {VixSide.ANY, VixSide.ABOVE if is_above else VixSide.AT_OR_BELOW}
                met = [
                    row
                    for row in rules.rows
                    if row.trend is trend and row.vix in sides and support in row.support
                ]
                if len(met) != 1:
                    side = "above" if is_above else "at or below"
                    case = f"trend {trend.value}, VIX {side}, support {support.value}"
                    reason = f"must name one condition for {case}, not {len(met)}"
                    yield "condition.rows", reason
    named = [effect.condition for effect in rules.effects]
    wanted = [c.value for c in Condition] if rules.binds else []
    if sorted(c.value for c in named) != sorted(wanted):
        yield "condition.effects", "must stand once for each of Green, Red and Chop"
    for row, effect in enumerate(rules.effects):
        if not 0 <= effect.deploy_low <= effect.deploy_high <= 1:
            yield f"condition.effects[{row}].deploy_high", "must not be under deploy_low nor over 1"
        for kind in AccountKind:
            band = rulebook.account(kind).delta.shifted(effect.delta_shift)
            if not 0 <= band.low < band.high <= DELTA_FULL:
                yield (
                    f"condition.effects[{row}].delta_shift",
                    f"must keep the delta band of {kind.label} inside 0 to 100",
                )
    if rules.idle_vix_ratio is not None and rules.idle_vix_ratio <= 1:
        yield "condition.idle_vix_ratio", "must be above 1"


def _check_outcomes(rulebook: Rulebook) -> Iterator[Contradiction]:
    rows = rulebook.outcomes.rows
    codes = [row.code for row in rows]
    if len(set(codes)) < len(codes) or rulebook.outcomes.deep_code not in codes:
        yield "outcomes.rows", "must name each code once, the deep one among them"
    for holding in ("put", "shares"):
        for roll in (False, True):
            ranges = [
                row.fall
                for row in rows
                if row.fall is not None
                and row.holding == holding
                and row.roll_available in (None, roll)
            ]
            if not _joins(ranges, rulebook.outcomes.deep):
                yield (
                    "outcomes.rows",
                    f"must cover every price of {holding} once, up to the deep fall",
                )
    for number, row in enumerate(rows):
        if row.holding not in {"put", "shares", "idle", "any"}:
            yield f"outcomes.rows[{number}].holding", "must be put, shares, any or idle"
        if row.target_low > row.target_high or row.weeks_quoted < 0:
            yield f"outcomes.rows[{number}].target_low", "must not be above target_high"
    if sum(1 for row in rows if row.holding == "idle") != 1:
        yield "outcomes.rows", "must have exactly one idle outcome"


def _joins(ranges: list[Interval], deep: Decimal) -> bool:
    """Tell whether the ranges run without gap or overlap from nowhere to `deep` included."""
    ordered = sorted(ranges, key=lambda item: (item.low is not None, item.low or 0))
    if not ordered or ordered[0].low is not None:
        return False
    for before, after in pairwise(ordered):
        if before.high is None or before.high != after.low or before.holds_high == after.holds_low:
            return False
    return ordered[-1].high == deep and ordered[-1].holds_high


def _check_management(rulebook: Rulebook) -> Iterator[Contradiction]:
    yield from _check_levels(rulebook)
    if not 0 < rulebook.roll.days_later_low <= rulebook.roll.days_later_high:
        yield "roll.days_later_high", "must not be under days_later_low"
    steps = [step.in_money_max for step in rulebook.early_assignment.steps]
    bounds = [bound for bound in steps if bound is not None]
    if not steps or steps[-1] is not None or len(bounds) != len(steps) - 1:
        yield "early_assignment.steps", "must end with the one step that has no limit"
    elif bounds != sorted(set(bounds)):
        yield "early_assignment.steps", "must rise in moneyness"
    calls = (rulebook.assignment.call_delta_low, rulebook.assignment.call_delta_high)
    if (calls[0] is None) is not (calls[1] is None):
        yield "assignment", "must name both ends of the call delta band, or neither"


def _check_levels(rulebook: Rulebook) -> Iterator[Contradiction]:
    """Levels are measured from the price at entry or from the strike, and never from both."""
    rules, levels = rulebook.management, rulebook.levels
    distances = rules.from_entry
    if (distances is None) is (levels is None):
        yield "management", "must measure from the price at entry or have levels, not both"
    if distances is not None:
        if not 0 < distances.watch < distances.prepare < distances.mandatory_above:
            yield "management", "must have 0 < watch < prepare < mandatory_above"
        low, high = rules.profit_at_low, rules.profit_at_high
        if low is None or high is None or not 0 < low <= distances.profit_at <= high <= 1:
            yield "management.profit_at", "must lie between profit_at_low and profit_at_high"
    if levels is not None:
        if not 0 < levels.one < levels.two < levels.three:
            yield "levels", "must have 0 < one < two < three"
        for kind in AccountKind:
            prepare = rulebook.account(kind).prepare_distance
            if prepare is not None and not levels.one <= prepare <= levels.two:
                yield (
                    f"accounts.{kind.value}.prepare_distance",
                    "must lie between the levels one and two",
                )
        if min(levels.seconds_zero, levels.seconds_one, levels.seconds_two) < 1:
            yield "levels", "must look every second at most"
        if levels.exit_seconds < 1:
            yield "levels.exit_seconds", "must be at least 1"


def _check_breakers(rulebook: Rulebook) -> Iterator[Contradiction]:
    rules = rulebook.breakers
    if not 0 < rules.hedged_above < rules.safe_above < rules.kill_above:
        yield "breakers", "must have hedged_above < safe_above < kill_above"
    if rules.prints < 1 or rules.print_seconds < 0:
        yield "breakers.prints", "must be at least one print"
    named = [step.state for step in rulebook.states.steps]
    if sorted(s.value for s in named) != sorted(s.value for s in SleeveState):
        yield "states.steps", "must stand once for each state"


def _check_orders(rulebook: Rulebook) -> Iterator[Contradiction]:
    rules = rulebook.orders
    for rule, value in (
        ("acknowledgement_seconds", rules.acknowledgement_seconds),
        ("patience_seconds", rules.patience_seconds),
        ("clip_contracts", rules.clip_contracts),
    ):
        if value < 1:
            yield f"orders.{rule}", "must be at least 1"
    for number, tick in enumerate((rules.tick_otherwise, *rules.ticks)):
        if min(tick.below, tick.above) <= 0:
            yield (
                f"orders.ticks[{number - 1}]" if number else "orders.tick_otherwise",
                "must have steps above zero",
            )


def _check_money(rulebook: Rulebook) -> Iterator[Contradiction]:
    for row, fork in enumerate(rulebook.forking.forks):
        if fork.gen + fork.rev + fork.com != ONE:
            yield f"forking.forks[{row}]", "must share out the whole surplus"
        if fork.surplus_min <= 0:
            yield f"forking.forks[{row}].surplus_min", "must be above zero"
        if fork.is_mini and rulebook.forking.mini is None:
            yield "forking.mini", "must say when a mini comes home"
    mini = rulebook.forking.mini
    if mini is not None and (mini.years_max < 1 or mini.multiple <= 1):
        yield "forking.mini", "must have a year or more and a multiple above 1"
    parts = rulebook.reinvestment
    if parts.tax + parts.contracts + parts.leaps != ONE:
        yield "reinvestment", "must share out the whole gain"
    if not all(month in MONTHS for month in parts.months):
        yield "reinvestment.months", "must be months from 1 to 12"
    costs = rulebook.costs
    amounts = (costs.contract, costs.share, costs.share_order_min)
    if min(amounts) < 0 or costs.settlement_sessions < 0:
        yield "costs", "must not be negative"
    margin = rulebook.margin
    for name, share in (
        ("use_max", margin.use_max),
        ("spot_share", margin.spot_share),
        ("spot_share_broad_index", margin.spot_share_broad_index),
        ("least_share", margin.least_share),
        ("shares_initial", margin.shares_initial),
        ("shares_maintenance", margin.shares_maintenance),
    ):
        if not 0 < share <= ONE:
            yield f"margin.{name}", "must be a part of one, above zero"
    if rulebook.capital.start_min <= 0:
        yield "capital.start_min", "must be above zero"


def _check_calendar(rulebook: Rulebook) -> Iterator[Contradiction]:
    rules = rulebook.calendar
    if not _is_ordered(rules.closing_window) or rules.closing_window.closes > rules.regular_close:
        yield "calendar.closing_window", "must open before it closes, and close by the close"
    if not rules.closing_window.opens <= rules.assignment_look <= rules.closing_window.closes:
        yield "calendar.assignment_look", "must lie inside the closing window"
    for name, looks in (
        ("entry_looks", rules.entry_looks),
        ("management_looks", rules.management_looks),
    ):
        if not looks or list(looks) != sorted(set(looks)):
            yield f"calendar.{name}", "must be at least one time, in rising order"
    if rules.report <= rules.regular_close:
        yield "calendar.report", "must come after the close"


def _check_tables(rulebook: Rulebook) -> Iterator[Contradiction]:
    for kind in ProposalKind:
        met = [row for row in rulebook.approvals.deadlines if kind in row.kinds]
        # A rulebook from before ladders were proposed names none: a fork's deadline is theirs.
        is_named = bool(met) or kind is ProposalKind.LADDER
        if len(met) > 1 or not is_named:
            yield "approvals.deadlines", f"must name {kind.value} once, not {len(met)} times"
    for number, row in enumerate(rulebook.approvals.deadlines):
        if row.minutes < 1 or (row.minutes_short is None) is not (row.days_short is None):
            yield (
                f"approvals.deadlines[{number}]",
                "must have minutes, and minutes_short with days_short or neither",
            )


def _check_trust(rulebook: Rulebook) -> Iterator[Contradiction]:
    above, rules = rulebook.approvals.second_signature_above, rulebook.approvals.trust
    if above is not None and above <= 0:
        yield "approvals.second_signature_above", "must be above zero"
    if rules is None:
        return
    for name, part in (
        ("agreement_weight", rules.agreement_weight),
        ("outcome_weight", rules.outcome_weight),
        ("edited_worth", rules.edited_worth),
        ("idle_decay", rules.idle_decay),
    ):
        if not 0 <= part < ONE:
            yield f"approvals.trust.{name}", "must be a part of one, zero or more"
    if rules.agreement_weight + rules.outcome_weight != ONE:
        yield "approvals.trust.outcome_weight", "must make one together with agreement_weight"
    if rules.outcome_expected <= 0 or rules.veto_minutes < 1:
        yield "approvals.trust", "must have an outcome_expected and veto_minutes above zero"
    if [step.level for step in rules.levels] != list(TrustLevel)[1:]:
        yield "approvals.trust.levels", "must be learning, mature and expert, in this order"
    for lower, higher in pairwise(rules.levels):
        if higher.decided_min < lower.decided_min or higher.score_min < lower.score_min:
            yield (
                "approvals.trust.levels",
                "must ask no less of a higher level",
            )


def _is_ordered(window: Window) -> bool:
    return window.opens < window.closes
