"""What one opening of a strategy became: a trade, told by the record from its fills on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money


@dataclass(frozen=True, slots=True)
class StrategyTrade:
    """One opening order of a strategy and all that came of it, shares put to it included.

    `opened_for` is the net cash of its fills (received is positive) before commission. `realised`
    is before commission; `unrealised` at the last marks. `ending` is the rule, or the event, that
    took its last lot; empty while something is held.
    """

    strategy: str
    account: AccountId
    part: str
    order: OrderId
    symbol: str
    opened_on: date
    closed_on: date | None
    units: int
    opened_for: Money
    realised: Money
    unrealised: Money
    dividends: Money
    commission: Money
    ending: str
    is_modelled: bool

    @property
    def result(self) -> Money:
        """What it has brought so far, all costs counted."""
        return self.realised + self.unrealised + self.dividends - self.commission
