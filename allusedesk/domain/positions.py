"""What an account holds, lot by lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional


class PositionRole(Enum):
    """Why a lot is held; the rules that manage it follow from this."""

    WEEKLY_PUT = "weekly put"
    SHARES = "shares"
    COVERED_CALL = "covered call"
    LEAPS_RUNG = "LEAPS rung"
    HEDGE = "hedge"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class Position:
    """One lot; never of zero quantity, since a closed position is an event.

    `price_average` is what one share of the instrument was bought or sold at. `spot_at_open` is
    the underlying's price then. `basis` (shares only) is the fixed cost basis of the protocol:
    the strike less the put's premium. `linked_to` names the put that put these shares to us, or
    the shares that a call covers.
    """

    id: PositionId
    account: AccountId
    instrument: Instrument
    quantity_signed: int
    price_average: Price
    role: PositionRole
    opened_by: OrderId
    opened_at: datetime
    spot_at_open: Price | None = None
    basis: Price | None = None
    linked_to: PositionId | None = None

    def __post_init__(self) -> None:
        if self.quantity_signed == 0:
            message = f"{self.id} holds nothing: a position of zero is no position."
            raise ValueError(message)

    @property
    def is_short(self) -> bool:
        return self.quantity_signed < 0

    @property
    def quantity(self) -> int:
        return abs(self.quantity_signed)

    @property
    def underlying(self) -> str:
        return self.instrument.underlying

    @property
    def option(self) -> OptionContract | None:
        return self.instrument if isinstance(self.instrument, OptionContract) else None

    @property
    def is_short_put(self) -> bool:
        return self.is_short and self.option is not None and self.option.right is Right.PUT

    @property
    def is_short_call(self) -> bool:
        return self.is_short and self.option is not None and self.option.right is Right.CALL

    @property
    def is_shares(self) -> bool:
        return isinstance(self.instrument, Stock)

    def value_at(self, mark: Price) -> Money:
        """What the lot is worth at a mark; negative for shorts."""
        return notional(mark, self.quantity_signed, self.instrument.multiplier)

    def assignment_cost(self) -> Money:
        """Cash that leaves if a short put is assigned in full; nothing for other lots."""
        option = self.option
        if option is None or not self.is_short_put:
            return NOTHING
        return notional(Price(option.strike), self.quantity, option.multiplier)
