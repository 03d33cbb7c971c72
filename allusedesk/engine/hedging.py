"""When hedging is called for, what it may cost a family, and letting a hedge go again."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.accounts import AccountId, FamilyId, family_of
from allusedesk.domain.events import BreakerLowered, BreakerTripped
from allusedesk.domain.instruments import Right
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.quotes import ChainWish, MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.state import DeskState
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.hedges import (
    DAYS_OF_A_YEAR,
    HEDGE_TRIGGER,
    MONTHS_OF_A_YEAR,
    NO_HEDGE,
    HedgeEvidence,
    hedge_budget,
    judge_release,
    judge_triggers,
    propose_hedge,
    release_wish,
)
from allusedesk.protocol.levels import LEVEL_THREE, LEVEL_TWO, LevelReading
from allusedesk.protocol.views import SleeveView

_SHOWN = Decimal("0.0001")


def hedge_chains(state: DeskState) -> tuple[ChainWish, ...]:
    """The parts of the index chains in which a hedge would be looked for."""
    rules = state.rules.hedging
    if rules is None:
        return ()
    low, high = (
        months * DAYS_OF_A_YEAR // MONTHS_OF_A_YEAR
        for months in (rules.index_months_low, rules.index_months_high)
    )
    return tuple(ChainWish(symbol, (Right.PUT,), low, high) for symbol in rules.index_symbols)


def call_for_hedges(draft: Draft, evidence: HedgeEvidence) -> None:
    """Record that hedging is called for, once, with everything compared."""
    rules = draft.state.rules.hedging
    if rules is None or HEDGE_TRIGGER in draft.state.breakers:
        return
    verdict = judge_triggers(evidence, rules)
    if verdict.verdict == HEDGE_TRIGGER:
        draft.record(BreakerTripped(HEDGE_TRIGGER, verdict.rule, verdict.comparisons))


def watch_market(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Once a week: the index against its high, and how many symbols stand above their average."""
    index, high = snapshot.trend, draft.state.trend_high
    mark = index.quote.mark if index is not None else None
    fall = None
    if mark is not None and high is not None and high.per_unit > 0:
        fall = ((high - mark).per_unit / high.per_unit).quantize(_SHOWN)
    above = [
        seen.quote.mark.per_unit > seen.indicators.average_50
        for seen in snapshot.underlyings
        if seen.quote.mark is not None and seen.indicators.average_50 is not None
    ]
    breadth = (Decimal(above.count(True)) / len(above)).quantize(_SHOWN) if above else None
    call_for_hedges(
        draft, HedgeEvidence(vix_days=draft.state.vix_days, index_fall=fall, breadth=breadth)
    )


def watch_close(draft: Draft, snapshot: MarketSnapshot) -> None:
    """At a close: VIX high for so many days running calls for hedges, and low VIX ends that."""
    rules, volatility = draft.state.rules.hedging, snapshot.volatility
    if rules is None or volatility is None:
        return
    call_for_hedges(draft, HedgeEvidence(vix_days=draft.state.vix_days))
    is_called = HEDGE_TRIGGER in draft.state.breakers
    if is_called and volatility.vix < rules.release_vix_below and not _is_breached(draft.state):
        draft.record(BreakerLowered(HEDGE_TRIGGER, "the rulebook: reverted"))


def hedge_of(
    draft: Draft,
    view: SleeveView,
    readings: tuple[LevelReading, ...],
    snapshot: MarketSnapshot,
) -> tuple[Outcome, ...]:
    """At an L2: the hedge within the family's budget, or why there is none."""
    state, rules = draft.state, draft.state.rules.hedging
    is_put = {lot.id for lot in view.lots if lot.is_short_put}
    at_two = [item for item in readings if item.level == LEVEL_TWO and item.position in is_put]
    if rules is None or not at_two:
        return ()
    call_for_hedges(draft, HedgeEvidence(is_breached=True, vix_days=state.vix_days))
    family = family_of(view.account)
    left = budget_of(draft, family) - _hedged_with(state, family)
    if not left.amount > 0:
        reason = "no hedge: the budget is spent"
        return (TurnedDown("hedge", NO_HEDGE, reason, str(left), "above 0"),)
    return propose_hedge(view, left, snapshot, state.day, state.rules)


def releases_of(draft: Draft, view: SleeveView, snapshot: MarketSnapshot) -> tuple[Outcome, ...]:
    """The hedges of a sleeve that have done their work."""
    rules = draft.state.rules.hedging
    if rules is None:
        return ()
    vix = snapshot.volatility.vix if snapshot.volatility is not None else None
    is_called = HEDGE_TRIGGER in draft.state.breakers
    found: list[Outcome] = []
    for lot in view.lots:
        quote = snapshot.quote_of(lot.instrument) if lot.role is PositionRole.HEDGE else None
        if quote is None or quote.mark is None:
            continue
        verdict = judge_release(lot, quote.mark, vix, rules, is_called=is_called)
        wish = None
        if verdict is not None:
            wish = release_wish(view, lot, quote, verdict, draft.state.rules)
        if wish is not None:
            found.append(wish)
    return tuple(found)


def budget_of(draft: Draft, family: FamilyId) -> Money:
    """What a family may spend on hedges, pooled over its sleeves."""
    rules = draft.state.rules.hedging
    if rules is None:
        return NOTHING
    accounts: list[AccountId] = [item.id for item in draft.state.book.accounts_of(family)]
    equity = total([draft.values.of(account).equity for account in accounts])
    began = total([draft.state.sleeves[account].quarter_equity for account in accounts])
    return hedge_budget(equity, equity - began, rules)


def _hedged_with(state: DeskState, family: FamilyId) -> Money:
    """What the hedges a family holds have cost."""
    return total(
        [
            lot.value_at(lot.price_average)
            for account in state.book.accounts_of(family)
            for lot in state.book.positions_of(account.id)
            if lot.role is PositionRole.HEDGE
        ]
    )


def _is_breached(state: DeskState) -> bool:
    return any(
        lot.is_short_put and state.levels.get(lot.id) in (LEVEL_TWO, LEVEL_THREE)
        for lot in state.book.positions.values()
    )
