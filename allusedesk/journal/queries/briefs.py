"""What the briefs of morning and evening ask: a record as it stood after one of its entries.

Every question takes the last entry it may know of, so that a brief of a past day tells what was
known then and nothing that came later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.events import DeskReconciled
from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.queries.asked_decisions import AlarmDue
from allusedesk.journal.queries.brief_values import (
    AlertStanding,
    Decided,
    Done,
    LotOpen,
    OrderOpen,
    SleeveDay,
    Waiting,
)
from allusedesk.journal.queries.record import is_cost
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import ConditionSeen, EntryLine, PlannedWeek
from allusedesk.journal.scalars import read_decimal, read_instant, read_money, write_instant
from allusedesk.journal.store import entry_of

# What comes overnight by itself: bookings of the clearing house, charges, alarms of the desk.
OVERNIGHT = (
    "AssignmentBooked",
    "SettlementBooked",
    "ExpiryBooked",
    "DividendBooked",
    "ChargeBooked",
    "SplitBooked",
    "FillBooked",
    "LevelChanged",
    "BreakerTripped",
    "BreakerLowered",
    "DeskHalted",
    "DeskReleased",
    "FamilyForked",
    "FamilyMerged",
    "GainReinvested",
    "NoticeRaised",
    "AlertRaised",
)
# What is behind a sleeve's week: money that came from outside is neither gain nor loss.
_MOVED = "cash"


def last_entry_by(side: ReadSide, at: datetime) -> int:
    """The last entry recorded at or before an instant; 0 where none was."""
    low, high = 0, side.journal.head()[0]
    while low < high:
        middle = (low + high + 1) // 2
        (row,) = side.journal.rows(middle, middle)
        if read_instant(row.recorded_at) <= at:
            low = middle
        else:
            high = middle - 1
    return low


def week_of_day(side: ReadSide, day: date, cut: int) -> PlannedWeek | None:
    """The week a day belongs to, as it was planned by an entry; None where none was."""
    found = side.figures(
        PlannedWeek,
        "FROM weeks WHERE first_session <= ? AND last_session >= ? AND sequence <= ? "
        "ORDER BY week DESC LIMIT 1",
        (day.isoformat(), day.isoformat(), cut),
    )
    return found[0] if found else None


def condition_by(side: ReadSide, week: str, cut: int) -> ConditionSeen | None:
    """The last word on a week's condition by an entry; None where there was none yet."""
    found = side.figures(
        ConditionSeen,
        "FROM conditions WHERE week = ? AND sequence <= ? ORDER BY sequence DESC LIMIT 1",
        (week, cut),
    )
    return found[0] if found else None


def alarms_between(
    side: ReadSide, after: datetime, until: datetime, cut: int
) -> tuple[AlarmDue, ...]:
    """The looks and closes due in a span, as they were set; those of single orders left out."""
    return tuple(
        side.figures(
            AlarmDue,
            "FROM alarms WHERE due_at > ? AND due_at <= ? AND sequence <= ? AND is_dropped = 0 "
            "AND subject NOT LIKE '%/%' ORDER BY due_at, id",
            (write_instant(after), write_instant(until), cut),
        )
    )


def lots_open(side: ReadSide, cut: int) -> tuple[LotOpen, ...]:
    """Every lot as it stood after an entry, by sleeve, oldest first."""
    return tuple(
        side.figures(
            LotOpen,
            "FROM (SELECT lots.id AS id, account, instrument, role, price_average, opened_at, "
            "opened_sequence, (SELECT quantity_after FROM lot_changes WHERE lot = lots.id "
            "AND sequence <= ? ORDER BY sequence DESC LIMIT 1) AS quantity, "
            "(SELECT level FROM levels WHERE position = lots.id AND sequence <= ? "
            "ORDER BY sequence DESC LIMIT 1) AS level, "
            "(SELECT max(sequence) FROM levels WHERE position = lots.id AND sequence <= ?) "
            "AS levelled_in FROM lots "
            "WHERE opened_sequence <= ? AND (closed_sequence IS NULL OR closed_sequence > ?)) "
            "WHERE quantity != 0 ORDER BY account, opened_at, id",
            (cut,) * 5,
        )
    )


def waiting_at(side: ReadSide, at: datetime, cut: int) -> tuple[Waiting, ...]:
    """Proposals that waited for a person, the one that lapses first before the others."""
    return tuple(
        side.figures(
            Waiting,
            "FROM proposals WHERE sequence <= ? AND expires_at > ? "
            "AND (verdict = 'open' OR decided_in > ?) ORDER BY expires_at, sequence",
            (cut, write_instant(at), cut),
        )
    )


def decided_between(side: ReadSide, first: int, last: int) -> tuple[Decided, ...]:
    """Proposals decided by the entries from `first` to `last`, in that order."""
    return tuple(
        side.figures(
            Decided,
            "FROM proposals WHERE decided_in BETWEEN ? AND ? AND verdict != 'open' "
            "ORDER BY decided_in, sequence",
            (first, last),
        )
    )


def done_between(side: ReadSide, first: int, last: int) -> tuple[Done, ...]:
    """What was executed by the entries from `first` to `last`, an order a row, in order."""
    rows = side.rows(
        "SELECT f.order_id, f.account, o.kind, o.legs, f.leg, f.quantity, f.instrument, f.price, "
        "f.commission, f.sequence, coalesce(p.rule, ''), coalesce(p.reason, ''), "
        "coalesce(p.decided_by, ''), p.sequence "
        "FROM fills AS f JOIN orders AS o ON o.id = f.order_id "
        "LEFT JOIN proposals AS p ON p.id = o.proposal "
        "WHERE f.sequence BETWEEN ? AND ? ORDER BY f.sequence, f.leg",
        (first, last),
    )
    found: dict[str, Done] = {}
    for row in rows:
        order, account, kind, legs, leg, quantity, name, price, fee, at, rule, why, whom, made = row
        shares = quantity * (100 if " " in name else 1)
        value = read_decimal(price) * shares
        words = legs.split(", ")
        is_sold = leg < len(words) and words[leg].startswith("sell")
        cash = (value if is_sold else -value) - read_money(fee).amount
        before = found.get(order)
        done = quantity if leg == 0 else 0
        found[order] = Done(
            order,
            account,
            kind,
            legs,
            done + (0 if before is None else before.quantity),
            cash + (Decimal(0) if before is None else before.cash),
            rule,
            why,
            whom,
            made,
            at if before is None else before.first,
            at,
        )
    return tuple(found.values())


def alerts_standing(side: ReadSide, cut: int) -> tuple[AlertStanding, ...]:
    """Alerts that stood after an entry and that nobody had taken note of, in order."""
    return tuple(
        side.figures(
            AlertStanding,
            "FROM alerts WHERE sequence <= ? AND (cleared_in IS NULL OR cleared_in > ?) "
            "AND (acknowledged_in IS NULL OR acknowledged_in > ?) ORDER BY sequence",
            (cut, cut, cut),
        )
    )


def orders_open(side: ReadSide, cut: int) -> tuple[OrderOpen, ...]:
    """Orders that were neither filled nor over after an entry, in order."""
    return tuple(
        side.figures(
            OrderOpen,
            "FROM orders WHERE sequence <= ? AND (status_in IS NULL OR status_in > ? OR status "
            "NOT IN ('filled', 'cancelled', 'rejected', 'expired')) ORDER BY sequence",
            (cut, cut),
        )
    )


def lines_between(
    side: ReadSide, kinds: Sequence[str], first: int, last: int
) -> tuple[EntryLine, ...]:
    """Entries of these kinds from `first` to `last` as sentences, in order."""
    marks = ", ".join("?" * len(kinds))
    return tuple(
        side.lines(
            EntryLine,
            f"FROM lines WHERE sequence BETWEEN ? AND ? AND kind IN ({marks}) ORDER BY sequence",
            (first, last, *kinds),
        )
    )


def is_session(side: ReadSide, day: date, cut: int) -> bool:
    """True where the desk planned a session for a day, or marked its balances."""
    planned = side.column(
        "SELECT count(*) FROM alarms WHERE kind = ? AND sequence <= ? AND id LIKE ? "
        "AND due_at BETWEEN ? AND ?",
        (
            AlarmKind.CLOSE.value,
            cut,
            "%/close",
            f"{day.isoformat()}T00:00:00Z",
            f"{day.isoformat()}T23:59:59Z",
        ),
    )[0]
    return bool(planned) or day.isoformat() in side.column(
        "SELECT on_day FROM marks WHERE on_day = ? LIMIT 1", (day.isoformat(),)
    )


def differences_left(side: ReadSide, cut: int) -> tuple[int, int] | None:
    """What the last comparison of book and broker left unexplained, and its entry."""
    found = side.lines(
        EntryLine,
        "FROM lines WHERE kind = 'DeskReconciled' AND sequence <= ? ORDER BY sequence DESC LIMIT 1",
        (cut,),
    )
    if not found:
        return None
    (row,) = side.journal.rows(found[0].sequence, found[0].sequence)
    event = entry_of(row).event
    return (event.differences, row.sequence) if isinstance(event, DeskReconciled) else None


def last_marked_before(side: ReadSide, day: date, cut: int) -> tuple[date, int] | None:
    """The last close before a day at which balances were marked, and its last entry."""
    found = side.rows(
        "SELECT on_day, max(sequence) FROM marks WHERE on_day < ? AND sequence <= ? "
        "GROUP BY on_day ORDER BY on_day DESC LIMIT 1",
        (day.isoformat(), cut),
    )
    return (date.fromisoformat(found[0][0]), int(found[0][1])) if found else None


def sleeve_days(side: ReadSide, day: date, week: PlannedWeek, cut: int) -> tuple[SleeveDay, ...]:
    """Each sleeve's day and week so far, by sleeve; empty where the day was not marked yet."""
    marks = side.rows(
        "SELECT account, equity, is_modelled, max(sequence) FROM marks "
        "WHERE on_day = ? AND sequence <= ? GROUP BY account ORDER BY account",
        (day.isoformat(), cut),
    )
    targets = {
        account: (read_decimal(target), sequence)
        for account, target, sequence in side.rows(
            "SELECT account, target, sequence FROM looks "
            "WHERE week = ? AND target IS NOT NULL AND sequence <= ? ORDER BY sequence",
            (week.week, cut),
        )
    }
    found = []
    for account, equity, is_modelled, sequence in marks:
        before, before_in = _mark_before(side, account, day, cut)
        start, start_in = _mark_before(side, account, week.first_session, cut)
        target, asked_in = targets.get(account, (None, None))
        found.append(
            SleeveDay(
                account,
                read_money(equity),
                sequence,
                before,
                before_in,
                _moved_between(side, account, before_in or 0, sequence),
                start,
                start_in,
                _moved_between(side, account, start_in or 0, sequence),
                target,
                asked_in,
                bool(is_modelled),
            )
        )
    return tuple(found)


def _mark_before(
    side: ReadSide, account: str, day: date, cut: int
) -> tuple[Money | None, int | None]:
    found = side.rows(
        "SELECT equity, sequence FROM marks WHERE account = ? AND on_day < ? AND sequence <= ? "
        "ORDER BY sequence DESC LIMIT 1",
        (account, day.isoformat(), cut),
    )
    return (read_money(found[0][0]), int(found[0][1])) if found else (None, None)


def _moved_between(side: ReadSide, account: str, after: int, until: int) -> Money:
    moved = NOTHING
    for amount, reason in side.rows(
        "SELECT amount, reason FROM cash_moves WHERE account = ? AND how = ? "
        "AND sequence > ? AND sequence <= ? ORDER BY sequence",
        (account, _MOVED, after, until),
    ):
        if not is_cost(reason):
            moved += read_money(amount)
    return moved
