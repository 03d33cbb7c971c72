"""The legs of a part, chosen from a real chain, and what one unit of them brings and holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from allusedesk.domain.collateral import Units, held_by
from allusedesk.domain.instruments import STANDARD_MULTIPLIER, OptionContract, Right
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Comparison, Leg, Side, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.liquidity import REFUSE, OrderQuestion, judge_order, tick_of
from allusedesk.protocol.long_options import options_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import compared, exact, written
from allusedesk.strategy.definition import Band, LegRule, Part, Structure

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The legs of one unit: net credit a share at mid (paid is negative), and what they hold.

    `at_risk` is a share's distance that other options leave open, nothing where there is none.
    """

    legs: tuple[Leg, ...]
    quotes: tuple[Quote, ...]
    credit_net: Price
    holds: Money
    at_risk: Decimal
    comparisons: tuple[Comparison, ...]

    @property
    def is_modelled(self) -> bool:
        return any(quote.is_modelled for quote in self.quotes)

    @property
    def costs(self) -> Money:
        """What one unit ties up: cash it holds, and what is paid for it."""
        paid = Price(max(-self.credit_net.per_unit, Decimal(0)))
        return self.holds + notional(paid, 1, self.legs[0].instrument.multiplier)


@dataclass(frozen=True, slots=True)
class Search:
    """Where legs are looked for: a chain as seen, its spot, the day and the rulebook's gates.

    `cover` is the lot of shares, or the long call, on which a call is written.
    """

    symbol: str
    snapshot: MarketSnapshot
    spot: Price
    today: date
    rulebook: Rulebook
    cover: Position | None = None


_Found = tuple[OptionContract, Quote, Comparison]


def choose_legs(part: Part, search: Search) -> Chosen | TurnedDown:
    """The legs of a part: the first by its own rule, the others from it; or why there are none."""
    chain = options_of(search.snapshot, search.symbol)
    if not chain:
        reason = f"no chain of {search.symbol} was to be had"
        return TurnedDown(search.symbol, "chain.none", reason)
    chosen: list[_Found] = []
    for rule in part.legs:
        before = chosen[-1][0] if chosen else None
        expiry = chosen[0][0].expiry if chosen else None
        found = _contract(rule, chain, expiry, before, search, part)
        if isinstance(found, TurnedDown):
            return found
        chosen.append(found)
    return _priced(part, chosen, search)


def net_credit(legs: Sequence[Leg], snapshot: MarketSnapshot) -> Price | None:
    """The legs' net credit a share at their marks, to the cent; None where one has none."""
    net = Decimal(0)
    for leg in legs:
        quote = snapshot.quote_of(leg.instrument)
        mark = quote.mark if quote is not None else None
        if mark is None:
            return None
        net -= leg.side.value * mark.per_unit
    return Price(net.quantize(CENT, ROUND_HALF_EVEN))


def _contract(
    rule: LegRule,
    chain: list[tuple[OptionContract, Quote]],
    expiry: date | None,
    before: OptionContract | None,
    search: Search,
    part: Part,
) -> _Found | TurnedDown:
    """The contract of a leg nearest to what its rule aims at, of those that may be traded."""
    days_middle = rule.days.middle if rule.days is not None else Decimal(0)
    ranked: list[tuple[Decimal, Decimal, Decimal, _Found]] = []
    refused = 0
    for option, quote in chain:
        days = Decimal((option.expiry - search.today).days)
        if option.right is not rule.right or not option.is_standard:
            continue
        if option.expiry != expiry if rule.days is None else not rule.days.holds(days):
            continue
        measured = _measured(rule, option, quote, before, search)
        if measured is None or not _may_cover(option, search, part):
            continue
        band, value, met = measured
        if not band.holds(value):
            continue
        if not _is_tradable(rule, quote, search):
            refused += 1
            continue
        away = abs(days - days_middle) if rule.days is not None else Decimal(0)
        ranked.append((away, abs(value - band.middle), option.strike, (option, quote, met)))
    if ranked:
        return min(ranked, key=lambda row: row[:3])[3]
    name = f"{search.symbol} {rule.name}"
    if refused:
        reason = f"{refused} contracts in the band, none of them tradable: gates or spread"
        return TurnedDown(name, "strategy.untradable", reason, count=refused)
    return TurnedDown(name, "strategy.no_contract", f"no contract within {_wanted(rule)}")


def _measured(
    rule: LegRule,
    option: OptionContract,
    quote: Quote,
    before: OptionContract | None,
    search: Search,
) -> tuple[Band, Decimal, Comparison] | None:
    """The figure a contract is chosen by, with its band; None where it has none."""
    if rule.delta is not None:
        if quote.greeks is None:
            return None
        delta = exact(quote.greeks.delta_quoted)
        return rule.delta, delta, _met(f"delta of the {rule.name}", delta, rule.delta)
    if rule.away is not None:
        gap = option.strike - search.spot.per_unit
        away = gap if option.right is Right.CALL else -gap
        part = (away / search.spot.per_unit).quantize(_PLACES)
        return rule.away, part, _met(f"{rule.name} out of the money", part, rule.away)
    if rule.width is None or before is None:
        return None
    gap = option.strike - before.strike
    beyond = gap if option.right is Right.CALL else -gap
    part = (beyond / search.spot.per_unit).quantize(_PLACES)
    return rule.width, part, _met(f"{rule.name} beyond the leg before", part, rule.width)


def _met(name: str, value: Decimal, band: Band) -> Comparison:
    return compared(name, value, f"{written(band.low)} to {written(band.high)}", passed=True)


def _wanted(rule: LegRule) -> str:
    bands = (("days", rule.days), ("delta", rule.delta), ("away", rule.away), ("width", rule.width))
    return ", ".join(f"{name} {band}" for name, band in bands if band is not None)


def _may_cover(option: OptionContract, search: Search, part: Part) -> bool:
    """A call on a long call ends before it, above it; on shares perhaps over their basis."""
    basis = search.cover.basis if search.cover is not None else None
    if part.entry.above_basis and basis is not None and option.right is Right.CALL:
        return option.strike >= basis.per_unit
    if part.structure is not Structure.CALL_ON_CALL:
        return True
    long = search.cover.option if search.cover is not None else None
    return long is not None and option.strike > long.strike and option.expiry < long.expiry


def _is_tradable(rule: LegRule, quote: Quote, search: Search) -> bool:
    """What is sold passes every gate of the rulebook; what is bought is fresh and not too wide."""
    if quote.bid is None or quote.ask is None or quote.mid is None or quote.mid.per_unit <= 0:
        return False
    age = exact(quote.age_seconds(search.snapshot.taken_at))
    mid, rules = quote.mid.per_unit, search.rulebook
    tick = tick_of(search.symbol, mid, rules)
    if rule.side is Side.BUY:
        spread = quote.ask.per_unit - quote.bid.per_unit
        is_tight = spread <= max(rule.spread_max * mid, tick)
        return is_tight and age <= rules.quotes.age_seconds_max
    volume = None if quote.volume_average is None else exact(quote.volume_average)
    asked = OrderQuestion(
        quantity=1,
        bid=quote.bid.per_unit,
        ask=quote.ask.per_unit,
        quote_age=age,
        tick=tick,
        open_interest=quote.open_interest,
        volume=volume,
        volume_average=volume,
    )
    return judge_order(asked, rules).verdict != REFUSE


def _priced(part: Part, chosen: list[_Found], search: Search) -> Chosen | TurnedDown:
    linked = search.cover.id if search.cover is not None else None
    legs = tuple(
        Leg(option, rule.side, PositionRole.STRATEGY, linked_to=linked)
        for rule, (option, _, _) in zip(part.legs, chosen, strict=True)
    )
    quotes = tuple(quote for _, quote, _ in chosen)
    credit = net_credit(legs, search.snapshot)
    if credit is None:
        return TurnedDown(search.symbol, "quote.none", f"a leg of {search.symbol} has no price")
    units = [Units(row[0], rule.side.value) for rule, row in zip(part.legs, chosen, strict=True)]
    if linked is not None:
        units = [Units(one.option, one.signed, is_covered=True) for one in units]
    holds = held_by(units, Money(search.rulebook.costs.contract)).cash
    at_risk = Decimal(0)
    if part.structure in (Structure.CREDIT_SPREAD, Structure.IRON_CONDOR):
        at_risk = held_by(units, NOTHING).cash.amount / STANDARD_MULTIPLIER
    first = chosen[0][0]
    days = (first.expiry - search.today).days
    band = part.legs[0].days
    met = [row[2] for row in chosen]
    if band is not None:
        met.append(_met("days to expiry", Decimal(days), band))
    return Chosen(legs, quotes, credit, holds, at_risk, tuple(met))
