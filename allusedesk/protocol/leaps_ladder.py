"""The LEAPS ladder: rungs that are missing, near their end or too deep (protocol, section 11).

Growth rungs are calls on the sleeve's own symbols, hedge rungs are puts on an index. All of it is
a suggestion; the money is what reinvestment set aside for it and what rungs brought back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import (
    Leg,
    NamedAmount,
    ProposalKind,
    Side,
    TurnedDown,
)
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.long_options import (
    buy_wish,
    days_of,
    lots_within,
    price_at_mid,
    sell_wish,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import LadderRules
from allusedesk.protocol.rung_choice import NO_RUNG, SIDES, Found, Ladder, contract_for
from allusedesk.protocol.verdicts import Verdict, compared, exact, written
from allusedesk.protocol.views import SleeveView, Wish

RUNG, KEEP, ROLL, MATURE = "ladder.rung", "ladder.keep", "ladder.roll", "ladder.mature"
UNAFFORDABLE = "ladder.unaffordable"
_CENT = Decimal("0.01")


def worth_of(rungs: Iterable[Position], snapshot: MarketSnapshot) -> Money:
    """What rungs are worth at their marks, at cost where nobody quotes them."""
    found = []
    for lot in rungs:
        quote = snapshot.quote_of(lot.instrument)
        mark = quote.mark if quote is not None else None
        found.append(lot.value_at(mark if mark is not None else lot.price_average))
    return total(found)


def propose_rungs(
    view: SleeveView,
    budget: Money,
    snapshot: MarketSnapshot,
    today: date,
    rulebook: Rulebook,
    *,
    is_merging: bool = False,
) -> tuple[Outcome, ...]:
    """Rolls of rungs near their end or outside the band, then at most one new rung a side.

    `budget` is the ladder's money in cash, of which `view.cash_free` may be less. Nothing where
    the rulebook has no ladder or it is off. A family that comes home sells its rungs.
    """
    rules = rulebook.ladder
    if rules is None or not rules.is_on:
        return ()
    rungs = [lot for lot in view.lots if lot.role is PositionRole.LEAPS_RUNG]
    if is_merging:
        return tuple(_sold(view, lot, snapshot, rulebook) for lot in rungs)
    whole = max(budget, NOTHING) + worth_of(rungs, snapshot)
    left = max(min(budget, view.cash_free), NOTHING)
    ladder = Ladder(view, snapshot, today, rulebook, rules, whole, left)
    outcomes: list[Outcome] = []
    for right in SIDES:
        for rung in ladder.rungs(right):
            found = _tended(ladder, rung, right)
            if found is not None:
                outcomes.append(found)
                ladder = _after(ladder, found)
    for right in SIDES:
        made = _next_rung(ladder, right)
        outcomes.extend(made)
        for outcome in made:
            ladder = _after(ladder, outcome)
    return tuple(outcomes)


def _sold(view: SleeveView, lot: Position, snapshot: MarketSnapshot, rulebook: Rulebook) -> Outcome:
    quote = snapshot.quote_of(lot.instrument)
    home = compared("family", "coming home", "closes its positions", passed=True)
    told = (ProposalKind.LADDER, f"Ladder: sell {lot.instrument}, since its family comes home.")
    wish = None
    if quote is not None:
        wish = sell_wish(view, lot, quote, told, Verdict("sell", MATURE, (home,)), rulebook)
    if wish is not None:
        return wish
    return TurnedDown(str(lot.instrument), NO_RUNG, "no price to sell the rung at")


def _after(ladder: Ladder, outcome: Outcome) -> Ladder:
    """The ladder once a wish's cash is laid out; what a sale brings has yet to settle."""
    if not isinstance(outcome, Wish):
        return ladder
    costs = [amount.amount for amount in outcome.amounts if amount.name == "cost"]
    left = max(ladder.left - max(total(costs), NOTHING), NOTHING)
    bought = [leg.instrument for leg in outcome.legs if leg.closes is None]
    taken = tuple(option for option in bought if isinstance(option, OptionContract))
    return replace(ladder, left=left, taken=(*ladder.taken, *taken))


def judge_rung(
    lot: Position, quote: Quote | None, today: date, rules: LadderRules
) -> Verdict | None:
    """The verdict that a rung is to be rolled; None while it may stay."""
    option = lot.option
    if option is None:
        return None
    greeks = quote.greeks if quote is not None else None
    delta = exact(greeks.delta_quoted) if greeks is not None else None
    verdict = judge_rung_figures(option.right, (option.expiry - today).days, delta, rules)
    return verdict if verdict.verdict == "roll" else None


def judge_rung_figures(
    right: Right, days: int, delta: Decimal | None, rules: LadderRules
) -> Verdict:
    """`roll` near a rung's end or with a delta outside the band kept, else `keep`.

    A hedge put is not rolled for a delta below the band: out of the money as it is bought, it
    often lies there from its first day.
    """
    least, keep = days_of(rules.roll_months_left), rules.keep_delta
    near = compared("days left", days, f"above {least}", passed=days > least)
    if not near.passed:
        return Verdict("roll", ROLL, (near,))
    if delta is None:
        return Verdict("keep", KEEP, (near,))
    is_low = delta < keep.low and right is Right.CALL
    limit = f"{written(keep.low)} to {written(keep.high)}"
    inside = compared("delta", delta, limit, passed=not is_low and delta <= keep.high)
    if not inside.passed:
        return Verdict("roll", ROLL, (inside,))
    return Verdict("keep", KEEP, (near, inside))


def _tended(ladder: Ladder, rung: Position, right: Right) -> Outcome | None:
    """The roll of a rung that is due, its sale where no roll is to be had, or why neither is."""
    quote = ladder.snapshot.quote_of(rung.instrument)
    verdict = judge_rung(rung, quote, ladder.today, ladder.rules)
    if verdict is None:
        return None
    if quote is None or quote.mid is None:
        return TurnedDown(str(rung.instrument), NO_RUNG, "no price to roll the rung at")
    found = contract_for(ladder, rung.underlying, right, without=rung)
    reason = found.reason if isinstance(found, TurnedDown) else "no roll fits the ladder"
    if isinstance(found, Found) and found.option != rung.instrument:
        wish = _rolled(ladder, rung, quote, found, verdict)
        if wish is not None:
            return wish
    days_left = verdict.comparisons[0].name == "days left"
    if not days_left:
        return TurnedDown(str(rung.instrument), NO_RUNG, f"the rung is to be rolled: {reason}")
    matured = replace(verdict, rule=MATURE)
    told = f"Ladder: the {SIDES[right]} rung {rung.instrument} has matured and funds the next"
    kind = (ProposalKind.LADDER, f"{told}; {reason}.")
    return sell_wish(ladder.view, rung, quote, kind, matured, ladder.rulebook)


def _rolled(
    ladder: Ladder, rung: Position, quote: Quote, found: Found, verdict: Verdict
) -> Wish | None:
    """One order that sells the rung and buys the next, as many as the ladder can pay for."""
    sold, bought = price_at_mid(quote, ladder.rulebook), price_at_mid(found.quote, ladder.rulebook)
    fees = Money(ladder.rulebook.costs.contract) * 2
    one = notional(bought, 1, found.option.multiplier)
    net = one - notional(sold, 1, found.option.multiplier) + fees
    lots = min(rung.quantity, lots_within(ladder.most_per_rung(), one))
    if net.amount > 0:
        lots = min(lots, lots_within(ladder.left, net))
    if lots < 1:
        return None
    met = verdict.comparisons[0]
    seen = ladder.snapshot.underlying(rung.underlying)
    reason = (
        f"Ladder: roll {lots} of {rung.instrument} into {found.option}: "
        f"{met.name} {met.value}, kept are {met.limit}."
    )
    return Wish(
        ProposalKind.LADDER,
        ladder.view.account,
        (
            Leg(rung.instrument, Side.SELL, PositionRole.LEAPS_RUNG, closes=rung.id),
            Leg(found.option, Side.BUY, PositionRole.LEAPS_RUNG),
        ),
        lots,
        Price(sold.per_unit - bought.per_unit),
        ROLL,
        reason,
        (*verdict.comparisons, *found.comparisons),
        spot=seen.quote.mark if seen is not None else None,
        amounts=(NamedAmount("cost", net * lots), NamedAmount("ladder", ladder.whole)),
        concerns=(rung.id,),
        is_modelled=found.quote.is_modelled or quote.is_modelled,
    )


def _next_rung(ladder: Ladder, right: Right) -> tuple[Outcome, ...]:
    """One more rung of a side within its part of the ladder, on the symbol with the fewest."""
    rules, held = ladder.rules, ladder.rungs(right)
    share = rules.growth_share if right is Right.CALL else 1 - rules.growth_share
    room = ladder.whole * share - worth_of(held, ladder.snapshot)
    most = min(ladder.left, room, ladder.most_per_rung())
    if not most.amount > 0:
        return ()
    told: list[Outcome] = []
    for symbol in _symbols(ladder, right):
        found = contract_for(ladder, symbol, right)
        if isinstance(found, TurnedDown):
            told.append(found)
            continue
        lots = lots_within(most, found.cost)
        if lots:
            return (*told, _bought(ladder, found, lots, right))
        told.append(_unaffordable(found, most, share, rules, right))
    return tuple(told)


def _symbols(ladder: Ladder, right: Right) -> list[str]:
    if right is Right.PUT:
        return list(ladder.rules.hedge_symbols)
    held = [lot.underlying for lot in ladder.rungs(right)]
    return sorted(ladder.view.symbols, key=held.count)


def _bought(ladder: Ladder, found: Found, lots: int, right: Right) -> Wish:
    part = found.cost * lots
    most = ladder.most_per_rung()
    share = compared(
        "cost of the rung", part.amount, f"at most {written(most.amount)}", passed=part <= most
    )
    reason = f"Ladder: buy {lots} {found.option} as a {SIDES[right]} rung, {part} of {ladder.whole}"
    amounts = (NamedAmount("ladder", ladder.whole), NamedAmount("left", ladder.left))
    verdict = Verdict("rung", RUNG, (*found.comparisons, share), amounts)
    told = (ProposalKind.LADDER, PositionRole.LEAPS_RUNG, f"{reason}.")
    return buy_wish(ladder.view, found.quote, lots, told, verdict, ladder.snapshot, ladder.rulebook)


def _unaffordable(
    found: Found, most: Money, share: Decimal, rules: LadderRules, right: Right
) -> TurnedDown:
    """What one contract costs, and how large a ladder would have to be to take it."""
    part = min(rules.rung_share_max, share)
    needed = Money((found.cost.amount / part).quantize(_CENT))
    return TurnedDown(
        str(found.option),
        UNAFFORDABLE,
        f"one contract costs {found.cost}: as a {SIDES[right]} rung it needs a ladder of {needed}",
        written(found.cost.amount),
        f"at most {written(most.amount)}",
    )
