"""No level is skipped and no stop waits for a look, however price gaps, under both rulebooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain import events as ev
from allusedesk.domain.events import Entry
from allusedesk.domain.positions import Position
from allusedesk.protocol.levels import STRIKE_LEVELS
from allusedesk.protocol.trade_management import LEVELS
from tests.acceptance.constitution_desks import EXIT, with_put
from tests.acceptance.desks import F1_REV, MONDAY, WEDNESDAY, proposals, stage
from tests.acceptance.stage import Stage, at

ATR = Decimal(2)

# Price jumps at odd seconds between the looks, in cents from the strike, far and near.
GAPS = st.lists(
    st.tuples(st.integers(1, 14_000), st.integers(-1_000, 300)),
    min_size=1,
    max_size=8,
    unique_by=lambda gap: gap[0],
).map(sorted)
EDGES = st.sampled_from((-200, -201, -199, -300, -301, -400, -399, -600, -599, -601))


def jumps(desk: Stage, day: date, reference: Decimal, gaps: Sequence[tuple[int, int]]) -> None:
    for seconds, cents in gaps:
        spot = reference + Decimal(cents) / 100
        desk.when(
            at(day, "11:00") + timedelta(seconds=seconds), lambda s=spot: desk.spots.update(AAPL=s)
        )


def walked(desk: Stage, lot: Position, names: Sequence[str]) -> list[Entry]:
    """The changes of a lot's level, each to the one beside it, from the calmest on."""
    changes = [e for e in desk.entries(ev.LevelChanged) if e.event.position == lot.id]
    before = names[0]
    for change in changes:
        assert change.event.level_before == before
        assert abs(names.index(change.event.level) - names.index(before)) == 1
        before = change.event.level
    return changes


def level_at(changes: Sequence[Entry], instant: object, names: Sequence[str]) -> int:
    known = [c.event.level for c in changes if c.recorded_at <= instant]  # type: ignore[operator]
    return names.index(known[-1]) if known else 0


@given(
    gaps=st.one_of(
        GAPS,
        st.lists(
            st.tuples(st.integers(1, 14_000), EDGES),
            min_size=1,
            max_size=6,
            unique_by=lambda gap: gap[0],
        ).map(sorted),
    )
)
@settings(max_examples=30)
def test_levels_from_the_strike_are_walked_one_by_one_at_the_instant_of_the_gap(
    gaps: list[tuple[int, int]],
) -> None:
    desk, strike = with_put()
    desk.refuses = lambda _proposal: True
    [lot] = desk.state.book.positions_of(F1_REV)
    jumps(desk, WEDNESDAY, strike, [(seconds + 3_600, cents) for seconds, cents in gaps])
    desk.play(at(WEDNESDAY, "16:05"))

    changes = walked(desk, lot, STRIKE_LEVELS)
    left = [p.made_at for p in proposals(desk, EXIT)]
    for seconds, cents in gaps:
        instant = at(WEDNESDAY, "12:00") + timedelta(seconds=seconds)
        if left and instant > left[0]:
            break
        distance = -Decimal(cents) / 100 / ATR
        reached = sum(distance >= limit for limit in (1, 2, 3))
        assert level_at(changes, instant, STRIKE_LEVELS) >= reached
        # Three true ranges: the exit is asked of nobody, and made at this very instant.
        assert reached < 3 or instant in left


@given(gaps=GAPS)
@settings(max_examples=30)
def test_levels_from_the_entry_are_walked_one_by_one_at_the_instant_of_the_gap(
    gaps: list[tuple[int, int]],
) -> None:
    desk = stage()
    desk.refuses = lambda proposal: bool(desk.state.book.positions) and bool(proposal.legs)
    desk.play(at(MONDAY, "10:50"))
    [lot] = desk.state.book.positions_of(F1_REV)
    assert lot.spot_at_open is not None
    jumps(desk, MONDAY, lot.spot_at_open.per_unit, gaps)
    desk.play(at(MONDAY, "15:50"))

    changes = walked(desk, lot, LEVELS)
    for seconds, cents in gaps:
        instant = at(MONDAY, "11:00") + timedelta(seconds=seconds)
        distance = -Decimal(cents) / 100 / ATR
        reached = sum((distance >= Decimal("0.5"), distance >= 1, distance > Decimal("1.5")))
        assert level_at(changes, instant, LEVELS) >= reached


@pytest.mark.parametrize("cents", [-600, -1_000])
def test_a_gap_through_all_levels_journals_each_of_them_before_the_exit(cents: int) -> None:
    desk, strike = with_put()
    [lot] = desk.state.book.positions_of(F1_REV)
    jumps(desk, WEDNESDAY, strike, [(7_777, cents)])
    desk.play(at(WEDNESDAY, "16:05"))
    changes = walked(desk, lot, STRIKE_LEVELS)
    instant = at(WEDNESDAY, "11:00") + timedelta(seconds=7_777)
    assert [(c.event.level, c.recorded_at) for c in changes] == [
        ("L1", instant), ("L2", instant), ("L3", instant),
    ]  # fmt: skip
    [leaving] = [e for e in desk.entries(ev.ProposalMade) if e.event.proposal.kind is EXIT]
    assert changes[-1].sequence < leaving.sequence
    assert leaving.recorded_at == instant
