"""Whether a strategy opens a part in a symbol now, with which legs, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from allusedesk.domain.instruments import STANDARD_MULTIPLIER, Right, Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional, total
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Comparison, Leg, NamedAmount, ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import Underlying
from allusedesk.protocol.verdicts import compared, exact, written
from allusedesk.protocol.views import Wish
from allusedesk.strategy.definition import Part, Structure, Trend
from allusedesk.strategy.standing import Holding, Scene, Standing
from allusedesk.strategy.structures import Chosen, Search, choose_legs

# The named amount of a wish that says what it takes of cash and of its issuer's room.
TIED_UP = "tied up"
_PLACES = Decimal("0.0001")
# Shares are bought once: where caps leave less of what is wanted, there is nothing to begin with.
_PART_LEAST = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class _Opening:
    """A part in a symbol that is looked at: who wants it, where, and the market as it stands."""

    standing: Standing
    part: Part
    symbol: str
    scene: Scene
    seen: Underlying
    spot: Price


def entry_of(standing: Standing, part: Part, symbol: str, scene: Scene) -> Wish | TurnedDown | None:
    """The opening of a part in a symbol, why not, or None where there is nothing to open it on."""
    seen = scene.snapshot.underlying(symbol)
    spot = seen.quote.mark if seen is not None else None
    if seen is None or spot is None:
        return TurnedDown(symbol, "quote.none", f"{symbol} has no price")
    if seen.is_halted:
        return TurnedDown(symbol, "underlying.halted", f"{symbol} is halted")
    cover = _cover(standing, part, symbol) if _needs_cover(part) else None
    if cover is None and _needs_cover(part):
        return None
    opening = _Opening(standing, part, symbol, scene, seen, spot)
    filtered = _filtered(opening)
    if isinstance(filtered, TurnedDown):
        return filtered
    if part.structure is Structure.SHARES:
        return _shares(opening, filtered)
    search = Search(symbol, scene.snapshot, spot, scene.today, scene.rulebook, cover)
    chosen = choose_legs(part, search)
    if isinstance(chosen, TurnedDown):
        return chosen
    return _options(opening, chosen, cover, filtered)


def _needs_cover(part: Part) -> bool:
    return part.structure.needs_shares or part.structure is Structure.CALL_ON_CALL


def _cover(standing: Standing, part: Part, symbol: str) -> Position | None:
    """The oldest lot of shares, or long call, with something left to write a call on."""
    if part.structure.needs_shares:
        lots: tuple[Position, ...] = standing.shares_of(symbol)
    else:
        lots = tuple(
            lot
            for held in standing.holdings
            for lot in held.lots
            if held.symbol == symbol and _is_bought(standing, held) and _is_call(lot)
        )
    return next((lot for lot in lots if standing.free_of(lot) >= STANDARD_MULTIPLIER), None)


def _is_bought(standing: Standing, held: Holding) -> bool:
    """True for what a part bought alone: the wings of a spread cover its own shorts only."""
    part = standing.definition.part(held.part)
    return part is not None and part.structure is Structure.LONG_OPTION


def _is_call(lot: Position) -> bool:
    return lot.option is not None and lot.option.right is Right.CALL


def _filtered(opening: _Opening) -> tuple[Comparison, ...] | TurnedDown:
    """Every condition of entry with its figure; the first that does not hold instead."""
    rules, met = opening.part.entry, []
    snapshot = opening.scene.snapshot
    if rules.vix is not None:
        if snapshot.volatility is None:
            return TurnedDown(opening.symbol, "strategy.vix", "VIX is not known")
        vix = snapshot.volatility.vix
        limit = f"{written(rules.vix.low)} to {written(rules.vix.high)}"
        if not rules.vix.holds(vix):
            reason = "VIX lies outside the band of entry"
            return TurnedDown(opening.symbol, "strategy.vix", reason, written(vix), limit)
        met.append(compared("VIX", vix, limit, passed=True))
    if rules.trend is not None:
        average = opening.seen.indicators.average_50
        if average is None:
            reason = "its 50-session average is not known"
            return TurnedDown(opening.symbol, "strategy.trend", reason)
        is_above = opening.spot.per_unit > average
        limit = f"{rules.trend.value} {written(average.quantize(CENT))}"
        if is_above is not (rules.trend is Trend.ABOVE):
            reason = "price stands on the other side of its 50-session average"
            value = written(opening.spot.per_unit)
            return TurnedDown(opening.symbol, "strategy.trend", reason, value, limit)
        met.append(compared("price", opening.spot.per_unit, limit, passed=True))
    return tuple(met)


def _shares(opening: _Opening, met: tuple[Comparison, ...]) -> Wish | TurnedDown | None:
    standing, part, spot = opening.standing, opening.part, opening.spot
    stock = Stock(opening.symbol)
    if stock.is_index:
        return TurnedDown(opening.symbol, "strategy.index", "an index cannot be bought")
    price = Price(spot.per_unit.quantize(CENT))
    lots = standing.shares_of(opening.symbol)
    held = total([notional(spot, lot.quantity) for lot in lots])
    budget = standing.equity * part.size.share - held
    wanted = min(_whole(budget, Money(price.per_unit)), part.size.units_max)
    units = _whole(min(budget, standing.room_of(opening.symbol)), Money(price.per_unit))
    units = min(units, part.size.units_max)
    if standing.definition.keeps_shares:
        units -= units % STANDARD_MULTIPLIER
    least = max(_least(standing), -int(-wanted * _PART_LEAST // 1))
    if units < least:
        if lots:
            return None
        return _too_small(opening, notional(price, least), budget, f"{least} shares cost")
    tied = notional(price, units)
    return Wish(
        ProposalKind.SHARE_PURCHASE,
        standing.account,
        (Leg(stock, Side.BUY, PositionRole.STRATEGY),),
        units,
        Price(-price.per_unit),
        f"{part.name}.entry",
        f"{standing.definition.title}: buy {units} shares of {opening.symbol}.",
        met,
        spot=spot,
        amounts=(NamedAmount(TIED_UP, tied),),
        is_modelled=opening.seen.quote.is_modelled,
        strategy=standing.definition.id,
    )


def _least(standing: Standing) -> int:
    return STANDARD_MULTIPLIER if standing.definition.keeps_shares else 1


def _options(
    opening: _Opening, chosen: Chosen, cover: Position | None, met: tuple[Comparison, ...]
) -> Wish | TurnedDown:
    standing, part = opening.standing, opening.part
    refused = _earnings(opening, chosen) or _credit(opening, chosen)
    if refused is not None:
        return refused
    if cover is not None:
        units, budget = _units_on(cover, standing, part), NOTHING
    else:
        budget = standing.equity * part.size.share
        units = _whole(min(budget, standing.room_of(opening.symbol)), chosen.costs)
    units = min(units, part.size.units_max, *_tradable_units(chosen, opening.scene))
    if units < 1:
        return _too_small(opening, chosen.costs, budget)
    comparisons = (*met, *chosen.comparisons, *_credit_met(opening, chosen))
    kind = ProposalKind.ENTRY
    if part.structure.needs_shares or part.structure is Structure.CALL_ON_CALL:
        kind = ProposalKind.COVERED_CALL
    premium = notional(chosen.credit_net, units, STANDARD_MULTIPLIER)
    amounts = [NamedAmount("premium", premium), NamedAmount(TIED_UP, chosen.costs * units)]
    if chosen.at_risk:
        lost = Price(chosen.at_risk) - chosen.credit_net
        at_worst = notional(lost, units, STANDARD_MULTIPLIER)
        amounts.append(NamedAmount("lost at worst", at_worst))
    names = ", ".join(rule.name for rule in part.legs)
    return Wish(
        kind,
        standing.account,
        chosen.legs,
        units,
        chosen.credit_net,
        f"{part.name}.entry",
        f"{standing.definition.title}: a {part.structure.value} on {opening.symbol} ({names}), as "
        f"its part {part.name} asks for.",
        comparisons,
        spot=opening.spot,
        amounts=tuple(amounts),
        credit_least=_credit_least(opening, chosen),
        is_modelled=chosen.is_modelled,
        strategy=standing.definition.id,
    )


def _earnings(opening: _Opening, chosen: Chosen) -> TurnedDown | None:
    due, first = opening.seen.earnings_next, chosen.quotes[0].instrument
    if not opening.part.entry.clear_of_earnings or due is None or isinstance(first, Stock):
        return None
    if opening.scene.today <= due <= first.expiry:
        reason = f"earnings are due on {due}, before {first.expiry}"
        return TurnedDown(opening.symbol, "strategy.earnings", reason)
    return None


def _credit(opening: _Opening, chosen: Chosen) -> TurnedDown | None:
    """What is sold brings something in, and a spread its least part of the distance."""
    is_sale = opening.part.legs[0].side is Side.SELL
    if is_sale and chosen.credit_net.per_unit <= 0:
        reason = "its legs would cost more than they bring in"
        value = str(chosen.credit_net)
        return TurnedDown(opening.symbol, "strategy.credit", reason, value, "above zero")
    least = _credit_least(opening, chosen)
    if least is None or chosen.credit_net >= least:
        return None
    reason = "the credit is too small for the distance at risk"
    value, limit = str(chosen.credit_net), f"at least {least}"
    return TurnedDown(opening.symbol, "strategy.credit", reason, value, limit)


def _credit_least(opening: _Opening, chosen: Chosen) -> Price | None:
    part = opening.part.entry.credit_min
    if part is None or not chosen.at_risk:
        return None
    return Price((chosen.at_risk * part).quantize(CENT))


def _credit_met(opening: _Opening, chosen: Chosen) -> tuple[Comparison, ...]:
    least = opening.part.entry.credit_min
    if least is None or not chosen.at_risk:
        return ()
    share = (chosen.credit_net.per_unit / chosen.at_risk).quantize(_PLACES)
    name = "credit over the distance of the strikes"
    return (compared(name, share, f"at least {written(least)}", passed=True),)


def _units_on(cover: Position, standing: Standing, part: Part) -> int:
    """Calls for the part of the lot that may be covered, less those written already."""
    whole = cover.quantity * cover.instrument.multiplier
    wanted = int((whole * part.size.share).to_integral_value(ROUND_FLOOR)) // STANDARD_MULTIPLIER
    return wanted - (whole - standing.free_of(cover)) // STANDARD_MULTIPLIER


def _tradable_units(chosen: Chosen, scene: Scene) -> list[int]:
    """The most that the volume of what is sold bears, by the rulebook's gate of size."""
    share = scene.rulebook.orders.volume_share_max
    return [
        int((exact(quote.volume_average) * share).to_integral_value(ROUND_FLOOR))
        for leg, quote in zip(chosen.legs, chosen.quotes, strict=True)
        if leg.side is Side.SELL and quote.volume_average is not None
    ]


def _whole(room: Money, cost: Money) -> int:
    return int(room.amount // cost.amount) if room.amount > 0 and cost.amount > 0 else 0


def _too_small(
    opening: _Opening, cost: Money, budget: Money, least: str = "one unit ties up"
) -> TurnedDown:
    room = opening.standing.room_of(opening.symbol)
    reason = f"{least} {cost}; the part may use {budget}, and there is room for {room}"
    return TurnedDown(opening.symbol, "strategy.too_small", reason)
