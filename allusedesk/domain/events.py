"""Every fact the desk can record, and the envelope each travels in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from allusedesk.domain.arming import ArmingRefused, LiveArmed, LiveDisarmed
from allusedesk.domain.inputs import Input
from allusedesk.domain.order_events import (
    AnswerIgnored,
    AssignmentBooked,
    ChargeBooked,
    DeskReconciled,
    DifferenceFound,
    DividendBooked,
    ExpiryBooked,
    FillBooked,
    OrderMoved,
    OrderStatusChanged,
    OrderWritten,
    ProposalApproved,
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalRefused,
    ProposalVoided,
    ReportIgnored,
    RiskJudged,
    SettlementBooked,
    SplitBooked,
)
from allusedesk.domain.sleeve_events import (
    BalancesMarked,
    BreakerLowered,
    BreakerTripped,
    CashBooked,
    DeskHalted,
    DeskReleased,
    FamilyForked,
    FamilyMerged,
    FamilyOpened,
    GainReinvested,
    HedgeBudgetCarried,
    HedgeMissed,
    LadderWeighed,
    MergeBegun,
    QuarterClosed,
    RecoveryBegun,
    SleeveFrozen,
    SleeveMark,
    SleeveState,
    SleeveStateChanged,
    SleeveThawed,
    SurplusFloorSet,
)
from allusedesk.domain.strategy_events import StrategiesWeighed
from allusedesk.domain.trust import (
    AnnouncementWithdrawn,
    ApprovalAnnounced,
    FourEyesAwaited,
    FourEyesChanged,
    ProposalSigned,
    TrustAllowed,
)
from allusedesk.domain.week_events import (
    AlarmsDropped,
    AlarmsSet,
    AssignmentPrepared,
    ConditionClassified,
    ConditionMissing,
    EntriesWeighed,
    LevelChanged,
    NoticeRaised,
    OutcomeClassified,
    PositionsWeighed,
    PriceAlarmsSet,
    RequestDenied,
    WeekClosed,
    WeekLabelled,
)

__all__ = [
    "EVENT_KINDS",
    "INPUT_KINDS",
    "AlarmsDropped",
    "AlarmsSet",
    "AnnouncementWithdrawn",
    "AnswerIgnored",
    "ApprovalAnnounced",
    "ArmingRefused",
    "AssignmentBooked",
    "AssignmentPrepared",
    "BalancesMarked",
    "BreakerLowered",
    "BreakerTripped",
    "CashBooked",
    "ChargeBooked",
    "ConditionClassified",
    "ConditionMissing",
    "Derived",
    "DeskHalted",
    "DeskReconciled",
    "DeskReleased",
    "DifferenceFound",
    "DividendBooked",
    "EntriesWeighed",
    "Entry",
    "Event",
    "ExpiryBooked",
    "FamilyForked",
    "FamilyMerged",
    "FamilyOpened",
    "FillBooked",
    "FourEyesAwaited",
    "FourEyesChanged",
    "GainReinvested",
    "HedgeBudgetCarried",
    "HedgeMissed",
    "LadderWeighed",
    "LevelChanged",
    "LiveArmed",
    "LiveDisarmed",
    "MergeBegun",
    "NoticeRaised",
    "OrderMoved",
    "OrderStatusChanged",
    "OrderWritten",
    "OutcomeClassified",
    "PositionsWeighed",
    "PriceAlarmsSet",
    "ProposalApproved",
    "ProposalCompleted",
    "ProposalDeclined",
    "ProposalLapsed",
    "ProposalMade",
    "ProposalRefused",
    "ProposalSigned",
    "ProposalVoided",
    "QuarterClosed",
    "RecoveryBegun",
    "ReportIgnored",
    "RequestDenied",
    "RiskJudged",
    "SettlementBooked",
    "SleeveFrozen",
    "SleeveMark",
    "SleeveState",
    "SleeveStateChanged",
    "SleeveThawed",
    "SplitBooked",
    "StrategiesWeighed",
    "SurplusFloorSet",
    "TrustAllowed",
    "WeekClosed",
    "WeekLabelled",
]

Derived = (
    FamilyOpened
    | CashBooked
    | SurplusFloorSet
    | AlarmsSet
    | AlarmsDropped
    | PriceAlarmsSet
    | ConditionClassified
    | ConditionMissing
    | EntriesWeighed
    | StrategiesWeighed
    | PositionsWeighed
    | ProposalMade
    | ProposalRefused
    | RiskJudged
    | ProposalApproved
    | ProposalDeclined
    | ProposalLapsed
    | ProposalVoided
    | ProposalCompleted
    | AnswerIgnored
    | ProposalSigned
    | ApprovalAnnounced
    | AnnouncementWithdrawn
    | TrustAllowed
    | FourEyesAwaited
    | FourEyesChanged
    | OrderWritten
    | OrderStatusChanged
    | OrderMoved
    | FillBooked
    | ReportIgnored
    | AssignmentBooked
    | SettlementBooked
    | ExpiryBooked
    | ChargeBooked
    | DividendBooked
    | SplitBooked
    | LevelChanged
    | AssignmentPrepared
    | OutcomeClassified
    | WeekLabelled
    | SleeveStateChanged
    | SleeveFrozen
    | SleeveThawed
    | RecoveryBegun
    | BreakerTripped
    | BreakerLowered
    | DeskHalted
    | DeskReleased
    | BalancesMarked
    | FamilyForked
    | MergeBegun
    | FamilyMerged
    | QuarterClosed
    | GainReinvested
    | HedgeMissed
    | HedgeBudgetCarried
    | LadderWeighed
    | NoticeRaised
    | RequestDenied
    | DifferenceFound
    | DeskReconciled
    | LiveArmed
    | ArmingRefused
    | LiveDisarmed
    | WeekClosed
)

Event = Input | Derived

INPUT_KINDS: frozenset[type] = frozenset(get_args(Input))
EVENT_KINDS: tuple[type, ...] = get_args(Event)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with the one sequence number and the one instant it will ever have.

    `cause` is the sequence of the entry it follows from; None for inputs nobody caused.
    The chain of hashes is the journal's affair and stands beside the entry there.
    """

    sequence: int
    recorded_at: datetime
    cause: int | None
    event: Event

    @property
    def is_input(self) -> bool:
        return type(self.event) in INPUT_KINDS
