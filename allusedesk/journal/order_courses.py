"""The course of each order of a stretch of the journal, from the wish to the last fill."""

from __future__ import annotations

from allusedesk.domain.events import BalancesMarked
from allusedesk.domain.inputs import MarketSampled
from allusedesk.journal.order_audit import LifeLine, OrderWalk
from allusedesk.journal.origins import Origins
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import entry_of

# Large, many, and nothing that happens to an order.
_PASSED_OVER = frozenset({MarketSampled.__name__, BalancesMarked.__name__})


def order_courses(side: ReadSide, first: int, last: int) -> dict[str, tuple[LifeLine, ...]]:
    """What happened to each order written in the entries from `first` to `last`, by its id.

    The steps of its proposal stand before its own. Raises JournalDamaged where an entry is not as
    it was written.
    """
    walk, origins = OrderWalk(), Origins()
    for row in side.journal.rows(first, last):
        if row.kind not in _PASSED_OVER:
            entry = entry_of(row)
            walk.take(entry, origins.take(entry))
    of_proposal: dict[str, list[LifeLine]] = {}
    found: dict[str, list[LifeLine]] = {}
    for line in walk.audit().lines:
        if not line.order:
            of_proposal.setdefault(line.proposal, []).append(line)
        elif line.order in found:
            found[line.order].append(line)
        elif line.what == "written":
            found[line.order] = [*of_proposal.get(line.proposal, ()), line]
    return {order: tuple(lines) for order, lines in found.items()}
