"""What the rulebook lets a weight be, and the whole option lots that a weight affords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import STANDARD_MULTIPLIER
from allusedesk.domain.money import CENT, Money, Price, notional
from allusedesk.portfolio.construction import CannotConstruct, Caps, Weight
from allusedesk.protocol.rulebook import Rulebook


def caps_of(rulebook: Rulebook, kind: AccountKind | None, own: Decimal | None = None) -> Caps:
    """A sleeve's cap per symbol and its buffer, or those of the whole desk (protocol, section 2).

    The whole desk has the issuer's cap and the largest buffer. `own` is a stricter cap of a
    person's.
    """
    rules = [rulebook.account(one) for one in AccountKind]
    cap: Decimal | None = rulebook.capital.issuer_cap
    buffer = max(one.cash_buffer for one in rules)
    if kind is not None:
        cap, buffer = rulebook.account(kind).symbol_cap, rulebook.account(kind).cash_buffer
    if own is not None:
        cap = own if cap is None else min(cap, own)
    return Caps(cap, buffer)


@dataclass(frozen=True, slots=True)
class Afforded:
    """What one weight comes to: `tied_up` is what its lots hold, `reached` that part of equity.

    One lot is a cash-secured put of 100 shares at the price, fees included; `equity_needed` is
    the smallest equity, to the cent, at which this weight affords one. A weight of nothing needs
    none.
    """

    name: str
    target: Decimal
    lots: int
    lot_cost: Money
    tied_up: Money
    reached: Decimal
    equity_needed: Money | None


def lots_afforded(
    weights: Sequence[Weight], equity: Money, prices: Mapping[str, Price], fee_per_lot: Money
) -> tuple[Afforded, ...]:
    """Each weight in whole lots, rounded down; raises CannotConstruct where a price is missing."""
    if equity.amount <= 0:
        raise CannotConstruct(f"With an equity of {equity} nothing can be placed.")
    found = []
    for one in weights:
        price = prices.get(one.name)
        if price is None or price.per_unit <= 0:
            raise CannotConstruct(f"{one.name} has no price above zero, so no lot can be counted.")
        cost = notional(price, 1, STANDARD_MULTIPLIER) + fee_per_lot
        lots = int((equity * one.weight).amount // cost.amount)
        tied_up = cost * lots
        needed = None
        if one.weight > 0:
            needed = Money((cost.amount / one.weight).quantize(CENT, ROUND_CEILING), cost.currency)
        reached = tied_up.share_of(equity)
        found.append(Afforded(one.name, one.weight, lots, cost, tied_up, reached, needed))
    return tuple(found)
