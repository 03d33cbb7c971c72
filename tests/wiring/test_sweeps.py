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
