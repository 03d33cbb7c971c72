"""One entry on given numbers: may a tier sell this delta, so many days out, at this instant?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.proposals import Comparison
from allusedesk.domain.weeks import TradingWeek
from allusedesk.protocol.earnings import ALLOW, REFUSE, judge_earnings
from allusedesk.protocol.entry_contracts import choose_expiry
from allusedesk.protocol.entry_window import judge_instant
from allusedesk.protocol.market_condition import delta_shift
from allusedesk.protocol.rulebook import Condition, Rulebook
from allusedesk.protocol.schedule import NEW_YORK, entry_expiries
from allusedesk.protocol.verdicts import Verdict, compared, written


@dataclass(frozen=True, slots=True)
class EntryQuestion:
    """A put to be sold; `listed` are the days to every listed expiry, empty where unknown."""

    kind: AccountKind
    at: datetime
    delta: Decimal
    days_to_expiry: int
    listed: tuple[int, ...] = ()
    earnings: date | None = None
    condition: Condition | None = None
    vix: Decimal | None = None


def check_entry(question: EntryQuestion, week: TradingWeek, rulebook: Rulebook) -> Verdict:
    """`allow` or `refuse`; the first rule that refuses is named, else the one that chose.

    Without a condition nothing shifts. The band is taken as written: the slack below it depends
    on the strikes of a chain.
    """
    instant = judge_instant(question.kind, question.condition, week, question.at, rulebook)
    rule, expiry = _judge_expiry(question, rulebook)
    day = question.at.astimezone(NEW_YORK).date() + timedelta(days=question.days_to_expiry)
    earnings = judge_earnings(question.earnings, day, week, rulebook)
    steps: list[tuple[str, tuple[Comparison, ...]]] = [
        (instant.rule, instant.comparisons),
        (rule, (expiry,)),
        (earnings.rule, earnings.comparisons),
        ("entry.delta", (_judge_delta(question, rulebook),)),
    ]
    if question.vix is not None:
        most = rulebook.breakers.safe_above
        calm = question.vix <= most
        against = compared("VIX", question.vix, f"at most {written(most)}", passed=calm)
        steps.insert(0, ("breaker.safe", (against,)))
    comparisons: tuple[Comparison, ...] = ()
    for failing, met in steps:
        comparisons += met
        if not all(item.passed for item in met):
            return Verdict(REFUSE, failing, comparisons)
    chosen = rule if rule == "expiry.widened" else "entry.delta"
    return Verdict(ALLOW, chosen, comparisons)


def _judge_expiry(question: EntryQuestion, rulebook: Rulebook) -> tuple[str, Comparison]:
    is_hedged = question.vix is not None and question.vix > rulebook.breakers.hedged_above
    band = entry_expiries(question.kind, question.condition, rulebook, is_hedged=is_hedged)
    wanted = question.days_to_expiry
    limit = f"{band.low} to {band.high}"
    if not question.listed or band.holds(wanted):
        listed = not question.listed or wanted in question.listed
        said = limit if listed else f"one of the listed {_listed(question.listed)}"
        passed = listed and band.holds(wanted)
        return "entry.days_to_expiry", compared("days to expiry", wanted, said, passed=passed)
    widens = rulebook.account(question.kind).widened
    choice = choose_expiry(question.listed, band, rulebook, widens=widens)
    if choice.days is None or choice.days == wanted:
        return choice.rule, choice.comparison
    against = compared("days to expiry", wanted, f"{choice.days}, which is listed", passed=False)
    return choice.rule, against


def _judge_delta(question: EntryQuestion, rulebook: Rulebook) -> Comparison:
    shift = delta_shift(question.condition, rulebook)
    band = rulebook.account(question.kind).delta.shifted(shift)
    limit = f"{written(band.low)} to {written(band.high)}"
    return compared("delta", question.delta, limit, passed=band.holds(question.delta))


def _listed(days: tuple[int, ...]) -> str:
    return ", ".join(str(item) for item in sorted(days))
