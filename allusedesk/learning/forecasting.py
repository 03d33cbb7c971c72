"""The forecast for the week that was planned last, with the record of all before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.forecasts import (
    CalibrationPoint,
    ForecastMade,
    ForecastScore,
    Likelihood,
    TargetForecast,
)
from allusedesk.domain.weeks import WeekId, week_follows
from allusedesk.learning.features import FEATURES, MarketPast, WeekAsked, WeekPast, row_of
from allusedesk.learning.lessons import Classes, lessons_of
from allusedesk.learning.model_text import name_of
from allusedesk.learning.scorecard import (
    CUSUM_LIMIT,
    DRIFT_SHARE,
    RECENT_WEEKS,
    Learner,
    Lesson,
    Score,
    Walk,
    calibration,
    drifted_features,
    score,
    score_drift,
)
from allusedesk.learning.week_log import WeekLog
from allusedesk.learning.week_type_model import (
    WEEKS_LEAST,
    CannotLearn,
    WeekTypeModel,
    base_rates,
    predict,
)

Floats = NDArray[np.float64]

# Prices that end longer before a week than this are no longer what is known of its eve.
_DAYS_OLD_MAX = 6
_PLACE = Decimal("0.0001")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A planned week, its place in the lessons, and why nothing can be said, if so."""

    week: str
    place: int
    lessons: tuple[Lesson, ...]
    stale: str


class Forecaster:
    """Hears the desk's entries, and says what the past suggests of the week planned last.

    A week's row of features is computed once, with what was recorded when the week was first
    looked at, and kept.
    """

    def __init__(self, market: MarketPast, classes: Classes) -> None:
        self.log = WeekLog()
        self.learner = Learner()
        self._market = market
        self._classes = classes
        self._rows: dict[str, Floats] = {}

    def hear(self, event: object) -> None:
        """Take one entry's fact."""
        self.log.hear(event)
        latest = self.log.latest
        if latest is not None and latest.name not in self._rows:
            self._rows[latest.name] = row_of(latest, self._market, self._before(latest))

    def lessons(self) -> tuple[Lesson, ...]:
        """Every planned week as it is known now, one lesson for each target."""
        weeks = self.log.weeks()
        values = np.array([self._rows[week.name] for week in weeks]).reshape(
            len(weeks), len(FEATURES)
        )
        pasts = [self.log.past(week.name) for week in weeks]
        return lessons_of(weeks, pasts, values, self._classes)

    def question(self) -> Question | None:
        """What is to be forecast now, as a value; None before a week was planned."""
        latest = self.log.latest
        if latest is None:
            return None
        lessons = self.lessons()
        place = lessons[0].weeks.index(latest.name)
        return Question(latest.name, place, lessons, self._staleness(latest))

    def answer(self, question: Question) -> ForecastMade:
        """The forecast a question asks for; hearing may go on meanwhile on another thread."""
        lessons, place, stale = question.lessons, question.place, question.stale
        labelled = max(len(lesson.known_before(place)) for lesson in lessons[1:])
        targets = tuple(
            _silent(lesson.target, stale) if stale else _told(lesson, place, self.learner)
            for lesson in lessons
        )
        year, number = question.week.split("-W")
        return ForecastMade(WeekId(int(year), int(number)), labelled, WEEKS_LEAST, targets)

    def forecast(self) -> ForecastMade | None:
        """What is suggested of the week planned last; None before one was planned."""
        asked = self.question()
        return None if asked is None else self.answer(asked)

    def _before(self, asked: WeekAsked) -> WeekPast | None:
        """The week before, as far as it is recorded; None where the desk was away in it."""
        earlier = [week.name for week in self.log.weeks() if week.first < asked.first]
        is_known = bool(earlier) and week_follows(asked.name, earlier[-1])
        return self.log.past(earlier[-1]) if is_known else None

    def _staleness(self, asked: WeekAsked) -> str:
        last = self._market.last_day_before(asked.first)
        if last is not None and asked.first - last <= timedelta(days=_DAYS_OLD_MAX):
            return ""
        known = "no prices of the index are known" if last is None else f"prices end on {last}"
        return f"Silent: {known}, so the eve of the week cannot be described. Import newer ones."


def _told(lesson: Lesson, place: int, learner: Learner) -> TargetForecast:
    """One target's probabilities at a place of its lesson, or why there are none."""
    try:
        model = learner.model_at(lesson, place)
    except CannotLearn as silence:
        return _silent(lesson.target, f"Silent: {silence}")
    known = lesson.known_before(place)
    walk = learner.walk(lesson, place)
    given = predict(model, lesson.values[place : place + 1])[0]
    bases = base_rates(lesson.shares[known])
    return TargetForecast(
        lesson.target,
        tuple(
            Likelihood(code, _exact(one), _exact(base))
            for code, one, base in zip(lesson.classes, given, bases, strict=True)
        ),
        _scored(score(walk.forecasts, walk.bases, walk.truths)),
        tuple(
            CalibrationPoint(_exact(one.expected), _exact(one.observed), one.count)
            for one in calibration(walk.forecasts, walk.truths)
        ),
        name_of(model),
        f"{model.weeks} weeks, {model.first} to {model.last}",
        drift_words(lesson, place, model, walk),
        "",
    )


def drift_words(lesson: Lesson, place: int, model: WeekTypeModel, walk: Walk) -> tuple[str, ...]:
    """Why the model may no longer fit, one plain sentence each; empty where nothing says so."""
    taught = [name <= model.last for name in lesson.weeks]
    recent = lesson.values[max(place + 1 - RECENT_WEEKS, 0) : place + 1]
    moved = drifted_features(lesson.values[taught], recent, lesson.features)
    said = []
    if len(moved) >= DRIFT_SHARE * len(lesson.features):
        said.append(
            f"{len(moved)} of {len(lesson.features)} figures of the last {RECENT_WEEKS} weeks lie "
            "otherwise than in the weeks it learnt from."
        )
    run = score_drift(walk.forecasts, walk.truths)
    if run is not None and run > CUSUM_LIMIT:
        said.append(f"Its score has become worse for long: CUSUM {run:.1f}, limit {CUSUM_LIMIT:g}.")
    return tuple(said)


def _silent(target: str, reason: str) -> TargetForecast:
    return TargetForecast(target, (), None, (), "", "", (), reason)


def _scored(found: Score | None) -> ForecastScore | None:
    if found is None:
        return None
    return ForecastScore(
        found.weeks,
        _exact(found.log_model),
        _exact(found.log_base),
        _exact(found.gain),
        _exact(found.gain_low),
        _exact(found.gain_high),
        _exact(found.brier_model),
        _exact(found.brier_base),
    )


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(float(value), 6))).quantize(_PLACE)
