"""The same files, many more cases, and others on each run."""

from __future__ import annotations

import time

import pytest

from tests.hostile.fuzzing import FILES, fuzz


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_a_thousand_cases_of_each(file: str) -> None:
    done = fuzz(file, 1_000, time.time_ns())
    assert not done.fault, done.fault
    assert done.cases >= 1_000
