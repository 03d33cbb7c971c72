"""Questions about bases and reinvestments of a record."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.money import Money
from allusedesk.journal.queries.asked import Scope, rows_asked
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Reinvestment
from allusedesk.journal.scalars import read_money


@dataclass(frozen=True, slots=True)
class Floor:
    """What a sleeve's surplus is measured from, and the entries that made it so."""

    amount: Money
    entries: tuple[int, ...]


def floors_now(side: ReadSide) -> dict[str, Floor]:
    """Each sleeve's base: as it was opened or last set, and what was reinvested since."""
    found = {
        account: Floor(read_money(base), (sequence,))
        for account, base, sequence in side.rows("SELECT account, base, sequence FROM sleeves")
    }
    steps = side.rows(
        "SELECT sequence, account, base, 1 FROM floors UNION ALL "
        "SELECT sequence, account, contracts, 0 FROM reinvestments ORDER BY sequence"
    )
    for sequence, account, amount, is_set in steps:
        before = found.get(account)
        if is_set or before is None:
            found[account] = Floor(read_money(amount), (sequence,))
        else:
            found[account] = Floor(before.amount + read_money(amount), (*before.entries, sequence))
    return found


def reinvestments_asked(side: ReadSide, scope: Scope) -> tuple[Reinvestment, ...]:
    """The quarterly gains that were split within a scope, in order."""
    return rows_asked(side, Reinvestment, "reinvestments", scope)
