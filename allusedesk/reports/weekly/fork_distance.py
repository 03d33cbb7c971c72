"""How far each sleeve is from its next fork, and each fork from coming home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, FamilyId, family_of
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.read_values import Branching, Mark, Sleeve
from allusedesk.protocol.forking import is_mini, years_after
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.reports.statement import Alignment, Column, Qualifier, Table
from allusedesk.reports.weekly.words import marks_in_order, sleeve_name, tier_of
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT
_Row = tuple[str, Money, Money]


def fork_table(
    found: tuple[Mark, ...],
    floors: Mapping[str, Money],
    sleeves: Sequence[Sleeve],
    rulebook: Rulebook,
    seen: Qualifier,
) -> Table:
    """Sleeves that may fork, and forks that may come home, at a close.

    `floors` are the amounts a surplus is measured from.
    """
    needed = {rule.account: Money(rule.surplus_min) for rule in rulebook.forking.forks}
    marks = marks_in_order(found)
    rows: list[_Row] = []
    minis = _minis(marks, sleeves, rulebook)
    for mark in marks:
        if tier_of(mark.account) in needed and family_of(AccountId(mark.account)) not in minis:
            surplus = mark.equity - floors.get(mark.account, NOTHING)
            wanted = needed[tier_of(mark.account)]
            rows.append((f"{sleeve_name(mark.account)} forks", surplus, wanted))
    least = rulebook.forking.merge_total_min
    home = Money(least if least is not None else Decimal(0))
    for family in _forks(marks, sleeves) if least is not None else ():
        whole = total([mark.equity for mark in marks if mark.account.startswith(f"{family}.")])
        rows.append((f"{family} comes home", whole, home))
    rows.extend(minis.values())
    return Table(
        "Distance to the next fork or merge",
        (
            Column("Event"),
            Column("Surplus or total", _RIGHT, "USD", seen, is_signed=True),
            Column("Needed", _RIGHT, "USD", Qualifier.TARGET),
            Column("Still missing", _RIGHT, "USD", seen),
        ),
        tuple((what, has, wants, max(wants - has, NOTHING)) for what, has, wants in rows),
        empty="No sleeve forks under this rulebook.",
    )


def branching_told(one: Branching) -> str:
    """A fork or a merge in a sentence."""
    amount, sleeve = shown(one.amount), sleeve_name(one.account)
    if one.how == "fork":
        return f"{amount} USD left {sleeve} for the new family {one.family}."
    return f"{amount} USD of family {one.family} came home to {sleeve}."


def _minis(
    marks: tuple[Mark, ...], sleeves: Sequence[Sleeve], rulebook: Rulebook
) -> dict[FamilyId, _Row]:
    """Minis, what each is worth, and at how much it comes home; its last day is named."""
    rules = rulebook.forking.mini
    rows: dict[FamilyId, _Row] = {}
    for family in _forks(marks, sleeves) if rules is not None else ():
        own = [one for one in sleeves if one.family == family]
        if rules is None or not is_mini([tier_of(one.account) for one in own], rulebook):
            continue
        whole = total([mark.equity for mark in marks if mark.account.startswith(f"{family}.")])
        start = total([one.base for one in own])
        last = years_after(min(one.opened_on for one in own), rules.years_max)
        said = f"mini {family} comes home, by {last} in any case"
        rows[FamilyId(family)] = (said, whole, start * rules.multiple)
    return rows


def _forks(marks: tuple[Mark, ...], sleeves: Sequence[Sleeve]) -> list[str]:
    alive = {mark.account for mark in marks}
    found = {one.family: None for one in sleeves if one.parent is not None and one.account in alive}
    return list(found)
