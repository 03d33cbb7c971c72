"""Rolls, exits and closes by levels from the strike (protocol, section 7, constitution)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, ProposalKind, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import (
    Outcome,
    barred,
    buy_back,
    close_by,
    closing_mid,
    decision_of,
)
from allusedesk.protocol.early_assignment import close_early, close_for_dividend
from allusedesk.protocol.levels import LEVEL_ONE, LEVEL_THREE, LEVEL_TWO, LevelReading, level_rules
from allusedesk.protocol.recovery import is_answered, propose_recovery
from allusedesk.protocol.rolls import RollSearch, find_put_roll, roll_wish
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written
from allusedesk.protocol.views import Decision, SleeveView

# The rule by which a put at L2 without a roll leaves as one at L3 does.
ESCALATES = "roll.none_escalates"
_CALL_ENDS = {
    "profit.call_decay": "enough of its premium has decayed",
    "profit.call_days_left": "its last day is near and it is not to be called away",
}


def decide_strike_management(
    view: SleeveView,
    snapshot: MarketSnapshot,
    levels: Sequence[LevelReading],
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> Decision:
    """What every position's level asks for; an exit is asked for whatever else is open."""
    outcomes: list[Outcome] = []
    for lot in view.lots:
        seen = snapshot.underlying(lot.underlying)
        if seen is None:
            # A look that a price alarm asked for shows its own symbol alone.
            continue
        reading = next((item for item in levels if item.position == lot.id), None)
        if lot.is_shares:
            outcomes += _manage_shares(view, lot, snapshot, reading, rulebook)
        elif lot.is_short_put and reading is not None and reading.level == LEVEL_THREE:
            evidence = reading.verdict.comparisons
            outcomes.append(_exit(view, lot, snapshot, reading.verdict.rule, evidence, rulebook))
        elif lot.is_short and lot.option is not None:
            bar = barred(view, lot, seen)
            if bar is not None:
                outcomes.append(bar)
            elif lot.option.right is Right.PUT:
                outcomes += _manage_put(view, lot, snapshot, reading, session, rulebook)
            else:
                outcomes += _manage_call(view, lot, lot.option, snapshot, week, session, rulebook)
    return decision_of(outcomes)


def judge_call_profit(
    option: OptionContract,
    premium: Decimal,
    mark: Decimal,
    spot: Decimal,
    session: Session,
    rulebook: Rulebook,
) -> Verdict | None:
    """The rule that closes a covered call: its decay, or its last day but one.

    Ours: near its end a call above its strike is left, since it is to be called away.
    """
    rules, earned = rulebook.management, premium - mark
    if rules.call_decay is not None and earned >= rules.call_decay * premium:
        limit = f"at least {written(rules.call_decay)}"
        shown = compared("premium decayed", ratio(earned, premium), limit, passed=True)
        return Verdict("close", "profit.call_decay", (shown,))
    days = (option.expiry - session.date).days
    if rules.call_days_left is None or days > rules.call_days_left or spot > option.strike:
        return None
    left = compared("days to expiry", days, f"at most {rules.call_days_left}", passed=True)
    below = compared("price", spot, f"at most the strike, {written(option.strike)}", passed=True)
    return Verdict("close", "profit.call_days_left", (left, below))


def exits_from(session: Session, rulebook: Rulebook) -> datetime:
    """The instant from which exits are sent on a session; earlier ones are queued."""
    clock = level_rules(rulebook).exit_not_before
    return datetime.combine(session.date, clock, tzinfo=NEW_YORK).astimezone(UTC)


def _manage_shares(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading | None,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    """Shares are never sold by themselves: from L3 on GBR-4 is proposed."""
    if reading is None or reading.level != LEVEL_THREE or is_answered(view, lot, rulebook):
        return
    yield propose_recovery(view, lot, snapshot, reading.verdict.comparisons, rulebook)


def _manage_put(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading | None,
    session: Session,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    if reading is not None and reading.level == LEVEL_TWO:
        yield _roll_or_leave(view, lot, snapshot, reading, session, rulebook)
        return
    early = close_early(view, lot, snapshot, session, rulebook)
    if early is not None:
        yield early
        return
    if reading is None or reading.level != LEVEL_ONE:
        return
    prepare = rulebook.account(view.kind).prepare_distance
    if prepare is None or reading.distance >= prepare:
        yield from _prepared(find_put_roll(lot, snapshot, rulebook, view), rulebook)


def _prepared(search: RollSearch, rulebook: Rulebook) -> Iterator[Outcome]:
    if search.best is not None:
        yield TurnedDown(
            f"roll to {search.best.contract}",
            "level.L1",
            "prepared, not due yet",
            f"net {written(search.best.credit_net.per_unit)}",
            f"due from {written(level_rules(rulebook).two)} ATR",
        )
    yield from search.turned_down()


def _roll_or_leave(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading,
    session: Session,
    rulebook: Rulebook,
) -> Outcome:
    """One two-leg order; where none is favourable the put leaves, or a person is asked."""
    name, evidence = str(lot.instrument), reading.verdict.comparisons
    if view.credit_of(lot.id) is not None and _is_of(lot, session):
        return TurnedDown(
            name, "roll.once", "it was rolled into today: the next roll is tomorrow's"
        )
    if snapshot.chain(lot.underlying) is None or snapshot.quote_of(lot.instrument) is None:
        return TurnedDown(name, "chain.none", "no chain to look for a roll in; looked for again")
    search = find_put_roll(lot, snapshot, rulebook, view)
    if search.best is not None:
        return roll_wish(
            view, lot, search.best, search, snapshot, reading.verdict.rule, evidence, rulebook
        )
    if rulebook.roll.none_escalates:
        none = compared("favourable rolls", 0, "one", passed=False)
        return _exit(view, lot, snapshot, ESCALATES, (*evidence, none), rulebook, search)
    return buy_back(
        view,
        lot,
        snapshot,
        ProposalKind.ADJUSTMENT,
        ("roll.none", f"No roll of {name}: buy it back, or let the shares be put to you."),
        evidence,
        rulebook,
        turned_down=search.turned_down(),
    )


def _exit(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    rule: str,
    evidence: tuple[Comparison, ...],
    rulebook: Rulebook,
    search: RollSearch | None = None,
) -> Outcome:
    why = "no roll is favourable" if rule == ESCALATES else "the stop is reached"
    return buy_back(
        view,
        lot,
        snapshot,
        ProposalKind.EMERGENCY_EXIT,
        (
            rule,
            f"Leave {lot.instrument} at once: {why}; the sleeve stops until a person resets it.",
        ),
        evidence,
        rulebook,
        turned_down=search.turned_down() if search is not None else (),
    )


def _manage_call(
    view: SleeveView,
    lot: Position,
    option: OptionContract,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    dividend = close_for_dividend(view, lot, snapshot, week, session, rulebook)
    if dividend is not None:
        yield dividend
        return
    mark = closing_mid(snapshot.quote_of(option))
    seen = snapshot.underlying(lot.underlying)
    spot = seen.quote.mark if seen is not None else None
    if mark is None or spot is None:
        return
    premium = lot.price_average.per_unit
    profit = judge_call_profit(option, premium, mark.per_unit, spot.per_unit, session, rulebook)
    if profit is not None:
        reason = f"Close {option}: {_CALL_ENDS[profit.rule]}."
        yield close_by(view, lot, snapshot, profit, reason, rulebook)


def _is_of(lot: Position, session: Session) -> bool:
    return lot.opened_at.astimezone(NEW_YORK).date() == session.date
