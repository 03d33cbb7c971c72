"""Seeded tables of returns for the tests of construction."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from allusedesk.portfolio.construction import SimpleReturns


def table(values: np.ndarray, names: tuple[str, ...] | None = None) -> SimpleReturns:
    """A table of the values; assets are called A, B, C and so on."""
    days = tuple(date(2020, 1, 1) + timedelta(days=row) for row in range(len(values)))
    return SimpleReturns(names or tuple("ABCDEFGHIJ"[: values.shape[1]]), days, values)


def drawn(seed: int, assets: int = 4, rows: int = 300) -> np.ndarray:
    """Returns with a common part, each asset at its own pace."""
    chance = np.random.Generator(np.random.PCG64(seed))
    common = chance.normal(0.0004, 0.01, (rows, 1))
    own = chance.normal(0.0003, 0.008, (rows, assets)) * np.linspace(0.7, 2.0, assets)
    return common * np.linspace(0.5, 1.2, assets) + own


def with_moments(volatilities: np.ndarray, correlation: float, means: np.ndarray) -> np.ndarray:
    """Two assets whose sample moments are exactly these (divided by rows less one)."""
    raw = drawn(5, 2, 400)
    raw = raw - raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False)).T)
    wanted = np.array([[1.0, correlation], [correlation, 1.0]]) * np.outer(
        volatilities, volatilities
    )
    return white @ np.linalg.cholesky(wanted).T + means
