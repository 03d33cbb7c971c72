"""Whether what a person saw still holds: price, margin and position within the stated band."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.inputs import OperatorDecided
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.terms import LotSeen, TermsSeen
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import exact, written
from allusedesk.risk.market_gates import tick_for

SEEN_PRICE = "seen.price"
SEEN_MARGIN = "seen.margin"
SEEN_POSITION = "seen.position"
# What is void by one of these moved after it was seen, and is asked for again.
ASKED_AGAIN = frozenset({SEEN_MARGIN, SEEN_POSITION, SEEN_PRICE})


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer rests on, as it stands at one instant; see `TermsSeen`."""

    price: Price | None
    margin: Money
    lots: tuple[LotSeen, ...]


@dataclass(frozen=True, slots=True)
class Departure:
    """What has left the band since it was seen: the rule, and a sentence with its figures."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Band:
    """The prices around one that was seen, both ends included."""

    lowest: Decimal
    highest: Decimal

    def holds(self, value: Decimal) -> bool:
        """True for a value within the band."""
        return self.lowest <= value <= self.highest


def price_band(proposal: Proposal, price: Price, rulebook: Rulebook) -> Band:
    """Section 8's allowance to both sides of a net price: 5% of it (the rulebook's) or a tick."""
    size = abs(price.per_unit)
    tick = tick_for(proposal.legs[0].instrument, size, rulebook)
    allowance = max(rulebook.orders.worst_price * size, tick)
    return Band(price.per_unit - allowance, price.per_unit + allowance)


def departure_from(
    seen: TermsSeen, now: Terms, proposal: Proposal, rulebook: Rulebook
) -> Departure | None:
    """The first of position, price and margin that is no longer as it was seen; None for none.

    A lot counts exactly; price and margin may move by the rulebook's share, either way, since a
    better price is other evidence too.
    """
    if seen.lots != now.lots:
        was, there = _lots(seen.lots), _lots(now.lots)
        return Departure(SEEN_POSITION, f"The position was {was} when you approved; it is {there}.")
    if seen.price is not None:
        band = price_band(proposal, seen.price, rulebook)
        if now.price is None or not band.holds(now.price.per_unit):
            stands = "unknown" if now.price is None else written(now.price.per_unit)
            return Departure(
                SEEN_PRICE,
                f"The net price is {stands}; you saw {written(seen.price.per_unit)}, which allows "
                f"{written(band.lowest)} to {written(band.highest)}.",
            )
    allowed = abs(seen.margin.amount) * rulebook.orders.worst_price
    if abs(now.margin.amount - seen.margin.amount) > allowed:
        share = written(rulebook.orders.worst_price * 100)
        return Departure(
            SEEN_MARGIN, f"The margin is {now.margin}; you saw {seen.margin}, within {share}%."
        )
    return None


def unanswerable(
    decided: OperatorDecided,
    proposal: Proposal,
    now: datetime,
    rulebook: Rulebook,
    *,
    must_show: bool = False,
) -> str:
    """Why an approval cannot be taken as it was given; empty where it can.

    With `must_show` an answer to an order has to say which card it was given on.
    """
    if must_show and decided.seen is None and proposal.legs:
        return "it does not say what was seen; open the question and answer it there"
    return (
        _another_card(decided, proposal, now)
        or _stale(decided, proposal, now, rulebook)
        or _beyond_rules(decided, proposal, rulebook)
    )


def _another_card(decided: OperatorDecided, proposal: Proposal, now: datetime) -> str:
    """A card of another question, or of another time, binds an answer to nothing."""
    seen = decided.seen
    if seen is None:
        return ""
    is_of_now = proposal.made_at <= seen.seen_at <= now
    if is_of_now and seen.quantity == proposal.quantity:
        return ""
    return "the card it was given on is not this question's; open the question and answer it there"


def _stale(decided: OperatorDecided, proposal: Proposal, now: datetime, rulebook: Rulebook) -> str:
    """Nothing is opened on quotes that are too old; a close alone is never kept waiting."""
    if decided.seen is None or all(leg.closes is not None for leg in proposal.legs):
        return ""
    most = rulebook.quotes.age_seconds_max
    for leg in proposal.legs:
        quote = next((q for q in decided.seen.quotes if q.instrument == leg.instrument), None)
        if quote is None:
            return f"the card had no quote of {leg.instrument}; answer again once there is one"
        age = exact(quote.age_seconds(now))
        if age > most:
            return (
                f"the quote of {leg.instrument} on the card was {written(age)} seconds old, more "
                f"than {written(most)}; answer again once it is fresh"
            )
    return ""


def _beyond_rules(decided: OperatorDecided, proposal: Proposal, rulebook: Rulebook) -> str:
    """An edit may make it smaller, and ask for a price within the band, but nothing else."""
    wanted, limit = decided.quantity, decided.limit
    if wanted is not None and not 1 <= wanted <= proposal.quantity:
        return f"{wanted} is not between 1 and the {proposal.quantity} proposed"
    if limit is None:
        return ""
    if proposal.credit_net is None or not proposal.legs:
        return "no order follows from it, so it has no limit to change"
    if proposal.credit_least is not None and limit < proposal.credit_least:
        return f"the limit {limit} is below {proposal.credit_least}, where its rule ends"
    shown = decided.seen.price if decided.seen is not None else None
    band = price_band(proposal, proposal.credit_net if shown is None else shown, rulebook)
    if band.holds(limit.per_unit):
        return ""
    lowest, highest = written(band.lowest), written(band.highest)
    return f"the limit {limit} is outside {lowest} to {highest}"


def _lots(lots: tuple[LotSeen, ...]) -> str:
    return ", ".join(f"{lot.quantity_signed} in {lot.lot}" for lot in lots) or "none"
