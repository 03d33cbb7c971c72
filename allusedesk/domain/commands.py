"""Every wish the engine can utter; the doors carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import ChainWish
from allusedesk.domain.weeks import WeekId


@dataclass(frozen=True, slots=True)
class Watch:
    """What a look needs: symbols with their indicators, parts of chains, held contracts."""

    symbols: tuple[str, ...] = ()
    chains: tuple[ChainWish, ...] = ()
    held: tuple[Instrument, ...] = ()
    needs_trend: bool = False


@dataclass(frozen=True, slots=True)
class TakeSample:
    """Look at the board for an alarm; the answer comes back as `MarketSampled`."""

    alarm: str
    watch: Watch


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send an order; its id is the broker's idempotency key."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Move an order's limit under the same id."""

    order: OrderId
    version: int
    quantity: int
    limit: Price


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Take an order back."""

    order: OrderId


@dataclass(frozen=True, slots=True)
class LookUpOrder:
    """Ask the broker what became of an order."""

    order: OrderId


@dataclass(frozen=True, slots=True)
class AskStatement:
    """Ask the broker for cash, positions and open orders."""


@dataclass(frozen=True, slots=True)
class AskOperator:
    """Put a proposal before a person."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """Ask the calendar for the first trading week that begins after `after`."""

    after: date


@dataclass(frozen=True, slots=True)
class CutReport:
    """Write the report of a week."""

    week: WeekId
    is_final: bool


Command = (
    TakeSample
    | SubmitOrder
    | ReplaceOrder
    | CancelOrder
    | LookUpOrder
    | AskStatement
    | AskOperator
    | PlanWeek
    | CutReport
)
