"""One recorded fact in, facts and wishes out: a table of contents; all thinking is elsewhere."""

from __future__ import annotations

from typing import assert_never, cast

from allusedesk.domain.arming import ArmingRequested, DisarmingRequested
from allusedesk.domain.events import Entry
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.inputs import (
    AlarmRang,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    BrokerReported,
    CapitalDeposited,
    CapitalWithdrawn,
    DeskLockTurned,
    DeskOpened,
    DeskResumed,
    Input,
    MarketSampled,
    OperatorAsked,
    OperatorDecided,
    OperatorInstructed,
    PriceAlarmRang,
    WeekPlanned,
)
from allusedesk.domain.strategy_events import IntentsGiven, StrategySwitched
from allusedesk.domain.trust import SecondSignatureSet, TrustSwitched
from allusedesk.engine.allowing import on_decision, on_four_eyes, on_switch, withdraw_all
from allusedesk.engine.arming import on_arming, on_disarming, on_restart
from allusedesk.engine.draft import Draft, Step
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.engine.steps.broker import on_report, on_resumption
from allusedesk.engine.steps.clock import (
    on_alarm,
    on_deposit,
    on_price_alarm,
    on_week_planned,
    on_withdrawal,
)
from allusedesk.engine.steps.market import on_sample
from allusedesk.engine.steps.operator import on_instruction
from allusedesk.engine.steps.wishes import on_request
from allusedesk.engine.strategies import on_switch as on_strategy_switch
from allusedesk.engine.strategy_intents import on_intents


def step(state: DeskState, entry: Entry) -> Step:  # noqa: C901, PLR0912 - a table of contents
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
        case (
            DeskOpened()
            | DeskLockTurned()
            | AlertRaised()
            | AlertCleared()
            | AlertAcknowledged()
            | ForecastMade()
        ):
            # What they say is folded or only kept; no decision hangs on them.
            pass
        case CapitalDeposited():
            on_deposit(draft, event)
        case CapitalWithdrawn():
            on_withdrawal(draft, event)
        case WeekPlanned():
            on_week_planned(draft, event)
        case AlarmRang():
            on_alarm(draft, event.alarm)
        case PriceAlarmRang():
            on_price_alarm(draft, event.alarm)
        case MarketSampled():
            on_sample(draft, event, state.looks.get(event.alarm))
        case BrokerReported():
            on_report(draft, event.report)
        case OperatorDecided():
            on_decision(draft, event)
        case OperatorInstructed():
            on_instruction(draft, event)
        case OperatorAsked():
            on_request(draft, event)
        case TrustSwitched():
            on_switch(draft, event)
        case SecondSignatureSet():
            on_four_eyes(draft, event)
        case StrategySwitched():
            on_strategy_switch(draft, state, event)
        case IntentsGiven():
            on_intents(draft, event)
        case ArmingRequested():
            on_arming(draft, event)
        case DisarmingRequested():
            on_disarming(draft, event)
        case DeskResumed():
            on_restart(draft, state)
            withdraw_all(draft)
            on_resumption(draft)
        case _:
            assert_never(event)
    return draft.finished()
