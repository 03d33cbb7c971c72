"""The section of the weekly statement that draws how each order ran, from the wish to its fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allusedesk.domain.money import Price
from allusedesk.journal.order_audit import LifeLine
from allusedesk.journal.read_values import Trade
from allusedesk.reports.statement import (
    Block,
    Occurrence,
    Paragraph,
    Reference,
    Section,
    Timeline,
    Tone,
)
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import counted, shown

SECTION = "How the orders ran"
# So many are drawn; a week with more would bury what it says under pages of them.
TIMELINES_MAX = 24

Courses = Mapping[str, Sequence[LifeLine]]


def drawn_courses(trades: Sequence[Trade], courses: Courses) -> tuple[str, ...]:
    """The orders that traded and are drawn: the first of the week, in their order."""
    known = [trade.order.id for trade in trades if trade.fills and trade.order.id in courses]
    return tuple(known[:TIMELINES_MAX])


def course_anchor(order: str) -> str:
    """Where a reference to the timeline of an order leads."""
    return f"course of {order}"


def row_anchor(order: str) -> str:
    """Where a reference to the row of an order leads."""
    return f"row of {order}"


def courses_section(trades: Sequence[Trade], courses: Courses) -> Section:
    """A timeline of each order that traded, each step with the number of its journal entry."""
    drawn = drawn_courses(trades, courses)
    by_id = {trade.order.id: trade for trade in trades}
    traded = sum(1 for trade in trades if trade.fills)
    blocks: list[Block] = [_introduction(len(drawn), traded)]
    blocks += [_timeline(by_id[order], courses[order]) for order in drawn]
    return Section(SECTION, tuple(blocks))


def _introduction(drawn: int, traded: int) -> Paragraph:
    if not drawn:
        return Paragraph("No order traded in this week, so there is none to follow.", Tone.NOTE)
    most = ""
    if drawn < traded:
        most = (
            f" Drawn are the first {drawn:,} of {counted(traded, 'order')} that traded; every step "
            "of all of them is in the regulatory report."
        )
    return Paragraph(
        "Each line is an entry of the journal, in New York time. Along the axis a gap takes room "
        "by the logarithm of its length, so that milliseconds can be seen beside hours; how long "
        f"it was is written.{most}",
        Tone.NOTE,
    )


def order_reference(trade: Trade, drawn: Sequence[str]) -> Reference | str:
    """The order's legs, leading to its timeline where one is drawn."""
    if trade.order.id in drawn:
        return Reference(trade.order.legs, course_anchor(trade.order.id))
    return trade.order.legs


def _timeline(trade: Trade, lines: Sequence[LifeLine]) -> Timeline:
    order = trade.order
    events = []
    for line in lines:
        what, note = _in_words(line, has_legs=", " in order.legs)
        events.append(Occurrence(line.at, what, line.entry, note))
    return Timeline(
        f"{sleeve_name(order.account)}: {order.legs}, {order.quantity:,} wanted",
        tuple(events),
        anchor=course_anchor(order.id),
        back=row_anchor(order.id),
    )


def _in_words(line: LifeLine, *, has_legs: bool) -> tuple[str, str]:
    price = "" if line.price is None else shown(Price(line.price))
    match line.what:
        case "proposed":
            return "proposed, checks passed", f"by {line.rule}"
        case "approved" | "signed first" | "declined":
            return f"{line.what} by {line.by}", line.detail
        case "written":
            return "written and sent", f"limit {price}" if price else ""
        case "moved":
            return "limit moved", f"to {price}"
        case "filled":
            leg = f"{line.detail.partition(',')[0]}, " if has_legs else ""
            return "filled", f"{leg}{line.quantity:,} at {price}"
        case "status":
            return _status_in_words(line.detail)
        case _:
            return line.what, line.detail


def _status_in_words(detail: str) -> tuple[str, str]:
    """`sent to working` is the broker's acknowledgement; the other steps say themselves."""
    step, _, reason = detail.partition(": ")
    after = step.rpartition(" to ")[2]
    if after == "working":
        return "acknowledged, working", reason
    if after == "filled":
        return "filled whole", reason
    return after, reason
