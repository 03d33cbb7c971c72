"""Answers about money: balances, cash, income, costs, what was set aside, forks and merges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, percent
from allusedesk.answers.scopes import of_what, scope
from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.money import Money, total
from allusedesk.journal.asked_money import Floor, floors_now, reinvestments_asked
from allusedesk.journal.asked_queries import CashSum, cash_asked, lots_ended, marks_at, rows_asked
from allusedesk.journal.queries import desk_header, is_cost, sleeves
from allusedesk.journal.read_values import Branching, Mark, Sleeve
from allusedesk.protocol.forking import fork_due, is_mini, merge_due, years_after
from allusedesk.protocol.rulebook import Rulebook

_ROWS_MAX = 20
_FIRST_SYMBOL = re.compile(r"dividend of (\S+?),")


def _marks(asking: Asking) -> tuple[Mark, ...]:
    day = min(asking.within().last, asking.today)
    return marks_at(asking.side, day, asking.slots.accounts)


def _nature(marks: Sequence[Mark]) -> Nature:
    return Nature.MODELLED if any(one.is_modelled for one in marks) else Nature.MEASURED


def _no_marks(asking: Asking) -> Answer:
    return asking.nothing(f"No balances were marked by {asking.within().last}{asking.of_accounts}.")


def balance(asking: Asking) -> Answer:
    """What each sleeve was worth at a close."""
    marks = _marks(asking)
    if not marks:
        return _no_marks(asking)
    kind, entries = _nature(marks), tuple(dict.fromkeys(one.sequence for one in marks))
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
        return _no_marks(asking)
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
        return _no_marks(asking)
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
        return asking.nothing(f"No dividend is on record in {span.words}{of_what(asking)}.")
    said = (
        f"In {span.words}{of_what(asking)} dividends brought ",
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
            f"No interest and no fee was booked in {span.words}{asking.of_accounts}; "
            "commissions are part of each fill."
        )
    said = (
        f"Interest and fees in {span.words}{asking.of_accounts}: ",
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
        return asking.nothing(f"No money was moved in {span.words}{asking.of_accounts}.")
    came = [one for one in found if one.amount.amount > 0]
    went = [one for one in found if one.amount.amount < 0]
    said = (
        f"In {span.words}{asking.of_accounts} ",
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
        return asking.nothing(f"Nothing was reinvested in {span.words}{asking.of_accounts}.")
    entries = tuple(one.sequence for one in found)
    said = (
        f"In {span.words}{asking.of_accounts} gains of ",
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
            f"No quarter's gain was split in {span.words}{asking.of_accounts}, so nothing was set "
            "aside for tax."
        )
    entries = tuple(one.sequence for one in found)
    said = (
        "Set aside for tax",
        f" in {span.words}{asking.of_accounts}: ",
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
        return asking.nothing(f"Nothing was realised in {span.words}{of_what(asking)}.")
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


def fork_distance(asking: Asking) -> Answer:
    """What each sleeve's surplus still wants for a fork."""
    marks = marks_at(asking.side, asking.today, asking.slots.accounts)
    if not marks:
        return _no_marks(asking)
    rules, floors = asking.rules(), floors_now(asking.side)
    minis = _minis(sleeves(asking.side), rules)
    said: list[tuple[Part, ...]] = []
    rows: list[tuple[Part, ...]] = []
    for mark in marks:
        tier = kind_of(AccountId(mark.account))
        rule = next((one for one in rules.forking.forks if one.account is tier), None)
        if rule is None or mark.account.partition(".")[0] in minis:
            said.append((f"{mark.account} never forks under {rules.id}.",))
            continue
        said.append(_fork(mark, floors[mark.account], tier, rules, rows, rule.surplus_min))
    titles = ("sleeve", "equity", "measured from", "surplus", "forks at", "missing")
    return asking.answer(*said, table=Table(titles, tuple(rows)) if rows else None)


def _minis(opened: Sequence[Sleeve], rules: Rulebook) -> set[str]:
    families: dict[str, list[AccountKind]] = {}
    for one in opened:
        families.setdefault(one.family, []).append(kind_of(AccountId(one.account)))
    return {family for family, tiers in families.items() if is_mini(tiers, rules)}


def _fork(
    mark: Mark,
    floor: Floor,
    tier: AccountKind,
    rules: Rulebook,
    rows: list[tuple[Part, ...]],
    least: Decimal,
) -> tuple[Part, ...]:
    kind = Nature.MODELLED if mark.is_modelled else Nature.MEASURED
    surplus = mark.equity - floor.amount
    missing = Money(max(least - surplus.amount, Decimal(0)))
    entries = (mark.sequence, *floor.entries)
    rows.append(
        (
            mark.account,
            dollars(mark.equity, mark.sequence, nature=kind),
            dollars(floor.amount, *floor.entries),
            dollars(surplus, *entries, nature=kind, is_signed=True),
            dollars(least, nature=Nature.TARGET),
            dollars(missing, *entries, nature=kind),
        )
    )
    if fork_due(tier, floor.amount, mark.equity, rules).verdict == "fork":
        return (f"{mark.account} has a surplus of ", dollars(surplus, *entries, nature=kind),
                ", enough to fork.")  # fmt: skip
    return (
        f"{mark.account} is ",
        dollars(missing, *entries, nature=kind),
        f" from a fork: its surplus is {_sum(surplus)}, the rule asks for {_sum(Money(least))}.",
    )


def _sum(amount: Money) -> str:
    return dollars(amount).text


def merge_distance(asking: Asking) -> Answer:
    """What each forked family still wants to come home."""
    opened = sleeves(asking.side)
    marks = marks_at(asking.side, asking.today)
    rules = asking.rules()
    forked = dict.fromkeys(one.family for one in opened if one.parent)
    here = [family for family in forked if any(x.account.startswith(f"{family}.") for x in marks)]
    if not here:
        return asking.nothing("No forked family is open, so none can merge.")
    said = [_merge(family, opened, marks, rules) for family in here]
    return asking.answer(*said)


def _merge(
    family: str, opened: Sequence[Sleeve], marks: Sequence[Mark], rules: Rulebook
) -> tuple[Part, ...]:
    own = [one for one in marks if one.account.startswith(f"{family}.")]
    entries = tuple(dict.fromkeys(one.sequence for one in own))
    worth = total([one.equity for one in own])
    kind = _nature(own)
    head: tuple[Part, ...] = (f"{family} is worth ", dollars(worth, *entries, nature=kind))
    if family in _minis(opened, rules) and rules.forking.mini is not None:
        tiers = [one for one in opened if one.family == family]
        start = total([one.base for one in tiers])
        wanted = start * rules.forking.mini.multiple
        ends = years_after(min(one.opened_on for one in tiers), rules.forking.mini.years_max)
        return (*head, " and comes home at ", dollars(wanted, nature=Nature.TARGET),
                f" or on {ends}, whichever is first.")  # fmt: skip
    least = rules.forking.merge_total_min
    if least is None:
        return (*head, f"; {rules.id} has no rule by which it merges.")
    missing = Money(max(least - worth.amount, Decimal(0)))
    is_due = merge_due(worth, rules).verdict == "merge"
    return (*head, ", enough to merge." if is_due else " and merges at ",
            *(() if is_due else (dollars(least, nature=Nature.TARGET), ": ",
                                 dollars(missing, *entries, nature=kind), " more.")))  # fmt: skip


def branchings(asking: Asking) -> Answer:
    """Forks and merges of a span."""
    span = asking.within()
    where = scope(asking)
    found = rows_asked(asking.side, Branching, "branchings", where)
    if not found:
        return asking.nothing(
            f"No fork and no merge is on record in {span.words}{asking.of_accounts}."
        )
    forks = [one for one in found if one.how == "fork"]
    merges = [one for one in found if one.how == "merge"]
    said = (
        f"In {span.words}{asking.of_accounts}: ",
        count(len(forks), "fork", (one.sequence for one in forks)),
        ", ",
        count(len(merges), "merge", (one.sequence for one in merges)),
        ".",
    )
    rows = tuple(
        (one.week, one.how, one.account, one.family, dollars(one.amount, one.sequence))
        for one in found
    )
    titles = ("week", "what", "sleeve", "family", "amount")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def accounts(asking: Asking) -> Answer:
    """The sleeves, their families and the symbols of each tier."""
    opened = sleeves(asking.side)
    desk = desk_header(asking.side)
    if not opened or desk is None:
        return asking.nothing("No sleeve was opened yet.")
    lists = dict(part.split("=", 1) for part in desk.symbols.split(";") if "=" in part)
    wanted = [
        one for one in opened if not asking.slots.accounts or one.account in asking.slots.accounts
    ]
    entries = asking.side.column("SELECT sequence FROM sleeves ORDER BY sequence, account")
    by_account = dict(zip([one.account for one in opened], entries, strict=True))
    rows = tuple(
        (
            one.account,
            one.kind.capitalize(),
            f"fork of {one.parent}" if one.parent else "first family",
            fact(one.opened_on, by_account[one.account]),
            dollars(one.base, by_account[one.account]),
            lists.get(one.kind, "the rulebook's"),
        )
        for one in wanted
    )
    families = len({one.family for one in wanted})
    said = (
        count(len(wanted), "sleeve", (by_account[one.account] for one in wanted)),
        f" in {families} {'family' if families == 1 else 'families'}.",
    )
    titles = ("sleeve", "tier", "family", "opened", "began with", "symbols")
    return asking.answer(said, table=Table(titles, rows))
