"""The wish that sells an option, with all that a person needs to judge it (section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import Money, Price, notional
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Comparison, Leg, NamedAmount, ProposalKind, Side, TurnedDown
from allusedesk.protocol.costs import contract_commission
from allusedesk.protocol.entry_contracts import PricedQuote, judge_opening
from allusedesk.protocol.entry_window import EntryLook, SeenSymbol
from allusedesk.protocol.liquidity import contracts_admitted
from allusedesk.protocol.verdicts import exact, ratio
from allusedesk.protocol.views import Wish

# A mark's own name stays in its words, since it is what one searches for.
_MARKS = {
    "expiry.widened": "the nearest expiry beyond its band of days (expiry.widened)",
    "earnings.unknown": "no date of earnings is known (earnings.unknown)",
}


@dataclass(frozen=True, slots=True)
class Sale:
    """What is to be sold and why.

    `secured_by` is what one contract ties up, `notes` are marks to be shown beside it.
    """

    kind: ProposalKind
    role: PositionRole
    picked: PricedQuote
    contracts: int
    secured_by: Money
    rule: str
    comparisons: tuple[Comparison, ...]
    turned_down: tuple[TurnedDown, ...]
    linked_to: PositionId | None = None
    notes: tuple[str, ...] = ()


def selling_wish(look: EntryLook, seen: SeenSymbol, sale: Sale) -> Wish:
    """An order at mid for as many of the contracts as the average volume admits.

    It shows the most the trade can earn beside the tier's target, and is never made larger or
    bolder to reach it.
    """
    quote, contract = sale.picked.quote, sale.picked.quote.instrument
    admitted = contracts_admitted(exact(quote.volume_average or 0.0), look.rulebook)
    quantity = min(sale.contracts, admitted)
    gates = judge_opening(quote, quantity, look.now, look.rulebook)
    premium = notional(sale.picked.credit, quantity, contract.multiplier)
    commission = contract_commission(quantity, look.rulebook)
    collateral = sale.secured_by * quantity
    most = Decimal(ratio((premium - commission).amount, collateral.amount))
    target = look.rules.weekly_target
    return Wish(
        sale.kind,
        look.view.account,
        (Leg(contract, Side.SELL, sale.role, linked_to=sale.linked_to),),
        quantity,
        sale.picked.credit,
        sale.rule,
        _reason(sale, quantity, most, target),
        (*sale.comparisons, *gates.comparisons),
        sale.turned_down,
        spot=Price(seen.spot),
        amounts=(
            NamedAmount("premium", premium),
            NamedAmount("commission", commission),
            NamedAmount("collateral", collateral),
        ),
        most_earnable=most,
        target=target,
        is_modelled=quote.is_modelled or seen.underlying.quote.is_modelled,
    )


def _reason(sale: Sale, quantity: int, most: Decimal, target: Decimal) -> str:
    parts = [f"Sell {quantity} {sale.picked.quote.instrument}: its delta and expiry fit best"]
    parts += [_MARKS.get(note, note) for note in sale.notes]
    if quantity < sale.contracts:
        parts.append(f"fewer than the {sale.contracts} affordable, by its volume")
    if sale.picked.quote.volume_is_of_day:
        parts.append("its volume is the day's alone")
    if most < target:
        parts.append("the weekly target is not reachable today")
    return "; ".join(parts) + "."
