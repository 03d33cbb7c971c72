"""What the statement of a month, a quarter or a year rests on: its closes, bookings and weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allusedesk.domain.inputs import DeskOpened
from allusedesk.domain.money import Money, total
from allusedesk.journal.faults import JournalDamaged
from allusedesk.journal.queries.record import desk_header, is_cost, sleeves, weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import (
    Branching,
    CashMoved,
    Closing,
    DeskHeader,
    LabelSeen,
    LotChanged,
    Mark,
    OutcomeSeen,
    PlannedWeek,
    Sleeve,
    WeeklyReturn,
)
from allusedesk.journal.scalars import read_instant
from allusedesk.journal.week_evidence import TRADES_MODELLED, SleeveFigures, sleeve_figures

_WITHIN = "WHERE sequence BETWEEN ? AND ? ORDER BY sequence"


@dataclass(frozen=True, slots=True)
class DayMarked:
    """Every sleeve at one close; `moved` came in or went out since the close before it."""

    on: date
    sequence: int
    marks: tuple[Mark, ...]
    moved: tuple[CashMoved, ...]

    @property
    def is_modelled(self) -> bool:
        return any(mark.is_modelled for mark in self.marks)


@dataclass(frozen=True, slots=True)
class WeekLabelled:
    """A whole week as it was called: its condition, each family's latest label, its outcomes."""

    week: str
    condition: str | None
    labels: tuple[LabelSeen, ...]
    outcomes: tuple[OutcomeSeen, ...]


@dataclass(frozen=True, slots=True)
class WeekInPeriod:
    """A whole week: its sleeves' returns and bookings, and how it was called."""

    plan: PlannedWeek
    returns: tuple[WeeklyReturn, ...]
    figures: tuple[SleeveFigures, ...]
    called: WeekLabelled
    closing: Closing | None

    @property
    def condition(self) -> str | None:
        return self.called.condition

    @property
    def labels(self) -> tuple[LabelSeen, ...]:
        return self.called.labels


@dataclass(frozen=True, slots=True)
class TradeEnded:
    """A lot, or a part of one, that ended: what it realised before commissions."""

    lot: str
    account: str
    instrument: str
    role: str
    realised: Money
    how: str
    sequence: int


@dataclass(frozen=True, slots=True)
class PeriodEvidence:
    """A stretch of days, from the close before it to its last one.

    `days` are the journal's closes up to its end, those of the period last; `place` is where they
    begin. `sequence_first` to `sequence_last` are the entries between these two closes. `weeks` are
    those whose last session lies in it, so that each belongs to one period alone, `week_ends` the
    last sessions of all weeks up to its end; `week_running` is a week that the end cuts through.
    """

    desk: DeskHeader
    first: date
    last: date
    days: tuple[DayMarked, ...]
    place: int
    sequence_first: int
    sequence_last: int
    recorded_at: datetime
    chain_head: str
    rulebook_text: str
    sleeves: tuple[Sleeve, ...]
    figures: tuple[SleeveFigures, ...]
    cash: tuple[CashMoved, ...]
    commissions: Money
    weeks: tuple[WeekInPeriod, ...]
    week_ends: tuple[date, ...]
    week_running: PlannedWeek | None
    trades: tuple[TradeEnded, ...]
    branchings: tuple[Branching, ...]
    trades_modelled: int

    @property
    def inside(self) -> tuple[DayMarked, ...]:
        """The closes of the period."""
        return self.days[self.place :]

    @property
    def marks_start(self) -> tuple[Mark, ...]:
        """The close before the period; none where the journal begins in it."""
        return self.days[self.place - 1].marks if self.place else ()

    @property
    def marks_end(self) -> tuple[Mark, ...]:
        """The period's last close."""
        return self.days[-1].marks

    @property
    def is_modelled(self) -> bool:
        """Whether a mark of the period, or of the close before it, or a trade was modelled."""
        seen = self.days[max(0, self.place - 1) :]
        return bool(self.trades_modelled) or any(day.is_modelled for day in seen)


class NothingInPeriod(LookupError):
    """The journal marked no close in the period; says so."""


def period_evidence(side: ReadSide, first: date, last: date) -> PeriodEvidence:
    """All that the statement of the days from `first` to `last` shows of money and weeks.

    Raises NothingInPeriod without a close in it, JournalDamaged where the journal has no opening.
    """
    desk = desk_header(side)
    opened = next(iter(side.journal.read(1, 1))).event
    if desk is None or not isinstance(opened, DeskOpened):
        message = "The journal does not begin with the opening of a desk: verify it."
        raise JournalDamaged(message, 1)
    days = _days(side, last)
    place = next((at for at, day in enumerate(days) if day.on >= first), len(days))
    if place == len(days):
        raise NothingInPeriod(
            f"The journal marked no close from {first} to {last}, so there is nothing to report: "
            "ask for a period in which it was run."
        )
    begins = days[place - 1].sequence + 1 if place else 1
    ends = days[-1].sequence
    span = (begins, ends)
    known = tuple(side.figures(Sleeve, f"FROM sleeves {_WITHIN}, account", (1, ends)))
    moves = side.figures(CashMoved, f"FROM cash_moves {_WITHIN}", span)
    paid = side.figures(_Paid, f"FROM bookings {_WITHIN}", span)
    return PeriodEvidence(
        desk=desk,
        first=first,
        last=last,
        days=days,
        place=place,
        sequence_first=begins,
        sequence_last=ends,
        recorded_at=_instant_of(side, ends),
        chain_head=side.journal.head()[1],
        rulebook_text=opened.rulebook_text,
        sleeves=known,
        figures=sleeve_figures(side, known, begins, ends),
        cash=tuple(move for move in moves if move.how in ("cash", "dividend")),
        commissions=total([one.commission for one in paid]),
        weeks=_weeks(side, first, days[-1].on),
        week_ends=tuple(
            one.last_session
            for one in side.figures(PlannedWeek, "FROM weeks ORDER BY week")
            if one.last_session <= days[-1].on
        ),
        week_running=_running(side, days[-1].on),
        trades=_trades(side, span),
        branchings=tuple(side.figures(Branching, f"FROM branchings {_WITHIN}", span)),
        trades_modelled=side.column(TRADES_MODELLED, (*span, *span))[0],
    )


@dataclass(frozen=True, slots=True)
class _Paid:
    commission: Money


@dataclass(frozen=True, slots=True)
class _LotName:
    id: str
    instrument_opened: str
    role: str


def _instant_of(side: ReadSide, sequence: int) -> datetime:
    return read_instant(next(iter(side.journal.rows(sequence, sequence))).recorded_at)


def _days(side: ReadSide, last: date) -> tuple[DayMarked, ...]:
    """Every close up to `last`; what moved counts for the first close after it was booked."""
    by_day: dict[date, list[Mark]] = {}
    for mark in side.figures(
        Mark, "FROM marks WHERE on_day <= ? ORDER BY on_day, account", (last.isoformat(),)
    ):
        by_day.setdefault(mark.on_day, []).append(mark)
    moves = [
        move
        for move in side.figures(CashMoved, "FROM cash_moves WHERE how = 'cash' ORDER BY sequence")
        if not is_cost(move.reason)
    ]
    found: list[DayMarked] = []
    before = 0
    for day, marks in by_day.items():
        sequence = max(mark.sequence for mark in marks)
        moved = tuple(move for move in moves if before < move.sequence <= sequence)
        found.append(DayMarked(day, sequence, tuple(marks), moved))
        before = sequence
    return tuple(found)


def _weeks(side: ReadSide, first: date, last: date) -> tuple[WeekInPeriod, ...]:
    plans = _plans(side, first, last)
    by_week: dict[str, list[WeeklyReturn]] = {}
    for one in weekly_returns(side):
        by_week.setdefault(one.week, []).append(one)
    known = sleeves(side)
    return tuple(_week(side, plan, tuple(by_week.get(plan.week, ())), known) for plan in plans)


def weeks_called(side: ReadSide, first: date, last: date) -> tuple[WeekLabelled, ...]:
    """How the weeks were called whose last session lies between the days, both included."""
    return tuple(_called(side, plan.week) for plan in _plans(side, first, last))


def _plans(side: ReadSide, first: date, last: date) -> list[PlannedWeek]:
    return side.figures(
        PlannedWeek,
        "FROM weeks WHERE last_session BETWEEN ? AND ? ORDER BY week",
        (first.isoformat(), last.isoformat()),
    )


def _week(
    side: ReadSide, plan: PlannedWeek, returns: tuple[WeeklyReturn, ...], known: Sequence[Sleeve]
) -> WeekInPeriod:
    closings = side.figures(Closing, "FROM closings WHERE week = ? ORDER BY sequence", (plan.week,))
    before = side.column(
        "SELECT max(sequence) FROM closings WHERE week = (SELECT max(week) FROM closings "
        "WHERE week < ?)",
        (plan.week,),
    )[0]
    last = closings[-1].sequence if closings else side.journal.head()[0]
    return WeekInPeriod(
        plan,
        returns,
        sleeve_figures(side, known, (before or 0) + 1, last),
        _called(side, plan.week),
        closings[-1] if closings else None,
    )


def _called(side: ReadSide, week: str) -> WeekLabelled:
    conditions = side.column(
        "SELECT condition FROM conditions WHERE week = ? AND condition IS NOT NULL "
        "ORDER BY sequence DESC LIMIT 1",
        (week,),
    )
    labels = side.figures(LabelSeen, "FROM labels WHERE week = ? ORDER BY sequence", (week,))
    outcomes = side.figures(
        OutcomeSeen,
        "FROM outcomes WHERE week = ? AND tag != 'interim' ORDER BY sequence",
        (week,),
    )
    return WeekLabelled(
        week,
        conditions[0] if conditions else None,
        tuple({one.family: one for one in labels}.values()),
        tuple(outcomes),
    )


def _running(side: ReadSide, last: date) -> PlannedWeek | None:
    found = side.figures(
        PlannedWeek,
        "FROM weeks WHERE first_session <= ? AND last_session > ? ORDER BY week LIMIT 1",
        (last.isoformat(), last.isoformat()),
    )
    return found[0] if found else None


def _trades(side: ReadSide, span: tuple[int, int]) -> tuple[TradeEnded, ...]:
    """What ended in the span, a lot once however many bookings it took."""
    names = {one.id: one for one in side.figures(_LotName, "FROM lots ORDER BY id")}
    by_lot: dict[str, list[LotChanged]] = {}
    for change in side.figures(LotChanged, f"FROM lot_changes {_WITHIN}", span):
        if abs(change.quantity_after) < abs(change.quantity_before):
            by_lot.setdefault(change.lot, []).append(change)
    return tuple(
        TradeEnded(
            lot,
            changes[-1].account,
            names[lot].instrument_opened if lot in names else lot,
            names[lot].role if lot in names else "",
            total([one.realised for one in changes]),
            changes[-1].how,
            changes[-1].sequence,
        )
        for lot, changes in by_lot.items()
    )
