"""Answers about one order that is named, by its number on record or by its id."""

from __future__ import annotations

import re

from allusedesk.answers.about_trades import order_row
from allusedesk.answers.answer import Answer, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.naming import ORDER_ID, ORDER_NUMBER
from allusedesk.answers.phrasing import fact, instant
from allusedesk.journal.queries.asked_orders import (
    OrderAsked,
    order_named,
    order_numbered,
    orders_counted,
    proposal_of_order,
)

_TITLES = ("when", "sleeve", "order", "units", "net", "status")


def named_order(asking: Asking) -> Answer | None:
    """Who approved the order that a question names; None where it names none."""
    by_id, by_number = _search(ORDER_ID, asking), _search(ORDER_NUMBER, asking)
    if by_id:
        found = order_named(asking.side, by_id)
        return _told(asking, found) if found else asking.nothing(f"No order {by_id} is on record.")
    if not by_number:
        return None
    found = order_numbered(asking.side, int(by_number))
    if found is None:
        whole = orders_counted(asking.side)
        return asking.nothing(f"The record has {whole} orders, so there is no order {by_number}.")
    return _told(asking, found, f"Order {by_number} on record is ")


def _search(pattern: re.Pattern[str], asking: Asking) -> str:
    found = pattern.search(asking.plain)
    return found["named"] if found else ""


def _told(asking: Asking, one: OrderAsked, opening: str = "") -> Answer:
    said: list[tuple[Part, ...]] = [
        (
            opening,
            fact(one.id, one.sequence),
            f": {one.legs}, ",
            fact(one.quantity, one.sequence),
            f" {'unit' if one.quantity == 1 else 'units'}, ",
            fact(one.status, one.status_in),
            ".",
        )
    ]
    made = proposal_of_order(asking.side, one.id)
    if made is None or not made.decided_by:
        said.append(("No approval of it is on record.",))
    else:
        said.append(
            (
                "It was approved by ",
                fact(made.decided_by, made.decided_in),
                f"; the rule behind it is {made.rule or 'not on record'}, proposed ",
                instant(made.made_at, made.sequence),
                " New York.",
            )
        )
    return asking.answer(*said, table=Table(_TITLES, (order_row(one),)))
