"""`last_look`: price still near, cash and shares still there, market still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.book import Book
from allusedesk.domain.changing import replace
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session
from allusedesk.execution.slicing import Clip
from allusedesk.execution.ticket import Unpriceable, net_mid
from allusedesk.protocol.liquidity import worst_price
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import exact
from allusedesk.risk.compliance import objection_at_sending
from allusedesk.risk.exposures import covers_of, exposure_after
from allusedesk.risk.limits import Standing
from allusedesk.risk.market_gates import tick_for


@dataclass(frozen=True, slots=True)
class Objection:
    """Why what was approved is not sent: a rule, and a sentence with its figures."""

    rule: str
    reason: str


def last_look(
    proposal: Proposal,
    clip: Clip,
    book: Book,
    standing: Standing,
    snapshot: MarketSnapshot,
    session: Session | None,
    rulebook: Rulebook,
) -> Objection | None:
    """The first thing that no longer holds for the next clip, or None.

    `standing.view.cash_free` leaves this proposal out. Closes are stopped only by a closed
    market, a missing quote, a lot that is gone and a day trade too many; rolls by their price too.
    """
    now = snapshot.taken_at
    if session is None or not session.opens_at <= now < session.closes_at:
        return Objection("market.closed", f"The market is closed at {now}.")
    try:
        mid = net_mid(proposal.legs, snapshot, rulebook)
    except Unpriceable as missing:
        return Objection("chain.none", str(missing))
    if not clip.quantity:
        return Objection(
            "cap.symbol", f"At {mid} a share not one lot fits under the caps any more."
        )
    wanted = replace(proposal, quantity=clip.quantity)
    exposure = exposure_after(wanted, standing.view, Money(rulebook.costs.contract))
    if exposure.mismatched:
        return Objection("close.lot", f"{exposure.mismatched[0]}: there is not that much to close.")
    for cover in covers_of(wanted, book, standing.orders):
        if cover.needed > cover.shares:
            reason = f"{cover.needed} shares of {cover.symbol} are needed, {cover.shares} are held."
            return Objection("cover.shares", reason)
    if standing.around is not None:
        found = objection_at_sending(proposal, book, standing.around, snapshot, rulebook)
        if found is not None:
            met = found.comparison
            return Objection(found.rule, f"{met.name}: {met.value}; {met.limit}.")
    if all(leg.closes is not None for leg in proposal.legs):
        return None
    moved = _moved(proposal, mid.per_unit, rulebook)
    if moved is not None or not proposal.is_opening:
        return moved
    free = standing.view.cash_free
    if exposure.cash_needed > free:
        reason = f"{exposure.cash_needed} of settled cash is needed, {free} is free."
        return Objection("cash.secured", reason)
    return _stale(proposal, snapshot, now, rulebook)


def _stale(
    proposal: Proposal, snapshot: MarketSnapshot, now: datetime, rulebook: Rulebook
) -> Objection | None:
    most = rulebook.quotes.age_seconds_max
    for leg in proposal.legs:
        quote = snapshot.quote_of(leg.instrument)
        if quote is not None and exact(quote.age_seconds(now)) > most:
            age = f"{quote.age_seconds(now)} seconds"
            return Objection("quote.age", f"The quote of {leg.instrument} is {age} old.")
    return None


def _moved(proposal: Proposal, mid: Decimal, rulebook: Rulebook) -> Objection | None:
    """Further against us than an order might ever be moved: that is not what was approved."""
    asked = proposal.credit_net
    if asked is None:
        return None
    is_credit = asked.per_unit > 0
    side = Side.SELL if is_credit else Side.BUY
    size = asked if is_credit else replace(asked, per_unit=-asked.per_unit)
    tick = tick_for(proposal.legs[0].instrument, size.per_unit, rulebook)
    worst = worst_price(size, side, tick, rulebook).per_unit
    least = worst if is_credit else -worst
    if mid >= least:
        return None
    reason = f"The net price is now {mid}; approved was {asked}, and {least} at the worst."
    return Objection("price.moved", reason)
