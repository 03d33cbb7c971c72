"""Under which topic of an audit each kind of event is told."""

from __future__ import annotations

from enum import Enum

from allusedesk.domain.arming import (
    ArmingRefused,
    ArmingRequested,
    DisarmingRequested,
    LiveArmed,
    LiveDisarmed,
)
from allusedesk.domain.events import (
    AnswerIgnored,
    BreakerLowered,
    BreakerTripped,
    ConditionMissing,
    DeskHalted,
    DeskReconciled,
    DeskReleased,
    DifferenceFound,
    Event,
    FourEyesAwaited,
    FourEyesChanged,
    HedgeMissed,
    LevelChanged,
    NoticeRaised,
    OrderStatusChanged,
    ProposalRefused,
    ProposalVoided,
    RecoveryBegun,
    ReportIgnored,
    RequestDenied,
    RiskJudged,
    SleeveFrozen,
    SleeveState,
    SleeveStateChanged,
    SleeveThawed,
    TrustAllowed,
)
from allusedesk.domain.inputs import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    DeskLockTurned,
    DeskResumed,
    OperatorInstructed,
)
from allusedesk.domain.orders import (
    OrderStatus,
)
from allusedesk.domain.strategy_events import (
    StrategySwitched,
)
from allusedesk.domain.trust import (
    SecondSignatureSet,
    TrustSwitched,
)

# Levels at which a rulebook asks for more than a closer look, of either rulebook.
_SEVERE = {"L2": 2, "L3": 3, "mandatory": 3}
_STOPPED = (SleeveState.EMERGENCY, SleeveState.AUDIT)
# Alerts of these rules tell that a limit is near or passed.
_OF_LIMITS = "limit."
_NOTABLE = ("warning", "alarm")


class Topic(Enum):
    """Which part of a report a happening belongs to."""

    BREACH = "breaches"
    EXCEPTION = "exceptions"
    HALT = "alerts and halts"
    RULES = "rules and trust"
    ARMING = "arming and access"
    CORRECTION = "corrections"


_TOPICS: dict[type, Topic] = {
    **dict.fromkeys(
        (ProposalRefused, BreakerTripped, BreakerLowered, SleeveFrozen, SleeveThawed), Topic.BREACH
    ),
    **dict.fromkeys((RecoveryBegun, HedgeMissed, ConditionMissing), Topic.BREACH),
    **dict.fromkeys((RequestDenied, AnswerIgnored, ProposalVoided), Topic.EXCEPTION),
    **dict.fromkeys((AlertCleared, AlertAcknowledged), Topic.HALT),
    **dict.fromkeys((DeskHalted, DeskReleased, OperatorInstructed), Topic.HALT),
    **dict.fromkeys((StrategySwitched, TrustSwitched, TrustAllowed), Topic.RULES),
    **dict.fromkeys((SecondSignatureSet, FourEyesAwaited, FourEyesChanged), Topic.RULES),
    **dict.fromkeys((ArmingRequested, LiveArmed, ArmingRefused, LiveDisarmed), Topic.ARMING),
    **dict.fromkeys((DisarmingRequested, DeskLockTurned, DeskResumed), Topic.ARMING),
    **dict.fromkeys((DifferenceFound, ReportIgnored), Topic.CORRECTION),
}


def topic_of(event: Event) -> Topic | None:
    """The topic an event belongs to; None for what is told elsewhere or in no report."""
    match event:
        case LevelChanged():
            rank = _SEVERE.get(event.level, 0)
            return Topic.BREACH if rank > _SEVERE.get(event.level_before, 0) else None
        case RiskJudged():
            return Topic.EXCEPTION if event.warnings else None
        case AlertRaised(alert=alert):
            return Topic.BREACH if alert.rule.startswith(_OF_LIMITS) else Topic.HALT
        case NoticeRaised():
            return Topic.HALT if event.severity in _NOTABLE else None
        case SleeveStateChanged():
            is_stop = event.state in _STOPPED or event.state_before in _STOPPED
            return Topic.HALT if is_stop else None
        case OrderStatusChanged():
            odd = (OrderStatus.UNKNOWN, OrderStatus.REJECTED)
            is_odd = event.status in odd or event.status_before is OrderStatus.UNKNOWN
            return Topic.EXCEPTION if is_odd else None
        case DeskReconciled():
            return Topic.CORRECTION if event.differences else None
        case _:
            return _TOPICS.get(type(event))
