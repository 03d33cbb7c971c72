"""When hedging is called for, what it may cost a family, and letting a hedge go again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId, family_of
from allusedesk.domain.events import (
    BreakerLowered,
    BreakerTripped,
    HedgeBudgetCarried,
    HedgeMissed,
)
from allusedesk.domain.instruments import Right
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.quotes import ChainWish, MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.proposing import propose_all
from allusedesk.engine.sleeve_views import cash_free, view_of
from allusedesk.engine.state import DeskState, HedgePurse
from allusedesk.protocol.closing_orders import Outcome, decision_of
from allusedesk.protocol.hedge_choice import propose_hedge
from allusedesk.protocol.hedges import (
    HEDGE_TRIGGER,
    HedgeEvidence,
    budget_left,
    carry_budget,
    hedge_budget,
    judge_release,
    judge_triggers,
    release_wish,
)
from allusedesk.protocol.levels import LEVEL_THREE, LEVEL_TWO, LevelReading
from allusedesk.protocol.long_options import days_of
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.views import SleeveView

_SHOWN = Decimal("0.0001")
# Expiries of VIX lie up to 35 days apart, so that some lie within so many of any day.
_DAYS_AROUND = 21
NO_CHAIN = "There is no chain of {}."


def hedge_chains(state: DeskState) -> tuple[ChainWish, ...]:
    """The parts of chains in which a hedge would be looked for, while a family may buy one."""
    rules = state.rules.hedging
    if rules is None or not any(_wants(state, family, rules) for family in state.book.families):
        return ()
    low, high = days_of(rules.index_months_low), days_of(rules.index_months_high)
    puts = tuple(ChainWish(symbol, (Right.PUT,), low, high) for symbol in rules.index_symbols)
    middle = days_of(rules.volatility_months)
    calls = ChainWish(
        rules.volatility_symbol,
        (Right.PUT, Right.CALL),
        middle - _DAYS_AROUND,
        middle + _DAYS_AROUND,
    )
    return (*puts, calls)


def tracked_symbols(state: DeskState) -> tuple[str, ...]:
    """Every symbol that any tier may trade, where a rulebook counts them."""
    if state.rules.hedging is None:
        return ()
    return tuple(sorted({symbol for kind in AccountKind for symbol in state.symbols_of(kind)}))


def call_for_hedges(draft: Draft, evidence: HedgeEvidence) -> None:
    """Record that hedging is called for, once, with everything compared."""
    rules = draft.state.rules.hedging
    if rules is None or HEDGE_TRIGGER in draft.state.breakers:
        return
    verdict = judge_triggers(evidence, rules)
    if verdict.verdict == HEDGE_TRIGGER:
        draft.record(BreakerTripped(HEDGE_TRIGGER, verdict.rule, verdict.comparisons))


def note_breach(draft: Draft, view: SleeveView, readings: tuple[LevelReading, ...]) -> None:
    """A put of the sleeve at L2 calls for hedges."""
    is_put = {lot.id for lot in view.lots if lot.is_short_put}
    if any(item.level == LEVEL_TWO and item.position in is_put for item in readings):
        call_for_hedges(draft, HedgeEvidence(is_breached=True, vix_days=draft.state.vix_days))


def watch_market(draft: Draft, snapshot: MarketSnapshot) -> None:
    """The index against its high, VIX, and how many symbols stand above their average."""
    index, high = snapshot.trend, draft.state.trend_high
    mark = index.quote.mark if index is not None else None
    fall = None
    if mark is not None and high is not None and high.per_unit > 0:
        fall = ((high - mark).per_unit / high.per_unit).quantize(_SHOWN)
    tracked = tracked_symbols(draft.state)
    above = [
        seen.quote.mark.per_unit > seen.indicators.average_50
        for seen in snapshot.underlyings
        if seen.symbol in tracked
        and seen.quote.mark is not None
        and seen.indicators.average_50 is not None
    ]
    breadth = (Decimal(above.count(True)) / len(above)).quantize(_SHOWN) if above else None
    call_for_hedges(
        draft, HedgeEvidence(vix_days=draft.state.vix_days, index_fall=fall, breadth=breadth)
    )


def watch_close(draft: Draft, snapshot: MarketSnapshot) -> None:
    """At each close: the market may call for hedges, and low VIX ends that.

    A put's L2 calls for its whole label week, which is a hedged one.
    """
    state, volatility = draft.state, snapshot.volatility
    rules = state.rules.hedging
    if rules is None:
        return
    was_called = HEDGE_TRIGGER in state.breakers
    watch_market(draft, snapshot)
    if not was_called or volatility is None or volatility.vix >= rules.release_vix_below:
        return
    week = state.week
    is_last = week is not None and state.day == week.sessions[-1].date
    is_of_week = week is not None and state.breached_in == week.id and not is_last
    if not is_of_week and not _is_breached(state):
        draft.record(BreakerLowered(HEDGE_TRIGGER, "the rulebook: reverted"))


def hedge_families(draft: Draft, snapshot: MarketSnapshot, window_end: datetime) -> None:
    """While hedging is called for: what each family buys within its budget, or that it cannot."""
    rules = draft.state.rules.hedging
    if rules is None or HEDGE_TRIGGER not in draft.state.breakers:
        return
    symbol = rules.volatility_symbol
    # Only some looks ask for the chains of hedges.
    if snapshot.chain(symbol) is None and NO_CHAIN.format(symbol) not in snapshot.defects:
        return
    for family in sorted(draft.state.book.families):
        if _wants(draft.state, family, rules) and not _is_hedging(draft.state, family):
            _hedge(draft, family, snapshot, window_end)


def _hedge(draft: Draft, family: FamilyId, snapshot: MarketSnapshot, window_end: datetime) -> None:
    state = draft.state
    purse = state.purses.get(family, HedgePurse())
    left = budget_left(budget_of(draft, family), purse.spent, purse.carried)
    payer = max(
        sorted(account.id for account in state.book.accounts_of(family)),
        key=lambda account: cash_free(state, account),
    )
    view = view_of(state, payer, snapshot, draft.values)
    outcomes = propose_hedge(view, left, snapshot, state.day, state.rules, bought=purse.bought)
    decision = decision_of(outcomes)
    wishes = [replace(wish, turned_down=decision.turned_down) for wish in decision.wishes]
    propose_all(draft, wishes, view, snapshot, window_end)
    if not decision.wishes and not purse.spent and purse.missed_in != state.week_id:
        draft.record(HedgeMissed(family, state.week_id, left, decision.turned_down))


def _wants(state: DeskState, family: FamilyId, rules: HedgeRules) -> bool:
    """True while a leg of the quarter's hedge is still to be bought."""
    bought = state.purses.get(family, HedgePurse()).bought
    has_puts = any(symbol in bought for symbol in rules.index_symbols)
    is_whole = has_puts and rules.volatility_symbol in bought
    return not is_whole and family not in state.merging


def _is_hedging(state: DeskState, family: FamilyId) -> bool:
    """True while a hedge of the family is asked about or on its way."""
    return any(
        ticket.proposal.is_hedge and family_of(ticket.proposal.account) == family
        for ticket in state.tickets.values()
    )


def releases_of(draft: Draft, view: SleeveView, snapshot: MarketSnapshot) -> tuple[Outcome, ...]:
    """The hedges of a sleeve that have done their work."""
    state, rules = draft.state, draft.state.rules.hedging
    if rules is None:
        return ()
    vix = snapshot.volatility.vix if snapshot.volatility is not None else None
    found: list[Outcome] = []
    for lot in view.lots:
        quote = snapshot.quote_of(lot.instrument) if lot.role is PositionRole.HEDGE else None
        if quote is None or quote.mark is None:
            continue
        verdict = judge_release(
            lot,
            quote.mark,
            vix,
            state.day,
            rules,
            is_called=HEDGE_TRIGGER in state.breakers,
            is_merging=family_of(view.account) in state.merging,
        )
        wish = None
        if verdict is not None:
            wish = release_wish(view, lot, quote, verdict, state.rules)
        if wish is not None:
            found.append(wish)
    return tuple(found)


def budget_of(draft: Draft, family: FamilyId) -> Money:
    """What a family's present quarter allows for hedges, pooled over its sleeves."""
    rules = draft.state.rules.hedging
    if rules is None:
        return NOTHING
    accounts: list[AccountId] = [item.id for item in draft.state.book.accounts_of(family)]
    equity = total([draft.values.of(account).equity for account in accounts])
    began = total([draft.state.sleeves[account].quarter_equity for account in accounts])
    return hedge_budget(equity, equity - began, rules)


def close_hedge_quarter(draft: Draft, quarter: str) -> None:
    """A quarter of hedging ends: what was called for and could not be bought is carried on."""
    rules = draft.state.rules.hedging
    if rules is None:
        return
    for family in sorted(draft.state.book.families):
        purse = draft.state.purses.get(family, HedgePurse())
        budget = budget_of(draft, family)
        carried = carry_budget(
            budget,
            purse.spent,
            purse.carried,
            quarter,
            rules,
            was_missed=purse.missed_in is not None,
        )
        draft.record(HedgeBudgetCarried(family, quarter, budget, purse.spent, carried))


def _is_breached(state: DeskState) -> bool:
    return any(
        lot.is_short_put and state.levels.get(lot.id) in (LEVEL_TWO, LEVEL_THREE)
        for lot in state.book.positions.values()
    )
