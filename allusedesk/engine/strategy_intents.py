"""What a strategy's class wants, taken in as a fact, and the look at which it is judged."""

from __future__ import annotations

from datetime import timedelta

from allusedesk.domain.commands import TakeSample
from allusedesk.domain.strategy_events import IntentsGiven
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.strategies import intents_look
from allusedesk.engine.looks import watch_for
from allusedesk.engine.state import DeskState
from allusedesk.strategy.definition_text import definition_on_record

# What was thought about prices of more than a minute ago is thought about others.
_OLDEST = timedelta(minutes=1)


def on_intents(draft: Draft, event: IntentsGiven) -> None:
    """Look at the market for what is wanted; a fault, or what comes too late, is told instead."""
    refused = event.fault or _refusal(draft.state, event)
    if refused:
        who = f"{event.strategy} in {event.account}"
        text = f"{who} opens nothing at this look: {refused}. What it holds is managed to its end."
        draft.notice("warning", f"strategy.intents/{event.account}/{event.strategy}", text)
        return
    name = intents_look(event)
    watch = watch_for(draft.state, draft.state.looks[name])
    if watch is not None:
        draft.wish(TakeSample(name, watch))


def _refusal(state: DeskState, event: IntentsGiven) -> str:
    """Why intents lead to nothing; empty where they are looked at."""
    own = [
        one
        for one in state.strategies
        if (one.account, one.strategy) == (event.account, event.strategy)
    ]
    if not own or not definition_on_record(own[0].text).decided_by_class:
        return "no class decides for it there"
    if state.instant - event.looked_at > _OLDEST:
        seconds = (state.instant - event.looked_at).total_seconds()
        return f"its class thought for {seconds:.0f} seconds, and prices have moved on"
    return ""
