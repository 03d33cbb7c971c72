"""The part of the annual statement that holds the protocol's projection against the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import CENT, Money
from allusedesk.reports.periods.curves import Curve, weekly_gains
from allusedesk.reports.periods.words import percent
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Paragraph,
    ProjectionFan,
    Qualifier,
    Section,
    Series,
    Table,
    TimeChart,
    Tone,
)
from allusedesk.reports.wording import counted, shown

_RIGHT = Alignment.RIGHT
_QUARTER_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Outlook:
    """What projections say, worked out elsewhere.

    `original` is the protocol's own projection of the opening capital: at the start and after each
    whole week lived. `fan` lives the desk's own weeks on from
    the period's last close; where there is none `remarks` say why.
    """

    capital: Money
    original: tuple[Money, ...]
    fan: ProjectionFan | None
    remarks: tuple[str, ...]


def outlook_section(
    outlook: Outlook, whole: Curve, week_ends: Sequence[date], seen: Qualifier
) -> Section:
    """What was projected for the opening capital, what came of it, and what may come."""
    lived = _lived(outlook.capital, whole, week_ends)
    blocks: list[Block] = []
    if lived and len(outlook.original) == len(lived) + 1:
        blocks += _beside(outlook, lived, seen)
    elif not lived:
        blocks.append(Paragraph("No whole week was lived yet, so no projection can be checked."))
    if outlook.fan is not None:
        blocks.append(outlook.fan)
    blocks += [Paragraph(remark, Tone.NOTE) for remark in outlook.remarks]
    return Section("Projection and outcome", tuple(blocks))


def _lived(
    capital: Money, whole: Curve, week_ends: Sequence[date]
) -> tuple[tuple[date, Money], ...]:
    """What the opening capital had become at the end of each week, later money left aside."""
    found: list[tuple[date, Money]] = []
    index = Decimal(1)
    for end, gain in weekly_gains(whole, week_ends):
        index = index * (1 + gain)
        found.append((end, Money((capital.amount * index).quantize(CENT))))
    return tuple(found)


def _beside(
    outlook: Outlook, lived: tuple[tuple[date, Money], ...], seen: Qualifier
) -> list[Block]:
    weeks = len(lived)
    projected, became = outlook.original[-1], lived[-1][1]
    share = became.share_of(outlook.capital) - 1
    wanted = projected.share_of(outlook.capital) - 1
    text = (
        f"The desk began with {shown(outlook.capital)} USD. After {counted(weeks, 'week')} the "
        f"protocol's own projection, which meets every target, wants {shown(projected)} USD "
        f"({shown(percent(wanted), is_signed=True)}); it became {shown(became)} USD "
        f"({shown(percent(share), is_signed=True)}), {_difference(became, projected)}. Money that "
        "came in or went out since is left aside. The projection knows no losses and is no promise."
    )
    places = [*range(_QUARTER_WEEKS - 1, weeks, _QUARTER_WEEKS)]
    if not places or places[-1] != weeks - 1:
        places.append(weeks - 1)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            place + 1,
            lived[place][0],
            outlook.original[place + 1],
            lived[place][1],
            lived[place][1] - outlook.original[place + 1],
            percent(lived[place][1].share_of(outlook.original[place + 1])),
        )
        for place in places
    )
    table = Table(
        "The protocol's projection and what came of it",
        (
            Column("Weeks", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Last session"),
            Column("Projected", _RIGHT, "USD", Qualifier.TARGET),
            Column("Became", _RIGHT, "USD", seen),
            Column("Difference", _RIGHT, "USD", seen, is_signed=True),
            Column("Of the projected", _RIGHT, "%", seen),
        ),
        rows,
    )
    chart = TimeChart(
        "What the opening capital was to become, and what it became",
        tuple(end for end, _ in lived),
        (
            Series("Projected", outlook.original[1:], Qualifier.TARGET),
            Series("Became", tuple(amount for _, amount in lived), seen),
        ),
    )
    return [Paragraph(text), chart, table] if weeks > 1 else [Paragraph(text), table]


def _difference(became: Money, projected: Money) -> str:
    if became >= projected:
        return f"{shown(became - projected)} USD more"
    return f"{shown(projected - became)} USD less"
