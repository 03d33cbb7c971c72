"""How an option is exercised and what it is settled in."""

from __future__ import annotations

from enum import StrEnum

# Options of these roots end trading the day before their expiry and settle at its open.
MORNING_SETTLED_ROOTS = ("NDX", "RUT", "SPX", "VIX", "VIXW")


class ExerciseStyle(StrEnum):
    """When the holder of an option may exercise it."""

    AMERICAN = "american"
    EUROPEAN = "european"


class Settlement(StrEnum):
    """What an exercised option is settled in."""

    PHYSICAL = "physical"
    CASH = "cash"
