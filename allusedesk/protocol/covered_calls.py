"""Calls on shares held, until they are called away (protocol, section 7)."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.instruments import STANDARD_MULTIPLIER as LOT
from allusedesk.domain.instruments import Right
from allusedesk.domain.money import Price, notional
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import ProposalKind, TurnedDown
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.earnings import REFUSE, judge_earnings, marks_of
from allusedesk.protocol.entry_contracts import (
    ExpiryChoice,
    choose_at_the_money,
    choose_by_delta,
    choose_expiry,
    listed_days,
)
from allusedesk.protocol.entry_window import EntryLook, SeenSymbol, frozen, see_symbol
from allusedesk.protocol.levels import FREEZE_SHARES
from allusedesk.protocol.market_condition import delta_shift
from allusedesk.protocol.recovery import FREEZE_RECOVERY, is_recovering
from allusedesk.protocol.rulebook import EntryInstrument
from allusedesk.protocol.rulebook_ranges import DayBand, DeltaBand
from allusedesk.protocol.schedule import entry_expiries
from allusedesk.protocol.selling import Sale, selling_wish

# The rule of calls on shares that were put to a sleeve, where a rulebook names their deltas.
ASSIGNED_CALL = "assignment.call"


def decide_covered_calls(look: EntryLook, *, is_assigned_only: bool = False) -> tuple[Outcome, ...]:
    """One wish for each lot of shares that is not covered yet, or why there is none."""
    if EntryInstrument.CALL not in look.rules.instruments:
        return ()
    outcomes: list[Outcome] = []
    for lot in look.view.lots:
        if lot.is_shares and not (is_assigned_only and lot.linked_to is None):
            outcomes += _cover(look, lot)
    return tuple(outcomes)


def call_band(look: EntryLook, lot: Position, spot: Decimal) -> tuple[DeltaBand | None, str]:
    """The deltas of the call on a lot of shares, None for at the money, and the rule.

    Deep under the basis, or under GBR-4, the recovery band holds; shares that were assigned take
    the rulebook's call band; shares that were bought take the tier's own.
    """
    rules = look.rulebook.assignment
    basis = lot.basis.per_unit if lot.basis is not None else spot
    if is_recovering(look.view) or basis - spot > rules.recovery_fall_above * basis:
        band = DeltaBand(rules.recovery_delta_low, rules.recovery_delta_high)
        return band, "assignment.recovery_call"
    if lot.linked_to is None:
        return look.rules.delta.shifted(delta_shift(look.condition, look.rulebook)), "entry.delta"
    if rules.call_delta_low is None or rules.call_delta_high is None:
        return None, "assignment.call_at_the_money"
    return DeltaBand(rules.call_delta_low, rules.call_delta_high), ASSIGNED_CALL


def puts_may_resume(look: EntryLook) -> bool:
    """Tell whether a tier's puts come back before its shares are called away."""
    rules, high = look.rulebook.assignment, look.view.equity_high
    if high is None or look.view.kind not in rules.puts_resume:
        return False
    return look.view.equity >= high * (1 - rules.resume_within)


def _cover(look: EntryLook, lot: Position) -> tuple[Outcome, ...]:
    name, view = f"calls on {lot.underlying}", look.view
    covered = [call.quantity * call.instrument.multiplier for call in view.calls_on(lot.id)]
    uncovered = lot.quantity - sum(covered)
    if uncovered < LOT:
        return ()
    if lot.underlying in view.busy:
        return (TurnedDown(name, "cycle.busy", "a proposal or an order is open"),)
    if lot.id in view.covered:
        return (TurnedDown(name, "cycle.entered", "covered in this cycle already"),)
    barred = frozen(view, lot.underlying, FREEZE_RECOVERY, FREEZE_SHARES)
    if barred is not None:
        return (barred,)
    seen = see_symbol(look, lot.underlying)
    if isinstance(seen, TurnedDown):
        return (seen,)
    band = _days_of_call(look, lot)
    days = listed_days(seen.chain, look.today)
    expiry = choose_expiry(days, band, look.rulebook, widens=True)
    if expiry.days is None:
        met = expiry.comparison
        return (TurnedDown(name, expiry.rule, "no listed expiry", met.value, met.limit),)
    return _sell(look, lot, seen, expiry, uncovered // LOT)


def _days_of_call(look: EntryLook, lot: Position) -> DayBand:
    """Calls on shares that were assigned may take another tier's days; bought ones their own."""
    days_as, kind = look.rulebook.assignment.call_days_as, look.view.kind
    if days_as is not None and lot.linked_to is not None:
        kind = days_as
    return entry_expiries(kind, look.condition, look.rulebook)


def _sell(
    look: EntryLook, lot: Position, seen: SeenSymbol, expiry: ExpiryChoice, lots: int
) -> tuple[Outcome, ...]:
    name = f"calls on {lot.underlying}"
    day = next(d for d in seen.chain.expiries if (d - look.today).days == expiry.days)
    earnings = judge_earnings(
        seen.underlying.earnings_next,
        day,
        look.week,
        look.rulebook,
        is_estimate=seen.underlying.earnings_estimated,
    )
    if earnings.verdict == REFUSE:
        lots = min(lots, _lots_in_earnings_week(look, lot))
        if lots < 1:
            reason = "earnings week: no more of the shares may be covered"
            return (TurnedDown(name, "earnings.cover", reason),)
    band, rule = call_band(look, lot, seen.spot)
    quotes = seen.chain.of(Right.CALL, day)
    if band is None:
        choice = choose_at_the_money(quotes, seen.spot, look.now, look.rulebook)
    else:
        target = look.rulebook.assignment.call_delta_target if rule == ASSIGNED_CALL else None
        choice = choose_by_delta(quotes, band, look.now, look.rulebook, target)
    if choice.picked is None:
        return choice.turned_down
    sale = Sale(
        ProposalKind.COVERED_CALL,
        PositionRole.COVERED_CALL,
        choice.picked,
        lots,
        notional(Price(seen.spot), LOT),
        rule,
        (expiry.comparison, *earnings.comparisons, *choice.comparisons),
        choice.turned_down,
        lot.id,
        marks_of(expiry.rule, earnings.rule),
    )
    return (selling_wish(look, seen, sale),)


def _lots_in_earnings_week(look: EntryLook, lot: Position) -> int:
    """Half of the shares (or the rulebook's part), in whole lots, less what is covered."""
    most = int(look.rulebook.assignment.earnings_cover_max * lot.quantity // LOT)
    return most - sum(call.quantity for call in look.view.calls_on(lot.id))
