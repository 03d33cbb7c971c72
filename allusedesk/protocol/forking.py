"""When an account divides and when a fork comes home (protocol, section 11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import Money, allocate
from allusedesk.domain.proposals import NamedAmount
from allusedesk.protocol.rulebook import ForkRule, Rulebook
from allusedesk.protocol.verdicts import Verdict, compared, written

FORK, MERGE, NONE = "fork", "merge", "none"


@dataclass(frozen=True, slots=True)
class ForkShare:
    """What one tier of a new family starts with."""

    account: AccountKind
    amount: Money


def fork_due(kind: AccountKind, base: Money, balance: Money, rulebook: Rulebook) -> Verdict:
    """`fork` where the surplus reaches the rulebook's number; the whole surplus then moves."""
    rule = fork_rule(kind, rulebook)
    if rule is None:
        never = compared("fork rule", f"none for {kind.label}", "one", passed=False)
        return Verdict(NONE, f"fork.{kind.value}", (never,))
    surplus = balance - base
    is_due = surplus.amount >= rule.surplus_min
    against = compared(
        "surplus over base", surplus.amount, f"at least {written(rule.surplus_min)}", passed=is_due
    )
    if not is_due:
        return Verdict(NONE, f"fork.{kind.value}", (against,))
    parts = fork_shares(kind, surplus, rulebook)
    amounts = tuple(NamedAmount(part.account.value, part.amount) for part in parts)
    return Verdict(
        FORK, f"fork.{kind.value}", (against,), (NamedAmount("surplus", surplus), *amounts)
    )


def fork_shares(kind: AccountKind, surplus: Money, rulebook: Rulebook) -> tuple[ForkShare, ...]:
    """The surplus shared over the new family's tiers; the odd cent goes to its Gen.

    Raises ValueError for a tier that never forks.
    """
    rule = fork_rule(kind, rulebook)
    if rule is None:
        raise ValueError(f"{kind.label} never forks under {rulebook.id}.")
    shares = (rule.gen, rule.rev, rule.com)
    return tuple(
        ForkShare(account, amount)
        for account, amount in zip(AccountKind, allocate(surplus, shares), strict=True)
    )


def fork_rule(kind: AccountKind, rulebook: Rulebook) -> ForkRule | None:
    """The rule by which a tier forks, if it does."""
    return next((rule for rule in rulebook.forking.forks if rule.account is kind), None)


def merge_due(total: Money, rulebook: Rulebook) -> Verdict:
    """`merge` where a fork's whole balance reaches the rulebook's number."""
    least = rulebook.forking.merge_total_min
    if least is None:
        never = compared("merge by total", "none", "one", passed=False)
        return Verdict(NONE, "merge.total", (never,))
    is_due = total.amount >= least
    against = compared("fork's total", total.amount, f"at least {written(least)}", passed=is_due)
    amounts = (NamedAmount("total", total),) if is_due else ()
    return Verdict(MERGE if is_due else NONE, "merge.total", (against,), amounts)


def fork_barred(families: int, rulebook: Rulebook, *, is_mini: bool) -> Verdict | None:
    """Why a sleeve may not fork at all: it is a mini's, or as many sub-accounts live as may."""
    if is_mini:
        never = compared("forks of a mini", 1, "none", passed=False)
        return Verdict(NONE, "fork.mini", (never,))
    most = rulebook.forking.families_max
    if most is not None and families >= most:
        full = compared("sub-accounts with this one", families + 1, f"at most {most}", passed=False)
        return Verdict(NONE, "fork.families", (full,))
    return None


def mini_due(
    total: Money, start: Money, opened_on: date, today: date, rulebook: Rulebook
) -> Verdict:
    """`merge` where a mini has run its years or reached its multiple of what it began with."""
    rules = rulebook.forking.mini
    if rules is None:
        never = compared("minis", "none", "a rule for them", passed=False)
        return Verdict(NONE, "merge.years", (never,))
    is_old = today >= years_after(opened_on, rules.years_max)
    is_grown = total >= start * rules.multiple
    years = compared(
        "today", str(today), f"from {years_after(opened_on, rules.years_max)}", passed=is_old
    )
    multiple = compared(
        "mini's total",
        total.amount,
        f"at least {written((start * rules.multiple).amount)}",
        passed=is_grown,
    )
    rule = "merge.multiple" if is_grown and not is_old else "merge.years"
    amounts = (NamedAmount("total", total),) if is_old or is_grown else ()
    return Verdict(MERGE if is_old or is_grown else NONE, rule, (years, multiple), amounts)


def is_mini(tiers: Collection[AccountKind], rulebook: Rulebook) -> bool:
    """Tell whether a fork with these tiers is a mini, by the shares its rule gives them."""
    for rule in rulebook.forking.forks:
        shares = zip(AccountKind, (rule.gen, rule.rev, rule.com), strict=True)
        if rule.is_mini and {kind for kind, share in shares if share} == set(tiers):
            return True
    return False


def years_after(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
