"""Forecasts in plain words: why one is silent, and how such forecasts have done."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.domain.forecasts import (
    SCORED_LEAST,
    ForecastMade,
    ForecastScore,
    Likelihood,
    TargetForecast,
)

NO_FORECAST = "No forecast yet: the model is silent until enough weeks are labelled."
NO_RECORD = f"no record yet: there is one once {SCORED_LEAST} forecast weeks are over"


def silence_of(forecast: ForecastMade) -> str:
    """Why a forecast says nothing."""
    if forecast.weeks_labelled < forecast.weeks_needed:
        known = f"{forecast.weeks_labelled} of {forecast.weeks_needed}"
        return f"Silent: {known} labelled weeks are known."
    return next((one.silence for one in forecast.targets if one.silence), NO_FORECAST)


def record_of(score: ForecastScore | None) -> str:
    """How such forecasts have done, in a sentence that says so when they are no better."""
    if score is None:
        return f"{NO_RECORD}."
    low, high = f"{score.gain_low:+.3f}", f"{score.gain_high:+.3f}"
    band = f"{score.gain:+.3f} nats a week, 95% from {low} to {high}"
    return f"{verdict_of(score)} ({band})."


def verdict_of(score: ForecastScore | None) -> str:
    """How such forecasts have done, in a few words to stand wherever one is shown."""
    if score is None:
        return NO_RECORD
    how = "better" if score.is_better else "no better"
    return f"{how} than the base rates over {score.weeks} weeks"


def likeliest_of(targets: Sequence[TargetForecast]) -> tuple[tuple[str, ...], str]:
    """The likeliest code of each target that speaks, with its base rate and its record.

    The second text ends the sentence: where none has a record it is said there, once for all.
    """
    spoken = [one for one in targets if one.likelihoods]
    if spoken and all(one.score is None for one in spoken):
        return tuple(_likeliest_of(one, "") for one in spoken), f"; {NO_RECORD}"
    return tuple(_likeliest_of(one, f"; {verdict_of(one.score)}") for one in spoken), ""


def _likeliest_of(target: TargetForecast, verdict: str) -> str:
    first = likeliest(target.likelihoods)[0]
    given, base = f"{first.probability * 100:.0f}%", f"{first.base_rate * 100:.0f}%"
    return f"{target.target} {first.code} {given} (base {base}{verdict})"


def likeliest(likelihoods: tuple[Likelihood, ...]) -> tuple[Likelihood, ...]:
    """The most probable first; equal ones in the rulebook's order."""
    return tuple(sorted(likelihoods, key=lambda one: -one.probability))
