"""Work that other processes find by its name."""

from __future__ import annotations

import math
import os
import time
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from allusedesk.domain.money import NOTHING, Money
from allusedesk.laboratory.trial import (
    SLEEVES,
    SleeveWeek,
    TrialOutcome,
    TrialPlan,
    TrialRefused,
    TrialTotals,
    TrialWeek,
)

TOTALS = TrialTotals(
    proposals=1,
    orders=1,
    fills=1,
    commissions=NOTHING,
    assignments=0,
    dividends=NOTHING,
    taxable_short=NOTHING,
    taxable_long=NOTHING,
    disallowed=NOTHING,
    tax=NOTHING,
    collateral_max=NOTHING,
    forks=0,
    merges=0,
    quotes_modelled=1.0,
)


def square_root(number: int) -> tuple[float, int]:
    """A figure, and who found it."""
    return math.sqrt(number), os.getpid()


def slow_or_wrong(number: int) -> int:
    if number < 0:
        message = f"{number} is negative"
        raise ValueError(message)
    time.sleep(30 if number > 90 else 0.01)
    return number


def outcome_of(plan: TrialPlan, returns: list[float]) -> TrialOutcome:
    """An outcome in which each tier earns the same share of what it has in every week."""
    equity = Decimal(plan.capital)
    weeks = []
    for place, value in enumerate(returns):
        gain = Money(equity * Decimal(repr(value)))
        sleeves = tuple(
            SleeveWeek(kind, Money(gain.amount / 3), value, target)
            for kind, target in zip(SLEEVES, (0.015, 0.01, 0.005), strict=True)
        )
        equity += sum((one.income.amount for one in sleeves), Decimal(0))
        weeks.append(
            TrialWeek(
                week=f"W{place}",
                starts_on=date(2012, 1, 2) + timedelta(weeks=place),
                equity=Money(equity),
                moved=Money(plan.capital) if place == 0 else NOTHING,
                sleeves=sleeves,
                label="Calm-Income",
                outcomes=("P-EW",),
                is_modelled=True,
            )
        )
    return TrialOutcome(plan, len(returns), "ab" * 32, tuple(weeks), TOTALS, ("made up",))


def pretend(plan: TrialPlan) -> TrialOutcome | TrialRefused:
    """A market in which `skill` has an optimum at 6 and everything else is noise."""
    settings = dict(plan.overrides)
    skill = int(settings.get("skill", 0))
    if skill < 0:
        return TrialRefused(plan, "Rule skill must not be negative.")
    weeks = int(settings.get("weeks", 60))
    rng = np.random.default_rng([plan.seed, skill, int(settings.get("noise", 0))])
    level = 0.004 - 0.0004 * (skill - 6) ** 2
    returns = (level + 0.01 * rng.standard_normal(weeks)).tolist()
    if settings.get("is_even"):
        returns = [0.0] * weeks
    return outcome_of(plan, returns)
