"""What the protocol may see of a sleeve, and the wishes it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, AccountKind
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    ProposalKind,
    TurnedDown,
)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A reason not to enter in a sleeve, or in one symbol of it."""

    reason: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class IssuerRoom:
    """How much more of one issuer all families together may still take on."""

    symbol: str
    room: Money


@dataclass(frozen=True, slots=True)
class Estimate:
    """Figures about one lot that the protocol needs and may not compute itself.

    `itm_probability` is that of ending in the money; the losses are expected over the horizon of
    the recovery rule, for closing now and for keeping the shares with a call sold on them.
    """

    position: PositionId
    itm_probability: Decimal
    loss_if_closed: Money | None = None
    loss_if_kept: Money | None = None


@dataclass(frozen=True, slots=True)
class TrueRange:
    """A symbol's last valid true range, in the sessions the rulebook measures by."""

    symbol: str
    atr: Decimal


@dataclass(frozen=True, slots=True)
class FirstCredit:
    """What the first put of a chain of rolls was sold at, and what its closed puts gained.

    `gained` is a share's, below zero where buying them back cost more than they had brought in.
    """

    position: PositionId
    credit: Price
    gained: Price | None = None


@dataclass(frozen=True, slots=True)
class SleeveView:
    """One sleeve as the rules see it, at one instant.

    `cash_free` is settled cash less collateral, less what open proposals and live orders hold,
    less the tax reserve. `busy` names the symbols with an open proposal or a live order. `entered`
    names those entered in this week's cycle already, `covered` the lots of shares that had a call
    sold on them in it. `size_factor` scales deployment (GBR-4, breakers), `cash_buffer` is the
    fraction of equity kept back, `equity_high` is where a drawdown is measured from. `estimates`
    and `ranges_known` (the last valid true range of each symbol) come from the strategy stage.
    `is_hedged` holds while hedging is called for, `reenters` names symbols whose shares were
    called away, `marks` is said beside every entry, `first_credits` belong to rolled puts.
    `recovering` are the lots whose fall GBR-4 has answered.
    """

    account: AccountId
    kind: AccountKind
    symbols: tuple[str, ...]
    equity: Money
    cash_free: Money
    lots: tuple[Position, ...]
    busy: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    puts_suspended_by: str = ""
    size_factor: Decimal = Decimal(1)
    cash_buffer: Decimal = Decimal(0)
    has_traded: bool = True
    issuer_rooms: tuple[IssuerRoom, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    covered: tuple[PositionId, ...] = ()
    equity_high: Money | None = None
    ranges_known: tuple[TrueRange, ...] = ()
    is_hedged: bool = False
    reenters: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    first_credits: tuple[FirstCredit, ...] = ()
    recovering: tuple[PositionId, ...] = ()

    def lot(self, position: PositionId) -> Position | None:
        for lot in self.lots:
            if lot.id == position:
                return lot
        return None

    def calls_on(self, shares: PositionId) -> tuple[Position, ...]:
        """The short calls that cover a lot of shares."""
        return tuple(lot for lot in self.lots if lot.is_short_call and lot.linked_to == shares)

    def estimate(self, position: PositionId) -> Estimate | None:
        for estimate in self.estimates:
            if estimate.position == position:
                return estimate
        return None

    def credit_of(self, position: PositionId) -> Price | None:
        """The credit of the first put a rolled one descends from; None for one not rolled."""
        for first in self.first_credits:
            if first.position == position:
                return first.credit
        return None

    def chain_kept(self, lot: Position) -> Price | None:
        """The first put's credit net of what the rolls into this one cost; None without rolls."""
        for first in self.first_credits:
            if first.position == lot.id and first.gained is not None:
                return first.gained + lot.price_average
        return None

    def range_known(self, symbol: str) -> Decimal | None:
        """The last valid true range of a symbol."""
        for known in self.ranges_known:
            if known.symbol == symbol:
                return known.atr
        return None

    def issuer_room(self, symbol: str) -> Money | None:
        for room in self.issuer_rooms:
            if room.symbol == symbol:
                return room.room
        return None


@dataclass(frozen=True, slots=True)
class Wish:
    """A proposal before it has an id, an instant and a deadline; fields as in `Proposal`.

    `rule` is the rule's id within its rulebook, such as `entry.delta`; `strategy` names the
    definition it belongs to, where that is no rulebook's.
    """

    kind: ProposalKind
    account: AccountId
    legs: tuple[Leg, ...]
    quantity: int
    credit_net: Price | None
    rule: str
    reason: str
    comparisons: tuple[Comparison, ...]
    turned_down: tuple[TurnedDown, ...] = ()
    spot: Price | None = None
    amounts: tuple[NamedAmount, ...] = ()
    most_earnable: Decimal | None = None
    target: Decimal | None = None
    concerns: tuple[PositionId, ...] = ()
    note: str = ""
    credit_least: Price | None = None
    is_modelled: bool = False
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules want at one look, and every candidate they turned down on the way."""

    wishes: tuple[Wish, ...] = ()
    turned_down: tuple[TurnedDown, ...] = ()
