"""At which instants and at which prices the desk wants to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.money import Price


class AlarmKind(Enum):
    """What the desk does when a clock alarm rings."""

    PLAN = "plan the week"
    FINAL_REPORT = "final report"
    CONDITION = "market condition"
    OPENING = "opening look"
    ENTRY = "entry look"
    MANAGE = "management look"
    LADDER = "ladder look"
    CLOSING = "close or keep"
    ASSIGNMENT = "assignment preparation"
    PIN_RISK = "pin risk"
    CLOSE = "close of the session"
    REPORT = "provisional report"
    APPROVAL_LAPSE = "approval lapses"
    TRUST_ACTS = "approval by trust"
    ORDER_ACKNOWLEDGEMENT = "acknowledgement is due"
    ORDER_PATIENCE = "order is to be moved"
    ORDER_SEND = "order is to be sent"
    STATEMENT = "statement is due"
    CLOSE_ASKED = "a person asks to close"
    ROLL_ASKED = "a person asks to roll"
    CONDITION_ASKED = "a person asks for the condition"
    STRATEGIES = "look of the strategies"
    INTENTS = "look at what a class wants"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A clock alarm; `subject` is the account, proposal or order it concerns, if any."""

    id: str
    kind: AlarmKind
    due_at: datetime
    subject: str = ""


class Crossing(Enum):
    """From which side a price alarm is crossed; the level itself counts."""

    AT_OR_BELOW = "at or below"
    AT_OR_ABOVE = "at or above"


@dataclass(frozen=True, slots=True)
class PriceAlarm:
    """Rings once, within the batch of quotes that crosses `level`."""

    id: str
    symbol: str
    level: Price
    crossing: Crossing
    account: AccountId
