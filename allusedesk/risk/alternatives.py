"""What could be done instead of a proposal: the neighbouring strikes, on its own scale."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from allusedesk.domain.book import Book
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional
from allusedesk.domain.proposals import Leg, NamedAmount, Proposal
from allusedesk.domain.quotes import Greeks, MarketSnapshot
from allusedesk.domain.terms import Alternative, NetGreeks
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import SleeveView
from allusedesk.risk.exposures import exposure_after
from allusedesk.risk.limits import FALLS_SHOWN, payoff_legs
from allusedesk.risk.payoff import PayoffLeg, scenarios, worst_case
from allusedesk.risk.probability import probability_of_proposal

_SHARE = Greeks(delta=1.0, gamma=0.0, theta=0.0, vega=0.0, implied_volatility=0.0)


def neighbours_of(
    proposal: Proposal, book: Book, view: SleeveView, snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[Alternative, ...]:
    """The proposal with the next lower and the next higher quoted strike of what it opens.

    Empty where it opens no option, or where the chain was not looked at.
    """
    place = next((i for i, leg in enumerate(proposal.legs) if _opens_option(leg)), None)
    if place is None:
        return ()
    found = []
    for option in _beside(proposal.legs[place], snapshot):
        leg = replace(proposal.legs[place], instrument=option)
        legs = (*proposal.legs[:place], leg, *proposal.legs[place + 1 :])
        credit = credit_of(legs, snapshot)
        if credit is not None:
            other = replace(proposal, legs=legs, credit_net=credit)
            found.append(_alternative(other, option, book, view, snapshot, rulebook))
    return tuple(found)


def _alternative(
    other: Proposal,
    option: OptionContract,
    book: Book,
    view: SleeveView,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Alternative:
    exposure = exposure_after(other, view, Money(rulebook.costs.contract))
    worst, shown = outcome_of(payoff_legs(other, book, snapshot), other.spot)
    net = greeks_of(other, snapshot)
    return Alternative(
        name=_name(option),
        legs=other.legs,
        credit_net=other.credit_net,
        premium=premium_of(other),
        worst_case=worst,
        scenarios=shown,
        collateral_after=exposure.collateral_after,
        probability_of_profit=probability_of_proposal(other, snapshot),
        delta=None if net is None else net.delta,
    )


def outcome_of(
    legs: tuple[PayoffLeg, ...], spot: Price | None
) -> tuple[Money, tuple[NamedAmount, ...]]:
    """The smallest profit of legs and what the falls shown would make of them."""
    worst = worst_case(legs)
    shown = scenarios(legs, spot, FALLS_SHOWN) if spot is not None else ()
    named = tuple(NamedAmount(scenario.name, scenario.profit) for scenario in shown)
    return (NOTHING if worst is None else worst), named


def premium_of(proposal: Proposal) -> Money:
    """What the proposal brings in at the net price it asks for; negative where it pays."""
    if proposal.credit_net is None or not proposal.legs:
        return NOTHING
    multiplier = proposal.legs[0].instrument.multiplier
    return notional(proposal.credit_net, proposal.quantity, multiplier)


def greeks_of(proposal: Proposal, snapshot: MarketSnapshot) -> NetGreeks | None:
    """The sensitivities the proposal would add; None where a leg's are not known."""
    net = NetGreeks()
    for leg in proposal.legs:
        quote = snapshot.quote_of(leg.instrument)
        own = _SHARE if isinstance(leg.instrument, Stock) else quote.greeks if quote else None
        if own is None:
            return None
        units = leg.side.value * proposal.quantity * leg.instrument.multiplier
        net = with_units(net, own, units)
    return net


def with_units(net: NetGreeks, own: Greeks, units: int) -> NetGreeks:
    """The sensitivities with so many shares' worth of an option's added; vega by the point."""
    return NetGreeks(
        delta=net.delta + own.delta * units,
        gamma=net.gamma + own.gamma * units,
        theta=net.theta + own.theta * units,
        vega=net.vega + own.vega * units / 100.0,
    )


def credit_of(legs: tuple[Leg, ...], snapshot: MarketSnapshot) -> Price | None:
    """The legs' net credit at their mids, to the cent; None where one has no mid."""
    net = Decimal(0)
    for leg in legs:
        quote = snapshot.quote_of(leg.instrument)
        mid = quote.mid if quote is not None else None
        if mid is None:
            return None
        net -= leg.side.value * mid.per_unit
    return Price(net.quantize(CENT, ROUND_HALF_EVEN))


def _opens_option(leg: Leg) -> bool:
    return leg.closes is None and isinstance(leg.instrument, OptionContract)


def _beside(leg: Leg, snapshot: MarketSnapshot) -> list[OptionContract]:
    """The next lower and the next higher strike that are quoted on two sides."""
    option = leg.instrument
    chain = snapshot.chain(option.underlying)
    if chain is None or not isinstance(option, OptionContract):
        return []
    below: OptionContract | None = None
    above: OptionContract | None = None
    for quote in chain.of(option.right, option.expiry):
        other = quote.instrument
        if not isinstance(other, OptionContract) or quote.mid is None:
            continue
        if other.multiplier != option.multiplier:
            continue
        if other.strike < option.strike and (below is None or other.strike > below.strike):
            below = other
        if other.strike > option.strike and (above is None or other.strike < above.strike):
            above = other
    return [beside for beside in (below, above) if beside is not None]


def _name(option: OptionContract) -> str:
    right = "put" if option.right is Right.PUT else "call"
    return f"{option.strike.normalize():f} {right}, {option.expiry.isoformat()}"
