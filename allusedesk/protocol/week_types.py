"""The eleven outcomes of a week as the rulebook quotes them (protocol, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import written

WEEKS_OF_A_YEAR = 52


@dataclass(frozen=True, slots=True)
class OutcomeFrequencies:
    """The part of all weeks each outcome is quoted with, brought to one, and what was done."""

    shares: tuple[tuple[str, Decimal], ...]
    note: str


def frequencies_normalised(rulebook: Rulebook) -> OutcomeFrequencies:
    """The quoted weeks over their own sum, since they need not sum to a year."""
    rows = rulebook.outcomes.rows
    quoted = sum((row.weeks_quoted for row in rows), Decimal(0))
    return OutcomeFrequencies(
        tuple((row.code, row.weeks_quoted / quoted) for row in rows),
        f"The quoted weeks sum to {written(quoted)}, not {WEEKS_OF_A_YEAR}; "
        f"each was divided by {written(quoted)}.",
    )
