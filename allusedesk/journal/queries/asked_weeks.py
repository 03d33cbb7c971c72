"""Questions about weeks of a record: results beside targets, labels, conditions, drawdowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.queries.asked import Scope, marks_at, scope_of
from allusedesk.journal.queries.record import is_cost
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.scalars import read_date, read_decimal, read_money


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveSpan:
    """A sleeve over some days: from its last mark before them to its last mark within.

    `moved` is what came in or left meanwhile; the entries are of the two marks.
    """

    account: str
    start: Money
    end: Money
    moved: Money
    marked_in: int
    before_in: int | None
    is_modelled: bool

    @property
    def gain(self) -> Money:
        return self.end - self.start - self.moved

    @property
    def entries(self) -> tuple[int, ...]:
        """The marks its result lies between."""
        return (self.marked_in,) if self.before_in is None else (self.before_in, self.marked_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveWeek(SleeveSpan):
    """A sleeve's week, held against its target.

    `value` is the gain over what it began with (or what came in, where it was opened in the
    week); `target` the least the rulebook wants, None where it was never asked, which the look
    in `asked_in` was the last to do.
    """

    week: str
    value: Decimal
    target: Decimal | None
    asked_in: int | None


@dataclass(frozen=True, slots=True)
class WeekCondition:
    """A week's condition with the entry that decided it."""

    sequence: int
    week: str
    condition: str | None
    rule: str
    deploy: Decimal | None
    vix: Decimal | None
    vix_average: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeepestFall:
    """A sleeve's deepest fall from its high, and the fall at its last mark."""

    account: str
    deepest: Decimal
    deepest_on: date
    deepest_in: int
    now: Decimal
    high: Money
    now_in: int


def sleeve_weeks(
    side: ReadSide, weeks: tuple[str, str], accounts: Sequence[str] = ()
) -> tuple[SleeveWeek, ...]:
    """Each sleeve's weeks from the first to the last, by week, then sleeve."""
    moved: dict[tuple[str, str], Money] = {}
    for week, account, amount, reason in side.rows(
        "SELECT week, account, amount, reason FROM cash_moves WHERE how = 'cash' "
        "AND week BETWEEN ? AND ?",
        weeks,
    ):
        if not is_cost(reason):
            moved[week, account] = moved.get((week, account), NOTHING) + read_money(amount)
    targets = {
        (week, account): (read_decimal(target), sequence)
        for week, account, target, sequence in side.rows(
            "SELECT week, account, target, max(sequence) FROM looks WHERE target IS NOT NULL "
            "AND week BETWEEN ? AND ? GROUP BY week, account",
            weeks,
        )
    }
    bases = {
        account: read_money(base)
        for account, base in side.rows("SELECT account, base FROM sleeves")
    }
    ends = _ends(side, weeks)
    starts: dict[str, tuple[Money, int | None]] = _before(side, weeks[0])
    found = []
    for week, account, equity, sequence, is_modelled in ends:
        end, came = read_money(equity), moved.get((week, account), NOTHING)
        # A sleeve begins with what came in; where that came in before the week, with its base.
        first = (NOTHING if came else bases.get(account, NOTHING), None)
        start, before_in = starts.get(account, first)
        value = (end - start - came).share_of(start or came)
        target, asked_in = targets.get((week, account), (None, None))
        starts[account] = (end, sequence)
        if not accounts or account in accounts:
            found.append(
                SleeveWeek(
                    week=week,
                    account=account,
                    start=start,
                    end=end,
                    moved=came,
                    value=value,
                    target=target,
                    marked_in=sequence,
                    before_in=before_in,
                    asked_in=asked_in,
                    is_modelled=bool(is_modelled),
                )
            )
    return tuple(found)


def sleeve_spans(
    side: ReadSide, first: date, last: date, accounts: Sequence[str] = ()
) -> tuple[SleeveSpan, ...]:
    """Each sleeve that was marked between two days, by name."""
    before = {one.account: one for one in marks_at(side, first - timedelta(days=1))}
    moved: dict[str, Money] = {}
    for account, amount, reason in side.rows(
        "SELECT account, amount, reason FROM cash_moves WHERE how = 'cash' "
        "AND sequence BETWEEN ? AND ?",
        scope_of(side, first, last).entries,
    ):
        if not is_cost(reason):
            moved[account] = moved.get(account, NOTHING) + read_money(amount)
    bases = {
        account: read_money(base)
        for account, base in side.rows("SELECT account, base FROM sleeves")
    }
    rows = side.rows(
        "SELECT account, equity, max(sequence), is_modelled FROM marks "
        "WHERE on_day BETWEEN ? AND ? GROUP BY account ORDER BY account",
        (first.isoformat(), last.isoformat()),
    )
    found = []
    for account, equity, sequence, is_modelled in rows:
        came, known = moved.get(account, NOTHING), before.get(account)
        # A sleeve begins with what came in; where that came in earlier, with its base.
        start = NOTHING if came else bases.get(account, NOTHING)
        if known is not None:
            start = known.equity
        before_in = None if known is None else known.sequence
        if not accounts or account in accounts:
            found.append(
                SleeveSpan(
                    account=account,
                    start=start,
                    end=read_money(equity),
                    moved=came,
                    marked_in=sequence,
                    before_in=before_in,
                    is_modelled=bool(is_modelled),
                )
            )
    return tuple(found)


def conditions_asked(side: ReadSide, weeks: tuple[str, str]) -> tuple[WeekCondition, ...]:
    """Each week's last word on its condition, in order."""
    rows = side.figures(
        WeekCondition, "FROM conditions WHERE week BETWEEN ? AND ? ORDER BY sequence", weeks
    )
    latest: dict[str, WeekCondition] = {}
    for one in rows:
        if one.condition is not None or one.week not in latest:
            latest[one.week] = one
    return tuple(latest[week] for week in sorted(latest))


def deepest_falls(
    side: ReadSide, first: date, last: date, accounts: Sequence[str] = ()
) -> tuple[DeepestFall, ...]:
    """Each sleeve's deepest fall between two days, by sleeve."""
    span = (first.isoformat(), last.isoformat())
    # A fraction is text of plain digits, so SQLite's number is good enough to find the row.
    deepest = side.rows(
        "SELECT account, drawdown, on_day, sequence, max(CAST(drawdown AS REAL)) FROM marks "
        "WHERE on_day BETWEEN ? AND ? GROUP BY account ORDER BY account",
        span,
    )
    latest = {
        account: (drawdown, high, sequence)
        for account, drawdown, high, sequence, _ in side.rows(
            "SELECT account, drawdown, high, sequence, max(sequence) FROM marks "
            "WHERE on_day BETWEEN ? AND ? GROUP BY account",
            span,
        )
    }
    return tuple(
        DeepestFall(
            account,
            read_decimal(fall),
            read_date(on_day),
            sequence,
            read_decimal(latest[account][0]),
            read_money(latest[account][1]),
            latest[account][2],
        )
        for account, fall, on_day, sequence, _ in deepest
        if not accounts or account in accounts
    )


def comparisons_of(
    side: ReadSide, week: str, sequence: int
) -> tuple[tuple[str, str, str, bool], ...]:
    """Name, value, limit and whether it passed, of each figure an entry held against a limit."""
    rows = side.rows(
        "SELECT name, value, limit_value, passed FROM comparisons WHERE week = ? AND sequence = ?",
        (week, sequence),
    )
    return tuple((name, value, limit, bool(passed)) for name, value, limit, passed in rows)


def outcomes_counted(side: ReadSide, scope: Scope) -> tuple[tuple[str, int, int, int], ...]:
    """How often each outcome was final (or its position closed), with first and last entry."""
    where = " AND account IN (" + ", ".join("?" * len(scope.accounts)) + ")"
    rows = side.rows(
        "SELECT outcome, count(*), min(sequence), max(sequence) FROM outcomes "  # noqa: S608
        "WHERE week BETWEEN ? AND ? AND tag != 'interim'"
        f"{where if scope.accounts else ''} GROUP BY outcome ORDER BY count(*) DESC, outcome",
        (*scope.weeks, *scope.accounts),
    )
    return tuple((str(one), count, first, last) for one, count, first, last in rows)


def _ends(side: ReadSide, weeks: tuple[str, str]) -> list[tuple[str, str, str, int, int]]:
    """The last mark of each sleeve in each week."""
    rows = side.rows(
        "SELECT week, account, equity, max(sequence), is_modelled FROM marks "
        "WHERE week BETWEEN ? AND ? GROUP BY week, account ORDER BY week, account",
        weeks,
    )
    return [(week, account, equity, sequence, by) for week, account, equity, sequence, by in rows]


def _before(side: ReadSide, week: str) -> dict[str, tuple[Money, int | None]]:
    """Each sleeve's last mark before a week, in the last week that has any."""
    found = side.column("SELECT max(week) FROM marks WHERE week < ?", (week,))
    if not found or found[0] is None:
        return {}
    return {
        account: (read_money(equity), sequence)
        for _, account, equity, sequence, _ in _ends(side, (found[0], found[0]))
    }
