"""Answers about families of sleeves: forks, merges, and who there is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.answers.about_money import marked_as, no_marks
from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact
from allusedesk.answers.scopes import scope
from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.money import Money, total
from allusedesk.journal.queries.asked import marks_at, rows_asked
from allusedesk.journal.queries.asked_money import Floor, floors_now
from allusedesk.journal.queries.record import desk_header, sleeves
from allusedesk.journal.read_values import Branching, Mark, Sleeve
from allusedesk.protocol.forking import fork_due, is_mini, merge_due, years_after
from allusedesk.protocol.rulebook import Rulebook


def fork_distance(asking: Asking) -> Answer:
    """What each sleeve's surplus still wants for a fork."""
    marks = marks_at(asking.side, asking.today, asking.slots.accounts)
    if not marks:
        return no_marks(asking)
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
    kind = marked_as(own)
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
        return asking.nothing(f"No fork and no merge is on record {span.when}{asking.of_accounts}.")
    forks = [one for one in found if one.how == "fork"]
    merges = [one for one in found if one.how == "merge"]
    said = (
        f"{span.opening}{asking.of_accounts}: ",
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
