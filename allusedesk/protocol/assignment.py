"""Before an assignment, and the closing window of the day on which it falls (sections 5 and 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price, notional
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import NO_QUOTE, Outcome, barred, decision_of
from allusedesk.protocol.recovery import is_answered, propose_recovery
from allusedesk.protocol.rolls import find_call_roll, find_put_roll, roll_wish
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.schedule import closing_window, is_final_session
from allusedesk.protocol.verdicts import Verdict
from allusedesk.protocol.views import Decision, SleeveView
from allusedesk.protocol.week_classification import classify_put, classify_shares, outcome_action

PUT_ROLLED, CALL_ROLLED = "P-RO", "C-RO"
# While a breaker on VIX stands, no roll is made for its premium alone.
DEFENSIVE = "breaker.hedged"


@dataclass(frozen=True, slots=True)
class AssignmentExpected:
    """A short option of the day that will likely be assigned, and the cash it takes.

    That is the whole strike of a put that delivers shares, and the cash difference alone of an
    index option.
    """

    position: PositionId
    probability: Decimal
    cash_needed: Money


def expect_assignments(
    view: SleeveView,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> tuple[AssignmentExpected, ...]:
    """The shorts of the day whose probability in the money lies above the rulebook's."""
    expected = []
    for lot in view.lots:
        estimate, option = view.estimate(lot.id), lot.option
        if estimate is None or option is None or not lot.is_short:
            continue
        is_last = is_final_session(option.expiry, session, week)
        if is_last and estimate.itm_probability > rulebook.assignment.probability_above:
            seen = snapshot.underlying(lot.underlying)
            spot = seen.quote.mark if seen is not None else None
            needed = _cash_needed(lot, option, spot)
            expected.append(AssignmentExpected(lot.id, estimate.itm_probability, needed))
    return tuple(expected)


def _cash_needed(lot: Position, option: OptionContract, spot: Price | None) -> Money:
    if not option.is_cash_settled or spot is None:
        return lot.assignment_cost()
    is_put = option.right is Right.PUT
    against = option.strike - spot.per_unit if is_put else spot.per_unit - option.strike
    return notional(Price(max(against, Decimal(0))), lot.quantity, option.multiplier)


def decide_closing(
    view: SleeveView,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    now: datetime,
    rulebook: Rulebook,
) -> Decision:
    """Inside the closing window the table of outcomes acts on what ends today.

    What is kept on purpose (shares to be taken or called) is told among the turned down. Where
    levels are measured from the strike they rule to the end, and the table only measures.
    """
    opens, closes = closing_window(session, rulebook)
    if not opens <= now <= closes or rulebook.levels is not None:
        return Decision()
    outcomes: list[Outcome] = []
    for lot in view.lots:
        option = lot.option
        if lot.is_shares and session == week.sessions[-1]:
            outcomes += _close_shares(view, lot, snapshot, rulebook)
        elif option is not None and lot.is_short and is_final_session(option.expiry, session, week):
            outcomes.append(_close_option(view, lot, option, snapshot, rulebook))
    return decision_of(outcomes)


def _close_option(
    view: SleeveView,
    lot: Position,
    option: OptionContract,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Outcome:
    seen = snapshot.underlying(lot.underlying)
    spot = seen.quote.mark if seen else None
    bar = barred(view, lot, seen)
    if bar is not None or spot is None:
        return bar or TurnedDown(str(option), NO_QUOTE, f"{lot.underlying} has no price")
    if option.right is Right.PUT:
        return _close_put(view, lot, option, spot.per_unit, snapshot, rulebook)
    return _close_call(view, lot, spot.per_unit, snapshot, rulebook)


def _close_put(
    view: SleeveView,
    lot: Position,
    option: OptionContract,
    spot: Decimal,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Outcome:
    search = find_put_roll(lot, snapshot, rulebook)
    verdict = classify_put(
        option.strike, spot, roll_available=search.best is not None, rulebook=rulebook
    )
    if verdict.verdict == rulebook.outcomes.deep_code:
        return propose_recovery(view, lot, snapshot, verdict.comparisons, rulebook)
    if verdict.verdict == PUT_ROLLED and search.best is not None:
        rule, evidence = verdict.rule, verdict.comparisons
        return roll_wish(view, lot, search.best, search, snapshot, rule, evidence, rulebook)
    return _kept(lot, verdict, rulebook)


def _close_call(
    view: SleeveView, lot: Position, spot: Decimal, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Outcome:
    shares = view.lot(lot.linked_to) if lot.linked_to is not None else None
    if shares is None or shares.basis is None:
        return TurnedDown(
            str(lot.instrument), "shares.unknown", "the shares it covers have no basis"
        )
    verdict = classify_shares(shares.basis.per_unit, spot, rulebook)
    if verdict.verdict == CALL_ROLLED and view.is_hedged:
        reason = "VIX is high: defensive rolls only, and this one would lower the call"
        return TurnedDown(str(lot.instrument), DEFENSIVE, reason)
    if verdict.verdict == CALL_ROLLED:
        search = find_call_roll(lot, spot, snapshot, rulebook)
        if search.best is not None:
            rule, evidence = verdict.rule, verdict.comparisons
            return roll_wish(view, lot, search.best, search, snapshot, rule, evidence, rulebook)
    return _kept(lot, verdict, rulebook)


def _close_shares(
    view: SleeveView, lot: Position, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Iterator[Outcome]:
    seen = snapshot.underlying(lot.underlying)
    spot = seen.quote.mark if seen else None
    if spot is None or lot.basis is None or is_answered(view, lot, rulebook):
        return
    verdict = classify_shares(lot.basis.per_unit, spot.per_unit, rulebook)
    if verdict.verdict == rulebook.outcomes.deep_code:
        yield propose_recovery(view, lot, snapshot, verdict.comparisons, rulebook)


def _kept(lot: Position, verdict: Verdict, rulebook: Rulebook) -> TurnedDown:
    measured = verdict.comparisons[0]
    return TurnedDown(
        str(lot.instrument),
        verdict.rule,
        outcome_action(verdict.verdict, rulebook),
        measured.value,
        measured.limit,
    )
