"""What positions tie up: the cash that secures a put, and Regulation T shown beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.protocol.rulebook_trading import MarginRules

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class MarginLeg:
    """So many units of shares or of an option, negative for shorts, each at `mark`."""

    instrument: Instrument
    quantity_signed: int
    mark: Price


@dataclass(frozen=True, slots=True)
class Requirement:
    """What Regulation T asks for, as the exchanges' margin manual counts it.

    `initial` is asked for when the legs are opened together, before what the shorts bring in
    (`proceeds`) is set against it; `maintenance` from then on, at the marks given.
    """

    initial: Money
    maintenance: Money
    proceeds: Money

    @property
    def deposit(self) -> Money:
        """What must be there on opening once the proceeds are counted; negative leaves some."""
        return self.initial - self.proceeds


@dataclass(frozen=True, slots=True)
class _Left:
    """Units of one leg that no other leg covers yet; never negative."""

    leg: MarginLeg
    option: OptionContract
    units: int


def cash_secured(contract: OptionContract, quantity: int, fee_per_contract: Money) -> Money:
    """Settled cash that `quantity` short puts hold: strike x multiplier plus fees.

    Raises ValueError for a call, which shares cover and no cash does.
    """
    if contract.right is not Right.PUT:
        message = f"{contract} is no put: shares cover a call, not cash."
        raise ValueError(message)
    strike = notional(Price(contract.strike), quantity, contract.multiplier)
    return strike + fee_per_contract * quantity


def uncovered(
    contract: OptionContract, quantity: int, premium: Price, spot: Price, rules: MarginRules
) -> Money:
    """The requirement for options sold alone: premium + max(20% of spot - distance, least).

    A broad index takes 15% of spot; the distance is how far the option is out of the money; the
    least is 10% of the strike for a put and of spot for a call (CBOE Rule 12.3(c), FINRA Rule
    4210(f)(2)). Shown beside the cash that secures a put, never used in its place.
    """
    is_broad = contract.underlying in rules.broad_indexes
    share = rules.spot_share_broad_index if is_broad else rules.spot_share
    least = contract.strike if contract.right is Right.PUT else spot.per_unit
    asked = share * spot.per_unit - _distance(contract, spot)
    per_share = premium.per_unit + max(asked, rules.least_share * least)
    return notional(Price(per_share), quantity, contract.multiplier)


def _distance(contract: OptionContract, spot: Price) -> Decimal:
    """How far out of the money, per share; nothing for what is in the money."""
    above = spot.per_unit - contract.strike
    return max(above if contract.right is Right.PUT else -above, _NONE)


def regulation_t(legs: Sequence[MarginLeg], spot: Price, rules: MarginRules) -> Requirement:
    """What all legs on one underlying ask for together.

    Long options are paid in full. Shares held on margin (never the protocol's own) cover calls
    and are protected by puts; shorts are matched with longs of the same right that do not expire
    before them, and such spreads ask for the most they can lose at expiry, never for more than
    their shorts alone; of what is left, calls and puts pair into straddles that ask for the
    larger side and the other's premium (CBOE Rule 12.3(c)(5), FINRA Rule 4210(f)(2)(H)).

    Raises ValueError for legs on more than one underlying and for shares sold short.
    """
    if len({leg.instrument.underlying for leg in legs}) > 1:
        raise ValueError("A margin requirement is that of one underlying: ask for each apart.")
    shares = [leg for leg in legs if isinstance(leg.instrument, Stock)]
    if any(leg.quantity_signed < 0 for leg in shares):
        raise ValueError("The desk sells no shares short, so there is no margin rule for them.")
    held = sum(leg.quantity_signed for leg in shares)
    longs = _options(legs, sign=1)
    shorts = _options(legs, sign=-1)
    covered, shorts = _taken(shorts, held, Right.CALL, lambda short: short.option.strike)
    paid = total([_worth(one) for one in longs])
    proceeds = total([_worth(one) for one in (*covered, *shorts)])
    groups, longs, shorts = _in_spreads(longs, shorts)
    spreads = total([_spread(group, spot, rules) for group in groups])
    protecting, _ = _taken(longs, held, Right.PUT, lambda long: -long.option.strike)
    alone = _straddled(shorts, spot, rules)
    return Requirement(
        initial=notional(spot, held) * rules.shares_initial + paid + spreads + alone,
        maintenance=_on_shares(held, covered, protecting, spot, rules) + spreads + alone,
        proceeds=proceeds,
    )


def margin_use(requirement: Money, equity: Money, broker_says: Money | None = None) -> Decimal:
    """The part of equity that a maintenance requirement takes; all of it where there is none.

    Where the broker's own figure is larger than ours, it counts.
    """
    if broker_says is not None:
        requirement = max(requirement, broker_says)
    if not requirement.amount > 0:
        return _NONE
    return requirement.share_of(equity) if equity.amount > 0 else Decimal(1)


def _options(legs: Sequence[MarginLeg], *, sign: int) -> list[_Left]:
    return [
        _Left(leg, leg.instrument, abs(leg.quantity_signed))
        for leg in legs
        if isinstance(leg.instrument, OptionContract) and leg.quantity_signed * sign > 0
    ]


def _worth(one: _Left) -> Money:
    return notional(one.leg.mark, one.units, one.option.multiplier)


def _taken(
    options: Sequence[_Left], shares: int, right: Right, order: Callable[[_Left], Decimal]
) -> tuple[list[_Left], list[_Left]]:
    """Options of one right that so many shares stand behind, first in `order`, and the rest."""
    taken, rest = [], []
    for one in sorted(options, key=order):
        fitting = (
            min(one.units, shares // one.option.multiplier) if one.option.right is right else 0
        )
        shares -= fitting * one.option.multiplier
        if fitting:
            taken.append(_Left(one.leg, one.option, fitting))
        if one.units > fitting:
            rest.append(_Left(one.leg, one.option, one.units - fitting))
    return taken, rest


def _in_spreads(
    longs: list[_Left], shorts: list[_Left]
) -> tuple[list[list[_Left]], list[_Left], list[_Left]]:
    """Shorts of one expiry with the longs behind them, spread by spread; and what is left."""
    left = longs
    groups: dict[date, list[_Left]] = {}
    alone: list[_Left] = []
    for short in sorted(shorts, key=lambda one: one.option.expiry):
        units = short.units
        for long in sorted(left, key=lambda one: _nearness(one.option, short.option)):
            matched = min(units, long.units) if _protects(long.option, short.option) else 0
            if matched:
                group = groups.setdefault(short.option.expiry, [])
                group += [
                    _Left(long.leg, long.option, matched),
                    _Left(short.leg, short.option, matched),
                ]
                left = [one for one in left if one is not long]
                if long.units > matched:
                    left.append(_Left(long.leg, long.option, long.units - matched))
                units -= matched
        if units:
            alone.append(_Left(short.leg, short.option, units))
    return list(groups.values()), left, alone


def _protects(long: OptionContract, short: OptionContract) -> bool:
    same = long.right is short.right and long.multiplier == short.multiplier
    return same and long.expiry >= short.expiry


def _nearness(long: OptionContract, short: OptionContract) -> tuple[Decimal, date]:
    """Smallest where a long leaves least to lose, then where it lives shortest."""
    gap = long.strike - short.strike if short.right is Right.CALL else short.strike - long.strike
    return max(gap, _NONE), long.expiry


def _spread(group: Sequence[_Left], spot: Price, rules: MarginRules) -> Money:
    """The most a spread can lose: at a strike or at nothing, as it runs straight between them."""
    prices = [_NONE, *(one.option.strike for one in group)]
    worst = min(total([_at_expiry(one, price) for one in group]) for price in prices)
    shorts = [one for one in group if one.leg.quantity_signed < 0]
    return min(max(-worst, NOTHING), _straddled(shorts, spot, rules))


def _at_expiry(one: _Left, price: Decimal) -> Money:
    above = price - one.option.strike
    value = max(above if one.option.right is Right.CALL else -above, _NONE)
    sign = 1 if one.leg.quantity_signed > 0 else -1
    return notional(Price(value), sign * one.units, one.option.multiplier)


def _straddled(shorts: Sequence[_Left], spot: Price, rules: MarginRules) -> Money:
    """Shorts that nothing covers: calls and puts in pairs, the dearest first, and the rest."""
    asked = NOTHING
    sides: dict[Right, list[tuple[Money, Money]]] = {Right.PUT: [], Right.CALL: []}
    for one in shorts:
        option, mark = one.option, one.leg.mark
        each = uncovered(option, 1, mark, spot, rules)
        sides[option.right] += [(each, notional(mark, 1, option.multiplier))] * one.units
    calls, puts = (sorted(sides[right], reverse=True) for right in (Right.CALL, Right.PUT))
    for call, put in zip(calls, puts, strict=False):
        larger, smaller = (call, put) if call[0] >= put[0] else (put, call)
        asked = asked + larger[0] + smaller[1]
    pairs = min(len(calls), len(puts))
    return asked + total([each for each, _ in (*calls[pairs:], *puts[pairs:])])


def _on_shares(
    held: int,
    covered: Sequence[_Left],
    protecting: Sequence[_Left],
    spot: Price,
    rules: MarginRules,
) -> Money:
    """Maintenance of shares on margin, by what covers calls and what protects (FINRA 4210(e)).

    Alone 25% of their price, under a call no more than of its strike; with a put the lesser of
    that and 10% of the put's strike plus its distance, so 10% of the strike for a conversion.
    """
    calls = _share_by_share(covered)
    puts = _share_by_share(protecting)
    asked, done = _NONE, 0
    for edge in sorted({held, *(end for end, _ in calls), *(end for end, _ in puts)}):
        call = next((option for end, option in calls if end >= edge), None)
        put = next((option for end, option in puts if end >= edge), None)
        worth = spot.per_unit if call is None else min(spot.per_unit, call.strike)
        each = rules.shares_maintenance * worth
        if put is not None:
            with_put = rules.least_share * put.strike + _distance(put, spot)
            collared = spot.per_unit if call is None else call.strike
            each = min(with_put, rules.shares_maintenance * collared)
        asked += each * (edge - done)
        done = edge
    return Money(asked)


def _share_by_share(options: Sequence[_Left]) -> list[tuple[int, OptionContract]]:
    """Up to which share each option reaches, laid one behind the other."""
    ends, reach = [], 0
    for one in options:
        reach += one.units * one.option.multiplier
        ends.append((reach, one.option))
    return ends
