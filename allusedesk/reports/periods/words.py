"""Names, qualifiers and the standing that the statements of longer periods share."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.journal.period_evidence import PeriodEvidence, WeekInPeriod
from allusedesk.journal.read_values import LabelSeen
from allusedesk.reports.kinds import ReportPeriod, Span
from allusedesk.reports.periods.curves import Curve, curve_of
from allusedesk.reports.statement import Percent, Qualifier, Standing
from allusedesk.reports.weekly.words import order_of, sleeve_name
from allusedesk.reports.wording import counted, written_day

ALL_SLEEVES = "All sleeves"
_FINE = Decimal("1e-10")
_FAMILIES_NAMED = 3


def seen_as(evidence: PeriodEvidence) -> Qualifier:
    """What rests on marks or trades of the period: modelled as soon as one was."""
    return Qualifier.MODELLED if evidence.is_modelled else Qualifier.MEASURED


def traded_as(evidence: PeriodEvidence) -> Qualifier:
    """What was realised: modelled where a trade behind it was proposed on a modelled quote."""
    return Qualifier.MODELLED if evidence.trades_modelled else Qualifier.MEASURED


def accounts_of(evidence: PeriodEvidence) -> tuple[str, ...]:
    """The sleeves that were alive at a close of the period, families in their order."""
    days = evidence.days[max(0, evidence.place - 1) :]
    alive = {mark.account for day in days for mark in day.marks}
    return tuple(sorted(alive, key=order_of))


def families_of(evidence: PeriodEvidence) -> dict[str, list[str]]:
    """The sleeves of each family that was alive in the period."""
    found: dict[str, list[str]] = {}
    for account in accounts_of(evidence):
        found.setdefault(account.partition(".")[0], []).append(account)
    return found


def curves_of(evidence: PeriodEvidence) -> tuple[tuple[Curve, ...], tuple[Curve, ...], Curve]:
    """The curve of each sleeve, of each family where there are several, and of the desk."""
    sleeves = tuple(
        curve_of(evidence, sleeve_name(account), [account]) for account in accounts_of(evidence)
    )
    families = families_of(evidence)
    by_family = tuple(
        curve_of(evidence, f"Family {family}", accounts) for family, accounts in families.items()
    )
    everything = [one.account for one in evidence.sleeves]
    whole = curve_of(evidence, ALL_SLEEVES, everything)
    return sleeves, by_family if len(by_family) > 1 else (), whole


def week_ends(weeks: tuple[WeekInPeriod, ...]) -> tuple[date, ...]:
    """The last session of each whole week."""
    return tuple(week.plan.last_session for week in weeks)


def label_of(week: WeekInPeriod) -> str:
    """The week's label; those of several families by name, of many families counted."""
    counts = Counter(one.label for one in week.labels)
    if len(counts) < 2:
        return next(iter(counts), "none")
    if len(week.labels) > _FAMILIES_NAMED:
        ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return ", ".join(f"{label} {count}" for label, count in ordered)
    return ", ".join(f"{one.family} {one.label}" for one in _in_order(week.labels))


def _in_order(labels: tuple[LabelSeen, ...]) -> list[LabelSeen]:
    return sorted(labels, key=lambda one: order_of(f"{one.family}.gen"))


def percent(fraction: float | Decimal | None) -> Percent | None:
    """A fraction as a cell, kept to ten digits, which are the same on every machine."""
    if fraction is None:
        return None
    kept = Decimal(repr(fraction)) if isinstance(fraction, float) else fraction
    return Percent(kept.quantize(_FINE))


def standing_of(evidence: PeriodEvidence, period: ReportPeriod) -> tuple[Standing, int]:
    """Provisional while the period runs or its last week is not final, and the version.

    The version is 0 while the period runs, else that of its last week's report.
    """
    closing = evidence.weeks[-1].closing if evidence.weeks else None
    if not period.is_over:
        is_whole = evidence.days[-1].on >= _last_weekday(period.last)
        return Standing.PROVISIONAL, 1 if is_whole else 0
    if evidence.weeks and (closing is None or not closing.is_final):
        return Standing.PROVISIONAL, 1
    return Standing.FINAL, closing.version if closing else 2


def _last_weekday(day: date) -> date:
    """The day itself, or the Friday before where it falls on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def days_in_words(evidence: PeriodEvidence) -> str:
    """From which close to which the figures run."""
    first, last = evidence.inside[0].on, evidence.inside[-1].on
    if first == last:
        return f"{written_day(first)}, one session"
    sessions = counted(len(evidence.inside), "session")
    return f"{written_day(first)} to {written_day(last)}, {sessions}"


def how_counted(evidence: PeriodEvidence, span: Span) -> str:
    """How a week that reaches over the period's end is counted."""
    name = {Span.MONTH: "month", Span.QUARTER: "quarter", Span.YEAR: "year"}[span]
    running = evidence.week_running
    text = (
        f"Money is counted by days: from the last close before the {name} to its own last close. "
        f"A week is counted whole, in the {name} its last session lies in, with its target, label "
        "and outcomes; what it realised is what its own weekly statement says."
    )
    if running is not None:
        text += (
            f" Week {running.week} reaches over the end: its days up to "
            f"{evidence.days[-1].on.isoformat()} are in the balances here, the week itself belongs "
            f"to the {name} of {running.last_session.isoformat()}."
        )
    return text
