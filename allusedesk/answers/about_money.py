"""Answers about money: balances, cash, income, costs, what was set aside, forks and merges."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, percent
from allusedesk.answers.scopes import of_what, scope
from allusedesk.domain.money import total
from allusedesk.journal.queries.asked import CashSum, cash_asked, lots_ended, marks_at
from allusedesk.journal.queries.asked_money import reinvestments_asked
from allusedesk.journal.queries.record import is_cost
from allusedesk.journal.read_values import Mark

_ROWS_MAX = 20


def _marks(asking: Asking) -> tuple[Mark, ...]:
    day = min(asking.within().last, asking.today)
    return marks_at(asking.side, day, asking.slots.accounts)


def marked_as(marks: Sequence[Mark]) -> Nature:
    """Modelled where any mark rests on modelled quotes."""
    return Nature.MODELLED if any(one.is_modelled for one in marks) else Nature.MEASURED


def no_marks(asking: Asking) -> Answer:
    """That no balances are on record by then."""
    return asking.nothing(f"No balances were marked by {asking.within().last}{asking.of_accounts}.")


def balance(asking: Asking) -> Answer:
    """What each sleeve was worth at a close."""
    marks = _marks(asking)
    if not marks:
        return no_marks(asking)
    kind, entries = marked_as(marks), tuple(dict.fromkeys(one.sequence for one in marks))
    said = (
        f"At the close of {marks[0].on_day:%a %Y-%m-%d} equity{asking.of_accounts} was ",
        dollars(total([one.equity for one in marks]), *entries, nature=kind),
        ".",
    )
    rows = tuple(
        (
            one.account,
            dollars(one.equity, one.sequence, nature=kind),
            dollars(one.cash, one.sequence),
            dollars(one.positions, one.sequence, nature=kind),
            dollars(one.collateral, one.sequence),
        )
        for one in marks
    )
    titles = ("sleeve", "equity", "cash", "positions", "collateral")
    return asking.answer(said, table=Table(titles, rows))


def cash(asking: Asking) -> Answer:
    """Cash of each sleeve at a close, and what no put secures."""
    marks = _marks(asking)
    if not marks:
        return no_marks(asking)
    entries = tuple(dict.fromkeys(one.sequence for one in marks))
    free = total([one.cash - one.collateral for one in marks])
    said = (
        f"At the close of {marks[0].on_day:%a %Y-%m-%d} cash{asking.of_accounts} was ",
        dollars(total([one.cash for one in marks]), *entries),
        "; ",
        dollars(free, *entries),
        " of it secured nothing.",
    )
    rows = tuple(
        (
            one.account,
            dollars(one.cash, one.sequence),
            dollars(one.collateral, one.sequence),
            dollars(one.cash - one.collateral, one.sequence),
        )
        for one in marks
    )
    titles = ("sleeve", "cash", "collateral", "free of collateral")
    return asking.answer(said, table=Table(titles, rows))


def collateral(asking: Asking) -> Answer:
    """What secures the puts of each sleeve at a close."""
    marks = _marks(asking)
    if not marks:
        return no_marks(asking)
    entries = tuple(dict.fromkeys(one.sequence for one in marks))
    tied = total([one.collateral for one in marks])
    worth = total([one.equity for one in marks])
    said = (
        f"At the close of {marks[0].on_day:%a %Y-%m-%d} ",
        dollars(tied, *entries),
        f" of collateral was tied up{asking.of_accounts}, ",
        percent(tied.share_of(worth) if worth.amount > 0 else Decimal(0), *entries, places=1),
        " of equity.",
    )
    rows = tuple(
        (
            one.account,
            dollars(one.collateral, one.sequence),
            percent(
                one.collateral.share_of(one.equity) if one.equity.amount > 0 else Decimal(0),
                one.sequence,
                places=1,
            ),
        )
        for one in marks
    )
    return asking.answer(said, table=Table(("sleeve", "collateral", "of equity"), rows))


def dividends(asking: Asking) -> Answer:
    """Dividends received, with those paid away by short shares."""
    span = asking.within()
    found = cash_asked(asking.side, scope(asking), ("dividend",))
    if not found:
        return asking.nothing(f"No dividend is on record {span.when}{of_what(asking)}.")
    said = (
        f"{span.opening}{of_what(asking)} dividends brought ",
        dollars(total([one.amount for one in found]), *(one.sequence for one in found)),
        " in ",
        count(len(found), "payment", (one.sequence for one in found)),
        ".",
    )
    return asking.answer(said, table=_cash_table(found), about=span.words)


def interest(asking: Asking) -> Answer:
    """Interest and fees booked."""
    span = asking.within()
    found = [
        one for one in cash_asked(asking.side, scope(asking), ("cash",)) if is_cost(one.reason)
    ]
    if not found:
        return asking.nothing(
            f"No interest and no fee was booked {span.when}{asking.of_accounts}; "
            "commissions are part of each fill."
        )
    said = (
        f"Interest and fees {span.when}{asking.of_accounts}: ",
        dollars(
            total([one.amount for one in found]), *(one.sequence for one in found), is_signed=True
        ),
        ".",
    )
    return asking.answer(said, table=_cash_table(found), about=span.words)


def deposits(asking: Asking) -> Answer:
    """Money that came, went, or moved between sleeves, and is neither gain nor loss."""
    span = asking.within()
    booked = cash_asked(asking.side, scope(asking), ("cash",))
    found = [one for one in booked if not is_cost(one.reason)]
    if not found:
        return asking.nothing(f"No money was moved {span.when}{asking.of_accounts}.")
    came = [one for one in found if one.amount.amount > 0]
    went = [one for one in found if one.amount.amount < 0]
    said = (
        f"{span.opening}{asking.of_accounts} ",
        dollars(total([one.amount for one in came]), *(one.sequence for one in came)),
        " came into sleeves and ",
        dollars(-total([one.amount for one in went]), *(one.sequence for one in went)),
        " left them, forks and merges among it.",
    )
    return asking.answer(said, table=_cash_table(found), about=span.words)


def _cash_table(found: Sequence[CashSum]) -> Table:
    rows = tuple(
        (one.week, one.account, one.reason, dollars(one.amount, one.sequence, is_signed=True))
        for one in found[-_ROWS_MAX:]
    )
    return Table(("week", "sleeve", "for", "amount"), rows)


def reinvestment(asking: Asking) -> Answer:
    """How quarterly gains were split."""
    span = asking.within()
    found = reinvestments_asked(asking.side, scope(asking))
    if not found:
        return asking.nothing(f"Nothing was reinvested {span.when}{asking.of_accounts}.")
    entries = tuple(one.sequence for one in found)
    said = (
        f"{span.opening}{asking.of_accounts} gains of ",
        dollars(total([one.gain for one in found]), *entries),
        " were split: ",
        dollars(total([one.contracts for one in found]), *entries),
        " for contracts, ",
        dollars(total([one.leaps for one in found]), *entries),
        " for LEAPS, ",
        dollars(total([one.tax for one in found]), *entries),
        " reserved for tax.",
    )
    rows = tuple(
        (
            one.quarter,
            one.account,
            dollars(one.gain, one.sequence),
            dollars(one.contracts, one.sequence),
            dollars(one.leaps, one.sequence),
            dollars(one.tax, one.sequence),
        )
        for one in found[-_ROWS_MAX:]
    )
    titles = ("quarter", "sleeve", "gain", "contracts", "LEAPS", "tax")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def tax_reserve(asking: Asking) -> Answer:
    """What quarterly splits set aside for tax."""
    span = asking.within()
    found = reinvestments_asked(asking.side, scope(asking))
    if not found:
        return asking.nothing(
            f"No quarter's gain was split {span.when}{asking.of_accounts}, so nothing was set "
            "aside for tax."
        )
    entries = tuple(one.sequence for one in found)
    said = (
        "Set aside for tax",
        f" {span.when}{asking.of_accounts}: ",
        dollars(total([one.tax for one in found]), *entries),
        " of ",
        dollars(total([one.gain for one in found]), *entries),
        " gained.",
    )
    rows = tuple(
        (one.quarter, one.account, dollars(one.gain, one.sequence), dollars(one.tax, one.sequence))
        for one in found[-_ROWS_MAX:]
    )
    titles = ("quarter", "sleeve", "gain", "reserved")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def tax_estimate(asking: Asking) -> Answer:
    """Realised gains as an estimate, and where the year's forms are made."""
    span = asking.within()
    found = lots_ended(asking.side, scope(asking))
    if not found:
        return asking.nothing(f"Nothing was realised {span.when}{of_what(asking)}.")
    gain = total([one.realised for one in found])
    gains = [one for one in found if one.realised.amount > 0]
    losses = [one for one in found if one.realised.amount < 0]
    entries = tuple(one.sequence for one in found)
    kind = Nature.ESTIMATE
    said: list[tuple[Part, ...]] = [
        (
            f"Bookings of {span.words}{of_what(asking)} realised ",
            dollars(gain, *entries, nature=kind, is_signed=True),
            " before commissions: gains of ",
            dollars(total([x.realised for x in gains]), *(x.sequence for x in gains), nature=kind),
            " and losses of ",
            dollars(
                -total([x.realised for x in losses]), *(x.sequence for x in losses), nature=kind
            ),
            ".",
        ),
        (
            (
                "What is taxed differs: premiums of assigned options join the shares' basis, wash "
                "sales defer losses. The columns of Form 8949 are made by `allusedesk report tax`: "
                "ask your adviser."
            ),
        ),
    ]
    return asking.answer(*said, about=span.words)
