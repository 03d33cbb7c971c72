from __future__ import annotations

import gc

import pytest

from allusedesk.wiring.sweeps import seldom_swept


def test_sweeps_come_seldom_while_values_are_made_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with seldom_swept():
        assert gc.get_threshold() == (100 * before[0], *before[1:])
    assert gc.get_threshold() == before
    with pytest.raises(KeyError), seldom_swept():
        raise KeyError
    assert gc.get_threshold() == before


def test_overlapping_runs_leave_the_usual_pace_behind() -> None:
    before = gc.get_threshold()
    first, second = seldom_swept(), seldom_swept()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == (100 * before[0], *before[1:])
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
