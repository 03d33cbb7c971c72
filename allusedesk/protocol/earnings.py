"""The earnings rule of entries (protocol, section 4)."""

from __future__ import annotations

from datetime import date, timedelta

from allusedesk.domain.proposals import Comparison
from allusedesk.domain.weeks import TradingWeek
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_trading import Weekday
from allusedesk.protocol.verdicts import Verdict, compared

ALLOW, REFUSE = "allow", "refuse"
ONE_DAY = timedelta(days=1)
_MARKED = ("expiry.widened", "earnings.unknown")


def judge_earnings(
    announced: date | None,
    expiry: date,
    week: TradingWeek,
    rulebook: Rulebook,
    *,
    is_estimate: bool = False,
) -> Verdict:
    """Refuse where earnings come on or before expiry, either side of the close.

    An estimated date counts from so many sessions before it. Without a date the entry goes on,
    with the rule `earnings.unknown`.
    """
    if announced is None:
        unknown = compared("earnings date", "unknown", f"after {expiry}", passed=True)
        return Verdict(ALLOW, "earnings.unknown", (unknown,))
    if not is_estimate:
        return _against("earnings.before_expiry", "earnings date", announced, expiry)
    sessions = rulebook.entry.earnings_estimate_sessions
    earliest = _sessions_before(announced, sessions, week)
    name = f"{sessions} sessions before the estimate of {announced}"
    return _against("earnings.estimate", name, earliest, expiry)


def marks_of(expiry_rule: str, earnings_rule: str) -> tuple[str, ...]:
    """The marks an entry carries where its expiry was widened or its earnings are unknown."""
    return tuple(rule for rule in (expiry_rule, earnings_rule) if rule in _MARKED)


def _against(rule: str, name: str, day: date, expiry: date) -> Verdict:
    passed = day > expiry
    comparison: Comparison = compared(name, str(day), f"after {expiry}", passed=passed)
    return Verdict(ALLOW if passed else REFUSE, rule, (comparison,))


def _sessions_before(day: date, sessions: int, week: TradingWeek) -> date:
    """Weekdays back from `day`; in the week at hand only those on which the exchange opens."""
    while sessions:
        day -= ONE_DAY
        in_week = day.isocalendar()[:2] == (week.year, week.number)
        is_weekday = day.weekday() <= Weekday.FRIDAY.number
        if week.session_on(day) is not None if in_week else is_weekday:
            sessions -= 1
    return day
