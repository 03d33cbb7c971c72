"""What became of a position's week, and what a family's week is called (sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.protocol.rulebook import OutcomeRow, Rulebook, WeekFact
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written

PUT, SHARES, IDLE = "put", "shares", "idle"


@dataclass(frozen=True, slots=True)
class WeekLabel:
    """A week's label; `tags` are the labels that held too but came later in precedence."""

    label: str
    rule: str
    tags: tuple[str, ...]


def classify_put(
    strike: Decimal, price: Decimal, *, roll_available: bool, rulebook: Rulebook
) -> Verdict:
    """The outcome of a short put by price against strike; the deep test comes first."""
    return _classify(PUT, strike, price, roll_available=roll_available, rulebook=rulebook)


def classify_shares(basis: Decimal, price: Decimal, rulebook: Rulebook) -> Verdict:
    """The outcome of shares, called or not, by price against their fixed cost basis."""
    return _classify(SHARES, basis, price, roll_available=False, rulebook=rulebook)


def classify_idle(rulebook: Rulebook) -> Verdict:
    """The outcome of a sleeve that had no position and made no entry."""
    row = next(row for row in rulebook.outcomes.rows if row.holding == IDLE)
    held = compared("positions and entries", 0, "none", passed=True)
    return Verdict(row.code, f"outcome.{row.code}", (held,))


def classify_rolled(rulebook: Rulebook) -> Verdict:
    """The outcome of a put that was rolled: the row that asks for a favourable roll."""
    row = next(row for row in rulebook.outcomes.rows if row.holding == PUT and row.roll_available)
    held = compared("favourable roll", "yes", "a favourable roll", passed=True)
    return Verdict(row.code, f"outcome.{row.code}", (held,))


def outcome_action(code: str, rulebook: Rulebook) -> str:
    """What the rulebook does after an outcome."""
    return rulebook.outcomes.row(code).action


def label_week(facts: Collection[WeekFact], rulebook: Rulebook) -> WeekLabel:
    """The first label in precedence that one of the facts gives."""
    met = [row.label for row in rulebook.labels.rows if any(fact in facts for fact in row.facts)]
    label = met[0] if met else rulebook.labels.otherwise
    return WeekLabel(label, f"label.{label.lower()}", tuple(met[1:]))


def _classify(
    holding: str, reference: Decimal, price: Decimal, *, roll_available: bool, rulebook: Rulebook
) -> Verdict:
    if reference <= 0:
        raise ValueError(f"An outcome is measured against a price above zero, not {reference}.")
    rules = rulebook.outcomes
    fall = reference - price
    is_deep = fall > rules.deep * reference
    shown = ratio(fall, reference)
    deep = compared(
        f"fall below the {'strike' if holding == PUT else 'cost basis'}",
        shown,
        f"at most {written(rules.deep)}",
        passed=not is_deep,
    )
    if is_deep:
        return Verdict(rules.deep_code, f"outcome.{rules.deep_code}", (deep,))
    row = _row(holding, fall, reference, roll_available=roll_available, rulebook=rulebook)
    comparisons = [deep, compared("fall", shown, f"in {row.fall}", passed=True)]
    if row.roll_available is not None:
        wanted = "a favourable roll" if row.roll_available else "no favourable roll"
        said = "yes" if roll_available else "no"
        comparisons.append(compared("favourable roll", said, wanted, passed=True))
    return Verdict(row.code, f"outcome.{row.code}", tuple(comparisons))


def _row(
    holding: str, fall: Decimal, reference: Decimal, *, roll_available: bool, rulebook: Rulebook
) -> OutcomeRow:
    return next(
        row
        for row in rulebook.outcomes.rows
        if row.holding == holding
        and row.fall is not None
        and row.fall.holds(fall, reference)
        and row.roll_available in (None, roll_available)
    )
