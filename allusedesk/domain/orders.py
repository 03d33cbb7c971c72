"""Orders, their states, and what a broker says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import ApprovalId, OrderId, ProposalId
from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Leg, ProposalKind


class OrderType(Enum):
    """How an order names its price; several legs always trade at one net limit."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop limit"


class TimeInForce(Enum):
    """How long an order stands."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(Enum):
    """Where an order stands; `lifecycle.advance` holds the legal steps between them."""

    SENT = "sent"
    WORKING = "working"
    PARTLY_FILLED = "partly filled"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        return self in _OVER


# A tuple, since members compare by identity faster than they hash.
_OVER = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of one leg, by the broker's own id; `price` is per share, unsigned."""

    id: str
    order: OrderId
    leg: int
    quantity: int
    price: Price
    commission: Money
    filled_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """An approved wish on its way; made only from an approval, changed only by `advance`.

    `limit` is the least net credit per share accepted (a debit is negative); `limit_worst` is as
    far as it may ever be moved. `quantity` counts units of all legs. `version` rises with each
    replacement, the id never changes.
    """

    id: OrderId
    proposal: ProposalId
    approval: ApprovalId
    account: AccountId
    kind: ProposalKind
    legs: tuple[Leg, ...]
    quantity: int
    type: OrderType
    limit: Price | None
    limit_worst: Price | None
    time_in_force: TimeInForce
    good_until: datetime
    written_at: datetime
    status: OrderStatus = OrderStatus.SENT
    version: int = 1
    fills: tuple[Fill, ...] = ()
    stop: Price | None = None

    @property
    def quantity_filled(self) -> int:
        """Units filled in every leg."""
        by_leg = [0] * len(self.legs)
        for fill in self.fills:
            by_leg[fill.leg] += fill.quantity
        return min(by_leg, default=0)

    @property
    def quantity_open(self) -> int:
        return 0 if self.status.is_over else self.quantity - self.quantity_filled

    @property
    def is_opening(self) -> bool:
        return all(leg.closes is None for leg in self.legs)


@dataclass(frozen=True, slots=True)
class OrderAcknowledged:
    """The broker has the order, in this version."""

    order: OrderId
    version: int


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One or more executions of one order that belong together."""

    order: OrderId
    executions: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The broker confirms that nothing more of the order will fill than `quantity_filled` units.

    Executions may be told after it; the quantity says whether some are still to come.
    """

    order: OrderId
    quantity_filled: int = 0


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The broker will not take the order (or its replacement)."""

    order: OrderId
    reason: str


@dataclass(frozen=True, slots=True)
class OrderRunOut:
    """The order's time was over at the broker."""

    order: OrderId


@dataclass(frozen=True, slots=True)
class OrderUnclear:
    """The broker told something of an order that cannot be read; `reason` says what it was."""

    order: OrderId
    reason: str


class OrderStanding(Enum):
    """What a broker answers when asked for an order."""

    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NEVER_RECEIVED = "never received"


@dataclass(frozen=True, slots=True)
class OrderLookedUp:
    """The broker's answer about one order, with every execution it knows of it."""

    order: OrderId
    standing: OrderStanding
    executions: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionsExpired:
    """Options that ended worthless; `quantity_signed` is what the broker took off.

    `reason` says what decided it, where that was not the close of their last session.
    """

    notice: str
    contract: OptionContract
    quantity_signed: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OptionsAssigned:
    """Short options that were exercised against us: shares change hands at the strike.

    `reason` says why a holder exercised before expiry, or what decided it then if not the close of
    its last session, where the broker can tell.
    """

    notice: str
    contract: OptionContract
    quantity: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OptionsExercised:
    """Long options that the broker exercised for us: shares change hands at the strike."""

    notice: str
    contract: OptionContract
    quantity: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OptionsSettled:
    """Cash-settled options that ended in the money: `per_share` is paid, no share moves.

    `quantity_signed` is what the broker took off; holders of shorts pay.
    """

    notice: str
    contract: OptionContract
    quantity_signed: int
    per_share: Price
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DividendPaid:
    """Cash for shares held at the close before the ex-date."""

    notice: str
    symbol: str
    ex_date: date
    per_share: Decimal
    shares: int


@dataclass(frozen=True, slots=True)
class SplitTookEffect:
    """`ratio` new shares for each old one from the open of `effective_on`.

    `price_in_lieu` is what the broker paid per new share for fractions of one.
    """

    notice: str
    symbol: str
    effective_on: date
    ratio: Decimal
    price_in_lieu: Price | None = None


@dataclass(frozen=True, slots=True)
class StrikesReduced:
    """A special dividend of `per_share` lowers the strikes of a symbol's options by as much."""

    notice: str
    symbol: str
    effective_on: date
    per_share: Decimal


@dataclass(frozen=True, slots=True)
class HeldAtBroker:
    """One line of a broker's statement of positions."""

    instrument: Instrument
    quantity_signed: int


@dataclass(frozen=True, slots=True)
class OrderAtBroker:
    """One open order on a broker's statement, with what it has filled so far."""

    order: OrderId
    version: int
    executions: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class CashCharged:
    """What the broker took (below zero) or paid outside any trade: fees, interest, taxes.

    `reason` says fee or interest, and of what; cash a person moved is none of these.
    """

    notice: str
    on: date
    amount: Money
    reason: str


BrokerNotice = (
    OptionsExpired
    | OptionsAssigned
    | OptionsExercised
    | OptionsSettled
    | DividendPaid
    | SplitTookEffect
    | StrikesReduced
    | CashCharged
)


@dataclass(frozen=True, slots=True)
class BrokerStatement:
    """Cash, positions and open orders as the broker has them, at one instant.

    `executions` and `notices` are those of the last sessions, whether they were told or not.
    """

    as_of: datetime
    cash: Money
    held: tuple[HeldAtBroker, ...]
    open_orders: tuple[OrderAtBroker, ...]
    executions: tuple[Fill, ...] = ()
    notices: tuple[BrokerNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The connection to the broker was lost or came back."""

    is_up: bool
    reason: str = ""


BrokerReport = (
    OrderAcknowledged
    | OrderFilled
    | OrderCancelled
    | OrderRejected
    | OrderRunOut
    | OrderUnclear
    | OrderLookedUp
    | OptionsExpired
    | OptionsAssigned
    | OptionsExercised
    | OptionsSettled
    | DividendPaid
    | SplitTookEffect
    | StrikesReduced
    | CashCharged
    | BrokerStatement
    | LinkChanged
)
