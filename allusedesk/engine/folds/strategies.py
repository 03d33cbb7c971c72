"""How strategies beside the protocol change what the engine knows: which are on, what is theirs."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.changing import replace
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.strategy_events import IntentsGiven, StrategySwitched
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState, Owner
from allusedesk.protocol.views import Wish
from allusedesk.strategy.definition_text import DefinitionRefused, definition_on_record


def refusal_of(state: DeskState, event: StrategySwitched) -> str:
    """Why a strategy cannot be switched so; empty where it can."""
    if event.account not in state.sleeves:
        return f"there is no sleeve {event.account}"
    if not event.is_on:
        is_there = any(_is_same(event, one) and one.is_on for one in state.strategies)
        return "" if is_there else f"{event.strategy} is not switched on in {event.account}"
    try:
        definition = definition_on_record(event.text)
    except DefinitionRefused as refused:
        return str(refused)
    if definition.id != event.strategy:
        return f"the text defines {definition.id}, not {event.strategy}"
    if kind_of(event.account) not in definition.tiers:
        tiers = ", ".join(tier.value for tier in definition.tiers)
        return f"{event.strategy} is made for {tiers}, not for {event.account}"
    return ""


def strategy_of(proposal: Proposal | Wish) -> str:
    """The strategy a proposal belongs to; empty for one of the rulebook."""
    if isinstance(proposal, Wish):
        return proposal.strategy
    return proposal.rule.rulebook if proposal.is_of_strategy else ""


def with_owner(state: DeskState, order: Order, proposal: Proposal) -> DeskState:
    """What an opening order of a strategy brings belongs to that strategy's part."""
    if not order.is_opening:
        return state
    part = proposal.rule.rule.partition(".")[0]
    owner = Owner(proposal.rule.rulebook, part)
    return replace(state, owners=state.owners.set(order.id, owner))


def without_owners_gone(state: DeskState) -> DeskState:
    """Orders that are over and of which nothing is held any more belong to nobody."""
    if not state.owners:
        return state
    held = {lot.opened_by for lot in state.book.positions.values()}
    owners = state.owners
    for order in state.owners:
        if order not in held and order not in state.orders:
            owners = owners.delete(order)
    return state if owners is state.owners else replace(state, owners=owners)


def _strategy_switched(state: DeskState, event: StrategySwitched) -> DeskState:
    """One version at a time is on in a sleeve; those that still hold something stay known."""
    if refusal_of(state, event):
        return state
    known = state.strategies
    if not event.is_on:
        after = [replace(one, is_on=False) if _is_same(event, one) else one for one in known]
        return replace(state, strategies=tuple(after))
    name = event.strategy.partition("@")[0]
    kept = [
        replace(one, is_on=one.is_on and not _is_version(one, event.account, name))
        for one in known
        if not _is_same(event, one)
    ]
    return replace(state, strategies=(*kept, event))


def _is_version(one: StrategySwitched, account: AccountId, name: str) -> bool:
    return one.account == account and one.strategy.partition("@")[0] == name


def _is_same(one: StrategySwitched, other: StrategySwitched) -> bool:
    return one.account == other.account and one.strategy == other.strategy


def intents_look(event: IntentsGiven) -> str:
    """The id of the look that follows on what a class wants."""
    return f"intents/{event.account}/{event.strategy}"


def _intents_given(state: DeskState, event: IntentsGiven) -> DeskState:
    """What is wanted is thought about at a look of its own, at the prices of then."""
    if event.fault:
        return replace(state, intents=event)
    look = Alarm(intents_look(event), AlarmKind.INTENTS, state.instant, str(event.account))
    return replace(state, intents=event, looks=state.looks.set(look.id, look))


FOLDS: Folds = {StrategySwitched: _strategy_switched, IntentsGiven: _intents_given}
