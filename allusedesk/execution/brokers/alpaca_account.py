"""What Alpaca tells of an account and its records, and why it would not have us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allusedesk.execution.brokers.alpaca_rest import (
    AlpacaKeys,
    AlpacaSettings,
    Refused,
    Rest,
    TooFast,
    Unanswered,
)
from allusedesk.execution.brokers.alpaca_words import Row, instant_of
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding

_PAGE_OF_ORDERS = 500
_PAGE_OF_ACTIVITIES = 100
_UNAUTHORISED = (401, 403)
_PAPER_ACCOUNTS = "PA"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as Alpaca tells it, and how Alpaca's clock stands to ours."""

    standing: LineStanding
    hours: Hours


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether the market is open, and until when that holds."""

    is_open: bool
    until: datetime


def read_account(
    rest: Rest, settings: AlpacaSettings, keys: AlpacaKeys, now: Callable[[], datetime]
) -> Account:
    """The account behind the keys; raises ConnectionRefused where nothing can be traded in it."""
    try:
        row = rest.row("/account")
        asked_at = now()
        clock = rest.row("/clock")
        told_at = asked_at + (now() - asked_at) / 2
    except Refused as no:
        refused = _refusal(settings, keys, no)
    except (Unanswered, TooFast):
        refused = ConnectionRefused(
            f"{settings.place} cannot be reached: nothing is known of the account until it "
            "answers; look at this machine's network."
        )
    else:
        objection = _objection_to(row)
        if objection:
            raise ConnectionRefused(objection)
        offset = (instant_of(clock.get("timestamp")) - told_at).total_seconds()
        return Account(_standing_of(row, offset), read_hours(clock))
    raise refused


def read_hours(clock: Row) -> Hours:
    """The market's hours from Alpaca's clock; raises Unreadable where it is none."""
    is_open = clock.get("is_open") is True
    return Hours(is_open, instant_of(clock.get("next_close" if is_open else "next_open")))


def _standing_of(row: Row, offset: float) -> LineStanding:
    number = str(row.get("account_number") or "")
    level = row.get("options_trading_level")
    return LineStanding(
        is_up=True,
        reason="",
        account=number,
        is_paper=number.startswith(_PAPER_ACCOUNTS),
        clock_offset_seconds=offset,
        options_level=None if level is None else int(level),
        margin_kind="cash" if str(row.get("multiplier") or "1") == "1" else "margin",
    )


def _objection_to(row: Row) -> str:
    """Why nothing can be traded in an account; empty where it can."""
    number = str(row.get("account_number") or "")
    if row.get("account_blocked") is True or row.get("trading_blocked") is True:
        return (
            f"Alpaca has blocked trading in the account {number}: no order would be taken; "
            "ask Alpaca's support why."
        )
    if row.get("trade_suspended_by_user") is True:
        return (
            f"Trading in the account {number} was suspended by its owner: no order would be "
            "taken; allow it again in the account's settings at Alpaca."
        )
    if row.get("status") != "ACTIVE":
        return (
            f"The account {number} at Alpaca is not active ({row.get('status')}): no order would "
            "be taken until Alpaca has opened it."
        )
    return ""


def _refusal(settings: AlpacaSettings, keys: AlpacaKeys, no: Refused) -> ConnectionRefused:
    """Why Alpaca would not have us, and what to do."""
    if no.status not in _UNAUTHORISED:
        return ConnectionRefused(
            f"{settings.place} refused the connection ({no.words}): nothing can be traded; "
            "try again later, and ask Alpaca if it goes on."
        )
    if settings.paper and keys.id.startswith("AK"):
        return ConnectionRefused(
            f"{settings.place} refused the key, which begins as keys of live accounts do: "
            "enter the key of the paper account."
        )
    if not settings.paper and keys.id.startswith("PK"):
        return ConnectionRefused(
            f"{settings.place} refused the key, which begins as keys of paper accounts do: "
            "enter the key of the live account, or choose paper."
        )
    return ConnectionRefused(
        f"{settings.place} refused the key: it or its secret is wrong, or was withdrawn; "
        "enter both anew."
    )


def orders_since(rest: Rest, after: datetime) -> list[Row]:
    """Every order submitted after an instant, oldest first, legs within them."""
    found: list[Row] = []
    while True:
        page = rest.rows(
            "/orders",
            status="all",
            limit=str(_PAGE_OF_ORDERS),
            after=after.isoformat(),
            direction="asc",
            nested="true",
        )
        known = {row.get("id") for row in found}
        fresh = [row for row in page if row.get("id") not in known]
        found.extend(fresh)
        if len(page) < _PAGE_OF_ORDERS or not fresh:
            return found
        # Two orders may share an instant; what comes twice is left out above.
        after = instant_of(fresh[-1].get("submitted_at")) - timedelta(microseconds=1)


def activities_since(rest: Rest, kinds: Sequence[str], after: datetime) -> list[Row]:
    """Every activity of these kinds after an instant, oldest first."""
    found: list[Row] = []
    query = {
        "activity_types": ",".join(kinds),
        "after": after.isoformat(),
        "direction": "asc",
        "page_size": str(_PAGE_OF_ACTIVITIES),
    }
    while True:
        page = rest.rows("/account/activities", **query)
        found.extend(page)
        if len(page) < _PAGE_OF_ACTIVITIES:
            return found
        query["page_token"] = str(page[-1].get("id"))
