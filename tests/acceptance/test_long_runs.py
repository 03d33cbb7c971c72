"""Section 15, A18 and A19: long runs over the sample market, and families that fork and merge."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind, FamilyId, account_id
from allusedesk.domain.events import Entry
from allusedesk.domain.money import Money, total
from allusedesk.engine.replay import replay
from tests.simulation.invariants import Watcher
from tests.simulation.world import (
    World,
    calendar,
    classic_text,
    run,
    sample_history,
)


def _played(first: date, last: date, **changes: object) -> tuple[World, Watcher]:
    sessions = calendar().sessions_between(first, calendar().session_after(last))
    world = World(sample_history(), sessions, seed=11, **changes)  # type: ignore[arg-type]
    world.record.entries_max = 200_000
    watcher = Watcher()
    faults: list[AssertionError] = []

    def watch(live: object, entry: Entry) -> None:
        if not faults:
            try:
                watcher(live, entry)  # type: ignore[arg-type]
            except AssertionError as fault:
                faults.append(fault)

    # Until the report of the last week is final, which is on the morning after it.
    run(world.opened(watch), sessions[-1].opens_at)
    assert faults == []
    return world, watcher


def _check_run(world: World, watcher: Watcher) -> None:
    watcher.check_weeks()
    watcher.check_broker(world.inner.statement())
    assert not watcher.state.halted_by
    verdict = replay(world.record.entries)
    assert verdict.is_same, verdict.first_difference
    assert verdict.state == watcher.state


def test_a18_a_quarter_is_whole_and_identical_on_replay() -> None:
    world, watcher = _played(date(2007, 1, 8), date(2007, 3, 30))

    _check_run(world, watcher)
    assert len(watcher.closed_weeks) == 12
    assert sum(watcher.outcomes.values()) > 25


@pytest.mark.long
def test_a18_two_years_with_a_crash_in_them_are_whole_and_identical_on_replay() -> None:
    world, watcher = _played(date(2007, 1, 8), date(2008, 12, 31))

    _check_run(world, watcher)
    kinds = Counter(type(entry.event).__name__ for entry in world.record.entries)
    assert len(watcher.closed_weeks) >= 103
    assert kinds["AssignmentBooked"] > 5
    assert kinds["BreakerTripped"] > 0


def _small_thresholds() -> str:
    text = classic_text().replace("surplus_min = 50000", "surplus_min = 300")
    return text.replace("merge_total_min = 500000", "merge_total_min = 560")


def test_a19_the_surplus_forks_and_comes_home_in_one_simulation() -> None:
    world, watcher = _played(date(2007, 1, 8), date(2007, 4, 27), rulebook_text=_small_thresholds())
    _check_run(world, watcher)
    entries = [entry.event for entry in world.record.entries]
    forks = [event for event in entries if isinstance(event, ev.FamilyForked)]
    merges = [event for event in entries if isinstance(event, ev.FamilyMerged)]
    assert forks
    assert merges

    opened = [event for event in entries if isinstance(event, ev.FamilyOpened)]
    for fork, family in zip(forks, opened[1:], strict=True):
        kinds = [account.kind for account in family.accounts]
        assert kinds == [AccountKind.GENERATION, AccountKind.COMPOUNDING]
        assert family.family.parent == FamilyId(fork.parent.partition(".")[0])
        assert total(list(family.bases)) == fork.surplus
        assert abs(family.bases[0].amount - family.bases[1].amount) <= Decimal("0.01")
    first = forks[0]
    moved = next(
        event for event in entries if isinstance(event, ev.CashBooked) and event.reason == "fork"
    )
    assert moved.booking.cash[0].amount == -first.surplus
    assert total([move.amount for move in moved.booking.cash]) == Money(Decimal(0))

    merged = merges[0]
    assert merged.into == account_id(FamilyId("F1"), AccountKind.COMPOUNDING)
    assert merged.amount == forks[0].surplus
    assert not watcher.state.book.accounts_of(merged.family)
    begun = next(event for event in entries if isinstance(event, ev.MergeBegun))
    assert begun.family == merged.family


def test_a19_no_entry_is_made_in_a_family_that_is_coming_home() -> None:
    world, _ = _played(date(2007, 1, 8), date(2007, 4, 27), rulebook_text=_small_thresholds())
    leaving: set[FamilyId] = set()
    for entry in world.record.entries:
        event = entry.event
        if isinstance(event, ev.MergeBegun):
            leaving.add(event.family)
        if isinstance(event, ev.ProposalMade) and event.proposal.is_opening:
            assert event.proposal.account.partition(".")[0] not in leaving
