"""Trades of made days, and what they come to, for the tests of taxes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_lots import LotChoice, TaxConcern, TaxPicture
from allusedesk.portfolio.tax_trades import TaxDelivery, TaxEvent, TaxTrade
from tests.trading import REV, STOCK, dollars

START = date(2012, 1, 3)
GOOG, GOOGL = Stock("GOOG"), Stock("GOOGL")


def on(days: int) -> date:
    return START + timedelta(days=days)


def option(text: str, root: str = "AAPL", days: int = 20) -> OptionContract:
    right, strike = text.split()
    return OptionContract(root, on(days), Right[right.upper()], Decimal(strike))


def trade(
    day: int, instrument: Instrument, units: int, amount: str | int, **changes: Any
) -> TaxTrade:
    """Units bought (positive) or sold, opening while `lot` is not said to be closed."""
    values: dict[str, Any] = {
        "on": on(day),
        "account": REV,
        "lot": PositionId(f"{day}/{instrument}"),
        "instrument": instrument,
        "units_signed": units,
        "amount": dollars(amount),
        "fees": NOTHING,
        "is_opening": True,
    }
    return TaxTrade(**(values | changes))


def closing(
    day: int, instrument: Instrument, units: int, amount: str | int, **changes: Any
) -> TaxTrade:
    return trade(day, instrument, units, amount, **({"is_opening": False} | changes))


def picture(
    *events: TaxEvent, through: int = 600, choice: LotChoice = LotChoice.FIFO
) -> TaxPicture:
    dated = [(day_of(event), event) for event in events]
    return estimate_tax(dated, on(through), {}, choice)


def day_of(event: TaxEvent) -> date:
    return event.options[0].on if isinstance(event, TaxDelivery) else event.on


def gains(found: TaxPicture) -> list[str]:
    return [f"{one.gain.amount.normalize():f}" for one in found.closings]


def concerns(found: TaxPicture) -> list[TaxConcern]:
    return [flag.concern for flag in found.flags]


def assigned(day: int, put: OptionContract, lot: PositionId, shares: int, paid: int) -> TaxDelivery:
    ended = closing(day, put, shares // 100, 0, lot=lot)
    got = trade(day, STOCK, shares, -paid, lot=PositionId(f"{lot}/S"), linked_to=lot)
    return TaxDelivery((ended,), (got,))
