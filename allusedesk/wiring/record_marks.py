"""Figures of the record that are unlike their own past: income, fills against mid, commissions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.journal.queries.blotters import FillLine, fills_since
from allusedesk.journal.queries.record import weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.learning.anomalies import anomalies_of

_RETURN, _SLIPPAGE = "weekly return", "fill against mid"
_CONTRACT, _SHARE = "commission a contract", "commission a share"
# No market can quote a finer step, so that a fill this near to mid is as good as it gets.
_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class RecordMark:
    """One figure that stands out: where, what it was, what it usually is, and why it is marked.

    `value` and `usual` are fractions for returns and fills (of mid), dollars for commissions.
    """

    when: str
    subject: str
    figure: str
    value: float
    usual: float
    deviations: float
    reason: str


def record_marks(side: ReadSide) -> tuple[RecordMark, ...]:
    """Every mark on a desk's record, newest first; medians of what went before decide."""
    marks: list[RecordMark] = []
    by_sleeve: dict[str, list[tuple[str, float]]] = {}
    for one in weekly_returns(side):
        # A sleeve without positions earns nothing, which says nothing of what it earns with them.
        if one.value:
            by_sleeve.setdefault(one.account, []).append((one.week, float(one.value)))
    for account, figures in sorted(by_sleeve.items()):
        marks += _marked(figures, account, _RETURN)
    fills = fills_since(side, 0)
    against = [one for one in fills if _is_against_mid(one)]
    usual = frozenset(place for place, one in enumerate(against) if _is_one_step(one))
    marks += _marked([_against_mid(one) for one in against], "fills", _SLIPPAGE, usual)
    for name in (_CONTRACT, _SHARE):
        # A contract costs a hundred times what a share does.
        same = [one for one in fills if one.quantity and _unit_of(one) == name]
        paid = [(_day(one), float(one.commission.amount) / one.quantity) for one in same]
        marks += _marked(paid, "fills", name)
    return tuple(sorted(marks, key=lambda mark: (mark.when, mark.subject), reverse=True))


def _is_against_mid(fill: FillLine) -> bool:
    mid = fill.mid_at_send
    return fill.slippage is not None and mid is not None and bool(mid.per_unit)


def _against_mid(fill: FillLine) -> tuple[str, float]:
    """By what fraction of mid a single leg traded better (worse: negative)."""
    slip, mid = fill.slippage, fill.mid_at_send
    if slip is None or mid is None:
        return _day(fill), math.nan
    return _day(fill), float(slip.per_unit / abs(mid.per_unit))


def _is_one_step(fill: FillLine) -> bool:
    return fill.slippage is not None and abs(fill.slippage.per_unit) <= _STEP


def _unit_of(fill: FillLine) -> str:
    """What a fill is counted in: contracts where its instrument is an option, else shares."""
    return _CONTRACT if fill.instrument.endswith((" put", " call")) else _SHARE


def _day(fill: FillLine) -> str:
    return fill.filled_at.date().isoformat()


def _marked(
    figures: Sequence[tuple[str, float]],
    subject: str,
    name: str,
    usual: frozenset[int] = frozenset(),
) -> list[RecordMark]:
    """The figures that stand out, but for those at `usual` places, whatever they are."""
    found = []
    for one in anomalies_of([value for _, value in figures]):
        if one.place in usual:
            continue
        when = figures[one.place][0]
        side = "above" if one.deviations > 0 else "below"
        reason = (
            f"{_written(name, one.value)}, usually {_written(name, one.usual)}: "
            f"{abs(one.deviations):.1f} median deviations {side}."
        )
        found.append(RecordMark(when, subject, name, one.value, one.usual, one.deviations, reason))
    return found


def _written(name: str, value: float) -> str:
    is_money = name in (_CONTRACT, _SHARE)
    text = f"{value:.3f} USD" if is_money else f"{100 * value:+.2f}%"
    return text.replace("-", "\N{MINUS SIGN}")
