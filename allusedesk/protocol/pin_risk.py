"""Shorts bought back half an hour before they would end too close to call (section 7)."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, ProposalKind, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import NO_QUOTE, Outcome, barred, buy_back, decision_of
from allusedesk.protocol.levels import true_range_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.schedule import is_final_session
from allusedesk.protocol.verdicts import compared, written
from allusedesk.protocol.views import Decision, SleeveView


def decide_pin_risk(
    view: SleeveView,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> Decision:
    """Buy back each short of the day that is near its strike, nearly free, or not coverable."""
    outcomes: list[Outcome] = []
    for lot in view.lots:
        option = lot.option
        if option is None or not lot.is_short:
            continue
        if is_final_session(option.expiry, session, week):
            outcomes.append(_judge_lot(view, lot, option.strike, snapshot, rulebook))
    return decision_of(outcomes)


def _judge_lot(
    view: SleeveView,
    lot: Position,
    strike: Decimal,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Outcome:
    name, seen = str(lot.instrument), snapshot.underlying(lot.underlying)
    bar = barred(view, lot, seen)
    spot = seen.quote.mark if seen else None
    if bar is not None or spot is None:
        return bar or TurnedDown(name, NO_QUOTE, f"{lot.underlying} has no price")
    reasons = _reasons(view, lot, strike, spot.per_unit, snapshot, rulebook)
    met = next(((rule, said) for rule, said in reasons if said.passed), None)
    if met is None:
        distance = reasons[0][1]
        return TurnedDown(
            name, "pin.keep", "far enough from its strike", distance.value, distance.limit
        )
    rule, comparison = met
    reason = f"Buy back {name}: {comparison.name} is {comparison.value}."
    kind = ProposalKind.ADJUSTMENT
    return buy_back(view, lot, snapshot, kind, (rule, reason), (comparison,), rulebook)


def _reasons(
    view: SleeveView,
    lot: Position,
    strike: Decimal,
    spot: Decimal,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> tuple[tuple[str, Comparison], ...]:
    rules = rulebook.pin_risk
    atr = true_range_of(lot.underlying, spot, view, snapshot, rulebook)
    near = max(rules.spot_share * spot, rules.atr_share * atr)
    distance = abs(spot - strike)
    quote = snapshot.quote_of(lot.instrument)
    ask = quote.ask.per_unit if quote is not None and quote.ask is not None else None
    return (
        (
            "pin.near_strike",
            compared(
                "distance from the strike",
                distance,
                f"at most {written(near)}",
                passed=distance <= near,
            ),
        ),
        (
            "pin.nearly_free",
            compared(
                "cost of one share's option",
                "unknown" if ask is None else ask,
                f"at most {written(rules.cost_max)}",
                passed=ask is not None and ask <= rules.cost_max,
            ),
        ),
        ("pin.not_coverable", _cover(view, lot)),
    )


def _cover(view: SleeveView, lot: Position) -> Comparison:
    if lot.is_short_put:
        # Free cash is what is left when every put holds its strike: below nothing, one lacks it.
        left = view.cash_free.amount
        return compared("settled cash beyond all strikes", left, "below 0", passed=left < 0)
    shares = view.lot(lot.linked_to) if lot.linked_to is not None else None
    held = shares.quantity if shares is not None else 0
    needed = lot.quantity * lot.instrument.multiplier
    return compared("shares that cover it", held, f"fewer than {needed}", passed=held < needed)
