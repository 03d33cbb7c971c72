"""`ApprovalCard`: everything a person should see before an answer, on one immutable card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional
from allusedesk.domain.proposals import Comparison, NamedAmount, Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.domain.terms import Alternative, NetGreeks, TermsSeen
from allusedesk.engine.approval_terms import terms_of
from allusedesk.engine.card_people import NOBODY, CardPeople, people_of
from allusedesk.engine.sleeve_views import cash_free, fee_per_contract, reserved_for
from allusedesk.engine.state import DeskState, Ticket
from allusedesk.execution.ticket import Unpriceable, net_mid, worst_credit
from allusedesk.journal.codec import write_value
from allusedesk.learning.overlay import forecast_line
from allusedesk.protocol.verdicts import exact
from allusedesk.risk.alternatives import outcome_of, premium_of, with_units
from allusedesk.risk.limits import payoff_legs
from allusedesk.risk.market_gates import tick_for
from allusedesk.risk.payoff import PayoffLeg, break_evens, profit_at_expiry

DO_NOTHING = "do nothing"
PROPOSED = "as proposed"
# How far the payoff picture reaches to both sides of spot, and in how many steps.
_REACH, _STEPS = Decimal("0.30"), 24


@dataclass(frozen=True, slots=True)
class AssignmentShown:
    """What becomes of the account if an option it sells is assigned.

    Bought for a put, else sold for a call; `basis` is what a share then costs or brings, with the
    premium counted.
    """

    is_purchase: bool
    symbol: str
    shares: int
    strike: Price
    amount: Money
    basis: Price


@dataclass(frozen=True, slots=True)
class PayoffPoint:
    """Profit at expiry with the underlying at a price."""

    spot: Price
    profit: Money


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """A question with its evidence.

    `limit` is what an order would ask now, `limit_worst` what it would never go beyond, `margin`
    what Regulation T asks for it. `greeks_before` are the sleeve's in the underlying at its last
    marks. `alternatives` begin with the proposal itself and end with doing nothing. `blocked`
    says why it cannot be approved now. `people` are those who sign, and what trust would do.
    `terms` go with the answer.
    """

    proposal: Proposal
    terms: TermsSeen
    gates: tuple[Comparison, ...]
    warnings: tuple[str, ...]
    spot: Price | None
    limit: Price | None
    limit_worst: Price | None
    premium: Money
    margin: Money
    collateral_before: Money
    collateral_after: Money
    cash_before: Money
    cash_after: Money
    worst_case: Money
    scenarios: tuple[NamedAmount, ...]
    break_evens: tuple[Price, ...]
    probability_of_profit: Decimal | None
    greeks_before: NetGreeks
    greeks_after: NetGreeks | None
    assignments: tuple[AssignmentShown, ...]
    payoff: tuple[PayoffPoint, ...]
    positions: tuple[PayoffLeg, ...]
    alternatives: tuple[Alternative, ...]
    forecast: str
    is_modelled: bool
    is_stale: bool
    blocked: str
    people: CardPeople = NOBODY

    @property
    def digest(self) -> str:
        """The name of this card and its quotes, as it is recorded with the answer."""
        return self.terms.digest


def card_of(
    state: DeskState, ticket: Ticket, quotes: tuple[Quote, ...], now: datetime
) -> ApprovalCard:
    """The card of an open proposal, from the state and the quotes of its legs and underlyings.

    The same state, quotes and instant give the same card and so the same digest.
    """
    proposal = ticket.proposal
    glance = MarketSnapshot(taken_at=now, held=quotes)
    now_terms = terms_of(state, proposal, glance)
    spot = _spot(proposal, glance)
    judged = ticket.judged
    positions = payoff_legs(replace(proposal, spot=spot), state.book, glance)
    worst, shown = outcome_of(positions, spot)
    before, after = _collateral(state, ticket)
    free_before = cash_free(state, proposal.account) + reserved_for(state, ticket)
    limit, limit_worst = _limits(state, proposal, glance)
    greeks_before = _greeks_held(state, proposal)
    own = judged.greeks if judged is not None else None
    stale = _stale(state, proposal, quotes, now)
    card = ApprovalCard(
        proposal=proposal,
        terms=TermsSeen(
            "",
            state.sequence,
            now,
            now_terms.price,
            proposal.quantity,
            now_terms.margin,
            now_terms.lots,
            quotes,
        ),
        gates=judged.comparisons if judged is not None else (),
        warnings=judged.warnings if judged is not None else (),
        spot=spot,
        limit=limit,
        limit_worst=limit_worst,
        premium=premium_of(proposal),
        margin=now_terms.margin,
        collateral_before=before,
        collateral_after=after,
        cash_before=free_before,
        cash_after=free_before - (after - before) - _paid(proposal),
        worst_case=worst,
        scenarios=shown,
        break_evens=break_evens(positions),
        probability_of_profit=judged.probability_of_profit if judged is not None else None,
        greeks_before=greeks_before,
        greeks_after=None if own is None else _added(greeks_before, own),
        assignments=_assignments(proposal),
        payoff=_payoff(positions, spot),
        positions=positions,
        alternatives=_alternatives(state, ticket, positions, glance, after),
        forecast=forecast_line(proposal.week, state.forecast),
        is_modelled=proposal.is_modelled or any(quote.is_modelled for quote in quotes),
        is_stale=bool(stale),
        blocked=stale if _opens(proposal) else "",
        people=people_of(state, ticket),
    )
    return replace(card, terms=replace(card.terms, digest=digest_of(card)))


def digest_of(card: ApprovalCard) -> str:
    """A hash over everything on the card and its quotes but the digest itself."""
    bare = replace(card, terms=replace(card.terms, digest=""))
    content = [
        _plain(getattr(bare, field.name))
        for field in fields(ApprovalCard)
        # A card that one person answers alone has the digest it had before two could sign.
        if field.name != "people" or card.people != NOBODY
    ]
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def instruments_of(proposal: Proposal) -> tuple[Instrument, ...]:
    """What a card must be quoted: the legs, then the shares under them."""
    legs = [leg.instrument for leg in proposal.legs]
    shares = [Stock(leg.instrument.underlying) for leg in proposal.legs]
    return tuple(dict.fromkeys([*legs, *shares]))


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    return json.loads(write_value(type(value), value))


def _spot(proposal: Proposal, glance: MarketSnapshot) -> Price | None:
    if not proposal.legs:
        return proposal.spot
    quote = glance.quote_of(Stock(proposal.legs[0].instrument.underlying))
    mark = quote.mark if quote is not None else None
    return proposal.spot if mark is None else mark


def _limits(
    state: DeskState, proposal: Proposal, glance: MarketSnapshot
) -> tuple[Price | None, Price | None]:
    """What an order would ask first and accept at worst, as `write_order` prices it."""
    if not proposal.legs:
        return None, None
    try:
        mid = net_mid(proposal.legs, glance, state.rules)
        worst = worst_credit(proposal.legs, glance, state.rules)
    except Unpriceable:
        return None, None
    if proposal.credit_least is not None:
        worst = max(worst, proposal.credit_least)
    tick = min(tick_for(leg.instrument, abs(mid.per_unit), state.rules) for leg in proposal.legs)
    return max(mid.rounded_to(tick, ROUND_CEILING), worst), worst


def _collateral(state: DeskState, ticket: Ticket) -> tuple[Money, Money]:
    """Cash that secures the sleeve's puts now, and once the proposal is filled."""
    fee, proposal = fee_per_contract(state), ticket.proposal
    before = state.book.collateral_of(proposal.account, fee)
    judged = ticket.judged
    if proposal.is_of_strategy and judged is not None:
        return before, before + judged.collateral_after - judged.collateral_before
    after = before
    for leg in proposal.legs:
        option = leg.instrument
        if not isinstance(option, OptionContract) or option.right is not Right.PUT:
            continue
        strike = notional(Price(option.strike), proposal.quantity, option.multiplier)
        held = strike + fee * proposal.quantity
        if leg.closes is None and leg.side is Side.SELL:
            after = after + held
        elif leg.closes is not None and leg.side is Side.BUY:
            after = after - held
    return before, after


def _paid(proposal: Proposal) -> Money:
    """What it pays, with what it takes for shares; a credit counts once it has settled."""
    premium = premium_of(proposal)
    return -premium if premium < NOTHING else NOTHING


def _greeks_held(state: DeskState, proposal: Proposal) -> NetGreeks:
    net = NetGreeks()
    symbols = {leg.instrument.underlying for leg in proposal.legs}
    for lot in state.book.positions_of(proposal.account):
        if lot.underlying not in symbols:
            continue
        if lot.is_shares:
            net = replace(net, delta=net.delta + lot.quantity_signed)
            continue
        quote = state.marks.get(lot.instrument)
        if quote is not None and quote.greeks is not None:
            net = with_units(net, quote.greeks, lot.quantity_signed * lot.instrument.multiplier)
    return net


def _added(one: NetGreeks, other: NetGreeks) -> NetGreeks:
    return NetGreeks(
        one.delta + other.delta,
        one.gamma + other.gamma,
        one.theta + other.theta,
        one.vega + other.vega,
    )


def _assignments(proposal: Proposal) -> tuple[AssignmentShown, ...]:
    found = []
    for leg in proposal.legs:
        option = leg.instrument
        if leg.closes is not None or leg.side is not Side.SELL:
            continue
        if not isinstance(option, OptionContract):
            continue
        is_put = option.right is Right.PUT
        strike = Price(option.strike)
        credit = proposal.credit_net if proposal.credit_net is not None else Price(Decimal(0))
        shares = proposal.quantity * option.multiplier
        found.append(
            AssignmentShown(
                is_purchase=is_put,
                symbol=option.underlying,
                shares=shares,
                strike=strike,
                amount=notional(strike, shares),
                basis=strike - credit if is_put else strike + credit,
            )
        )
    return tuple(found)


def _payoff(positions: tuple[PayoffLeg, ...], spot: Price | None) -> tuple[PayoffPoint, ...]:
    """Profit over prices around spot, exact at each strike: straight lines between the points."""
    if spot is None or not positions:
        return ()
    low, high = spot.per_unit * (1 - _REACH), spot.per_unit * (1 + _REACH)
    strikes = {
        leg.instrument.strike for leg in positions if isinstance(leg.instrument, OptionContract)
    }
    if strikes:
        low, high = min(low, *strikes), max(high, *strikes)
    step = (high - low) / _STEPS
    grid = {low + step * number for number in range(_STEPS + 1)} | strikes | {spot.per_unit}
    prices = [Price(price) for price in sorted(grid)]
    return tuple(PayoffPoint(price, profit_at_expiry(positions, price)) for price in prices)


def _alternatives(
    state: DeskState,
    ticket: Ticket,
    positions: tuple[PayoffLeg, ...],
    glance: MarketSnapshot,
    collateral_after: Money,
) -> tuple[Alternative, ...]:
    proposal, judged = ticket.proposal, ticket.judged
    if not proposal.legs:
        return ()
    spot = _spot(proposal, glance)
    worst, shown = outcome_of(positions, spot)
    own = judged.greeks if judged is not None else None
    first = Alternative(
        PROPOSED,
        proposal.legs,
        proposal.credit_net,
        premium_of(proposal),
        worst,
        shown,
        collateral_after,
        judged.probability_of_profit if judged is not None else None,
        None if own is None else own.delta,
    )
    held = _held(state, proposal)
    worst, shown = outcome_of(held, spot)
    before = state.book.collateral_of(proposal.account, fee_per_contract(state))
    nothing = Alternative(DO_NOTHING, (), None, NOTHING, worst, shown, before, None, 0.0)
    others = judged.alternatives if judged is not None else ()
    return (first, *others, nothing)


def _held(state: DeskState, proposal: Proposal) -> tuple[PayoffLeg, ...]:
    """What would go on being held: the lots it closes, and the shares it writes calls on."""
    held = []
    for leg in proposal.legs:
        for name in (leg.closes, leg.linked_to):
            lot = state.book.positions.get(name) if name is not None else None
            if lot is None:
                continue
            units = proposal.quantity
            if lot.is_shares and isinstance(leg.instrument, OptionContract):
                units *= leg.instrument.multiplier
            units = min(units, abs(lot.quantity_signed))
            signed = units if lot.quantity_signed > 0 else -units
            held.append(PayoffLeg(lot.instrument, signed, lot.price_average))
    return tuple(held)


def _opens(proposal: Proposal) -> bool:
    return any(leg.closes is None for leg in proposal.legs)


def _stale(state: DeskState, proposal: Proposal, quotes: tuple[Quote, ...], now: datetime) -> str:
    """Which quote is missing or too old, as a sentence; empty where all are fresh."""
    most = state.rules.quotes.age_seconds_max
    for leg in proposal.legs:
        quote = next((each for each in quotes if each.instrument == leg.instrument), None)
        if quote is None:
            return f"There is no quote of {leg.instrument}."
        age = exact(quote.age_seconds(now))
        if age > most:
            return f"The quote of {leg.instrument} is older than {most} seconds."
    return ""
