from __future__ import annotations

from itertools import pairwise

import pytest

from allusedesk.domain.events import SleeveState
from allusedesk.protocol.sleeve_states import (
    StepNotAllowed,
    path_between,
    states_after,
)
from tests.protocol.examples import classic, classic_with

ROUND = (
    SleeveState.SAFE, SleeveState.SCANNING, SleeveState.ANALYZING, SleeveState.ORDERING,
    SleeveState.MONITORING, SleeveState.CLOSING, SleeveState.RECONCILING, SleeveState.SAFE,
)  # fmt: skip


def test_the_day_goes_round() -> None:
    for before, after in pairwise(ROUND):
        assert path_between(before, after, classic()) == (after,)


def test_a_step_the_table_does_not_have_goes_by_those_it_has() -> None:
    way = path_between(SleeveState.SAFE, SleeveState.ORDERING, classic())
    assert way == (SleeveState.SCANNING, SleeveState.ANALYZING, SleeveState.ORDERING)


def test_every_state_leads_back_to_safe() -> None:
    for state in SleeveState:
        path = path_between(state, SleeveState.SAFE, classic())
        assert (not path) == (state is SleeveState.SAFE)
        assert SleeveState.SAFE not in path[:-1]
        assert state not in states_after(state, classic())


def test_no_way_leads_where_the_table_has_none() -> None:
    island = classic_with(('"MAINTENANCE", "AUDIT"', '"AUDIT"'))
    with pytest.raises(StepNotAllowed, match="No way leads"):
        path_between(SleeveState.SAFE, SleeveState.MAINTENANCE, island)
