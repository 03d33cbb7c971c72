"""Instruments as Interactive Brokers names them, there and back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ib_async import ComboLeg, Contract, LimitOrder, MarketOrder
from ib_async import Order as VendorOrder

from allusedesk.domain.instruments import (
    INDEX_CLASSES,
    STANDARD_MULTIPLIER,
    Instrument,
    OptionContract,
    Right,
    Stock,
)
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Side
from allusedesk.execution.brokers.interactive_brokers_facts import exact
from allusedesk.execution.brokers.interactive_brokers_orders import Place, is_sale

_ROUTE = "SMART"
_CURRENCY = "USD"
# Far above what any listed option delivers, adjusted ones included.
_MULTIPLIER_MAX = 100_000


def contract_of(instrument: Instrument) -> Contract:
    """What to ask the venue for, to learn its number of an instrument.

    Share classes are written with a space there (BRK B). The root of an index option is the
    venue's trading class; for other options the class is left open unless it is an adjusted one.
    """
    if isinstance(instrument, Stock):
        return Contract(
            secType="STK", symbol=_spaced(instrument.symbol), exchange=_ROUTE, currency=_CURRENCY
        )
    root = instrument.underlying
    index = INDEX_CLASSES.get(root)
    symbol = index.index if index is not None else root.rstrip("0123456789")
    return Contract(
        secType="OPT",
        symbol=_spaced(symbol),
        lastTradeDateOrContractMonth=f"{instrument.expiry:%Y%m%d}",
        strike=float(instrument.strike),
        right=instrument.right.value,
        multiplier=str(instrument.multiplier),
        tradingClass=root if index is not None or root != symbol else "",
        exchange=_ROUTE,
        currency=_CURRENCY,
    )


def instrument_of(contract: Contract) -> Instrument:
    """What a contract of the venue's is to us.

    What the desk does not trade (currencies, bonds, futures) becomes a share of a telling name,
    so that it shows on a statement instead of being passed over. Raises ValueError where something
    that belongs to a contract is missing or is none.
    """
    symbol = contract.symbol.replace(" ", ".")
    if contract.secType == "STK":
        return Stock(symbol)
    if contract.secType != "OPT":
        return Stock(f"{symbol} {contract.secType} {contract.localSymbol}".rstrip())
    day = contract.lastTradeDateOrContractMonth
    trading_class = contract.tradingClass
    is_own_root = trading_class in INDEX_CLASSES or trading_class[-1:].isdigit()
    return OptionContract(
        trading_class if is_own_root else symbol,
        date(int(day[:4]), int(day[4:6]), int(day[6:8])),
        Right(contract.right[:1]),
        exact(contract.strike).normalize(),
        _multiplier(contract.multiplier),
    )


def combined(order: Order, numbers: tuple[int, ...]) -> Contract:
    """The combination of an order's legs, in their order; bought as a whole."""
    legs = [
        ComboLeg(
            conId=number,
            ratio=1,
            action="BUY" if leg.side is Side.BUY else "SELL",
            exchange=_ROUTE,
        )
        for leg, number in zip(order.legs, numbers, strict=True)
    ]
    symbol = contract_of(order.legs[0].instrument).symbol
    return Contract(
        secType="BAG", symbol=symbol, exchange=_ROUTE, currency=_CURRENCY, comboLegs=legs
    )


def vendor_order(order: Order, plan: Place, account: str) -> VendorOrder:
    """The order as the venue wants it, without its number."""
    action = "SELL" if is_sale(order) else "BUY"
    if order.limit is None:
        made: VendorOrder = MarketOrder(action, plan.quantity)
    else:
        per_unit = order.limit.per_unit
        made = LimitOrder(action, plan.quantity, float(per_unit if is_sale(order) else -per_unit))
    made.tif = order.time_in_force.value
    made.account = account
    made.orderRef = plan.reference
    return made


def whole(number: float | Decimal) -> int:
    """A quantity of the venue's, which writes them as decimal numbers."""
    return int(number)


def traded(number: float | Decimal) -> int:
    """The units of an execution. Raises ValueError for a part of one, or none at all."""
    units = int(number)
    if units != number or units <= 0:
        raise ValueError(f"The venue sent {number} where whole units are traded.")
    return units


def _multiplier(told: str) -> int:
    units = traded(exact(float(told or STANDARD_MULTIPLIER)))
    if units > _MULTIPLIER_MAX:
        raise ValueError(f"The venue sent a contract on {units} shares, which nobody lists.")
    return units


def _spaced(symbol: str) -> str:
    return symbol.replace(".", " ")
