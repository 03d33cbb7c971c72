"""How a period's decisions were made and carried out: answers, exceptions, skips and costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import STANDARD_MULTIPLIER
from allusedesk.domain.money import Money, total
from allusedesk.journal.queries.answers import ReasonGiven
from allusedesk.journal.queries.blotters import fills_since
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Notice

_WITHIN = "sequence BETWEEN ? AND ?"
# Who decides without being asked: policies, and rules that stand by themselves.
_NO_PERSON = ("policy", "standing authority", "trust")


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal with what became of it, and how long it waited for that."""

    sequence: int
    id: str
    account: str
    kind: str
    legs: str
    rule: str
    verdict: str
    decided_by: str
    made_at: datetime
    decided_at: datetime | None
    verdict_reason: str

    @property
    def is_by_person(self) -> bool:
        return bool(self.decided_by) and not self.decided_by.startswith(_NO_PERSON)

    @property
    def waited_seconds(self) -> float | None:
        """How long a person took; None where none answered."""
        if self.decided_at is None or not self.is_by_person:
            return None
        return (self.decided_at - self.made_at).total_seconds()


@dataclass(frozen=True, slots=True)
class SkippedBy:
    """A rule, in how many sleeves' looks it stopped a candidate, and one of the reasons."""

    rule: str
    count: int
    reason: str
    value: str
    limit_value: str


@dataclass(frozen=True, slots=True)
class RefusedBy:
    """A proposal our own checks refused."""

    sequence: int
    account: str
    proposal: str
    rule: str


@dataclass(frozen=True, slots=True)
class TradingCosts:
    """Fills and what they cost; slippage is against the mid when sent (better: positive).

    It is known of single legs alone: of `measured` of `fills`.
    """

    orders: int
    fills: int
    measured: int
    slippage: Money
    commissions: Money


@dataclass(frozen=True, slots=True)
class PeriodConduct:
    """Decisions and exceptions among the entries of a period."""

    decisions: tuple[Decided, ...]
    overruled: tuple[ReasonGiven, ...]
    skipped: tuple[SkippedBy, ...]
    refused: tuple[RefusedBy, ...]
    notices: tuple[Notice, ...]
    costs: TradingCosts


def period_conduct(side: ReadSide, first: int, last: int) -> PeriodConduct:
    """What the entries from `first` to `last` say of how the rules were kept."""
    span = (first, last)
    skipped = side.figures(
        SkippedBy,
        "FROM (SELECT rule, sum(count) AS count, min(reason) AS reason, value, limit_value "
        "FROM turned_down WHERE proposal = '' AND sequence BETWEEN ? AND ? GROUP BY rule) "
        "ORDER BY count DESC, rule",
        span,
    )
    overruled = side.figures(
        ReasonGiven,
        "FROM answers WHERE effect IN ('edited', 'rejected', 'vetoed') "
        f"AND {_WITHIN} ORDER BY sequence",
        span,
    )
    notices = side.figures(
        Notice, f"FROM notices WHERE severity != 'note' AND {_WITHIN} ORDER BY sequence", span
    )
    return PeriodConduct(
        tuple(side.figures(Decided, f"FROM proposals WHERE {_WITHIN} ORDER BY sequence", span)),
        tuple(overruled),
        tuple(skipped),
        tuple(side.figures(RefusedBy, f"FROM refusals WHERE {_WITHIN} ORDER BY sequence", span)),
        tuple(notices),
        _costs(side, first, last),
    )


@dataclass(frozen=True, slots=True)
class _Paid:
    commission: Money


def _costs(side: ReadSide, first: int, last: int) -> TradingCosts:
    fills = [fill for fill in fills_since(side, first - 1) if fill.sequence <= last]
    slips = []
    for fill in fills:
        slip = fill.slippage
        if slip is not None:
            is_option = fill.instrument.endswith((" put", " call"))
            units = fill.quantity * (STANDARD_MULTIPLIER if is_option else 1)
            slips.append(Money(slip.per_unit * units))
    paid = side.figures(_Paid, f"FROM bookings WHERE {_WITHIN} ORDER BY sequence", (first, last))
    return TradingCosts(
        len({fill.order_id for fill in fills}),
        len(fills),
        len(slips),
        total(slips),
        total([one.commission for one in paid]),
    )


def median_seconds(decisions: tuple[Decided, ...]) -> tuple[Decimal, Decimal] | None:
    """The median and the longest time persons took to answer, in seconds; None without one."""
    waited = sorted(
        Decimal(str(round(one.waited_seconds, 3)))
        for one in decisions
        if one.waited_seconds is not None
    )
    if not waited:
        return None
    middle = len(waited) // 2
    median = waited[middle] if len(waited) % 2 else (waited[middle - 1] + waited[middle]) / 2
    return median, waited[-1]
