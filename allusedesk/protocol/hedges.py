"""Cover to buy or let go, and what calls for it (protocol, section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, ProposalKind
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import CarriedBudget
from allusedesk.protocol.long_options import sell_wish
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written
from allusedesk.protocol.views import SleeveView, Wish

# A breaker of its own: while it stands hedging is called for; it stops no entry by itself.
HEDGE_TRIGGER = "hedge"
DEPLOY, RELEASE, NO_HEDGE, TRIGGER = "hedge.deploy", "hedge.release", "hedge.none", "hedge.trigger"


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


def hedge_symbols(rulebook: Rulebook) -> tuple[str, ...]:
    """Every symbol that cover or a ladder's own cover may be bought on; none without such rules."""
    hedging, ladder = rulebook.hedging, rulebook.ladder
    cover = (*hedging.index_symbols, hedging.volatility_symbol) if hedging is not None else ()
    rungs = ladder.hedge_symbols if ladder is not None and ladder.is_on else ()
    return tuple(dict.fromkeys((*cover, *rungs)))


def budget_left(budget: Money, spent: Money, carried: tuple[CarriedBudget, ...]) -> Money:
    """What may still be spent: the quarter's budget and what earlier ones left, less spending."""
    return budget + total([item.amount for item in carried]) - spent


def carry_budget(
    budget: Money,
    spent: Money,
    carried: tuple[CarriedBudget, ...],
    quarter: str,
    rules: HedgeRules,
    *,
    was_missed: bool,
) -> tuple[CarriedBudget, ...]:
    """What goes on to the next quarter, each for so many quarters after its own.

    A quarter's budget goes on where a hedge was called for and none could be bought. Spending
    beyond the quarter's own budget was taken from what was carried, the oldest first.
    """
    beyond = max(spent - budget, NOTHING)
    kept: list[CarriedBudget] = []
    for item in carried:
        used = min(item.amount, beyond)
        beyond = beyond - used
        if item.quarters_left > 1 and (item.amount - used).amount > 0:
            kept.append(CarriedBudget(item.quarter, item.amount - used, item.quarters_left - 1))
    if was_missed and not spent and budget.amount > 0:
        kept.append(CarriedBudget(quarter, budget, rules.carry_quarters))
    return tuple(kept)


def judge_release(
    lot: Position,
    mark: Price,
    vix: Decimal | None,
    today: date,
    rules: HedgeRules,
    *,
    is_called: bool,
    is_merging: bool = False,
) -> Verdict | None:
    """The verdict that sells a hedge.

    Its gain is reached; what called for it has reverted; its family is coming home; or it would
    soon deliver shares (options settled in cash pay by themselves).
    """
    released = judge_gain(lot.price_average, mark, vix, rules, is_called=is_called)
    if released is not None:
        return released
    if is_merging:
        return _release(compared("family", "coming home", "closes its positions", passed=True))
    option = lot.option
    if option is not None and not option.is_cash_settled:
        left, least = (option.expiry - today).days, rules.release_days_left
        if left <= least:
            limit = f"above {least}, since it delivers shares"
            return _release(compared("days to expiry", left, limit, passed=True))
    return None


def judge_gain(
    paid: Price, mark: Price, vix: Decimal | None, rules: HedgeRules, *, is_called: bool
) -> Verdict | None:
    """The verdict that sells a hedge for its gain, or since what called for it has reverted."""
    gain = mark.per_unit - paid.per_unit
    if gain >= rules.release_gain * paid.per_unit:
        limit = f"at least {written(rules.release_gain)}"
        return _release(
            compared("gain on the hedge", ratio(gain, paid.per_unit), limit, passed=True)
        )
    if is_called or vix is None or vix >= rules.release_vix_below:
        return None
    limit = f"below {written(rules.release_vix_below)}"
    return _release(compared("VIX", vix, limit, passed=True))


def _release(met: Comparison) -> Verdict:
    return Verdict("release", RELEASE, (met,))


def release_wish(
    view: SleeveView, lot: Position, quote: Quote, verdict: Verdict, rulebook: Rulebook
) -> Wish | None:
    """The wish that sells a hedge at mid; None where it has no mid."""
    met = verdict.comparisons[0]
    reason = f"Sell the hedge {lot.instrument}: {met.name} is {met.value}, {met.limit}."
    return sell_wish(view, lot, quote, (ProposalKind.ADJUSTMENT, reason), verdict, rulebook)
