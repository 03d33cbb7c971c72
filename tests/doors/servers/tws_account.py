"""What the venue holds for its accounts, and how it tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tests.doors.servers.tws_wire import Listing


@dataclass
class Account:
    """Cash and positions of one account, signed, by contract number."""

    name: str
    cash: Decimal
    kind: str = "INDIVIDUAL"
    is_margin: bool = False
    positions: dict[int, Decimal] = field(default_factory=dict)
    costs: dict[int, Decimal] = field(default_factory=dict)

    def trade(self, listing: Listing, signed: Decimal, price: Decimal, fee: Decimal) -> None:
        """Book one execution: the position moves and its money with it."""
        held = self.positions.get(listing.con_id, Decimal(0)) + signed
        self.positions[listing.con_id] = held
        self.costs[listing.con_id] = price * listing.multiplier
        self.cash -= signed * price * listing.multiplier + fee

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Tag, value and currency of the account's figures, as the venue spells them."""
        yield "AccountCode", self.name, ""
        yield "AccountType", self.kind, ""
        yield "TradingType-S", "STKNOPT" if not self.is_margin else "STKMRGN", ""
        cash = f"{self.cash:.2f}" if self.cash == round(self.cash, 2) else f"{self.cash:f}"
        yield "CashBalance", cash, "BASE"
        yield "CashBalance", cash, "USD"
        yield "TotalCashBalance", cash, "BASE"
        yield "TotalCashBalance", cash, "USD"
        yield "TotalCashValue", cash, "USD"
        yield "SettledCash", cash, "USD"
        yield "NetLiquidation", cash, "USD"
        yield "AvailableFunds", cash, "USD"
        yield "BuyingPower", str(self.cash * (4 if self.is_margin else 1)), "USD"
        yield "Currency", "USD", "USD"

    def lines(self, listings: dict[int, Listing]) -> Iterator[list[object]]:
        """The `position` messages of this account, without those of nothing."""
        for con_id, held in self.positions.items():
            if held:
                yield self.line(listings[con_id])

    def line(self, listing: Listing) -> list[object]:
        """One `position` message."""
        held = self.positions.get(listing.con_id, Decimal(0))
        cost = self.costs.get(listing.con_id, Decimal(0))
        return [61, 3, self.name, *listing.fields(exchange=""), held, cost]

    def portfolio_line(self, listing: Listing, mark: Decimal) -> list[object]:
        """One `updatePortfolio` message."""
        held = self.positions.get(listing.con_id, Decimal(0))
        cost = self.costs.get(listing.con_id, Decimal(0))
        value = held * mark * listing.multiplier
        return [
            7,
            8,
            *listing.fields(exchange=""),
            held,
            mark,
            value,
            cost,
            value - held * cost,
            0.0,
            self.name,
        ]
