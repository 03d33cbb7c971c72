"""Planted anomalies are marked, clean figures are left alone, and nothing looks ahead."""

from __future__ import annotations

import numpy as np
import pytest

from allusedesk.learning.anomalies import LIMIT, USUAL_LEAST, anomalies_of


def test_what_was_planted_is_marked_with_its_size() -> None:
    values = np.random.default_rng(3).normal(10.0, 1.0, 200)
    values[[60, 61, 150]] = [22.0, 23.0, -4.0]
    found = anomalies_of(values.tolist())
    assert [one.place for one in found] == [60, 61, 150]
    assert found[0].usual == pytest.approx(10.0, abs=0.5)
    assert found[0].deviations == pytest.approx(12.0, rel=0.4)
    assert found[2].deviations < -LIMIT


def test_clean_figures_are_marked_less_than_once_in_two_thousand() -> None:
    chance = np.random.default_rng(17)
    runs = [anomalies_of(chance.standard_normal(120).tolist()) for _ in range(300)]
    asked = 300 * (120 - USUAL_LEAST)
    assert sum(len(run) for run in runs) / asked < 1 / 2_000


def test_later_figures_never_change_an_earlier_mark() -> None:
    values = np.random.default_rng(5).standard_normal(80).tolist()
    values[40] = 9.0
    early = anomalies_of(values[:60])
    assert anomalies_of([*values[:60], *[500.0] * 20])[: len(early)] == early


def test_missing_and_unmoving_figures_are_no_hindrance() -> None:
    assert anomalies_of([]) == ()
    assert anomalies_of([float("nan")] * 50) == ()
    assert anomalies_of([3.0] * 50) == ()
    assert [one.place for one in anomalies_of([3.0] * 50 + [float("nan"), 4.0])] == [51]
    assert anomalies_of([1.0] * (USUAL_LEAST - 1) + [90.0]) == ()


def test_figures_of_two_values_are_not_marked_for_being_the_rarer() -> None:
    assert anomalies_of([0.01, -0.01, -0.01] * 40) == ()
    found = anomalies_of([*[0.01, -0.01, -0.01] * 40, -0.5])
    assert [one.place for one in found] == [120]
