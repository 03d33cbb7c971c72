"""Facts that reach the desk from outside: these the engine journals before it thinks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.alerts import Alert
from allusedesk.domain.arming import ArmingRequested, DisarmingRequested
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import BrokerReport
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.strategy_events import IntentsGiven, StrategySwitched
from allusedesk.domain.terms import TermsSeen
from allusedesk.domain.trust import SecondSignatureSet, TrustSwitched
from allusedesk.domain.weeks import Session, TradingWeek


class Mode(Enum):
    """How the desk runs; written into every record and report."""

    REHEARSAL = "REHEARSAL"
    PAPER = "PAPER"
    LIVE = "LIVE"


@dataclass(frozen=True, slots=True)
class SymbolList:
    """The symbols a tier may trade."""

    kind: AccountKind
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskOpened:
    """The first entry of a journal: everything a replay needs to know before the first day."""

    mode: Mode
    rulebook: str
    rulebook_text: str
    symbols: tuple[SymbolList, ...]
    trend_symbol: str
    seed: int
    program: str
    market_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CapitalDeposited:
    """Money from outside for a family, shared over its sleeves by the rulebook."""

    family: FamilyId
    amount: Money
    on: date


@dataclass(frozen=True, slots=True)
class CapitalWithdrawn:
    """Money taken out of one sleeve by a person."""

    account: AccountId
    amount: Money
    on: date


@dataclass(frozen=True, slots=True)
class WeekPlanned:
    """The sessions of a week and the first session after it, from the exchange's calendar.

    `looks` are instants at which a recorded market is fresh and therefore worth a look.
    """

    week: TradingWeek
    session_after: Session
    looks: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmRang:
    """The clock reached an alarm."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class PriceAlarmRang:
    """A price crossed the level of an alarm, with the price that crossed it."""

    alarm: PriceAlarm
    price: Price


@dataclass(frozen=True, slots=True)
class MarketSampled:
    """What the board showed when an alarm asked for a look; `alarm` is that alarm's id."""

    alarm: str
    snapshot: MarketSnapshot


@dataclass(frozen=True, slots=True)
class BrokerReported:
    """Anything a broker says, as it arrived."""

    report: BrokerReport


class Answer(Enum):
    """What an operator says to a proposal."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class OperatorDecided:
    """A person's (or in rehearsals a policy's) answer to one proposal.

    `seen` is what a person's card showed, which binds an approval. `quantity` and `limit` are an
    edited approval's: fewer units, and the least net credit (a debit is negative) to accept.
    `countersigns` is the digest of what a first person signed, where this is the second signature.
    """

    proposal: ProposalId
    answer: Answer
    operator: str
    reason: str = ""
    seen: TermsSeen | None = None
    quantity: int | None = None
    limit: Price | None = None
    countersigns: str = ""


class Instruction(Enum):
    """What an operator may tell the desk without being asked."""

    KILL = "kill"
    RESET = "reset"
    PAUSE = "pause"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class OperatorInstructed:
    """A person's own instruction; `account` is empty for the whole desk."""

    instruction: Instruction
    operator: str
    reason: str
    account: AccountId | None = None


class OperatorRequest(Enum):
    """What an operator may ask of the desk beyond answering it."""

    CANCEL = "cancel"
    CLOSE = "close"
    ROLL = "roll"
    FORK = "fork"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    DEPOSIT = "deposit"
    CLASSIFY = "classify"
    TRUST = "trust"
    SECOND_SIGNATURE = "second signature"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class OperatorAsked:
    """A person asks for something; what it leads to is an ordinary proposal, or a refusal.

    `subject` is the order to cancel (empty for all of them), the lot to close or roll, the sleeve
    to fork, the family to merge, the week whose market condition is to be decided again.
    """

    request: OperatorRequest
    subject: str
    operator: str
    reason: str = ""


class LockTurn(Enum):
    """What became of the desk's lock."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    REFUSED = "refused"
    PASSPHRASE_SET = "passphrase set"  # noqa: S105 - the name of a fact
    PASSPHRASE_REMOVED = "passphrase removed"  # noqa: S105 - the name of a fact


@dataclass(frozen=True, slots=True)
class DeskLockTurned:
    """The screen was locked, unlocked or kept locked, with who sat there and why."""

    turn: LockTurn
    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeskResumed:
    """The engine started again on this journal; orders are asked for before it goes on."""

    at: datetime
    program: str


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """The desk's own health fell short of a rule; nothing that trades follows from it."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertCleared:
    """What an alert told of is well again; `alert` is its id."""

    alert: str


@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """A person took note of an alert that stands; it stays until it clears."""

    alert: str
    operator: str
    reason: str = ""


Input = (
    DeskOpened
    | CapitalDeposited
    | CapitalWithdrawn
    | WeekPlanned
    | AlarmRang
    | PriceAlarmRang
    | MarketSampled
    | BrokerReported
    | OperatorDecided
    | OperatorInstructed
    | OperatorAsked
    | TrustSwitched
    | SecondSignatureSet
    | StrategySwitched
    | IntentsGiven
    | DeskLockTurned
    | ArmingRequested
    | DisarmingRequested
    | DeskResumed
    | AlertRaised
    | AlertCleared
    | AlertAcknowledged
    | ForecastMade
)
