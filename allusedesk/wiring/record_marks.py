"""Figures of the record that are unlike their own past: income, fills against mid, commissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allusedesk.journal.blotter_queries import FillLine, fills_since
from allusedesk.journal.queries import weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.learning.anomalies import anomalies_of

_RETURN, _SLIPPAGE, _COMMISSION = "weekly return", "fill against mid", "commission a unit"


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
    marks += _marked([pair for one in fills for pair in _against_mid(one)], "fills", _SLIPPAGE)
    marks += _marked(
        [(_day(one), float(one.commission.amount) / one.quantity) for one in fills if one.quantity],
        "fills",
        _COMMISSION,
    )
    return tuple(sorted(marks, key=lambda mark: (mark.when, mark.subject), reverse=True))


def _against_mid(fill: FillLine) -> tuple[tuple[str, float], ...]:
    """By what fraction of mid a single leg traded better (worse: negative)."""
    slip, mid = fill.slippage, fill.mid_at_send
    if slip is None or mid is None or not mid.per_unit:
        return ()
    return ((_day(fill), float(slip.per_unit / abs(mid.per_unit))),)


def _day(fill: FillLine) -> str:
    return fill.filled_at.date().isoformat()


def _marked(figures: Sequence[tuple[str, float]], subject: str, name: str) -> list[RecordMark]:
    found = []
    for one in anomalies_of([value for _, value in figures]):
        when = figures[one.place][0]
        side = "above" if one.deviations > 0 else "below"
        reason = (
            f"{_written(name, one.value)}, usually {_written(name, one.usual)}: "
            f"{abs(one.deviations):.1f} median deviations {side}."
        )
        found.append(RecordMark(when, subject, name, one.value, one.usual, one.deviations, reason))
    return found


def _written(name: str, value: float) -> str:
    return f"{value:.2f} USD" if name == _COMMISSION else f"{100 * value:+.2f}%"
