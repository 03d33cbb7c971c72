"""Cover to buy or let go, and what calls for it (protocol, section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price, notional
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    ProposalKind,
    Side,
    TurnedDown,
)
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.liquidity import tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written
from allusedesk.protocol.views import SleeveView, Wish

# A breaker of its own: while it stands hedging is called for; it stops no entry by itself.
HEDGE_TRIGGER = "hedge"
DEPLOY, RELEASE, NO_HEDGE, TRIGGER = "hedge.deploy", "hedge.release", "hedge.none", "hedge.trigger"
DAYS_OF_A_YEAR, MONTHS_OF_A_YEAR = 365, 12


@dataclass(frozen=True, slots=True)
class HedgeEvidence:
    """What can call for a hedge; None where it was not looked at, or is not known.

    `index_fall` is the index's fall from its high, `breadth` the part of the tracked symbols above
    their average.
    """

    is_breached: bool = False
    vix_days: int = 0
    index_fall: Decimal | None = None
    breadth: Decimal | None = None


def judge_triggers(evidence: HedgeEvidence, rules: HedgeRules) -> Verdict:
    """`hedge` where any trigger holds, else `none`."""
    days, fall, breadth = evidence.vix_days, evidence.index_fall, evidence.breadth
    comparisons = (
        compared("a put at L2", str(evidence.is_breached), "one", passed=evidence.is_breached),
        compared(
            f"closes of VIX above {written(rules.vix_above)}, running",
            days,
            f"at least {rules.vix_days}",
            passed=days >= rules.vix_days,
        ),
        compared(
            "index below its high",
            "unknown" if fall is None else fall,
            f"at least {written(rules.index_fall)}",
            passed=fall is not None and fall >= rules.index_fall,
        ),
        compared(
            f"symbols above their {rules.breadth_sessions}-day average",
            "unknown" if breadth is None else breadth,
            f"below {written(rules.breadth_below)}",
            passed=breadth is not None and breadth < rules.breadth_below,
        ),
    )
    is_called = any(met.passed for met in comparisons)
    return Verdict(HEDGE_TRIGGER if is_called else "none", TRIGGER, comparisons)


def hedge_budget(equity: Money, quarter_gain: Money, rules: HedgeRules) -> Money:
    """The greater of a part of the quarter's net gain and a part of equity, of a whole family."""
    return max(quarter_gain * rules.budget_gain_share, equity * rules.budget_equity_share)


def propose_hedge(
    view: SleeveView, budget: Money, snapshot: MarketSnapshot, today: date, rulebook: Rulebook
) -> tuple[Outcome, ...]:
    """Index puts within the budget, of the first instrument that is quoted and affordable.

    Whole lots may suspend the ratio to calls on volatility; without quotes of those it is told.
    """
    rules = rulebook.hedging
    if rules is None:
        return ()
    outcomes: list[Outcome] = []
    for symbol in rules.index_symbols:
        found = _best_put(symbol, snapshot, today, rulebook, rules)
        if isinstance(found, TurnedDown):
            outcomes.append(found)
            continue
        wish = _wish(view, found, budget, snapshot, rulebook)
        outcomes.append(wish)
        if isinstance(wish, Wish):
            break
    calls = snapshot.chain(rules.volatility_symbol)
    if calls is None or not calls.quotes:
        reason = f"no hedge by calls on {rules.volatility_symbol}: no quotes; the ratio waits"
        outcomes.append(TurnedDown(rules.volatility_symbol, NO_HEDGE, reason))
    return tuple(outcomes)


def judge_release(
    lot: Position, mark: Price, vix: Decimal | None, rules: HedgeRules, *, is_called: bool
) -> Verdict | None:
    """The verdict that sells a hedge: its gain is reached, or what called for it has reverted."""
    paid = lot.price_average.per_unit
    gain = mark.per_unit - paid
    if gain >= rules.release_gain * paid:
        limit = f"at least {written(rules.release_gain)}"
        met = compared("gain on the hedge", ratio(gain, paid), limit, passed=True)
        return Verdict("release", RELEASE, (met,))
    if is_called or vix is None or vix >= rules.release_vix_below:
        return None
    limit = f"below {written(rules.release_vix_below)}"
    return Verdict("release", RELEASE, (compared("VIX", vix, limit, passed=True),))


def release_wish(
    view: SleeveView, lot: Position, quote: Quote, verdict: Verdict, rulebook: Rulebook
) -> Wish | None:
    """The wish that sells a hedge at mid; None where it has no mid."""
    if quote.mid is None:
        return None
    tick = tick_of(lot.underlying, quote.mid.per_unit, rulebook)
    return Wish(
        ProposalKind.ADJUSTMENT,
        view.account,
        (Leg(lot.instrument, Side.SELL, PositionRole.HEDGE, closes=lot.id),),
        lot.quantity,
        max(quote.mid.rounded_to(tick, ROUND_HALF_UP), Price(tick)),
        verdict.rule,
        f"Sell the hedge {lot.instrument}: it has done its work.",
        verdict.comparisons,
        concerns=(lot.id,),
        is_modelled=quote.is_modelled,
    )


def _best_put(
    symbol: str, snapshot: MarketSnapshot, today: date, rulebook: Rulebook, rules: HedgeRules
) -> Quote | TurnedDown:
    """The put nearest to the middle of the band, of the nearest expiry, whose spread passes."""
    seen, chain = snapshot.underlying(symbol), snapshot.chain(symbol)
    spot = seen.quote.mark if seen is not None else None
    if chain is None or spot is None or not chain.quotes:
        return TurnedDown(symbol, NO_HEDGE, f"no hedge by puts on {symbol}: no quotes")
    low, high = (
        months * DAYS_OF_A_YEAR // MONTHS_OF_A_YEAR
        for months in (rules.index_months_low, rules.index_months_high)
    )
    middle = (rules.out_of_money_low + rules.out_of_money_high) / 2
    ranked: list[tuple[date, Decimal, Decimal, Quote]] = []
    for quote in chain.quotes:
        option = quote.instrument
        if not isinstance(option, OptionContract) or option.right is not Right.PUT:
            continue
        away = (spot.per_unit - option.strike) / spot.per_unit
        is_away = rules.out_of_money_low <= away <= rules.out_of_money_high
        if is_away and low <= (option.expiry - today).days <= high and _is_tight(quote, rulebook):
            ranked.append((option.expiry, abs(away - middle), option.strike, quote))
    if not ranked:
        reason = f"no hedge by puts on {symbol}: none in the band with a spread that passes"
        return TurnedDown(symbol, NO_HEDGE, reason)
    return min(ranked, key=lambda row: row[:3])[3]


def _is_tight(quote: Quote, rulebook: Rulebook) -> bool:
    """Of the gates for orders only the spread binds a hedge."""
    if quote.bid is None or quote.ask is None or quote.mid is None:
        return False
    mid = quote.mid.per_unit
    tick = tick_of(quote.instrument.underlying, mid, rulebook)
    spread = quote.ask.per_unit - quote.bid.per_unit
    return mid > 0 and spread <= max(rulebook.orders.spread_max * mid, tick)


def _wish(
    view: SleeveView, quote: Quote, budget: Money, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Outcome:
    option, mid = quote.instrument, quote.mid or Price(Decimal(0))
    tick = tick_of(option.underlying, mid.per_unit, rulebook)
    price = max(mid.rounded_to(tick, ROUND_HALF_UP), Price(tick))
    cost = notional(price, 1, option.multiplier) + Money(rulebook.costs.contract)
    room = min(budget, view.cash_free)
    lots = int(room.amount // cost.amount) if room.amount > 0 else 0
    met: Comparison = compared(
        "cost of one contract", cost.amount, f"at most {written(room.amount)}", passed=lots > 0
    )
    if lots < 1:
        reason = f"no hedge by puts on {option.underlying}: one costs more than the budget"
        return TurnedDown(str(option), NO_HEDGE, reason, met.value, met.limit)
    seen = snapshot.underlying(option.underlying)
    return Wish(
        ProposalKind.ADJUSTMENT,
        view.account,
        (Leg(option, Side.BUY, PositionRole.HEDGE),),
        lots,
        Price(-price.per_unit),
        DEPLOY,
        f"Hedge: buy {lots} {option} within the budget of {budget}.",
        (met,),
        spot=seen.quote.mark if seen is not None else None,
        amounts=(NamedAmount("budget", budget), NamedAmount("cost", cost * lots)),
        is_modelled=quote.is_modelled,
    )
