"""The worked examples of the handbook's strategy pages: read, and computed by the desk's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.collateral import Units, held_by
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Price
from allusedesk.risk.payoff import PayoffLeg, break_evens, profit_at_expiry, worst_case

_FAR = Price(Decimal(1_000_000))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an example's table of legs, as written."""

    leg: str
    side: str
    kind: str
    expiry: str
    strike: str
    price: str

    @property
    def signed(self) -> int:
        """Units: contracts, or as many shares as one contract covers."""
        units = 1 if self.kind != "shares" else 100
        return units if self.side == "buy" else -units

    @property
    def instrument(self) -> Instrument:
        if self.kind == "shares":
            return Stock("SPY")
        right = Right.PUT if self.kind == "put" else Right.CALL
        return OptionContract("SPY", date.fromisoformat(self.expiry), right, Decimal(self.strike))


def figures_of(rows: Sequence[Row]) -> dict[str, str]:
    """Every figure of an example, by its name on the page."""
    legs = [PayoffLeg(row.instrument, row.signed, Price(Decimal(row.price))) for row in rows]
    has_shares = any(row.kind == "shares" for row in rows)
    units = [
        Units(leg.instrument, leg.quantity_signed, is_covered=has_shares)
        for leg in legs
        if isinstance(leg.instrument, OptionContract)
    ]
    credit = sum(
        (-leg.price.per_unit if leg.quantity_signed > 0 else leg.price.per_unit for leg in legs),
        start=Decimal(0),
    )
    worst = worst_case(legs)
    assert worst is not None
    strikes = [row.strike for row in rows if row.strike] + ["0"]
    at_most = max(profit_at_expiry(legs, Price(Decimal(strike))).amount for strike in strikes)
    far = profit_at_expiry(legs, _FAR).amount
    points = ", ".join(f"{point.per_unit:.2f}" for point in break_evens(legs))
    found = {
        "net credit a share" if credit > 0 else "paid a share": f"{abs(credit):.2f}",
        "cash held for the shorts": f"{held_by(units, NOTHING).cash.amount:,.2f}",
        "most it can lose": f"{-worst.amount:,.2f}",
    }
    if len({row.expiry for row in rows if row.expiry}) > 1:
        # What lives on is worth more than its intrinsic value, and how much more nobody knows.
        return found
    return {
        **found,
        "most it can earn": "no limit" if far > at_most else f"{at_most:,.2f}",
        "break-even": points,
    }
