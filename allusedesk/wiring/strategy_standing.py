"""How each strategy stands in each sleeve: since when, what it earned, and what was tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId, AccountKind
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.journal.queries.record import weekly_returns
from allusedesk.journal.queries.strategies import strategy_trades
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import PlannedWeek
from allusedesk.journal.results import ResultsFile, ResultsUnusable
from allusedesk.journal.store import entry_of
from allusedesk.laboratory.backtest import BacktestRun
from allusedesk.laboratory.outcome_text import TextUnreadable
from allusedesk.laboratory.trial import SLEEVES, TrialOutcome
from allusedesk.strategy.performance import Performance, performance_of
from allusedesk.wiring.laboratory.runs import run_of
from allusedesk.wiring.strategy_look import StrategyLine, StrategyList, strategies_listed

# Fewer weeks than this say nothing about a difference.
WEEKS_MIN = 10
_NEW_YORK = ZoneInfo("America/New_York")
_SWITCHED = StrategySwitched.__name__
_TELLING = frozenset(
    kind.__name__
    for kind in (
        StrategySwitched,
        told.RequestDenied,
        told.ProposalMade,
        told.OrderWritten,
        told.FillBooked,
        told.DividendBooked,
        told.BalancesMarked,
        told.AssignmentBooked,
        told.ExpiryBooked,
        told.SettlementBooked,
        told.SplitBooked,
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One strategy in one sleeve, by the record.

    `since` is when it was last switched to what it is now, by `operator`; `traded` is None where
    it never traded. `weeks` are the sleeve's returns of whole weeks since it is on, fractions of
    what each began with; none where it is off or never traded.
    """

    strategy: str
    account: AccountId
    is_on: bool
    since: datetime | None
    operator: str
    traded: Performance | None
    weeks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Backtested:
    """The newest kept backtest of a strategy in a tier: returns of the sleeve's weeks.

    `beside` are other strategies that shared the sleeve. `is_versioned` is False where the run
    named no version, so that it may have been another one.
    """

    number: int
    strategy: str
    kind: AccountKind
    fills: str
    first: date
    last: date
    weeks: tuple[float, ...]
    beside: tuple[str, ...]
    is_versioned: bool


@dataclass(frozen=True, slots=True)
class StrategiesSeen:
    """Every strategy there is, how those stand that were ever on, and what was tested.

    `faults` are sentences about texts and results that could not be read.
    """

    lines: tuple[StrategyLine, ...]
    standings: tuple[Standing, ...]
    tested: tuple[Backtested, ...]
    faults: tuple[str, ...]


class StrategyRecord:
    """What a journal tells of strategies, read on from where it stopped. Use from one thread."""

    def __init__(self, file: ResultsFile) -> None:
        self._file = file
        self._read_to = 0
        self._entries: list[told.Entry] = []
        self._known: StrategyList | None = None
        # What was tested, and the newest run of the file by then: kept runs never change.
        self._tested: tuple[Backtested, ...] = ()
        self._newest: int | None = None

    def look(self, side: ReadSide, switched: Sequence[StrategySwitched]) -> StrategiesSeen:
        """How all strategies stand; `switched` are those that the desk knows of."""
        known = self._known
        if known is None or {one.strategy for one in switched} - {one.id for one in known.lines}:
            known = self._known = strategies_listed(switched)
            self._newest = None
        faults = list(known.faults)
        try:
            newest = max((one.number for one in self._file.lines()), default=0)
            if newest != self._newest:
                self._tested = backtests_kept(self._file, known.lines)
                self._newest = newest
        except (ResultsUnusable, TextUnreadable) as fault:
            faults.append(str(fault))
        standings = self._standings(side, switched)
        return StrategiesSeen(known.lines, standings, self._tested, tuple(faults))

    def _standings(
        self, side: ReadSide, switched: Sequence[StrategySwitched]
    ) -> tuple[Standing, ...]:
        self._catch_up(side)
        traded = {
            (one.strategy, one.account): one
            for one in performance_of(strategy_trades(self._entries))
        }
        places = dict.fromkeys([*((one.strategy, one.account) for one in switched), *traded])
        on = {(one.strategy, one.account) for one in switched if one.is_on}
        turned = _turned(self._entries)
        found = []
        for strategy, account in places:
            is_on = (strategy, account) in on
            turn = turned.get((strategy, account))
            since = turn[0] if turn is not None else None
            operator = turn[1] if turn is not None else ""
            trades = traded.get((strategy, account))
            # What a sleeve gained before its strategy traded is not the strategy's.
            weeks: tuple[float, ...] = ()
            if is_on and since is not None and trades is not None:
                weeks = _weeks_since(side, account, since)
            found.append(Standing(strategy, account, is_on, since, operator, trades, weeks))
        return tuple(found)

    def _catch_up(self, side: ReadSide) -> None:
        """Before the first switch nothing belongs to a strategy, so nothing is kept of it."""
        for row in side.journal.rows(self._read_to + 1):
            self._read_to = row.sequence
            if row.kind == _SWITCHED or (self._entries and row.kind in _TELLING):
                self._entries.append(entry_of(row))


def _turned(
    entries: Sequence[told.Entry],
) -> dict[tuple[str, AccountId], tuple[datetime, str]]:
    """When each strategy was last switched to what it is, and by whom.

    A version that is switched on takes the place of the others of its name; what was denied
    changed nothing.
    """
    denied = {entry.cause for entry in entries if isinstance(entry.event, told.RequestDenied)}
    found: dict[tuple[str, AccountId], tuple[datetime, str]] = {}
    on: set[tuple[str, AccountId]] = set()
    for entry in entries:
        event = entry.event
        if not isinstance(event, StrategySwitched) or entry.sequence in denied:
            continue
        place = (event.strategy, event.account)
        turn = (entry.recorded_at, event.operator)
        name = event.strategy.partition("@")[0]
        if not event.is_on:
            gone = on & {place}
        else:
            gone = {
                one
                for one in on
                if one[1] == event.account and one[0].partition("@")[0] == name and one != place
            }
            if place not in on:
                found[place] = turn
                on.add(place)
        for one in sorted(gone):
            found[one] = turn
            on.discard(one)
    return found


def _weeks_since(side: ReadSide, account: AccountId, since: datetime) -> tuple[float, ...]:
    began = since.astimezone(_NEW_YORK).date()
    weeks = side.figures(PlannedWeek, "FROM weeks ORDER BY week")
    whole = {week.week for week in weeks if week.first_session > began}
    returns = weekly_returns(side)
    return tuple(float(o.value) for o in returns if o.account == account and o.week in whole)


def backtests_kept(file: ResultsFile, lines: Sequence[StrategyLine]) -> tuple[Backtested, ...]:
    """The newest kept backtest of each of these strategies in each tier.

    A backtest keeps the weeks of its sleeves, not their trades. Raises ResultsUnusable and
    TextUnreadable.
    """
    names = {one.id.partition("@")[0] for one in lines}
    found: dict[tuple[str, AccountKind], Backtested] = {}
    for kept in file.lines():
        if kept.kind != "backtest" or not any(name in kept.title for name in names):
            continue
        run = run_of(file.read(kept.number))
        if isinstance(run, BacktestRun):
            for one in _tested(kept.number, run, lines):
                found.setdefault((one.strategy, one.kind), one)
    return tuple(found.values())


def _tested(number: int, run: BacktestRun, lines: Sequence[StrategyLine]) -> list[Backtested]:
    outcome = run.usual
    tried = [
        (line, name, _tier(line, where))
        for name, _, where in (one.partition("=") for one in _run_in(outcome))
        for line in lines
        if name in (line.id, line.id.partition("@")[0])
    ]
    return [
        Backtested(
            number,
            line.id,
            kind,
            outcome.plan.fills,
            outcome.plan.first,
            outcome.plan.last,
            _returns(outcome, kind),
            tuple(other.id for other, _, tier in tried if tier is kind and other.id != line.id),
            is_versioned="@" in name,
        )
        for line, name, kind in tried
    ]


def _run_in(outcome: TrialOutcome) -> tuple[str, ...]:
    """The strategies of an outcome; runs of earlier versions know them as they were typed alone."""
    return outcome.strategies or outcome.plan.strategies


def _tier(line: StrategyLine, where: str) -> AccountKind:
    """As a plan means it: without a sleeve the first tier the strategy is made for."""
    return AccountKind(where.rpartition(".")[2]) if where else line.tiers[0]


def _returns(outcome: TrialOutcome, kind: AccountKind) -> tuple[float, ...]:
    place = SLEEVES.index(kind)
    return tuple(week.sleeves[place].value for week in outcome.weeks)


def mean_of(weeks: Sequence[float]) -> float | None:
    """The mean week; None where there is none."""
    return math.fsum(weeks) / len(weeks) if weeks else None


def gap_between(live: Sequence[float], tested: Sequence[float]) -> float | None:
    """The difference of mean weeks in standard errors, by Welch; None where too few to say."""
    if min(len(live), len(tested)) < WEEKS_MIN:
        return None
    error = math.sqrt(_error_squared(live) + _error_squared(tested))
    difference = math.fsum(live) / len(live) - math.fsum(tested) / len(tested)
    return difference / error if error > 0 else None


def _error_squared(weeks: Sequence[float]) -> float:
    mean = math.fsum(weeks) / len(weeks)
    deviations = math.fsum((one - mean) ** 2 for one in weeks)
    return deviations / (len(weeks) - 1) / len(weeks)
