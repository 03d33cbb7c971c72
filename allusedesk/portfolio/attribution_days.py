"""What a lot, and a sleeve, earned from one close to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.money import Money

GREEKS = ("delta", "gamma", "theta", "vega")


@dataclass(frozen=True, slots=True)
class LotDay:
    """What one lot earned from one close to the next; `gain` is its price's, before the others.

    `delta`, `gamma`, `theta`, `vega` and `rest` sum to `gain`. `dividends` were paid on it,
    `costs` (commissions and fees, negative) for it.
    """

    on: date
    account: AccountId
    lot: PositionId
    opened_by: OrderId
    underlying: str
    gain: Decimal
    delta: Decimal
    gamma: Decimal
    theta: Decimal
    vega: Decimal
    dividends: Decimal
    costs: Decimal

    @property
    def rest(self) -> Decimal:
        return self.gain - self.delta - self.gamma - self.theta - self.vega

    @property
    def whole(self) -> Decimal:
        return self.gain + self.dividends + self.costs


@dataclass(frozen=True, slots=True)
class SleeveDay:
    """One sleeve from one close to the next: what its equity gained, money moved left out.

    `other` is the part that no lot earned, interest and fees of the account for instance.
    `engaged` is what its lots tied up at the close, by underlying: shares at their price, short
    puts at their strike.
    """

    on: date
    account: AccountId
    equity: Money
    moved: Money
    gain: Money
    other: Decimal
    engaged: tuple[tuple[str, Decimal], ...]
