"""What the model learns, when it refuses to, and that it learns the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from allusedesk.learning import week_type_model
from allusedesk.learning.model_text import ModelRefused, name_of, read_model, write_model
from allusedesk.learning.week_type_model import CannotLearn, WeekTypeModel, fit, predict

NAMES = ("a", "b", "c")


def lesson(weeks: int = 200, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Three classes of which the first column tells much and the others nothing."""
    chance = np.random.default_rng(seed)
    values = chance.standard_normal((weeks, 3))
    scores = np.stack([2.0 * values[:, 0], -2.0 * values[:, 0], np.zeros(weeks)], axis=1)
    odds = np.exp(scores)
    odds /= odds.sum(axis=1, keepdims=True)
    codes = [chance.choice(3, p=row) for row in odds]
    return values, np.eye(3)[codes]


def learnt(values: np.ndarray, shares: np.ndarray) -> WeekTypeModel:
    weeks = tuple(f"2010-W{number}" for number in range(len(values)))
    return fit("t", ("x", "y", "z"), NAMES, values, shares, weeks)


def test_it_finds_what_is_there_and_gives_probabilities() -> None:
    values, shares = lesson()
    model = learnt(values, shares)
    given = predict(model, np.array([[2.0, 0.0, 0.0], [-2.0, 0.0, 0.0]]))
    assert given.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert given[0, 0] > 0.8
    assert given[1, 1] > 0.8
    assert (given > 0.0).all()


def test_it_learns_nothing_where_there_is_nothing() -> None:
    values, shares = lesson(300)
    chance = np.random.default_rng(11)
    model = learnt(chance.standard_normal((300, 3)), shares)
    given = predict(model, chance.standard_normal((400, 3)))
    assert np.abs(given - shares.mean(axis=0)).mean() < 0.05
    assert values.shape == (300, 3)


def test_weeks_of_several_outcomes_are_learnt_by_their_shares() -> None:
    values, _ = lesson(120)
    shares = np.tile([0.5, 0.3, 0.2], (120, 1))
    given = predict(learnt(values, shares), values[:5])
    assert given == pytest.approx(np.tile([0.5, 0.3, 0.2], (5, 1)), abs=0.02)


def test_the_same_weeks_make_the_same_model() -> None:
    assert write_model(learnt(*lesson())) == write_model(learnt(*lesson()))


@pytest.mark.parametrize(
    ("values", "shares", "words"),
    [
        (np.zeros((49, 3)), np.eye(3)[[0] * 49], "49 of 50 labelled weeks"),
        (
            np.random.default_rng(1).random((60, 3)),
            np.eye(3)[[1] * 60],
            "Every labelled week was y",
        ),
        (np.ones((60, 3)), np.eye(3)[[0, 1] * 30], "No figure"),
        (np.full((60, 3), np.nan), np.eye(3)[[0, 1] * 30], "No figure"),
    ],
)
def test_too_little_is_refused_in_a_sentence(
    values: np.ndarray, shares: np.ndarray, words: str
) -> None:
    with pytest.raises(CannotLearn, match=words):
        learnt(values, shares)


def test_a_missing_or_constant_column_and_two_classes_alone_are_no_hindrance() -> None:
    values, shares = lesson()
    values[::3, 0] = np.nan
    values[:, 1] = 0.1
    only_two = np.eye(3)[np.where(shares[:, 0] > 0, 0, 1)]
    model = learnt(values, only_two)
    given = predict(model, np.array([[2.0, 5.0, np.nan]]))
    assert np.isfinite(given).all()
    assert given[0, 2] < 0.02
    assert model.scales[1] == 0.0


def test_a_model_is_read_back_as_it_was_written() -> None:
    values, shares = lesson()
    model = learnt(values, shares)
    back = read_model(write_model(model), NAMES)
    assert write_model(back) == write_model(model)
    assert name_of(back) == name_of(model)
    np.testing.assert_array_equal(predict(back, values), predict(model, values))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"features"', '"figures"', "cannot be read"),
        ("week-type-2", "week-type-0", "version"),
        ('"b",', '"other",', "hash differs"),
        ('"slopes": [', '"slopes": [1.0,', "as many"),
        ('"weeks": 200', '"weeks": "200"', "no number"),
        ("{", "[", "cannot be read"),
        ('"shrinkage": 0', '"shrinkage": 1', "hash differs"),
    ],
)
def test_a_damaged_or_foreign_model_is_refused(old: str, new: str, words: str) -> None:
    text = write_model(learnt(*lesson())).replace(old, new, 1)
    with pytest.raises(ModelRefused, match=words):
        read_model(text, NAMES)


def test_a_model_of_other_features_is_refused() -> None:
    with pytest.raises(ModelRefused, match="other features"):
        read_model(write_model(learnt(*lesson())), ("a", "other", "c"))


def test_any_byte_that_was_turned_is_noticed() -> None:
    text = write_model(learnt(*lesson())).encode("ascii")
    chance = np.random.default_rng(6)
    for place in chance.choice(len(text), 150, replace=False).tolist():
        turned = bytearray(text)
        turned[place] ^= 1 << int(chance.integers(0, 7))
        if not bytes(turned).isspace() and bytes(turned).split() != text.split():
            with pytest.raises(ModelRefused):
                read_model(turned.decode("ascii"), NAMES)


def test_a_fold_is_forecast_by_what_the_weeks_before_it_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither means nor deviations of later weeks reach the forecasts that calibrate."""
    monkeypatch.setattr(week_type_model, "_SHRINKAGES", (0.1,))
    values, shares = lesson(80)
    other = values.copy()
    other[70:] = 40.0 - 3.0 * other[70:]
    unfolded = week_type_model._choose(values, shares)[1]
    spoilt = week_type_model._choose(other, shares)[1]
    np.testing.assert_array_equal(unfolded[:30], spoilt[:30])
    assert not np.array_equal(unfolded[30:], spoilt[30:])


def test_numbers_that_are_none_are_refused() -> None:
    text = write_model(learnt(*lesson()))
    with pytest.raises(ModelRefused):
        read_model(text.replace('"shifts": [', '"shifts": [NaN,', 1).replace(",\n", ",", 1), NAMES)
