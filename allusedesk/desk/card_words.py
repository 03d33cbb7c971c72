"""An approval card in words: what is asked, what it costs, what could become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allusedesk.desk import formatting
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal, Side

if TYPE_CHECKING:
    from allusedesk.domain.terms import Alternative, NetGreeks
    from allusedesk.engine.approval_card import ApprovalCard, AssignmentShown


def headline(proposal: Proposal) -> str:
    """`Sell 5 AAPL 13 Feb 26 260 P`, or its reason where no order follows."""
    if not proposal.legs:
        return f"{proposal.kind.value.capitalize()}: {proposal.note or proposal.reason}"
    words = {Side.BUY: "buy", Side.SELL: "sell"}
    parts = [
        f"{words[leg.side]} {formatting.number(proposal.quantity, 0)} "
        f"{formatting.instrument(leg.instrument)}"
        for leg in proposal.legs
    ]
    text = ", ".join(parts)
    return text[0].upper() + text[1:]


def reason_lines(proposal: Proposal) -> str:
    """Why it is asked, and what sums of money it names."""
    sums = [f"{named.name} {formatting.money(named.amount)} USD" for named in proposal.amounts]
    return "\n".join([proposal.reason, "; ".join(sums)]) if sums else proposal.reason


def order_line(card: ApprovalCard) -> str:
    """The order that would be sent now: its first limit, and how far it may be moved."""
    if card.limit is None:
        return "There is no price to send an order at." if card.proposal.legs else "No order."
    is_debit = is_paid(card)
    word, bound = ("pay", "more") if is_debit else ("receive", "less")
    worst = card.limit_worst
    least = "" if worst is None else f", never {bound} than {_unsigned(worst, is_debit)}"
    return (
        f"Day limit: {word} {_unsigned(card.limit, is_debit)} a share net{least} "
        f"(proposed at {_unsigned(card.proposal.credit_net, is_debit)})."
    )


def is_paid(card: ApprovalCard) -> bool:
    """True where the order costs money instead of bringing it in."""
    return card.limit is not None and card.limit.per_unit < 0


def _unsigned(price: Price | None, is_debit: bool) -> str:  # noqa: FBT001 - one of two words
    if price is None or not is_debit:
        return formatting.price(price)
    return formatting.price(Price(-price.per_unit))


def assignment_line(shown: AssignmentShown) -> str:
    """What an assignment would do, as a sentence."""
    shares = formatting.number(shown.shares, 0)
    if shown.is_purchase:
        return (
            f"If assigned: {shares} {shown.symbol} bought at {formatting.price(shown.strike)} for "
            f"{formatting.money(shown.amount)} USD, {formatting.price(shown.basis)} a share after "
            "the premium."
        )
    return (
        f"If assigned: {shares} {shown.symbol} sold at {formatting.price(shown.strike)} for "
        f"{formatting.money(shown.amount)} USD, {formatting.price(shown.basis)} a share with the "
        "premium."
    )


def greeks_line(greeks: NetGreeks | None) -> tuple[str, str, str, str]:
    """Delta in shares, gamma, theta a day and vega a point, each signed."""
    if greeks is None:
        nothing = formatting.NOTHING_TO_SHOW
        return (nothing, nothing, nothing, nothing)
    return (
        formatting.number(greeks.delta, 1, signed=True),
        formatting.number(greeks.gamma, 2, signed=True),
        formatting.number(greeks.theta, 2, signed=True),
        formatting.number(greeks.vega, 2, signed=True),
    )


def quotes_line(card: ApprovalCard) -> str:
    """The two sides of each leg as the card was drawn."""
    shown = []
    for quote in card.terms.quotes:
        age = formatting.age(quote.age_seconds(card.terms.seen_at))
        modelled = ", modelled" if quote.is_modelled else ""
        shown.append(
            f"{formatting.instrument(quote.instrument)}  {formatting.price(quote.bid)} / "
            f"{formatting.price(quote.ask)}  ({age} old{modelled})"
        )
    return "\n".join(shown) or "No quotes."


def alternative_row(one: Alternative) -> tuple[str, ...]:
    """One line of the table of alternatives, in the order of `ALTERNATIVE_TITLES`."""
    falls = {named.name: named.amount for named in one.scenarios}
    return (
        one.name,
        formatting.money(one.premium, signed=True),
        formatting.whole_money(one.worst_case, signed=True),
        formatting.whole_money(falls.get("-10% overnight"), signed=True),
        formatting.whole_money(falls.get("-20% overnight"), signed=True),
        formatting.whole_money(one.collateral_after),
        formatting.percent(one.probability_of_profit),
        formatting.number(one.delta, 0, signed=True),
    )


ALTERNATIVE_TITLES = (
    "instead",
    "premium",
    "worst",
    f"{formatting.MINUS}10%",
    f"{formatting.MINUS}20%",
    "collateral",
    "P(profit)",
    "delta",
)


def largeness(card: ApprovalCard, quantity: int, contracts_max: int, worst_from: Money) -> str:
    """What makes an approval too large for a hold alone; empty where nothing does.

    Above the limit of two signatures each of the two types the quantity.
    """
    if card.people.needs_second and card.proposal.legs:
        return "two persons have to sign it"
    if -card.worst_case >= worst_from:
        return f"its worst case is {formatting.money(card.worst_case)} USD"
    if is_large(card, quantity, contracts_max):
        return f"it is for more than {contracts_max} contracts"
    return ""


def is_large(card: ApprovalCard, quantity: int, contracts_max: int) -> bool:
    """True for more option contracts than a hold alone may approve; shares are no contracts."""
    legs = card.proposal.legs
    return quantity > contracts_max and any(
        isinstance(leg.instrument, OptionContract) for leg in legs
    )
