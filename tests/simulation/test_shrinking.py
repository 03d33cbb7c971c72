"""A desk is broken on purpose; its failing week becomes a short story that still fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allusedesk.engine.steps import broker as step_broker
from tests.simulation.ledger import Must
from tests.simulation.playing import play
from tests.simulation.seed_story import main
from tests.simulation.seeds import plan_of
from tests.simulation.shrinking import mishaps_of, shrunk, story


@pytest.mark.long
def test_a_failing_week_is_told_with_the_fewest_mishaps_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Old denials are believed again, so that an order is sent twice.
    monkeypatch.setattr(step_broker, "_is_old_denial", lambda *_: False)
    plan = plan_of(21)
    found = shrunk(plan)
    assert found is not None
    kept = mishaps_of(found.played)

    assert found.broken.invariant is Must.AS_APPROVED
    assert len(kept) <= 6 < found.mishaps_before
    assert found.played.plan.days == 1
    fewer = replace(found.played.plan, only=frozenset(kept[1:]))
    assert play(fewer).broken is None
    told = story(found)
    assert "no more is filled than was approved" in told
    assert "restart: the desk dies" in told
    assert "2008-W03/F1.com/P2/O2 traded 50" in told
    assert "python -m tests.simulation.seed_story 21" in told
    assert len(told.splitlines()) < 35


def test_a_week_that_holds_has_no_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0"]) == 0
    assert "Seed 0 holds" in capsys.readouterr().out
