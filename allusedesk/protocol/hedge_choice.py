"""Which hedge is bought: index puts and calls on volatility, two to one (protocol, section 11)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Comparison, NamedAmount, ProposalKind, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.hedges import DEPLOY, NO_HEDGE
from allusedesk.protocol.long_options import (
    DAYS_OF_A_YEAR,
    buy_wish,
    cost_of_one,
    days_of,
    is_tradable,
    lots_within,
    options_of,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.verdicts import Verdict, compared, exact, written
from allusedesk.protocol.views import SleeveView, Wish

_SHOWN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One contract that could be bought, what it costs, and the figures that led to it."""

    quote: Quote
    cost: Money
    comparisons: tuple[Comparison, ...] = ()


def propose_hedge(
    view: SleeveView,
    budget: Money,
    snapshot: MarketSnapshot,
    today: date,
    rulebook: Rulebook,
    *,
    bought: tuple[str, ...] = (),
) -> tuple[Outcome, ...]:
    """Index puts and calls on volatility within the budget, and why others are not.

    Puts are of the first index that is quoted, tight and affordable. Whole lots may suspend the
    ratio: where one put and one call more do not fit, what fits is bought. `bought` names the
    underlyings hedged with in this quarter already.
    """
    rules = rulebook.hedging
    if rules is None:
        return ()
    room = min(budget, view.cash_free)
    told: list[Outcome] = []
    put, call = None, None
    if not any(symbol in bought for symbol in rules.index_symbols):
        for symbol in rules.index_symbols:
            found = _affordable(_best_put(symbol, snapshot, today, rulebook, rules), room)
            if isinstance(found, _Candidate):
                put = found
                break
            told.append(found)
    if rules.volatility_symbol not in bought:
        found = _affordable(_first_call(snapshot, today, rulebook, rules), room)
        if isinstance(found, _Candidate):
            call = found
        else:
            told.append(found)
    puts, calls = _lots(put, call, room, rules)
    if call is not None and not calls:
        over = compared("cost of one contract", call.cost.amount, "what is left", passed=False)
        reason = f"no hedge by calls on {rules.volatility_symbol}: the puts take the budget"
        told.append(
            TurnedDown(str(call.quote.instrument), NO_HEDGE, reason, over.value, over.limit)
        )
    for candidate, lots in ((put, puts), (call, calls)):
        if candidate is not None and lots:
            told.append(_wish(view, candidate, lots, budget, room, snapshot, rulebook))
    return tuple(told)


def _lots(
    put: _Candidate | None, call: _Candidate | None, room: Money, rules: HedgeRules
) -> tuple[int, int]:
    """Whole contracts of each within the room, in the ratio as long as lots allow it."""
    if put is None or call is None:
        return (
            lots_within(room, put.cost) if put is not None else 0,
            lots_within(room, call.cost) if call is not None else 0,
        )
    sets = lots_within(room, put.cost * rules.index_ratio + call.cost)
    if sets:
        return sets * rules.index_ratio, sets
    puts = min(lots_within(room, put.cost), rules.index_ratio)
    left = room - put.cost * puts
    return puts, min(lots_within(left, call.cost), 1)


def _affordable(found: _Candidate | TurnedDown, room: Money) -> _Candidate | TurnedDown:
    if isinstance(found, TurnedDown):
        return found
    met = compared(
        "cost of one contract",
        found.cost.amount,
        f"at most {written(room.amount)}",
        passed=found.cost <= room,
    )
    option = found.quote.instrument
    if not met.passed:
        reason = f"no hedge by options on {option.underlying}: one costs more than the budget"
        return TurnedDown(str(option), NO_HEDGE, reason, met.value, met.limit)
    return replace(found, comparisons=(*found.comparisons, met))


def _best_put(
    symbol: str, snapshot: MarketSnapshot, today: date, rulebook: Rulebook, rules: HedgeRules
) -> _Candidate | TurnedDown:
    """The put nearest to the middle of the band, of the nearest expiry, whose spread passes."""
    seen, options = snapshot.underlying(symbol), options_of(snapshot, symbol)
    spot = seen.quote.mark if seen is not None else None
    if spot is None or not options:
        return TurnedDown(symbol, NO_HEDGE, f"no hedge by puts on {symbol}: no quotes")
    low, high = days_of(rules.index_months_low), days_of(rules.index_months_high)
    middle = (rules.out_of_money_low + rules.out_of_money_high) / 2
    ranked: list[tuple[date, Decimal, Decimal, Quote]] = []
    for option, quote in options:
        if option.right is not Right.PUT:
            continue
        away = (spot.per_unit - option.strike) / spot.per_unit
        is_away = rules.out_of_money_low <= away <= rules.out_of_money_high
        if (
            is_away
            and low <= (option.expiry - today).days <= high
            and is_tradable(quote, snapshot.taken_at, rulebook)
        ):
            ranked.append((option.expiry, abs(away - middle), option.strike, quote))
    if not ranked:
        reason = f"no hedge by puts on {symbol}: none in the band that is fresh and tight"
        return TurnedDown(symbol, NO_HEDGE, reason)
    best = min(ranked, key=lambda row: row[:3])[3]
    return _Candidate(best, cost_of_one(best, rulebook))


def _first_call(
    snapshot: MarketSnapshot, today: date, rulebook: Rulebook, rules: HedgeRules
) -> _Candidate | TurnedDown:
    """The first strike at or above so many times the forward, of the expiry nearest in months."""
    symbol = rules.volatility_symbol
    options = options_of(snapshot, symbol)
    if not options:
        return TurnedDown(symbol, NO_HEDGE, f"no hedge by calls on {symbol}: no quotes")
    wanted = days_of(rules.volatility_months)
    expiry = min(
        {option.expiry for option, _ in options},
        key=lambda day: (abs((day - today).days - wanted), day),
    )
    own = [(option, quote) for option, quote in options if option.expiry == expiry]
    forward = forward_of(own, snapshot.rate, (expiry - today).days)
    if forward is None:
        reason = f"no hedge by calls on {symbol}: no pair of call and put tells the forward"
        return TurnedDown(symbol, NO_HEDGE, reason)
    least = rules.volatility_strike * forward
    tight = [
        (option.strike, quote)
        for option, quote in own
        if option.right is Right.CALL
        and option.strike >= least
        and is_tradable(quote, snapshot.taken_at, rulebook)
    ]
    if not tight:
        reason = (
            f"no hedge by calls on {symbol}: none at or above {least:.2f} that is fresh and tight"
        )
        return TurnedDown(symbol, NO_HEDGE, reason)
    strike, quote = min(tight, key=lambda row: row[0])
    source = "modelled" if quote.is_modelled else "put-call parity"
    times = written(rules.volatility_strike)
    met = compared(
        f"strike, {expiry} forward {forward.quantize(_SHOWN)} ({source})",
        strike,
        f"first at or above {times} times it",
        passed=True,
    )
    return _Candidate(quote, cost_of_one(quote, rulebook), (met,))


def forward_of(
    options: list[tuple[OptionContract, Quote]], rate: float, days: int
) -> Decimal | None:
    """The forward of one expiry by put-call parity, as the exchange finds it for VIX itself.

    K + e^rT (C - P) at the strike where call and put are nearest to each other; None where no
    strike has both.
    """
    mids: dict[Decimal, dict[Right, Decimal]] = {}
    for option, quote in options:
        if quote.mid is not None:
            mids.setdefault(option.strike, {})[option.right] = quote.mid.per_unit
    pairs = [
        (abs(mid[Right.CALL] - mid[Right.PUT]), strike, mid[Right.CALL] - mid[Right.PUT])
        for strike, mid in mids.items()
        if len(mid) == len(Right)
    ]
    if not pairs:
        return None
    _, strike, difference = min(pairs)
    return strike + difference * exact(round(math.exp(rate * days / DAYS_OF_A_YEAR), 9))


def _wish(
    view: SleeveView,
    candidate: _Candidate,
    lots: int,
    budget: Money,
    room: Money,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Wish:
    option = candidate.quote.instrument
    rooms = (NamedAmount("budget", budget), NamedAmount("room", room))
    verdict = Verdict("hedge", DEPLOY, candidate.comparisons, rooms)
    reason = f"Hedge: buy {lots} {option} within the budget of {budget}."
    told = (ProposalKind.ADJUSTMENT, PositionRole.HEDGE, reason)
    return buy_wish(view, candidate.quote, lots, told, verdict, snapshot, rulebook)
