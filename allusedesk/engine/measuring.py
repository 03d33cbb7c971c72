"""Every position gets one outcome a week, and every family one label."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.events import OutcomeClassified, WeekLabelled
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import CENT, Price
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.orders import known_order
from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.verdicts import Verdict, compared
from allusedesk.protocol.week_classification import (
    classify_idle,
    classify_put,
    classify_rolled,
    classify_shares,
    label_week,
    outcome_action,
)
from allusedesk.risk.circuit_breakers import VIX_BREAKERS

FINAL = "final"
CLOSED = "closed"
INTERIM = "interim"
# What follows where an option on an index ends in the money.
_PAID_IN_CASH = "paid in cash, no shares; sell again"


def measure_fill(draft: Draft, order: Order, booking: Booking) -> None:
    """A lot that an order closed is measured at once, unless it was measured this week."""
    for change in booking.changes:
        lot = change.before
        if lot is None or change.after is not None or _is_of_strategy(draft, lot):
            continue
        if lot.is_short_put:
            _record(draft, lot, _verdict_of_closed_put(draft, order, change), CLOSED)
        elif lot.is_shares:
            _measure_shares(draft, lot, CLOSED)


def measure_delivery(draft: Draft, booking: Booking) -> None:
    """A lot that was assigned within the week; after its last close that one has measured it."""
    if _ended_before_this_week(draft, booking):
        return
    for change in booking.changes:
        lot = change.before
        if lot is None or change.after is not None or _is_of_strategy(draft, lot):
            continue
        if lot.is_short_put and lot.option is not None:
            # It was in the money when it ended, whatever the desk saw last.
            strike = lot.option.strike
            spot = min(_spot(draft, lot).per_unit, strike - CENT)
            verdict = classify_put(strike, spot, roll_available=False, rulebook=draft.state.rules)
            _record(draft, lot, verdict, FINAL)
        elif lot.is_shares:
            _measure_shares(draft, lot, FINAL)


def measure_expiry(draft: Draft, booking: Booking) -> None:
    """A put that expired within the week, before its last close or unseen by it."""
    if _ended_before_this_week(draft, booking):
        return
    for change in booking.changes:
        lot = change.before
        if lot is None or _is_of_strategy(draft, lot):
            continue
        if lot.is_short_put and lot.option is not None:
            strike, rules = lot.option.strike, draft.state.rules
            kept = classify_put(strike, strike, roll_available=False, rulebook=rules)
            _record(draft, lot, kept, FINAL)


def _ended_before_this_week(draft: Draft, booking: Booking) -> bool:
    week = draft.state.week
    lots = (change.before for change in booking.changes)
    options = [lot.option for lot in lots if lot is not None and lot.option is not None]
    return week is None or any(option.expiry < week.sessions[0].date for option in options)


def measure_week(draft: Draft) -> None:
    """At the last close of the week: every lot not measured yet, then every idle sleeve."""
    for lot in draft.state.book.all_positions():
        if _is_leg_of_roll(draft, lot) or _came_after_the_week(draft, lot):
            continue
        if _waits_for_settlement(draft, lot) or _is_of_strategy(draft, lot):
            continue
        if lot.is_short_put and lot.option is not None:
            _measure_put(draft, lot, FINAL if lot.option.expiry <= draft.state.day else INTERIM)
        elif lot.is_shares:
            _measure_shares(draft, lot, FINAL)
    for account in sorted(draft.state.sleeves):
        if not draft.state.sleeves[account].is_measured:
            _measure_idle(draft, account)


def _is_of_strategy(draft: Draft, lot: Position) -> bool:
    """True for what strategies hold: the week's outcomes are those of the protocol's positions."""
    return draft.state.owner_of(lot) is not None


def _is_leg_of_roll(draft: Draft, lot: Position) -> bool:
    """True for what a roll of this very week opened: its own first week is the next one."""
    order, week = known_order(draft.state, lot.opened_by), draft.state.week
    if order is None or week is None or order.kind is not ProposalKind.ROLL:
        return False
    return lot.is_short_put and lot.opened_at >= week.sessions[0].opens_at


def _waits_for_settlement(draft: Draft, lot: Position) -> bool:
    """True for options that ended before this week: they were measured when they did."""
    week = draft.state.week
    return week is not None and lot.option is not None and lot.option.expiry < week.sessions[0].date


def _came_after_the_week(draft: Draft, lot: Position) -> bool:
    """True for shares delivered before a stopped desk came to measure the week."""
    week = draft.state.week
    return week is not None and lot.opened_at > week.sessions[-1].closes_at


def label_families(draft: Draft) -> None:
    """One label for each family; a fork gets its first after a full week."""
    for family in sorted(draft.state.book.families):
        if family in draft.state.new_families and draft.state.week_before is not None:
            continue
        facts = draft.state.facts.get(family, ())
        if any(name in draft.state.breakers for name in VIX_BREAKERS):
            facts = (*facts, WeekFact.BREAKER_HEDGED)
        named = label_week(facts, draft.state.rules)
        draft.record(WeekLabelled(family, draft.state.week_id, named.label, named.tags))


def _verdict_of_closed_put(draft: Draft, order: Order, change: LotChange) -> Verdict:
    """Rolled; or closed at a profit, which counts as worthless; else by price."""
    lot = change.before
    if lot is None or lot.option is None:
        raise ValueError(f"{order.id} closed a put that the booking does not show.")
    rules, strike = draft.state.rules, lot.option.strike
    if order.kind is ProposalKind.ROLL:
        return classify_rolled(rules)
    if change.realised.amount > 0:
        gain = compared("profit", change.realised.amount, "above zero", passed=True)
        kept = classify_put(strike, strike, roll_available=False, rulebook=rules)
        return Verdict(kept.verdict, kept.rule, (gain,))
    spot = _spot(draft, lot).per_unit
    return classify_put(strike, spot, roll_available=False, rulebook=rules)


def _measure_put(draft: Draft, lot: Position, tag: str) -> None:
    if lot.option is None:
        return
    spot, rules = _spot(draft, lot).per_unit, draft.state.rules
    verdict = classify_put(lot.option.strike, spot, roll_available=False, rulebook=rules)
    _record(draft, lot, verdict, tag)


def _measure_shares(draft: Draft, lot: Position, tag: str) -> None:
    basis = lot.basis if lot.basis is not None else lot.price_average
    verdict = classify_shares(basis.per_unit, _spot(draft, lot).per_unit, draft.state.rules)
    _record(draft, lot, verdict, tag)


def _measure_idle(draft: Draft, account: AccountId) -> None:
    verdict, rules = classify_idle(draft.state.rules), draft.state.rules
    _record_of(draft, account, None, verdict, FINAL, outcome_action(verdict.verdict, rules))


def _record(draft: Draft, lot: Position, verdict: Verdict, tag: str) -> None:
    if lot.id in draft.state.measured or _is_leg_of_roll(draft, lot):
        return
    action = "" if tag == CLOSED else outcome_action(verdict.verdict, draft.state.rules)
    if tag == FINAL and _is_paid_in_cash(draft, lot, verdict):
        action = _PAID_IN_CASH
    _record_of(draft, lot.account, lot.id, verdict, tag, action)


def _is_paid_in_cash(draft: Draft, lot: Position, verdict: Verdict) -> bool:
    """True for a put on an index that ended in the money: no shares come of it."""
    option = lot.option
    if option is None or not option.is_cash_settled:
        return False
    rules, strike = draft.state.rules, option.strike
    kept = classify_put(strike, strike, roll_available=False, rulebook=rules)
    return verdict.verdict != kept.verdict


def _record_of(
    draft: Draft,
    account: AccountId,
    position: PositionId | None,
    verdict: Verdict,
    tag: str,
    action: str,
) -> None:
    draft.record(
        OutcomeClassified(
            account,
            draft.state.week_id,
            position,
            verdict.verdict,
            tag,
            verdict.comparisons,
            action,
        )
    )


def _spot(draft: Draft, lot: Position) -> Price:
    spot = draft.state.spots.get(lot.underlying)
    return spot if spot is not None else lot.price_average
