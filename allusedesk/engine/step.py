"""One recorded fact in, facts and wishes out: a table of contents; all thinking is elsewhere."""

from __future__ import annotations

from typing import assert_never, cast

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    AlarmRang,
    BrokerReported,
    CapitalDeposited,
    CapitalWithdrawn,
    DeskOpened,
    DeskResumed,
    Input,
    MarketSampled,
    OperatorDecided,
    OperatorInstructed,
    PriceAlarmRang,
    WeekPlanned,
)
from allusedesk.engine import step_broker, step_clock, step_market, step_operator
from allusedesk.engine.draft import Draft, Step
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState


def step(state: DeskState, entry: Entry) -> Step:
    """What follows from one input entry: pure, without clock, file or network.

    `state` is the state before the entry. The facts in the result carry the sequences that the
    journal must give them; they follow the input without a gap. Raises ValueError for an entry
    that is no input.
    """
    if not entry.is_input:
        raise ValueError(f"Entry {entry.sequence} is no input: nothing follows from it.")
    draft = Draft(fold(state, entry), entry)
    event = cast("Input", entry.event)
    match event:
        case DeskOpened():
            pass
        case CapitalDeposited():
            step_clock.on_deposit(draft, event)
        case CapitalWithdrawn():
            step_clock.on_withdrawal(draft, event)
        case WeekPlanned():
            step_clock.on_week_planned(draft, event)
        case AlarmRang():
            step_clock.on_alarm(draft, event.alarm)
        case PriceAlarmRang():
            step_clock.on_price_alarm(draft, event.alarm)
        case MarketSampled():
            step_market.on_sample(draft, event, state.looks.get(event.alarm))
        case BrokerReported():
            step_broker.on_report(draft, event.report)
        case OperatorDecided():
            step_operator.on_decision(draft, event)
        case OperatorInstructed():
            step_operator.on_instruction(draft, event)
        case DeskResumed():
            step_broker.on_resumption(draft)
        case _:
            assert_never(event)
    return draft.finished()
