"""What Interactive Brokers was heard to say, in words of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Side

_REJECTED = 201
_CANCELLED = 202
# No such contract; not allowed in this account.
_NOT_DONE = frozenset({200, _REJECTED, 203})
# What the workstation finds wrong with a request before any venue hears of it.
_REFUSALS = (range(103, 165), range(300, 500))
# Of those, these only warn, or answer a cancellation that came too late.
_WARNINGS = frozenset({161, 162, 399, 404, 492})
# Above any price or commission; the venue writes the largest float there is for "not set".
_NUMBER_MAX = 1e15


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as the venue shows it, open or completed.

    `limit` is signed as the venue signs it; `contracts` are the numbers of its legs in their
    order. A completed order carries `filled`, and neither client nor number.
    """

    client_id: int
    number: int
    permanent_id: int
    reference: str
    account: str
    status: str
    quantity: int
    is_sale: bool
    limit: Decimal | None
    contracts: tuple[int, ...]
    filled: int | None = None


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """Where an order of this or another client stands, with the units it has filled."""

    client_id: int
    number: int
    permanent_id: int
    status: str
    filled: int


@dataclass(frozen=True, slots=True)
class ExecutionSeen:
    """One execution of one contract; `permanent_id` is 0 where no order stood behind it."""

    id: str
    at: datetime
    account: str
    instrument: Instrument
    contract: int
    side: Side
    quantity: int
    price: Price
    permanent_id: int
    reference: str

    @property
    def is_orderless(self) -> bool:
        """True where nobody's order stood behind it, as in an assignment."""
        return not self.permanent_id and not self.reference


@dataclass(frozen=True, slots=True)
class ExecutionUnread:
    """An execution was told and could not be read; only what names its order is kept of it."""

    id: str
    account: str
    permanent_id: int
    reference: str


@dataclass(frozen=True, slots=True)
class CommissionSeen:
    """What one execution cost."""

    execution: str
    commission: Money


@dataclass(frozen=True, slots=True)
class ErrorSeen:
    """A numbered message about one of this client's orders, or about the line (number -1)."""

    number: int
    code: int
    text: str

    @property
    def is_cancellation(self) -> bool:
        return self.code == _CANCELLED

    @property
    def is_rejection(self) -> bool:
        """True where an order that was taken before is refused after all."""
        return self.code == _REJECTED

    @property
    def refuses(self) -> bool:
        """True where what was asked will not be done; of other codes the order's status tells."""
        if self.code in _WARNINGS:
            return False
        return self.code in _NOT_DONE or any(self.code in codes for codes in _REFUSALS)


@dataclass(frozen=True, slots=True)
class HoldingSeen:
    """Something an account holds was told, because it changed or because we asked."""

    account: str


Fact = OrderSeen | StatusSeen | ExecutionSeen | ExecutionUnread | CommissionSeen | ErrorSeen


def without_correction(execution: str) -> str:
    """The part of an execution's id that stays when the venue corrects it.

    A correction comes under the same id with the digits behind the last full stop raised; the
    execution it corrects is the same, and must not be booked a second time.
    """
    return execution.rpartition(".")[0] or execution


def exact(number: float) -> Decimal:
    """The one conversion of the vendor's numbers: the shortest decimal that names this float.

    The wire carries decimal text and the vendor's client reads it as a float, so this gives back
    the digits that were sent. Raises ValueError for what is no number.
    """
    if not isfinite(number) or abs(number) >= _NUMBER_MAX:
        raise ValueError(f"The venue sent {number} where a number belongs.")
    return Decimal(str(number))
