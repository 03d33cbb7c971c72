"""The risk of being assigned before expiry, and the dividend that makes it likely (section 7)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.instruments import Right
from allusedesk.domain.money import Price
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import Outcome, close_by, closing_mid
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import MoneynessStep
from allusedesk.protocol.rulebook_trading import Weekday
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written
from allusedesk.protocol.views import SleeveView

ONE_DAY = timedelta(days=1)


def early_assignment_probability(
    right: Right, strike: Decimal, spot: Decimal, days_to_expiry: int, rulebook: Rulebook
) -> Decimal:
    """By moneyness against the strike, raised near expiry, never above the rulebook's cap."""
    rules = rulebook.early_assignment
    in_money = strike - spot if right is Right.PUT else spot - strike
    step = next(step for step in rules.steps if _is_within(in_money, strike, step))
    factor = next(
        (row.factor for row in rules.factors if days_to_expiry <= row.days_max), Decimal(1)
    )
    return min(step.probability * factor, rules.probability_max)


def judge_early_assignment(
    lot: Position,
    snapshot: MarketSnapshot,
    session: Session,
    rulebook: Rulebook,
    *,
    chain_kept: Price | None = None,
) -> Verdict | None:
    """The verdict that closes a short put likely to be assigned while a profit stands.

    The profit of a rolled put is measured on `chain_kept`, the first put's credit net of what the
    rolls cost: a chain that lost shows none, however little its last leg costs by now. European
    options cannot be exercised before their expiry, so they are left to it.
    """
    option, seen = lot.option, snapshot.underlying(lot.underlying)
    mark = closing_mid(snapshot.quote_of(lot.instrument))
    spot = seen.quote.mark if seen else None
    if option is None or option.is_european or spot is None or mark is None:
        return None
    rules = rulebook.early_assignment
    premium = (lot.price_average if chain_kept is None else chain_kept).per_unit
    days = (option.expiry - session.date).days
    risk = early_assignment_probability(option.right, option.strike, spot.per_unit, days, rulebook)
    earned = premium - mark.per_unit
    is_earned = premium > 0 and earned >= rules.close_profit_min * premium
    if risk <= rules.close_above or not is_earned:
        return None
    name = "premium earned" if chain_kept is None else "premium earned over the chain of rolls"
    least = f"at least {written(rules.close_profit_min)}"
    return Verdict(
        "close",
        "early_assignment.close",
        (
            compared(
                "early-assignment risk", risk, f"above {written(rules.close_above)}", passed=True
            ),
            compared(name, ratio(earned, premium), least, passed=True),
        ),
    )


def judge_dividend(
    lot: Position, snapshot: MarketSnapshot, week: TradingWeek, session: Session
) -> Verdict | None:
    """The verdict that closes a call whose holder would exercise it for a dividend.

    It speaks on the session before the ex-date, where the date is on or before expiry.
    """
    option, seen = lot.option, snapshot.underlying(lot.underlying)
    if option is None or seen is None:
        return None
    ex_date, dividend, spot = seen.ex_dividend_next, seen.dividend_next, seen.quote.mark
    mark = closing_mid(snapshot.quote_of(lot.instrument))
    if ex_date is None or dividend is None or spot is None or mark is None:
        return None
    time_value = mark.per_unit - max(spot.per_unit - option.strike, Decimal(0))
    if ex_date > option.expiry or dividend <= time_value:
        return None
    if not _is_session_before(ex_date, session, week):
        return None
    return Verdict(
        "close",
        "dividend.close",
        (
            compared("ex-date", str(ex_date), f"on or before {option.expiry}", passed=True),
            compared(
                "dividend", dividend, f"above the time value, {written(time_value)}", passed=True
            ),
        ),
    )


def close_early(
    view: SleeveView, lot: Position, snapshot: MarketSnapshot, session: Session, rulebook: Rulebook
) -> Outcome | None:
    """The close of a short put that is likely to be assigned while a profit stands."""
    kept = view.chain_kept(lot)
    verdict = judge_early_assignment(lot, snapshot, session, rulebook, chain_kept=kept)
    if verdict is None:
        return None
    reason = f"Close {lot.instrument}: early assignment is likely and a profit stands."
    return close_by(view, lot, snapshot, verdict, reason, rulebook)


def close_for_dividend(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> Outcome | None:
    """The close of a call whose holder would take the dividend."""
    verdict = judge_dividend(lot, snapshot, week, session)
    if verdict is None:
        return None
    reason = f"Close {lot.instrument}: the dividend is worth more than its time value."
    return close_by(view, lot, snapshot, verdict, reason, rulebook)


def _is_session_before(ex_date: date, session: Session, week: TradingWeek) -> bool:
    """Tell whether `session` is the last sure one before the ex-date.

    Next week's holidays are not known here, so its Monday does not count as sure.
    """
    if ex_date <= session.date:
        return False
    day = session.date + ONE_DAY
    while day < ex_date:
        in_week = day.isocalendar()[:2] == (week.year, week.number)
        weekday = day.weekday()
        is_sure = Weekday.MONDAY.number < weekday <= Weekday.FRIDAY.number
        if week.session_on(day) is not None or (not in_week and is_sure):
            return False
        day += ONE_DAY
    return True


def _is_within(in_money: Decimal, strike: Decimal, step: MoneynessStep) -> bool:
    if step.in_money_max is None:
        return True
    limit = step.in_money_max * strike
    return in_money < limit or (step.holds_limit and in_money == limit)
