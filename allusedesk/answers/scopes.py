"""Which part of the record a question is about."""

from __future__ import annotations

from allusedesk.answers.asking import Asking
from allusedesk.answers.slots import Span
from allusedesk.answers.spans import Calendar
from allusedesk.journal.queries.asked import Scope, scope_of


def scope(asking: Asking, otherwise: Span | None = None) -> Scope:
    """The part of the record a question is about; `otherwise` where it names no days."""
    span = asking.within(otherwise)
    return scope_of(asking.side, span.first, span.last, asking.slots.accounts, asking.slots.symbol)


def this_week(asking: Asking) -> Span:
    """The week of the journal's last entry."""
    return Calendar(asking.today).read("this week")[0] or asking.within()


def last_week(asking: Asking) -> Span:
    """The week before that of the journal's last entry."""
    return Calendar(asking.today).read("last week")[0] or asking.within()


def of_what(asking: Asking) -> str:
    """The sleeves and the symbol asked about, behind a noun; empty for all of them."""
    symbol = f" on {asking.slots.symbol}" if asking.slots.symbol else ""
    return f"{asking.of_accounts}{symbol}"
