"""What law and broker allow: day trades, intraday margin, approval level, position limits, cash.

Each check names its source. They speak only where a broker's profile is part of the rules in
force; the broker's own verdict always counts for more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from allusedesk.domain.book import Book
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Comparison, Leg, Proposal, ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.market.calendar import NEW_YORK
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_conduct import (
    AccountType,
    ApprovalLevels,
    ConductRules,
    RegimeKind,
)
from allusedesk.risk.margin import MarginLeg, margin_use, regulation_t
from allusedesk.risk.market_gates import Finding

DAY_TRADES, INTRADAY, LEVEL = "conduct.day_trades", "conduct.intraday_margin", "conduct.level"
POSITION_LIMIT, SETTLED = "conduct.position_limit", "conduct.settled_cash"
REGULATION_T = "conduct.regulation_t"


@dataclass(frozen=True, slots=True)
class ConductCheck:
    """One check by its rule id: what it asks, and where that is written."""

    rule: str
    title: str
    source: str


CHECKS = (
    ConductCheck(
        DAY_TRADES,
        "day trades of a margin account below $25,000",
        "FINRA Rule 4210(f)(8)(B) before SR-FINRA-2025-017",
    ),
    ConductCheck(
        INTRADAY,
        "no intraday margin deficit",
        "FINRA Rule 4210(d)(2) as amended by SR-FINRA-2025-017 (SEC Release 34-105226)",
    ),
    ConductCheck(
        REGULATION_T,
        "initial margin, or full payment in a cash account",
        "Regulation T, 12 CFR 220.4, 220.8 and 220.12",
    ),
    ConductCheck(SETTLED, "bought with settled cash", "Regulation T, 12 CFR 220.8(a) and (c)"),
    ConductCheck(LEVEL, "options approval level", "FINRA Rule 2360(b)(16)"),
    ConductCheck(POSITION_LIMIT, "contracts on one side", "FINRA Rule 2360(b)(3), Cboe Rule 8.30"),
)

# What may not wait for tomorrow: told instead of refused.
_CANNOT_WAIT = (ProposalKind.EMERGENCY_EXIT, ProposalKind.RISK_BREACH, ProposalKind.RECOVERY)


@dataclass(frozen=True, slots=True)
class DayTrade:
    """A close on the day on which the same instrument had been opened, by its first order."""

    on: date
    instrument: Instrument
    order: str


@dataclass(frozen=True, slots=True)
class Around:
    """The whole account around a proposal: every order of the last days, equity, settled cash."""

    orders: tuple[Order, ...]
    equity: Money
    settled: Money


def day_trades(orders: Iterable[Order]) -> tuple[DayTrade, ...]:
    """The day trades among orders, oldest first: one for each proposal that closed.

    Slices of one proposal are one trade. Days are those of New York. What expires, is assigned or
    exercised is no trade.
    """
    opened: set[tuple[date, Instrument]] = set()
    closed: dict[tuple[date, str], DayTrade] = {}
    ordered = sorted(orders, key=lambda order: (order.written_at, order.id))
    for order in ordered:
        for fill in order.fills:
            day, leg = fill.filled_at.astimezone(NEW_YORK).date(), order.legs[fill.leg]
            if leg.closes is None:
                opened.add((day, leg.instrument))
    for order in ordered:
        for fill in order.fills:
            day, leg = fill.filled_at.astimezone(NEW_YORK).date(), order.legs[fill.leg]
            if leg.closes is not None and (day, leg.instrument) in opened:
                trade = DayTrade(day, leg.instrument, str(order.id))
                closed.setdefault((day, str(order.proposal)), trade)
    return tuple(closed.values())


def objection_at_sending(
    proposal: Proposal,
    book: Book,
    around: Around,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> Finding | None:
    """What law and broker would no longer allow of what was approved; None where nothing.

    What is on its way already is not stopped amid its slices.
    """
    if any(order.proposal == proposal.id for order in around.orders):
        return None
    findings, _ = judge_conduct(proposal, book, around, snapshot, rulebook)
    return next((one for one in findings if not one.comparison.passed), None)


def judge_conduct(
    proposal: Proposal,
    book: Book,
    around: Around,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> tuple[list[Finding], tuple[str, ...]]:
    """Findings that bind and warnings that do not; nothing without a broker's profile.

    Openings are refused by any of them. A close is refused only where it would be one day trade
    too many and may wait until tomorrow; an exit that may not is warned of.
    """
    conduct = rulebook.conduct
    if conduct is None or not proposal.legs:
        return [], ()
    today = snapshot.taken_at.astimezone(NEW_YORK).date()
    findings: list[Finding] = []
    warnings: list[str] = []
    in_force = [regime.kind for regime in conduct.regimes if regime.applies_on(today)]
    if RegimeKind.LEGACY_PDT in in_force:
        found, heard = _judge_day_trades(proposal, book, around, conduct, today)
        findings += found
        warnings += heard
    if proposal.is_opening:
        if conduct.account is not AccountType.CASH:
            margin = _judge_margin(proposal, book, around, snapshot, rulebook)
            is_intraday = RegimeKind.INTRADAY_MARGIN in in_force
            findings += [one for one in margin if is_intraday or one.rule == REGULATION_T]
        if conduct.account is not AccountType.MARGIN:
            findings += _judge_settled(proposal, around)
        findings += _judge_level(proposal, conduct)
        findings += _judge_contracts(proposal, book, around.orders, conduct)
    return findings, tuple(warnings)


def _judge_day_trades(
    proposal: Proposal, book: Book, around: Around, conduct: ConductRules, today: date
) -> tuple[list[Finding], list[str]]:
    if around.equity.amount >= conduct.day_trade_equity_min:
        return [], []
    since = today - timedelta(days=conduct.day_trade_days - 1)
    made = [trade for trade in day_trades(around.orders) if trade.on >= since]
    most = conduct.day_trades_max
    if not _closes_todays(proposal, book, today):
        if proposal.is_opening and len(made) >= most:
            told = f"{DAY_TRADES}: {len(made)} day trades are made since {since};"
            return [], [f"{told} what is opened now cannot be closed today."]
        return [], []
    after = Comparison(
        f"day trades since {since} after",
        str(len(made) + 1),
        f"at most {most} below {conduct.day_trade_equity_min} of equity",
        passed=len(made) < most,
    )
    if proposal.kind in _CANNOT_WAIT and not after.passed:
        return [], [f"{DAY_TRADES}: {after.name} is {after.value}, the limit is {after.limit}."]
    return [Finding(DAY_TRADES, after)], []


def _closes_todays(proposal: Proposal, book: Book, today: date) -> bool:
    lots = [book.positions.get(leg.closes) for leg in proposal.legs if leg.closes is not None]
    return any(
        lot is not None and lot.opened_at.astimezone(NEW_YORK).date() == today for lot in lots
    )


def _judge_margin(
    proposal: Proposal, book: Book, around: Around, snapshot: MarketSnapshot, rulebook: Rulebook
) -> list[Finding]:
    """Maintenance and initial margin of all that is held, the proposal with it, against equity."""
    legs: dict[str, list[MarginLeg]] = {}
    for lot in book.all_positions():
        mark = _mark(snapshot, lot.instrument) or lot.price_average
        leg = MarginLeg(lot.instrument, lot.quantity_signed, mark)
        legs.setdefault(lot.underlying, []).append(leg)
    for wanted in proposal.legs:
        mark = _mark(snapshot, wanted.instrument) or Price(NOTHING.amount)
        signed = wanted.side.value * proposal.quantity
        legs.setdefault(wanted.instrument.underlying, []).append(
            MarginLeg(wanted.instrument, signed, mark)
        )
    maintenance, initial = NOTHING, NOTHING
    own = proposal.legs[0].instrument.underlying
    for symbol in sorted(legs):
        spot = proposal.spot if symbol == own else _mark(snapshot, Stock(symbol))
        if spot is None:
            # Without its price nothing is known of a symbol but the cash that secures its puts.
            puts = [lot for lot in book.all_positions() if lot.underlying == symbol]
            held = NOTHING.plus(lot.assignment_cost() for lot in puts if lot.is_short_put)
            maintenance, initial = maintenance + held, initial + held
            continue
        asked = regulation_t(legs[symbol], spot, rulebook.margin)
        maintenance, initial = maintenance + asked.maintenance, initial + asked.deposit
    found = [_deficit(INTRADAY, "intraday margin after", maintenance, around.equity)]
    found.append(_deficit(REGULATION_T, "initial margin after", initial, around.equity))
    return found


def _deficit(rule: str, name: str, asked: Money, equity: Money) -> Finding:
    used = margin_use(asked, equity)
    shown = f"{asked} ({used:.1%})"
    return Finding(rule, Comparison(name, shown, f"at most {equity}", passed=asked <= equity))


def _judge_settled(proposal: Proposal, around: Around) -> list[Finding]:
    """What is bought is paid with settled cash, so that selling it tomorrow violates nothing."""
    price = proposal.credit_net
    if price is None or price.per_unit >= 0:
        return []
    multiplier = proposal.legs[0].instrument.multiplier
    cost = Money(-price.per_unit * proposal.quantity * multiplier)
    paid = Comparison(
        "paid", str(cost), f"at most {around.settled} settled", passed=cost <= around.settled
    )
    return [Finding(SETTLED, paid)]


def _judge_level(proposal: Proposal, conduct: ConductRules) -> list[Finding]:
    needed = level_needed(proposal.legs, conduct.levels)
    if needed is None:
        return []
    kind, level = needed
    comparison = Comparison(
        f"options approval level for {kind}",
        str(level),
        f"at most {conduct.options_level}",
        passed=level <= conduct.options_level,
    )
    found = [Finding(LEVEL, comparison)]
    if conduct.account is AccountType.CASH and level >= conduct.levels.spread:
        kept = Comparison(f"account for {kind}", "a cash account", "a margin account", passed=False)
        found.append(Finding(REGULATION_T, kept))
    return found


def level_needed(wanted: Sequence[Leg], levels: ApprovalLevels) -> tuple[str, int] | None:
    """The approval that legs opened together need; None where no option is among them."""
    legs = [leg for leg in wanted if isinstance(leg.instrument, OptionContract)]
    if not legs:
        return None
    shorts = [leg for leg in legs if leg.side is Side.SELL and leg.linked_to is None]
    longs = [leg for leg in legs if leg.side is Side.BUY]
    if shorts and longs and all(_is_covered(short, longs) for short in shorts):
        return "a spread", levels.spread
    if any(_right(short) is Right.CALL for short in shorts):
        return "an uncovered call", levels.uncovered
    if shorts:
        return "a put secured by cash", levels.cash_secured
    return ("a long option", levels.long_option) if longs else ("a covered call", levels.covered)


def _right(leg: Leg) -> Right | None:
    option = leg.instrument
    return option.right if isinstance(option, OptionContract) else None


def _is_covered(short: Leg, longs: Sequence[Leg]) -> bool:
    """A long of the same right that lives as long, or longer."""
    option = short.instrument
    return isinstance(option, OptionContract) and any(
        isinstance(long.instrument, OptionContract)
        and long.instrument.right is option.right
        and long.instrument.expiry >= option.expiry
        for long in longs
    )


def _judge_contracts(
    proposal: Proposal, book: Book, orders: Sequence[Order], conduct: ConductRules
) -> list[Finding]:
    """Long calls with short puts, and short calls with long puts, over all accounts."""
    symbol = proposal.legs[0].instrument.underlying
    sides = {1: 0, -1: 0}
    for lot in book.all_positions():
        _count(sides, symbol, lot.instrument, lot.quantity_signed)
    for order in orders:
        for leg in order.legs if order.quantity_open and order.proposal != proposal.id else ():
            if leg.closes is None:
                signed = leg.side.value * order.quantity_open
                _count(sides, symbol, leg.instrument, signed)
    for leg in proposal.legs:
        _count(sides, symbol, leg.instrument, leg.side.value * proposal.quantity)
    most = conduct.contracts_of(symbol)
    largest = max(sides.values())
    if not largest:
        return []
    shown = Comparison(
        f"contracts on one side of {symbol} after",
        str(largest),
        f"at most {most}",
        passed=largest <= most,
    )
    return [Finding(POSITION_LIMIT, shown)]


def _count(sides: dict[int, int], symbol: str, instrument: Instrument, signed: int) -> None:
    if isinstance(instrument, OptionContract) and instrument.underlying == symbol:
        rises = 1 if instrument.right is Right.CALL else -1
        sides[rises if signed > 0 else -rises] += abs(signed)


def _mark(snapshot: MarketSnapshot, instrument: Instrument) -> Price | None:
    quote = snapshot.quote_of(instrument)
    return quote.mark if quote is not None else None
