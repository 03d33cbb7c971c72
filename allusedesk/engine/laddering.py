"""The look at each sleeve's LEAPS ladder, monthly and once a quarter has made it money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from allusedesk.domain.accounts import AccountId, family_of, kind_of
from allusedesk.domain.events import LadderWeighed
from allusedesk.domain.instruments import Right
from allusedesk.domain.money import NOTHING
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.quotes import ChainWish, MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.proposing import propose_all
from allusedesk.engine.sleeve_views import ladder_cash, view_of
from allusedesk.engine.state import DeskState
from allusedesk.protocol.closing_orders import decision_of
from allusedesk.protocol.leaps_ladder import propose_rungs, worth_of
from allusedesk.protocol.long_options import days_of
from allusedesk.protocol.rung_choice import rungs_of

# An answer is awaited beyond the session: a rung is bought at the price of the day of the answer.
_AN_ANSWER = timedelta(days=2)


def ladder_chains(state: DeskState) -> tuple[ChainWish, ...]:
    """The far parts of chains in which rungs are looked for; none while no ladder has money."""
    rules = state.rules.ladder
    sleeves = ladders_of(state)
    if rules is None or not sleeves:
        return ()
    symbols = {symbol for account in sleeves for symbol in state.symbols_of(kind_of(account))}
    wishes = []
    for names, right, months in (
        (sorted(symbols), Right.CALL, rules.growth_months),
        (rules.hedge_symbols, Right.PUT, rules.hedge_months),
    ):
        low, high = days_of(months.low), days_of(months.high)
        wishes += [ChainWish(symbol, (right,), low, high) for symbol in names]
    return tuple(wishes)


def ladders_of(state: DeskState) -> tuple[AccountId, ...]:
    """The sleeves that have rungs, or money to buy some with, by id."""
    if state.rules.ladder is None or not state.rules.ladder.is_on:
        return ()
    return tuple(
        account
        for account in sorted(state.sleeves)
        if state.sleeves[account].leaps_budget > NOTHING or _has_rungs(state, account)
    )


def on_ladder(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Propose rungs, rolls and sales of every ladder, and record what was turned down."""
    for account in ladders_of(draft.state):
        state = draft.state
        view = view_of(state, account, snapshot, draft.values)
        budget = state.sleeves[account].leaps_budget
        own = replace(view, cash_free=view.cash_free + ladder_cash(state, account))
        decision = decision_of(
            propose_rungs(
                own,
                budget,
                snapshot,
                state.day,
                state.rules,
                is_merging=family_of(account) in state.merging,
            )
        )
        ends = state.instant + _AN_ANSWER
        made = propose_all(draft, decision.wishes, view, snapshot, ends)
        growth, hedge = (
            worth_of(rungs_of(view.lots, right), snapshot) for right in (Right.CALL, Right.PUT)
        )
        draft.record(
            LadderWeighed(account, state.week_id, budget, growth, hedge, made, decision.turned_down)
        )


def _has_rungs(state: DeskState, account: AccountId) -> bool:
    return any(lot.role is PositionRole.LEAPS_RUNG for lot in state.book.positions_of(account))
