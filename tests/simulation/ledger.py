"""A ledger of its own to hold the desk's book against: the broker's raw word, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerNotice,
    DividendPaid,
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    Order,
)

Cash = Decimal


class Must(StrEnum):
    """What must hold, in the words a failing seed tells it by."""

    GO_ON = "the engine goes on whatever happens"
    FOLLOW = "entries follow each other"
    REPLAY = "a replay from any entry gives the same state"
    SAME_SEED = "the same seed makes the same chain head"
    CASH = "cash balances to the cent"
    POSITIONS = "positions balance"
    FEES = "fees balance to the cent"
    DIVIDENDS = "dividends balance to the cent"
    ONCE = "what is told twice is booked once"
    SECURED = "settled cash secures every put and is never below zero"
    COVERED = "shares cover every call"
    APPROVED = "an approval precedes every order"
    AS_APPROVED = "no more is filled than was approved"
    ONE_ORDER = "one order lives for a proposal"
    OWN_ID = "an id is used once"
    ONE_SIDE = "no order works against another of ours"
    UNKNOWN_BLOCKS = "an order of unknown fate blocks its symbol"
    NEVER_REJECTED = "unknown is rejected by the broker's word alone"
    STOPPED = "nothing is opened while the desk is stopped"
    CAPS = "no cap is exceeded"
    SOUND = "nothing is opened on quotes that are old or missing"
    WEEKS = "each position has one outcome and each family one label a week"
    BROKER = "the book is what the broker has"
    EXPLAINED = "no difference stays unexplained"
    ENDS = "every question and every order comes to an end"


class Broken(AssertionError):
    """An invariant that does not hold."""

    def __init__(self, invariant: Must, text: str) -> None:
        super().__init__(f"{invariant.value}: {text}")
        self.invariant = invariant


@dataclass
class Ledger:
    """Cash, quantities, fees and dividends by the broker's word alone."""

    cash: Cash = Decimal(0)
    held: dict[Instrument, int] = field(default_factory=dict)
    fees: Cash = Decimal(0)
    dividends: Cash = Decimal(0)
    seen: set[str] = field(default_factory=set)
    by_leg: dict[tuple[ProposalId, int], int] = field(default_factory=dict)

    def change(self, instrument: Instrument, signed: int) -> None:
        after = self.held.get(instrument, 0) + signed
        if after:
            self.held[instrument] = after
        else:
            self.held.pop(instrument, None)

    def fill(self, order: Order, fill: Fill) -> None:
        if fill.id in self.seen:
            raise Broken(Must.ONCE, f"execution {fill.id} twice")
        self.seen.add(fill.id)
        leg = order.legs[fill.leg]
        signed = leg.side.value * fill.quantity
        self.change(leg.instrument, signed)
        self.cash -= fill.price.per_unit * signed * leg.instrument.multiplier
        self.cash -= fill.commission.amount
        self.fees += fill.commission.amount
        key = (order.proposal, fill.leg)
        self.by_leg[key] = self.by_leg.get(key, 0) + fill.quantity

    def deliver(self, contract: OptionContract, signed: int, shares_sign: int) -> None:
        shares = abs(signed) * contract.multiplier * shares_sign
        self.change(contract, -signed)
        self.change(Stock(contract.underlying), shares)
        self.cash -= contract.strike * shares

    def notice(self, told: BrokerNotice) -> None:
        if told.notice in self.seen:
            raise Broken(Must.ONCE, f"notice {told.notice} twice")
        self.seen.add(told.notice)
        match told:
            case OptionsAssigned():
                sign = 1 if told.contract.right is Right.PUT else -1
                self.deliver(told.contract, -told.quantity, sign)
            case OptionsExercised():
                sign = -1 if told.contract.right is Right.PUT else 1
                self.deliver(told.contract, told.quantity, sign)
            case OptionsExpired():
                self.change(told.contract, -told.quantity_signed)
            case OptionsSettled():
                self.change(told.contract, -told.quantity_signed)
                units = told.quantity_signed * told.contract.multiplier
                self.cash += told.per_share.per_unit * units
            case DividendPaid():
                paid = Money(told.per_share * told.shares).to_cents().amount
                self.cash += paid
                self.dividends += paid
            case _:
                raise Broken(Must.POSITIONS, f"the simulated market has no {told}")
