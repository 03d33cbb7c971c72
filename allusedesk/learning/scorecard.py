"""What was advised against what happened, beside what the base rates alone would have said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.forecasts import SCORED_LEAST
from allusedesk.learning.week_type_model import (
    WEEKS_LEAST,
    CannotLearn,
    WeekTypeModel,
    base_rates,
    fit,
    predict,
)

Floats = NDArray[np.float64]

# A model is learnt anew after so many further labelled weeks.
REFIT_WEEKS = 13
_BINS = 10
_LAGS = 4
# By how many deviations an interval of 95 % reaches out, as a polynomial in the kernel's width over
# the weeks: with few weeks the deviation itself is uncertain (Kiefer and Vogelsang, 2005, A New
# Asymptotic Theory for Heteroskedasticity-Autocorrelation Robust Tests, Bartlett kernel).
_REACH_95 = (1.9659, 4.0603, 11.6626, 34.8269, -13.9506, 3.2669)
_SMALLEST = 1e-6
# Population stability: the usual reading is calm below 0.1, a shift above 0.25.
STABILITY_LIMIT = 0.25
_STABILITY_BINS = 4
RECENT_WEEKS = 26
# Weeks resemble their neighbours, so single columns shift all the time; half of them do not.
DRIFT_SHARE = 0.5
# The CUSUM of the weekly score gives an alarm this many of its deviations above its slack.
CUSUM_LIMIT, CUSUM_SLACK, CUSUM_STEP_MAX = 5.0, 0.5, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Weeks in order: what was known before each, and what each then was.

    `values` (weeks, features), `shares` (weeks, classes), NaN rows where not known yet. What a
    week was is known when the week `lead` later is planned.
    """

    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    weeks: tuple[str, ...]
    values: Floats
    shares: Floats
    lead: int = 1

    def known_before(self, place: int) -> NDArray[np.intp]:
        """Places of the labelled weeks a forecast at a place may learn from."""
        upto = max(place - self.lead + 1, 0)
        return np.flatnonzero(np.isfinite(self.shares[:upto]).all(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Forecasts of a lesson's weeks, each made from the weeks before it alone.

    `places` are the weeks' places in the lesson; `forecasts`, `bases` and `truths` are of shape
    (weeks, classes).
    """

    places: NDArray[np.intp]
    forecasts: Floats
    bases: Floats
    truths: Floats


@dataclass(frozen=True, slots=True)
class Score:
    """Mean scores over weeks; lower is better but for `gain`.

    `log_model`, `log_base` are in nats a week, `brier_model`, `brier_base` between 0 and 2.
    `gain` is by how much the model's log score is the lower, with its interval of 95 %.
    """

    weeks: int
    log_model: float
    log_base: float
    gain: float
    gain_low: float
    gain_high: float
    brier_model: float
    brier_base: float

    @property
    def is_better(self) -> bool:
        """True only where the whole interval says so."""
        return self.gain_low > 0.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Where a class was given about `expected`, it came about in the share `observed`."""

    expected: float
    observed: float
    count: int


class Learner:
    """Walks through a growing lesson and keeps each model it learnt for the weeks to come."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, str, int], WeekTypeModel | CannotLearn] = {}

    def model_at(self, lesson: Lesson, place: int) -> WeekTypeModel:
        """The model in force when the week at a place is planned.

        Learnt when 50 weeks were labelled, and anew each 13 weeks. Raises CannotLearn.
        """
        known = lesson.known_before(place)
        if len(known) < WEEKS_LEAST:
            raise CannotLearn(f"{len(known)} of {WEEKS_LEAST} labelled weeks are known.")
        taught = known[: len(known) - (len(known) - WEEKS_LEAST) % REFIT_WEEKS]
        key = (lesson.target, lesson.weeks[taught[-1]], len(taught))
        if key not in self._models:
            self._models[key] = _learnt(lesson, taught)
        found = self._models[key]
        if isinstance(found, CannotLearn):
            raise found
        return found

    def walk(self, lesson: Lesson, end: int | None = None) -> Walk:
        """Forecast each labelled week from the weeks before it; weeks it is silent on are left.

        With `end` only weeks of which that place's plan knew what they were.
        """
        places, forecasts, bases, truths = [], [], [], []
        last = len(lesson.weeks) + lesson.lead if end is None else end
        for place in lesson.known_before(last).tolist():
            try:
                model = self.model_at(lesson, place)
            except CannotLearn:
                continue
            places.append(place)
            forecasts.append(predict(model, lesson.values[place : place + 1])[0])
            bases.append(base_rates(lesson.shares[lesson.known_before(place)]))
            truths.append(lesson.shares[place])
        shape = (len(places), len(lesson.classes))
        return Walk(
            np.array(places, dtype=np.intp),
            np.array(forecasts).reshape(shape),
            np.array(bases).reshape(shape),
            np.array(truths).reshape(shape),
        )


def score(forecasts: Floats, bases: Floats, truths: Floats) -> Score | None:
    """How forecasts did against base rates, all of shape (weeks, classes).

    The logarithmic and the Brier score; for a week of several outcomes their mean over its
    shares. The interval allows for weeks that resemble their neighbours (Newey and West, four
    lags) and for how little few weeks tell of that. None below SCORED_LEAST weeks.
    """
    if len(truths) < SCORED_LEAST:
        return None
    model, base = weekly_log_scores(forecasts, truths), weekly_log_scores(bases, truths)
    gains = base - model
    reach = _reach(len(gains)) * _deviation_of_mean(gains)
    gain = float(gains.mean())
    return Score(
        len(truths),
        float(model.mean()),
        float(base.mean()),
        gain,
        gain - reach,
        gain + reach,
        _brier(forecasts, truths),
        _brier(bases, truths),
    )


def calibration(forecasts: Floats, truths: Floats) -> tuple[CalibrationBin, ...]:
    """Ten bins of every class's probability, with what came about; empty bins are left out."""
    bins = np.minimum((forecasts * _BINS).astype(int), _BINS - 1)
    found = []
    for number in range(_BINS):
        inside = bins == number
        count = int(inside.sum())
        if count:
            expected, observed = float(forecasts[inside].mean()), float(truths[inside].mean())
            found.append(CalibrationBin(expected, observed, count))
    return tuple(found)


def drifted_features(taught: Floats, recent: Floats, features: tuple[str, ...]) -> tuple[str, ...]:
    """Columns whose recent weeks are spread otherwise than those the model learnt from.

    Population stability over the taught quarters, above 0.25 plus what chance alone brings to so
    few weeks; needs 26 recent weeks.
    """
    if len(recent) < RECENT_WEEKS:
        return ()
    found = []
    for place, name in enumerate(features):
        before, now = _known(taught[:, place]), _known(recent[:, place])
        if len(before) < WEEKS_LEAST or len(now) < RECENT_WEEKS // 2:
            continue
        edges = np.unique(np.quantile(before, np.linspace(0, 1, _STABILITY_BINS + 1)[1:-1]))
        chance = len(edges) * (1.0 / len(now) + 1.0 / len(before))
        if _stability(before, now, edges) > STABILITY_LIMIT + 2.0 * chance:
            found.append(name)
    return tuple(found)


def score_drift(forecasts: Floats, truths: Floats) -> float | None:
    """How far the weekly log score has run away, in deviations of its first 50 weeks.

    A one-sided CUSUM with a slack of half a deviation, as it stands after the last week; one week
    adds two at most, so that above 5 the score has become worse for longer than one surprise.
    None where fewer than 51 weeks were forecast.
    """
    weekly = weekly_log_scores(forecasts, truths)
    first = weekly[:WEEKS_LEAST]
    deviation = float(first.std()) if len(weekly) > WEEKS_LEAST else 0.0
    if deviation <= 0.0:
        return None
    above = 0.0
    for value in weekly[WEEKS_LEAST:]:
        step = (float(value) - float(first.mean())) / deviation - CUSUM_SLACK
        above = max(above + min(step, CUSUM_STEP_MAX), 0.0)
    return above


def weekly_log_scores(forecasts: Floats, truths: Floats) -> Floats:
    """Minus the logarithm of what was given to what happened, shape (weeks,)."""
    return np.asarray(-(truths * np.log(np.maximum(forecasts, _SMALLEST))).sum(axis=1))


def _learnt(lesson: Lesson, taught: NDArray[np.intp]) -> WeekTypeModel | CannotLearn:
    try:
        return fit(
            lesson.target,
            lesson.classes,
            lesson.features,
            lesson.values[taught],
            lesson.shares[taught],
            tuple(lesson.weeks[place] for place in taught),
        )
    except CannotLearn as refusal:
        return refusal


def _brier(forecasts: Floats, truths: Floats) -> float:
    """Expected over a week's shares: sum of (p - 1)^2 for what happened and p^2 for the rest."""
    squares = (forecasts**2).sum(axis=1) + 1.0 - 2.0 * (forecasts * truths).sum(axis=1)
    return float(squares.mean())


def _reach(weeks: int) -> float:
    """How many deviations of the mean an interval of 95 % reaches to either side."""
    width = (_LAGS + 1.0) / weeks
    return math.fsum(factor * width**power for power, factor in enumerate(_REACH_95))


def _deviation_of_mean(values: Floats) -> float:
    centred = values - values.mean()
    weeks = len(values)
    spread = float(centred @ centred) / weeks
    for lag in range(1, _LAGS + 1):
        shared = float(centred[lag:] @ centred[:-lag]) / weeks
        spread += 2.0 * (1.0 - lag / (_LAGS + 1.0)) * shared
    return math.sqrt(max(spread, 0.0) / weeks)


def _stability(before: Floats, now: Floats, edges: Floats) -> float:
    """Sum of (q - p) ln(q / p) over the bins, half a week added to each so that none is empty."""
    ours = np.bincount(np.searchsorted(edges, before, side="right"), minlength=len(edges) + 1)
    theirs = np.bincount(np.searchsorted(edges, now, side="right"), minlength=len(edges) + 1)
    p = (ours + 0.5) / (len(before) + 0.5 * len(ours))
    q = (theirs + 0.5) / (len(now) + 0.5 * len(ours))
    return float(((q - p) * np.log(q / p)).sum())


def _known(column: Floats) -> Floats:
    return column[np.isfinite(column)]
