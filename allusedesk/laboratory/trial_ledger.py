"""`TrialLedger`: entries folded into the weeks and totals of a trial's outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId, kind_of
from allusedesk.domain.book import Booking
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import WeekPlanned
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.weeks import WeekId
from allusedesk.laboratory.trial import SLEEVES, SleeveWeek, TrialPlan, TrialTotals, TrialWeek
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_forms import TaxSums, form_rows, tax_sums
from allusedesk.portfolio.tax_trades import TaxEvent, tax_events

_NEW_YORK = ZoneInfo("America/New_York")
# Cash booked for these reasons is gain or loss; all other cash booked came or went.
_COSTS = ("fee", "commission", "interest")
_BOOKINGS = {
    told.FillBooked: "fill",
    told.AssignmentBooked: "assignment",
    told.SettlementBooked: "settlement",
    told.ExpiryBooked: "expiry",
    told.DividendBooked: "dividend",
    told.ChargeBooked: "cash",
    told.SplitBooked: "split",
    told.CashBooked: "cash",
}

ByKind = dict[AccountKind, Money]


@dataclass(slots=True)
class _Week:
    """A week as it is marked: each mark replaces the one before."""

    id: WeekId
    first: date
    last: date
    ends: ByKind = field(default_factory=dict)
    came: ByKind = field(default_factory=dict)
    label: str = ""
    outcomes: list[str] = field(default_factory=list)
    quotes: Counter[str] = field(default_factory=Counter)
    is_marked_by_model: bool = False


class TrialLedger:
    """Folds entries in their order; what it holds grows by weeks and bookings, not by quotes."""

    def __init__(self) -> None:
        self._weeks: dict[WeekId, _Week] = {}
        self._current: _Week | None = None
        self._came: ByKind = {}
        self._family: FamilyId | None = None
        self._counts: Counter[str] = Counter()
        self._quotes: Counter[str] = Counter()
        self._commissions = NOTHING
        self._dividends = NOTHING
        self._collateral_max = NOTHING
        self._taxed: list[tuple[date, TaxEvent]] = []
        self._year_ends: dict[int, dict[Instrument, Price]] = {}

    def take(self, entry: Entry) -> None:
        """Book one entry."""
        event = entry.event
        how = _BOOKINGS.get(type(event))
        if how is not None:
            self._book(entry, how)
        match event:
            case WeekPlanned():
                days = event.week.sessions
                self._current = _Week(event.week.id, days[0].date, days[-1].date)
                self._weeks[event.week.id] = self._current
            case told.FamilyOpened() if self._family is None:
                self._family = event.family.id
            case told.BalancesMarked():
                self._mark(event)
            case told.OutcomeClassified() if event.tag != "interim" and event.week in self._weeks:
                self._weeks[event.week].outcomes.append(event.outcome)
            case told.WeekLabelled() if event.family == self._family and event.week in self._weeks:
                self._weeks[event.week].label = event.label
            case told.ProposalMade() | told.OrderWritten() | told.FillBooked():
                many = len(event.fills) if isinstance(event, told.FillBooked) else 1
                self._counts[type(event).__name__] += many
            case told.AssignmentBooked() | told.FamilyForked() | told.FamilyMerged():
                self._counts[type(event).__name__] += 1

    def count_quotes(self, counted: Counter[str]) -> None:
        """Quotes that a decision was shown: `all` of them, and how many were `modelled`."""
        self._quotes += counted
        if self._current is not None:
            self._current.quotes += counted

    def weeks(self, targets: dict[AccountKind, Decimal]) -> tuple[TrialWeek, ...]:
        """Every week that was marked, in order; `targets` are the rulebook's by tier."""
        return tuple(self._told(targets))

    def totals(self, plan: TrialPlan) -> TrialTotals:
        """Sums over everything taken, with a tax estimate at the plan's rates."""
        sums = self._tax_sums()
        short, long = sums.short_term, sums.long_term
        due = short.amount * plan.tax_rate_short + long.amount * plan.tax_rate_long
        quotes = self._quotes["all"]
        return TrialTotals(
            proposals=self._counts["ProposalMade"],
            orders=self._counts["OrderWritten"],
            fills=self._counts["FillBooked"],
            commissions=self._commissions,
            assignments=self._counts["AssignmentBooked"],
            dividends=self._dividends,
            taxable_short=short,
            taxable_long=long,
            disallowed=sums.disallowed,
            tax=Money(max(due, Decimal(0))).to_cents(),
            collateral_max=self._collateral_max,
            forks=self._counts["FamilyForked"],
            merges=self._counts["FamilyMerged"],
            quotes_modelled=self._quotes["modelled"] / quotes if quotes else 0.0,
        )

    def _book(self, entry: Entry, how: str) -> None:
        event = entry.event
        booking = getattr(event, "booking", None)
        if not isinstance(booking, Booking):
            return
        at = entry.recorded_at
        if isinstance(event, told.FillBooked):
            at = max(fill.filled_at for fill in event.fills)
        on = at.astimezone(_NEW_YORK).date()
        self._commissions = self._commissions + booking.commission
        if isinstance(event, told.DividendBooked):
            self._dividends = self._dividends + total([move.amount for move in booking.cash])
        if isinstance(event, told.CashBooked) and not any(
            word in event.reason.lower() for word in _COSTS
        ):
            for move in booking.cash:
                _add(self._came, kind_of(move.account), move.amount)
        self._taxed += [(on, each) for each in tax_events(on, how, booking)]

    def _mark(self, event: told.BalancesMarked) -> None:
        week = next(
            (one for one in reversed(self._weeks.values()) if one.first <= event.on <= one.last),
            None,
        )
        if week is None:
            return
        week.ends = _by_kind([(mark.account, mark.equity) for mark in event.marks])
        week.is_marked_by_model = week.is_marked_by_model or event.is_modelled
        tied_up = total([mark.collateral for mark in event.marks])
        self._collateral_max = max(self._collateral_max, tied_up)
        for kind, amount in self._came.items():
            _add(week.came, kind, amount)
        self._came = {}
        prices = {quote.instrument: quote.mark for quote in event.quotes}
        self._year_ends[event.on.year] = {
            held: mark for held, mark in prices.items() if mark is not None
        }

    def _told(self, targets: dict[AccountKind, Decimal]) -> Iterator[TrialWeek]:
        starts: ByKind = {}
        for week in self._weeks.values():
            if not week.ends:
                continue
            yield TrialWeek(
                week=str(week.id),
                starts_on=week.first,
                equity=total(list(week.ends.values())),
                moved=total(list(week.came.values())),
                sleeves=tuple(_sleeve_week(kind, starts, week, targets[kind]) for kind in SLEEVES),
                label=week.label,
                outcomes=tuple(week.outcomes),
                is_modelled=week.is_marked_by_model or week.quotes["modelled"] > 0,
            )
            starts = week.ends

    def _tax_sums(self) -> TaxSums:
        if not self._taxed:
            return tax_sums(())
        last = max(on for on, _ in self._taxed)
        found = estimate_tax(self._taxed, last, self._year_ends)
        years = sorted({closing.closed_on.year for closing in found.closings})
        return tax_sums([row for year in years for row in form_rows(found.closings, year)])


def _sleeve_week(kind: AccountKind, starts: ByKind, week: _Week, target: Decimal) -> SleeveWeek:
    start, came = starts.get(kind, NOTHING), week.came.get(kind, NOTHING)
    gain = week.ends.get(kind, NOTHING) - start - came
    # What comes in works from the day it comes; what goes out has worked for most of the week.
    worked = start + max(came, NOTHING)
    value = float(gain.share_of(worked)) if worked.amount > 0 else 0.0
    return SleeveWeek(kind, gain, value, float(target))


def _by_kind(amounts: list[tuple[AccountId, Money]]) -> ByKind:
    found: ByKind = {}
    for account, amount in amounts:
        _add(found, kind_of(account), amount)
    return found


def _add(amounts: ByKind, kind: AccountKind, amount: Money) -> None:
    amounts[kind] = amounts.get(kind, NOTHING) + amount
