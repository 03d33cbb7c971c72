"""Outcomes of trials that were never run, for what a study makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.money import Money
from allusedesk.laboratory.study.plan import Study, StudyTrial, study_from, study_trials
from allusedesk.laboratory.trial import (
    SLEEVES,
    SleeveWeek,
    TrialOutcome,
    TrialTotals,
    TrialWeek,
)

TARGETS = (0.015, 0.010, 0.005)
DEFINITION = """
capital = 1000
seed = 1
trend = "SPY"

[[left_out]]
what = "TSLA"
why = "nobody has its prices."

[[spoilt]]
symbol = "NVDA"
week = "2008-W05"
why = "a low of 0.01"

[[premiums]]
title = "SPX, 2019"
symbols = ["SPX"]
first = 2019-04-22
last = 2019-07-26

[[spans]]
name = "first"
rulebook = "classic"
first = 2008-01-07
last = 2008-12-26
gen = []
rev = ["AAPL"]
com = ["MSFT"]
fills = ["default", "mid", "full"]

[[spans]]
name = "second"
rulebook = "constitution"
first = 2008-01-07
last = 2008-12-26
gen = ["SPY"]
rev = ["NVDA"]
com = ["AAPL"]
fills = ["default"]
"""


def study() -> Study:
    return study_from(DEFINITION)


def trials() -> tuple[StudyTrial, ...]:
    return study_trials(study(), Path("prices"))


def outcome_of(
    trial: StudyTrial,
    values: Sequence[tuple[float, float, float]],
    outcomes: tuple[str, ...] = ("P-EW",),
) -> TrialOutcome:
    """Weeks whose tiers earn these parts of 400, 300 and 300 dollars each, never compounded."""
    capital = Decimal(1000)
    equity, weeks = capital, []
    for place, week in enumerate(values):
        incomes = [
            Decimal(str(value)) * part for value, part in zip(week, (400, 300, 300), strict=True)
        ]
        equity += sum(incomes)
        weeks.append(
            TrialWeek(
                week=f"2008-W{place + 2:02d}",
                starts_on=date(2008, 1, 7) + timedelta(weeks=place),
                equity=Money(equity),
                moved=Money(capital if place == 0 else Decimal(0)),
                sleeves=tuple(
                    SleeveWeek(kind, Money(income), value, target)
                    for kind, income, value, target in zip(
                        SLEEVES, incomes, week, TARGETS, strict=True
                    )
                ),
                label="Calm-Income",
                outcomes=outcomes,
                is_modelled=True,
            )
        )
    told = {"fills": 104, "commissions": Money(Decimal(520)), "quotes_modelled": 1.0}
    plain = {"Money": Money(Decimal(0)), "int": 1}
    totals = TrialTotals(
        **{one.name: told.get(one.name, plain.get(str(one.type))) for one in fields(TrialTotals)}
    )
    return TrialOutcome(trial.plan, 1, "00", tuple(weeks), totals, ())
