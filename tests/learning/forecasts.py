"""A forecast for the screens that show one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from allusedesk.domain.forecasts import (
    CONDITION,
    LABEL,
    OUTCOMES,
    CalibrationPoint,
    ForecastMade,
    ForecastScore,
    Likelihood,
    TargetForecast,
)
from allusedesk.domain.weeks import WeekId

POINTS = ((0.05, 0.06), (0.15, 0.17), (0.26, 0.21), (0.35, 0.36), (0.45, 0.43), (0.84, 0.7))


def score(gain: str, low: str, high: str) -> ForecastScore:
    base = Decimal("1.1075")
    return ForecastScore(
        470, base - Decimal(gain), base, Decimal(gain), Decimal(low), Decimal(high),
        Decimal("0.5075"), Decimal("0.6724"),
    )  # fmt: skip


def spoken(week: WeekId) -> ForecastMade:
    def target(
        name: str, rates: dict[str, tuple[str, str]], found: ForecastScore, drift: tuple[str, ...]
    ) -> TargetForecast:
        return TargetForecast(
            name,
            tuple(Likelihood(c, Decimal(p), Decimal(b)) for c, (p, b) in rates.items()),
            found,
            tuple(CalibrationPoint(Decimal(str(e)), Decimal(str(o)), 40) for e, o in POINTS),
            "week-type-1/0123456789ab",
            "518 weeks, 2013-W01 to 2022-W50",
            drift,
            "",
        )

    condition = {"Green": ("0.21", "0.37"), "Red": ("0.61", "0.35"), "Chop": ("0.18", "0.28")}
    label = {"Roll": ("0.24", "0.22"), "Calm-Income": ("0.76", "0.78")}
    outcomes = {"P-EW": ("0.55", "0.56"), "W-IDL": ("0.30", "0.23"), "P-RO": ("0.15", "0.21")}
    return ForecastMade(
        week,
        520,
        50,
        (
            target(CONDITION, condition, score("0.2459", "0.1706", "0.3213"), ()),
            target(LABEL, label, score("-0.0065", "-0.0440", "0.0309"), ("It has drifted.",)),
            target(OUTCOMES, outcomes, score("0.0100", "-0.0100", "0.0300"), ()),
        ),
    )


def without_record(week: WeekId) -> ForecastMade:
    """A desk of 55 labelled weeks: it speaks, and nothing is known yet of how well."""
    made = spoken(week)
    targets = tuple(
        replace(one, score=None, calibration=one.calibration[:4]) for one in made.targets
    )
    return replace(made, weeks_labelled=55, targets=targets)


def silent(week: WeekId, labelled: int) -> ForecastMade:
    words = f"Silent: {labelled} of 50 labelled weeks are known."
    targets = tuple(
        TargetForecast(name, (), None, (), "", "", (), words)
        for name in (CONDITION, LABEL, OUTCOMES)
    )
    return ForecastMade(week, labelled, 50, targets)
