"""Fit and predict the probabilities of a week's condition, label and outcomes.

A multinomial logistic regression on standardised columns, its shrinkage chosen by time-ordered
folds inside the training weeks, its probabilities calibrated on the same folds (Platt's sigmoid
for each class), and blended with a little of the base rates so that nothing is ever impossible.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VERSION = "week-type-2"
WEEKS_LEAST = 50
# Strengths of shrinkage that are tried, strongest first; a tie goes to the stronger.
_SHRINKAGES = (0.003, 0.01, 0.03, 0.1)
_FOLDS = 4
_BLEND = 0.02
_SMALLEST = 1e-6
_STEPS_MAX = 500
# Numbers are kept to so many places, so that a model read back predicts the same.
_PLACES = 8


class CannotLearn(Exception):
    """Nothing can be learnt from these weeks; the text says why in one plain sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class WeekTypeModel:
    """Numbers that turn a row of features into probabilities of `classes`.

    `means`, `scales` have one number for each of `features`, a scale of 0 where a column is left
    out; `coefficients` are of shape (classes, features), `slopes` and `shifts` the calibration of
    each class, `base` the base rates of the training weeks.
    """

    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    means: Floats
    scales: Floats
    coefficients: Floats
    intercepts: Floats
    slopes: Floats
    shifts: Floats
    base: Floats
    shrinkage: float
    weeks: int
    first: str
    last: str
    version: str = VERSION


def base_rates(shares: Floats) -> Floats:
    """The mean shares of past weeks, one more week spread evenly over the classes."""
    weeks, classes = shares.shape
    return np.asarray((shares.sum(axis=0) + 1.0 / classes) / (weeks + 1.0))


def fit(
    target: str,
    classes: tuple[str, ...],
    features: tuple[str, ...],
    values: Floats,
    shares: Floats,
    weeks: tuple[str, ...],
) -> WeekTypeModel:
    """Learn from weeks in order: `values` (weeks, features), `shares` (weeks, classes).

    Each row of `shares` sums to one. NaN in `values` stands for the column's mean. The same
    weeks give the same model. Raises CannotLearn where there is too little, only one class, or
    no column that moves.
    """
    if len(values) < WEEKS_LEAST:
        raise CannotLearn(f"{len(values)} of {WEEKS_LEAST} labelled weeks are known.")
    is_seen = shares.sum(axis=0) > 0.0
    if np.count_nonzero(is_seen) < 2:  # noqa: PLR2004 - two classes are the least to tell apart
        only = classes[int(np.argmax(is_seen))]
        raise CannotLearn(f"Every labelled week was {only}: there is nothing to tell apart.")
    means, scales = _standard(values)
    if not (scales > 0.0).any():
        raise CannotLearn("No figure of the market or the desk moved: nothing explains anything.")
    shrinkage, unfolded = _choose(values, shares)
    standard = _standardised(values, means, scales)
    coefficients, intercepts = _regressed(standard, shares, shrinkage)
    slopes, shifts = _calibrated(unfolded, shares[-len(unfolded) :])
    return WeekTypeModel(
        target,
        classes,
        features,
        means=np.round(means, _PLACES),
        scales=np.round(scales, _PLACES),
        coefficients=np.round(coefficients, _PLACES),
        intercepts=np.round(intercepts, _PLACES),
        slopes=np.round(slopes, _PLACES),
        shifts=np.round(shifts, _PLACES),
        base=np.round(base_rates(shares), _PLACES),
        shrinkage=shrinkage,
        weeks=len(values),
        first=weeks[0],
        last=weeks[-1],
    )


def predict(model: WeekTypeModel, values: Floats) -> Floats:
    """Calibrated probabilities, shape (rows, classes), of rows; each sums to one."""
    standard = _standardised(values, model.means, model.scales)
    raw = _softmax(standard @ model.coefficients.T + model.intercepts)
    mended = _sigmoid(_logit(raw) * model.slopes + model.shifts)
    mended = mended / mended.sum(axis=1, keepdims=True)
    return np.asarray((1.0 - _BLEND) * mended + _BLEND * model.base / model.base.sum())


def _standard(values: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each column over what is known; a deviation of 0 leaves it out."""
    known = np.isfinite(values)
    counts = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, values, 0.0).sum(axis=0) / counts
    spread = np.where(known, values - means, 0.0)
    scales = np.sqrt((spread * spread).sum(axis=0) / counts)
    # What rounding leaves of a constant column is no movement.
    return means, np.where(scales > 1e-9 * np.maximum(np.abs(means), 1.0), scales, 0.0)


def _standardised(values: Floats, means: Floats, scales: Floats) -> Floats:
    is_used = np.isfinite(values) & (scales > 0.0)
    return np.asarray(
        np.where(is_used, (values - means) / np.where(scales > 0.0, scales, 1.0), 0.0)
    )


def _choose(values: Floats, shares: Floats) -> tuple[float, Floats]:
    """The shrinkage with the best score over time-ordered folds, and its forecasts there.

    The first half only teaches; each later fold is forecast from all weeks before it, by whose
    means and deviations alone its columns are standardised.
    """
    weeks = len(values)
    edges = [weeks * (_FOLDS + fold) // (2 * _FOLDS) for fold in range(_FOLDS + 1)]
    told = shares[edges[0] :]
    folds = [_fold(values, first, end) for first, end in pairwise(edges)]
    best: tuple[float, float, Floats] | None = None
    for shrinkage in _SHRINKAGES:
        parts = [
            _forecast(taught, shares[: len(taught)], asked, shrinkage) for taught, asked in folds
        ]
        found = np.concatenate(parts)
        loss = float(-(told * np.log(np.maximum(found, _SMALLEST))).sum(axis=1).mean())
        if best is None or loss < best[0] - 1e-12:
            best = (loss, shrinkage, found)
    if best is None:
        raise CannotLearn("No strength of shrinkage was tried.")
    return best[1], best[2]


def _fold(values: Floats, first: int, end: int) -> tuple[Floats, Floats]:
    """The weeks before a fold and the fold itself, both as those before it know the columns."""
    means, scales = _standard(values[:first])
    return _standardised(values[:first], means, scales), _standardised(
        values[first:end], means, scales
    )


def _forecast(taught: Floats, shares: Floats, asked: Floats, shrinkage: float) -> Floats:
    if np.count_nonzero(shares.sum(axis=0)) < 2:  # noqa: PLR2004 - as in `fit`
        return np.tile(base_rates(shares), (len(asked), 1))
    coefficients, intercepts = _regressed(taught, shares, shrinkage)
    return _softmax(asked @ coefficients.T + intercepts)


def _regressed(standard: Floats, shares: Floats, shrinkage: float) -> tuple[Floats, Floats]:
    """Coefficients (classes, features) and intercepts; a class never seen is all but ruled out.

    A week with several outcomes stands once for each of them, weighted by its share.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    weeks, codes = np.nonzero(shares > 0.0)
    seen = np.unique(codes)
    model = LogisticRegression(C=shrinkage, solver="newton-cg", tol=1e-6, max_iter=_STEPS_MAX)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(standard[weeks], codes, sample_weight=shares[weeks, codes])
    coefficients = np.zeros((shares.shape[1], standard.shape[1]))
    intercepts = np.full(shares.shape[1], np.log(_SMALLEST))
    if len(seen) == 2:  # noqa: PLR2004 - scikit-learn gives two classes one row
        coefficients[seen[1]], coefficients[seen[0]] = model.coef_[0] / 2, -model.coef_[0] / 2
        intercepts[seen[1]] = model.intercept_[0] / 2
        intercepts[seen[0]] = -model.intercept_[0] / 2
    else:
        coefficients[seen], intercepts[seen] = model.coef_, model.intercept_
    return coefficients, intercepts


def _calibrated(unfolded: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Platt's slope and shift of each class, fitted to forecasts of weeks not learnt from."""
    from sklearn.linear_model import LogisticRegression

    classes = shares.shape[1]
    slopes, shifts = np.ones(classes), np.zeros(classes)
    logits = _logit(unfolded)
    weeks = len(shares)
    for code in range(classes):
        share = shares[:, code]
        if not 0.0 < share.sum() < weeks:
            continue
        rows = np.concatenate([logits[:, code], logits[:, code]])[:, None]
        truth = np.concatenate([np.ones(weeks), np.zeros(weeks)])
        weights = np.concatenate([share, 1.0 - share])
        model = LogisticRegression(C=1.0, solver="newton-cg", tol=1e-8, max_iter=_STEPS_MAX)
        model.fit(rows, truth, sample_weight=weights)
        slopes[code], shifts[code] = model.coef_[0, 0], model.intercept_[0]
        if slopes[code] < 0.0:
            # It would turn the forecast round: the class keeps its mean share instead.
            slopes[code], shifts[code] = 0.0, _logit(share.mean())
    return slopes, shifts


def _softmax(scores: Floats) -> Floats:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def _sigmoid(scores: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0))))


def _logit(probabilities: Floats) -> Floats:
    inside = np.clip(probabilities, _SMALLEST, 1.0 - _SMALLEST)
    return np.asarray(np.log(inside / (1.0 - inside)))
