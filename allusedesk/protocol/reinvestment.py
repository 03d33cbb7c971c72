"""The split of a quarter's gain: tax reserve, contracts, LEAPS (protocol, section 11)."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import Money, allocate
from allusedesk.domain.proposals import NamedAmount
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, compared

REINVEST, NONE = "reinvest", "none"


def reinvest(kind: AccountKind, gain: Money, month: int, rulebook: Rulebook) -> Verdict:
    """`reinvest` for the tiers and months of the rulebook, where there is a gain.

    The amounts `tax`, `contracts` and `leaps` sum to the gain; odd cents go to contracts.
    """
    rules = rulebook.reinvestment
    months = ", ".join(str(item) for item in rules.months)
    kinds = ", ".join(item.label for item in rules.accounts)
    comparisons = (
        compared("month", month, f"one of {months}", passed=month in rules.months),
        compared("account", kind.label, f"one of {kinds}", passed=kind in rules.accounts),
        compared("gain", gain.amount, "above 0", passed=gain.amount > 0),
    )
    for rule, met in zip(("month", "account", "gain"), comparisons, strict=True):
        if not met.passed:
            return Verdict(NONE, f"reinvest.{rule}", comparisons)
    parts = allocate(gain, (rules.contracts, rules.leaps, rules.tax))
    contracts, leaps, tax = parts
    amounts = (
        NamedAmount("tax", tax),
        NamedAmount("contracts", contracts),
        NamedAmount("leaps", leaps),
    )
    return Verdict(REINVEST, "reinvest.split", comparisons, amounts)
