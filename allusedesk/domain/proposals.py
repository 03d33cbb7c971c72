"""What somebody wants to do, under which rule, and what was turned down on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId, ProposalId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.weeks import WeekId


class ProposalKind(Enum):
    """What a proposal is about; its deadline and its approval follow from this."""

    ENTRY = "entry"
    COVERED_CALL = "covered call"
    SHARE_PURCHASE = "share purchase"
    ADJUSTMENT = "adjustment"
    ROLL = "roll"
    RECOVERY = "recovery"
    RISK_BREACH = "risk breach"
    EMERGENCY_EXIT = "emergency exit"
    RESUME = "resume"
    FORK = "fork"
    MERGE = "merge"
    REINVESTMENT = "reinvestment"
    LADDER = "ladder"


class Side(Enum):
    """Which way a leg trades."""

    BUY = 1
    SELL = -1


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an order; `closes` names the lot it reduces, else it opens one in `role`.

    `linked_to` is handed to the lot it opens (the shares a call covers).
    """

    instrument: Instrument
    side: Side
    role: PositionRole
    closes: PositionId | None = None
    linked_to: PositionId | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure held against one limit; both as text, exact, with `passed` beside them."""

    name: str
    value: str
    limit: str
    passed: bool


@dataclass(frozen=True, slots=True)
class RuleReference:
    """A rule by its id, such as `classic@1.0/entry.delta`."""

    rulebook: str
    rule: str

    def __str__(self) -> str:
        return f"{self.rulebook}/{self.rule}"


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A candidate that was not taken: what it was, the rule that stopped it, and by how much."""

    candidate: str
    rule: str
    reason: str
    value: str = ""
    limit: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """One figure of money in a proposal, such as the tax part of a reinvestment."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish with its reasons; nothing happens until it is approved.

    `quantity` counts units of all legs together (contracts of a single leg, spreads of two,
    shares). `credit_net` is the net price per share it asks for: received is positive, paid
    negative; None where no order follows. `most_earnable` is net premium over collateral.
    `concerns` names the lots it is about, `note` what exactly it resumes or reinvests.
    `credit_least` is the net price beyond which it would no longer be what the rule wants.
    """

    id: ProposalId
    account: AccountId
    week: WeekId
    kind: ProposalKind
    legs: tuple[Leg, ...]
    quantity: int
    credit_net: Price | None
    rule: RuleReference
    reason: str
    comparisons: tuple[Comparison, ...]
    turned_down: tuple[TurnedDown, ...]
    snapshot_sequence: int
    made_at: datetime
    expires_at: datetime
    spot: Price | None = None
    amounts: tuple[NamedAmount, ...] = ()
    most_earnable: Decimal | None = None
    target: Decimal | None = None
    concerns: tuple[PositionId, ...] = ()
    note: str = ""
    credit_least: Price | None = None
    is_modelled: bool = False

    def amount(self, name: str) -> Money:
        """The named amount; raises KeyError where the proposal has none of that name."""
        for named in self.amounts:
            if named.name == name:
                return named.amount
        raise KeyError(name)

    @property
    def is_opening(self) -> bool:
        """True where every leg opens; a roll or a close is no opening."""
        return bool(self.legs) and all(leg.closes is None for leg in self.legs)

    @property
    def is_hedge(self) -> bool:
        """True where it buys cover alone, which no freeze of entries stops."""
        return self.is_opening and all(
            leg.side is Side.BUY and leg.role is PositionRole.HEDGE for leg in self.legs
        )

    @property
    def is_of_strategy(self) -> bool:
        """True where a strategy beside the protocol opens or closes something."""
        return any(leg.role is PositionRole.STRATEGY for leg in self.legs)

    @property
    def is_rung(self) -> bool:
        """True where it buys or rolls rungs of the ladder, paid from the ladder's own money."""
        return bool(self.legs) and all(leg.role is PositionRole.LEAPS_RUNG for leg in self.legs)
