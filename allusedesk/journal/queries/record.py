"""Every question about a whole journal, one function each."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import (
    Branching,
    CashMoved,
    Counts,
    DeskHeader,
    EntryLine,
    EquitySpan,
    LabelSeen,
    Look,
    LotChanged,
    Mark,
    OutcomeSeen,
    PlannedWeek,
    Sleeve,
    WeeklyReturn,
)

# A fee belongs to a sleeve's result; every other booking of mere cash is money moved.
_COSTS = ("fee", "commission", "interest")
_BETWEEN_SLEEVES = ("fork", "merge")


def desk_header(side: ReadSide) -> DeskHeader | None:
    """How the desk was opened; None in a journal without its first entry."""
    found = side.figures(DeskHeader, "FROM desk ORDER BY sequence LIMIT 1")
    return found[0] if found else None


def weeks(side: ReadSide) -> tuple[PlannedWeek, ...]:
    """Every planned week that has begun: something was marked on or after its first session."""
    latest = last_mark_day(side)
    planned = side.figures(PlannedWeek, "FROM weeks ORDER BY week")
    return tuple(week for week in planned if latest is not None and week.first_session <= latest)


def sleeves(side: ReadSide) -> tuple[Sleeve, ...]:
    """Every sleeve that was ever opened, in that order."""
    return tuple(side.figures(Sleeve, "FROM sleeves ORDER BY sequence, account"))


def counts(side: ReadSide) -> Counts:
    """How many weeks, proposals, orders, fills, forks and merges."""
    branched = side.pairs("SELECT how, count(*) FROM branchings GROUP BY how")
    return Counts(
        weeks=len(weeks(side)),
        proposals=side.column("SELECT count(*) FROM proposals")[0],
        orders=side.column("SELECT count(*) FROM orders")[0],
        fills=side.column("SELECT count(*) FROM fills")[0],
        forks=branched.get("fork", 0),
        merges=branched.get("merge", 0),
    )


def outcome_counts(side: ReadSide) -> dict[str, int]:
    """How often each outcome was final (or its position closed), by its code."""
    return side.pairs(
        "SELECT outcome, count(*) FROM outcomes WHERE tag != 'interim' "
        "GROUP BY outcome ORDER BY outcome"
    )


def label_counts(side: ReadSide) -> dict[str, int]:
    """How many weeks of a family carry each label; a corrected label counts once."""
    return side.pairs(
        "SELECT label, count(*) FROM labels AS one WHERE sequence = (SELECT max(sequence) "
        "FROM labels WHERE week = one.week AND family = one.family) GROUP BY label ORDER BY label"
    )


def condition_counts(side: ReadSide) -> dict[str, int]:
    """How many weeks ended under each condition."""
    return side.pairs(
        "SELECT condition, count(*) FROM conditions AS one WHERE sequence = (SELECT max(sequence) "
        "FROM conditions WHERE week = one.week AND condition IS NOT NULL) "
        "GROUP BY condition ORDER BY condition"
    )


def refusals_by_rule(side: ReadSide) -> dict[str, int]:
    """How many proposals our own checks refused, by rule."""
    return side.pairs("SELECT rule, count(*) FROM refusals GROUP BY rule ORDER BY rule")


def turned_down_by_rule(side: ReadSide) -> dict[str, int]:
    """How many candidates never became a proposal, by the rule that stopped them."""
    return side.pairs(
        "SELECT rule, sum(count) FROM turned_down WHERE proposal = '' GROUP BY rule ORDER BY rule"
    )


def modelled_share(side: ReadSide) -> Decimal:
    """Of all quotes that decisions were shown, the fraction that was modelled."""
    quotes = side.column("SELECT total(quotes) FROM samples")[0]
    modelled = side.column("SELECT total(modelled) FROM samples")[0]
    return Decimal(int(modelled)) / Decimal(int(quotes)) if quotes else Decimal(0)


def last_mark_day(side: ReadSide) -> date | None:
    """The last close at which balances were marked."""
    found = side.column("SELECT max(on_day) FROM marks")[0]
    return date.fromisoformat(found) if found else None


def balances(side: ReadSide, first: date, last: date) -> tuple[Mark, ...]:
    """Every sleeve's mark at each close from `first` to `last`, both included."""
    return tuple(
        side.figures(
            Mark,
            "FROM marks WHERE on_day BETWEEN ? AND ? ORDER BY on_day, account, sequence",
            (first.isoformat(), last.isoformat()),
        )
    )


def outcomes(side: ReadSide) -> tuple[OutcomeSeen, ...]:
    """Every outcome in order."""
    return tuple(side.figures(OutcomeSeen, "FROM outcomes ORDER BY sequence"))


def labels(side: ReadSide) -> tuple[LabelSeen, ...]:
    """Every label in order, corrections included."""
    return tuple(side.figures(LabelSeen, "FROM labels ORDER BY sequence"))


def branchings(side: ReadSide) -> tuple[Branching, ...]:
    """Every fork and merge in order."""
    return tuple(side.figures(Branching, "FROM branchings ORDER BY sequence"))


def realised(side: ReadSide) -> tuple[LotChanged, ...]:
    """Every change of a lot in order, with what it realised."""
    return tuple(side.figures(LotChanged, "FROM lot_changes ORDER BY sequence"))


def equity_by_sleeve(side: ReadSide) -> tuple[EquitySpan, ...]:
    """Each sleeve's equity when it was opened and at the last mark of the desk."""
    latest = last_mark_day(side)
    opened = sleeves(side)
    if latest is None:
        return tuple(EquitySpan(one.account, one.base, one.base) for one in opened)
    ends = {mark.account: mark.equity for mark in balances(side, latest, latest)}
    return tuple(
        EquitySpan(one.account, one.base, ends.get(one.account, NOTHING)) for one in opened
    )


def max_drawdown(side: ReadSide) -> Decimal:
    """The deepest fall of the whole desk's value from an earlier high, as a fraction.

    Money from outside is neither gain nor loss: the value is an index that grows by each day's
    gain over the equity of the day before.
    """
    equity: dict[date, Money] = {}
    for mark in side.figures(Mark, "FROM marks ORDER BY on_day, account"):
        equity[mark.on_day] = equity.get(mark.on_day, NOTHING) + mark.equity
    days = list(equity)
    moved = dict.fromkeys(days, NOTHING)
    for move in money_moved(side):
        place = bisect_left(days, move.settles_on)
        if place < len(days):
            moved[days[place]] = moved[days[place]] + move.amount
    index = high = Decimal(1)
    deepest, before = Decimal(0), NOTHING
    for day in days:
        whole = before + moved[day]
        if whole.amount > 0:
            index = index * equity[day].share_of(whole)
        high, before = max(high, index), equity[day]
        deepest = max(deepest, 1 - index / high)
    return deepest


def weekly_returns(side: ReadSide) -> tuple[WeeklyReturn, ...]:
    """Each sleeve's return in each week it was marked in, by week, then sleeve."""
    moved: dict[tuple[str, str], Money] = {}
    forked: dict[tuple[str, str], Money] = {}
    for move in money_moved(side):
        place = (move.week, move.account)
        moved[place] = moved.get(place, NOTHING) + move.amount
        if is_between_sleeves(move):
            forked[place] = forked.get(place, NOTHING) + move.amount
    asked = side.figures(Look, "FROM looks WHERE target IS NOT NULL ORDER BY sequence")
    targets = {(look.week, look.account): look.target for look in asked}
    bases = {one.account: one.base for one in sleeves(side)}
    starts: dict[str, Money] = {}
    result: list[WeeklyReturn] = []
    for week in weeks(side):
        marked = balances(side, week.first_session, week.last_session)
        for account, end in {mark.account: mark.equity for mark in marked}.items():
            place = (week.week, account)
            came = moved.get(place, NOTHING)
            # A sleeve begins with what came in; where that came in before the week, with its base.
            start = starts.get(account, NOTHING if came else bases.get(account, NOTHING))
            value = (end - start - came).share_of(start or came)
            goal, part = targets.get(place), forked.get(place, NOTHING)
            result.append(WeeklyReturn(*place, start, end, came, value, goal, part))
            starts[account] = end
    return tuple(result)


def mean_weekly_return(side: ReadSide) -> dict[str, Decimal]:
    """The mean of each sleeve's weekly returns."""
    return _means([(one.account, one.value) for one in weekly_returns(side)])


def mean_weekly_target(side: ReadSide) -> dict[str, Decimal]:
    """The mean of what the rulebook wanted of each sleeve, over the weeks it was asked."""
    found = weekly_returns(side)
    return _means([(one.account, one.target) for one in found if one.target is not None])


def entries(
    side: ReadSide,
    *,
    kind: str = "",
    text: str = "",
    first: int = 1,
    last: int | None = None,
    limit: int = 1000,
) -> tuple[EntryLine, ...]:
    """Entries as lines, narrowed by kind, by words they hold, and by sequence."""
    rest = "sequence BETWEEN ? AND ? AND kind LIKE ? ORDER BY sequence LIMIT ?"
    values = (first, side.journal.head()[0] if last is None else last, kind or "%", limit)
    if text:
        return tuple(side.search(EntryLine, text, "AND " + rest, values))
    return tuple(side.lines(EntryLine, "FROM lines WHERE " + rest, values))


def cause_chain(side: ReadSide, sequence: int) -> tuple[EntryLine, ...]:
    """The entry `sequence` and what it follows from, the first cause first."""
    chain: list[EntryLine] = []
    wanted: int | None = sequence
    while wanted is not None:
        found = side.lines(EntryLine, "FROM lines WHERE sequence = ?", (wanted,))
        if not found:
            break
        chain.append(found[0])
        # A cause always lies before its effect, so this ends even in an altered file.
        cause = found[0].cause
        wanted = cause if cause is not None and cause < wanted else None
    return tuple(reversed(chain))


def money_moved(side: ReadSide) -> list[CashMoved]:
    """Cash that came or went and is neither gain nor loss, in order."""
    found = side.figures(CashMoved, "FROM cash_moves WHERE how = 'cash' ORDER BY sequence")
    return [one for one in found if not is_cost(one.reason)]


def is_cost(reason: str) -> bool:
    """Whether cash booked for this reason is a sleeve's gain or loss, not money moved."""
    return any(word in reason.lower() for word in _COSTS)


def is_between_sleeves(move: CashMoved) -> bool:
    """Whether a fork or a merge took this cash from one sleeve to another."""
    return move.how == "cash" and move.reason in _BETWEEN_SLEEVES


def _means(values: list[tuple[str, Decimal]]) -> dict[str, Decimal]:
    by_account: dict[str, list[Decimal]] = {}
    for account, value in values:
        by_account.setdefault(account, []).append(value)
    return {account: sum(found, Decimal(0)) / len(found) for account, found in by_account.items()}
