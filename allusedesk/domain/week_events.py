"""Facts about the course of a week: alarms, condition, looks, levels, outcomes, past tense."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, FamilyId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.identifiers import PositionId, ProposalId
from allusedesk.domain.inputs import OperatorRequest
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Comparison, TurnedDown
from allusedesk.domain.weeks import WeekId


@dataclass(frozen=True, slots=True)
class AlarmsSet:
    """Clock alarms that will ring; one with the id of an earlier one replaces it."""

    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class AlarmsDropped:
    """Clock alarms that need not ring any more."""

    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceAlarmsSet:
    """The price alarms of one sleeve, all of them; they replace its earlier ones."""

    account: AccountId
    alarms: tuple[PriceAlarm, ...]


@dataclass(frozen=True, slots=True)
class ConditionClassified:
    """Green, Red or Chop, with the evidence and the share of a sleeve that may be deployed.

    `deploy` is a fraction of a sleeve's equity; nothing new is entered where it is zero.
    """

    week: WeekId
    condition: str
    rule: str
    comparisons: tuple[Comparison, ...]
    deploy: Decimal
    vix: Decimal
    vix_average: Decimal


@dataclass(frozen=True, slots=True)
class ConditionMissing:
    """The condition could not be decided; `reason` names what is missing."""

    week: WeekId
    reason: str


@dataclass(frozen=True, slots=True)
class EntriesWeighed:
    """One look at a sleeve's window: what was proposed, and all that was turned down."""

    account: AccountId
    week: WeekId
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]
    target: Decimal


@dataclass(frozen=True, slots=True)
class PositionsWeighed:
    """One look at what a sleeve holds: what was proposed, and every roll or close turned down."""

    account: AccountId
    week: WeekId
    look: str
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """A position moved one level up or down, one step at a time.

    `distance` is in average true ranges, against the position.
    """

    position: PositionId
    level_before: str
    level: str
    distance: Decimal
    atr: Decimal
    spot: Price


@dataclass(frozen=True, slots=True)
class AssignmentPrepared:
    """A short option is likely to be assigned; cash or shares for it were checked."""

    position: PositionId
    probability: Decimal
    cash_needed: Money
    cash_settled: Money


@dataclass(frozen=True, slots=True)
class OutcomeClassified:
    """How one position (or an idle sleeve, `position` None) ended its week.

    `tag` is `final`, `closed` or `interim`; `price_change` is the figure the table was read with.
    """

    account: AccountId
    week: WeekId
    position: PositionId | None
    outcome: str
    tag: str
    comparisons: tuple[Comparison, ...]
    action: str


@dataclass(frozen=True, slots=True)
class WeekLabelled:
    """A family's label for the week between two Friday cuts; `tags` are the other matches."""

    family: FamilyId
    week: WeekId
    label: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something a person should read; `severity` is note, warning or alarm."""

    severity: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestDenied:
    """What a person asked for was not possible; `rule` and `reason` say why."""

    request: OperatorRequest
    subject: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class WeekClosed:
    """The week's report is cut; provisional on its last session, final the session after."""

    week: WeekId
    is_final: bool
    version: int
