"""What a model thought of a coming week, as it was shown; nothing that decides reads it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.weeks import WeekId

# What is forecast, in the order it is shown. A week's own condition is known when it is planned,
# so the one told is the next week's.
CONDITION, LABEL, OUTCOMES = "condition after the week", "label of the week", "outcomes of the week"

# Forecasts have a record from so many weeks on that are over: fewer tell chance from skill in no
# way worth a figure.
SCORED_LEAST = 13


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The probability of one code beside its base rate, both fractions."""

    code: str
    probability: Decimal
    base_rate: Decimal


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """How forecasts made from the past alone did over `weeks`, beside the base rates.

    Logarithmic scores in nats a week and Brier scores, lower is better; `gain` is by how much the
    model's log score is the lower, with its interval of 95 %.
    """

    weeks: int
    log_model: Decimal
    log_base: Decimal
    gain: Decimal
    gain_low: Decimal
    gain_high: Decimal
    brier_model: Decimal
    brier_base: Decimal

    @property
    def is_better(self) -> bool:
        """True only where the whole interval says so."""
        return self.gain_low > 0


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Where a code was given `expected` on average, it came about in the share `observed`."""

    expected: Decimal
    observed: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class TargetForecast:
    """Probabilities of one thing about a week, with the record of such forecasts.

    `silence` says why there are none. `model` names the model by its version and its numbers,
    `trained` the weeks it learnt from, `drift` what has changed since.
    """

    target: str
    likelihoods: tuple[Likelihood, ...]
    score: ForecastScore | None
    calibration: tuple[CalibrationPoint, ...]
    model: str
    trained: str
    drift: tuple[str, ...]
    silence: str


@dataclass(frozen=True, slots=True)
class ForecastMade:
    """The forecast for a week, made when it was planned; it binds nobody.

    `weeks_labelled` are those the desk could learn from, `weeks_needed` where it begins to speak.
    """

    week: WeekId
    weeks_labelled: int
    weeks_needed: int
    targets: tuple[TargetForecast, ...]
