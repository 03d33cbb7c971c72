"""What a short put ties up: the cash that secures it, and Regulation T shown beside it."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price, notional

# Regulation T by way of the exchanges' margin rules; law, not protocol.
SPOT_SHARE = Decimal("0.20")
SPOT_SHARE_BROAD_INDEX = Decimal("0.15")
STRIKE_SHARE_MIN = Decimal("0.10")
# Indexes, and the funds that hold them, which the rules call broad-based.
BROAD_INDEXES = frozenset({"SPX", "XSP", "NDX", "RUT", "SPY", "QQQ", "IWM"})


def cash_secured(contract: OptionContract, quantity: int, fee_per_contract: Money) -> Money:
    """Settled cash that `quantity` short puts hold: strike x multiplier plus fees.

    Raises ValueError for a call, which shares cover and no cash does.
    """
    if contract.right is not Right.PUT:
        message = f"{contract} is no put: shares cover a call, not cash."
        raise ValueError(message)
    strike = notional(Price(contract.strike), quantity, contract.multiplier)
    return strike + fee_per_contract * quantity


def regulation_t(contract: OptionContract, quantity: int, premium: Price, spot: Price) -> Money:
    """The requirement for uncovered puts: premium + max(20% of spot - distance, 10% of strike).

    A broad index takes 15% of spot; the distance is how far the put is out of the money.
    Shown beside the cash that secures it, never used in its place.
    """
    is_broad = contract.underlying in BROAD_INDEXES
    share = SPOT_SHARE_BROAD_INDEX if is_broad else SPOT_SHARE
    distance = max(spot.per_unit - contract.strike, Decimal(0))
    least = STRIKE_SHARE_MIN * contract.strike
    per_share = premium.per_unit + max(share * spot.per_unit - distance, least)
    return notional(Price(per_share), quantity, contract.multiplier)
