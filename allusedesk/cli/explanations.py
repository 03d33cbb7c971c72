"""What `explain` answers: the engine's own rule functions on the numbers that were typed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.cli.arguments import LegTyped
from allusedesk.cli.command_parser import Refusal
from allusedesk.cli.printing import print_json, print_pairs
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import NamedAmount
from allusedesk.protocol.entry_check import EntryQuestion, check_entry
from allusedesk.protocol.forking import fork_due
from allusedesk.protocol.hedges import HedgeEvidence, hedge_budget, judge_gain, judge_triggers
from allusedesk.protocol.leaps_ladder import judge_rung_figures
from allusedesk.protocol.levels import shares_level, strike_level
from allusedesk.protocol.liquidity import OrderQuestion, judge_order
from allusedesk.protocol.market_condition import classify_market
from allusedesk.protocol.reinvestment import reinvest
from allusedesk.protocol.rolls import judge_roll
from allusedesk.protocol.rulebook import Condition, Rulebook, Support, Trend
from allusedesk.protocol.trade_management import level_of
from allusedesk.protocol.verdicts import RuleAbsent, Verdict, compared, written
from allusedesk.protocol.week_classification import classify_idle, classify_put, classify_shares
from allusedesk.risk.circuit_breakers import Breaker, drawdown_breaker, vix_breaker
from allusedesk.risk.margin import MarginLeg, margin_use, regulation_t

_TICK = Decimal("0.01")
_FINE = Decimal("0.0001")
# By what still may be opened: half, calls only, nothing.
_MILDEST_FIRST = (Breaker.NONE, Breaker.HEDGED, Breaker.CALLS_ONLY, Breaker.SAFE, Breaker.KILL)


def explained(rule: str, options: Namespace, rulebook: Rulebook) -> Verdict:
    """The verdict of one rule. Raises Refusal for options that do not belong together."""
    try:
        return _EXPLANATIONS[rule](options, rulebook)
    except RuleAbsent as absent:
        raise Refusal(str(absent)) from absent


def show(verdict: Verdict, rulebook: Rulebook, *, as_json: bool) -> None:
    """Print a verdict with everything it rests on."""
    if as_json:
        print_json(
            {
                "verdict": verdict.verdict,
                "rule": verdict.rule,
                "rulebook": rulebook.id,
                "comparisons": verdict.comparisons,
                "amounts": {named.name: named.amount for named in verdict.amounts},
                "clips": verdict.clips,
                "warnings": verdict.warnings,
            }
        )
        return
    pairs: list[tuple[str, object]] = [
        ("verdict", verdict.verdict),
        ("rule", f"{rulebook.id}/{verdict.rule}"),
    ]
    pairs += [(named.name, named.amount) for named in verdict.amounts]
    if verdict.clips:
        pairs.append(("clips", verdict.clips))
    print_pairs(pairs)
    for met in verdict.comparisons:
        print(f"  {'yes' if met.passed else 'no ':3}  {met.name}: {met.value} ({met.limit})")
    for warning in verdict.warnings:
        print(f"  warning: {warning}")


def _outcome(options: Namespace, rulebook: Rulebook) -> Verdict:
    if options.cash:
        _refuse_beside(options, "--cash", ("right", "strike", "basis", "price", "roll_available"))
        return classify_idle(rulebook)
    if options.right is None:
        raise Refusal("Say what was held: --right put, --right call, or --cash for nothing.")
    if options.right == "put":
        _refuse_beside(options, "--right put", ("basis",))
        _need(options, "--right put", ("strike", "price"))
        return classify_put(
            options.strike,
            options.price,
            roll_available=options.roll_available,
            rulebook=rulebook,
        )
    _refuse_beside(options, "--right call", ("strike", "roll_available"))
    _need(options, "--right call", ("basis", "price"))
    return classify_shares(options.basis, options.price, rulebook)


def _condition(options: Namespace, rulebook: Rulebook) -> Verdict:
    read = classify_market(
        Trend(options.trend),
        options.vix,
        options.vix_average,
        Support(options.support),
        rulebook,
    )
    return Verdict(read.condition.value, read.rule, read.comparisons)


def _level(options: Namespace, rulebook: Rulebook) -> Verdict:
    if options.right == "call":
        raise Refusal(
            "A covered call has no level, above its strike the shares are let go: "
            "ask with --right put or --shares."
        )
    if options.entry is not None:
        _refuse_beside(options, "--entry", ("shares", "strike", "basis"))
        return level_of(options.entry, options.spot, options.atr, rulebook)
    if options.shares:
        _refuse_beside(options, "--shares", ("right", "strike"))
        _need(options, "--shares", ("basis",))
        return shares_level(options.basis, options.spot, options.atr, rulebook)
    if options.strike is None or options.right is None:
        raise Refusal(
            "Say what price is measured from: --entry, --right put with --strike, "
            "or --shares with --basis."
        )
    _refuse_beside(options, "--strike", ("basis",))
    return strike_level(options.strike, options.spot, options.atr, rulebook)


def _entry(options: Namespace, rulebook: Rulebook) -> Verdict:
    from allusedesk.market.calendar import DayOutsideCalendar
    from allusedesk.wiring.choices import exchange_calendar

    try:
        week = exchange_calendar().week_of(options.at.date())
    except DayOutsideCalendar as outside:
        raise Refusal(f"{outside} Choose another --at.") from outside
    condition = None if options.condition is None else Condition(options.condition)
    question = EntryQuestion(
        AccountKind(options.account),
        options.at,
        options.delta,
        options.dte,
        options.listed,
        options.earnings,
        condition,
        options.vix,
    )
    return check_entry(question, week, rulebook)


def _order(options: Namespace, rulebook: Rulebook) -> Verdict:
    question = OrderQuestion(
        options.quantity,
        options.bid,
        options.ask,
        options.quote_age,
        _TICK if options.tick is None else options.tick,
        options.open_interest,
        options.volume,
        options.average_volume,
        options.closing,
    )
    return judge_order(question, rulebook)


def _roll(options: Namespace, rulebook: Rulebook) -> Verdict:
    return judge_roll(options.credit, options.cost, rulebook)


def _fork(options: Namespace, rulebook: Rulebook) -> Verdict:
    kind = AccountKind(options.account)
    return fork_due(kind, Money(options.base), Money(options.balance), rulebook)


def _reinvest(options: Namespace, rulebook: Rulebook) -> Verdict:
    return reinvest(AccountKind(options.account), Money(options.gain), options.month, rulebook)


def _breaker(options: Namespace, rulebook: Rulebook) -> Verdict:
    if options.drawdown is None:
        if options.vix is None:
            raise Refusal("Say what has moved: --vix, or --drawdown with --account.")
        return vix_breaker(options.vix, rulebook)
    if options.account is None:
        raise Refusal("A drawdown is a sleeve's: add --account gen, rev or com.")
    kind = AccountKind(options.account)
    verdict = drawdown_breaker(kind, options.drawdown, options.vix, rulebook)
    if options.vix is None:
        return verdict
    of_vix = vix_breaker(options.vix, rulebook)
    comparisons = (*of_vix.comparisons, *verdict.comparisons)
    harder = max(verdict, of_vix, key=lambda one: _MILDEST_FIRST.index(Breaker(one.verdict)))
    return replace(harder, comparisons=comparisons)


def _hedge(options: Namespace, rulebook: Rulebook) -> Verdict:
    rules = rulebook.hedging
    if rules is None:
        raise Refusal(f"{rulebook.id} has no hedges: ask --rulebook constitution.")
    evidence = HedgeEvidence(
        options.breached, options.vix_days, options.index_fall, options.breadth
    )
    verdict = judge_triggers(evidence, rules)
    if options.paid is not None or options.mark is not None:
        _need(options, "A hedge that is held", ("paid", "mark"))
        is_called = verdict.verdict != "none"
        paid, mark = Price(options.paid), Price(options.mark)
        released = judge_gain(paid, mark, options.vix, rules, is_called=is_called)
        return verdict if released is None else released
    if options.equity is None:
        return verdict
    gain = Money(options.gain or Decimal(0))
    budget = hedge_budget(Money(options.equity), gain, rules)
    return replace(verdict, amounts=(NamedAmount("budget", budget),))


def _ladder(options: Namespace, rulebook: Rulebook) -> Verdict:
    if rulebook.ladder is None:
        raise Refusal(f"{rulebook.id} has no ladder: ask --rulebook constitution.")
    right = Right.CALL if options.side == "growth" else Right.PUT
    return judge_rung_figures(right, options.days, options.delta, rulebook.ladder)


def _margin(options: Namespace, rulebook: Rulebook) -> Verdict:
    legs = [
        MarginLeg(_instrument(leg, options.symbol), leg.units_signed, Price(leg.mark))
        for leg in options.leg
    ]
    rules = rulebook.margin
    try:
        asked = regulation_t(legs, Price(options.spot), rules)
    except ValueError as refused:
        raise Refusal(str(refused)) from refused
    amounts = (
        NamedAmount("initial", asked.initial),
        NamedAmount("maintenance", asked.maintenance),
        NamedAmount("proceeds", asked.proceeds),
        NamedAmount("deposit", asked.deposit),
    )
    if options.equity is None:
        return Verdict("required", "margin.regulation_t", (), amounts)
    broker = None if options.broker_says is None else Money(options.broker_says)
    used = margin_use(asked.maintenance, Money(options.equity), broker)
    fits = used <= rules.use_max
    limit = f"at most {written(rules.use_max)}"
    use = compared("margin use", used.quantize(_FINE), limit, passed=fits)
    return Verdict("within" if fits else "above", "margin.use", (use,), amounts)


def _instrument(leg: LegTyped, symbol: str) -> Instrument:
    if leg.right is None or leg.strike is None:
        return Stock(symbol)
    # Every leg expires together, so that the day itself says nothing.
    return OptionContract(symbol, date.max, leg.right, leg.strike)


def _need(options: Namespace, beside: str, names: tuple[str, ...]) -> None:
    missing = [_option(name) for name in names if getattr(options, name) is None]
    if missing:
        raise Refusal(f"{beside} needs {' and '.join(missing)} too.")


def _refuse_beside(options: Namespace, beside: str, names: tuple[str, ...]) -> None:
    """An option that would be left unread is refused, for it was typed in the hope of a say."""
    found = [_option(name) for name in names if getattr(options, name) not in (None, False)]
    if found:
        raise Refusal(f"{beside} does not go with {' and '.join(found)}: leave one of them out.")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


_EXPLANATIONS: dict[str, Callable[[Namespace, Rulebook], Verdict]] = {
    "outcome": _outcome,
    "condition": _condition,
    "level": _level,
    "entry": _entry,
    "order": _order,
    "roll": _roll,
    "fork": _fork,
    "reinvest": _reinvest,
    "breaker": _breaker,
    "hedge": _hedge,
    "ladder": _ladder,
    "margin": _margin,
}
