"""What a broker takes for a trade (protocol, section 8)."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.money import Money
from allusedesk.protocol.rulebook import Rulebook


def contract_commission(contracts: int, rulebook: Rulebook) -> Money:
    """The commission on option contracts; each leg of an order pays its own."""
    return Money(rulebook.costs.contract * contracts)


def share_commission(shares: int, rulebook: Rulebook) -> Money:
    """The commission on one order of shares, with its least amount."""
    costs = rulebook.costs
    return Money(max(costs.share * Decimal(shares), costs.share_order_min))
