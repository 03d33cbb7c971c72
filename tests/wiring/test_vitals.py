"""How a running desk says it is, what its live feed says of itself among it."""

from __future__ import annotations

from pathlib import Path

from allusedesk.wiring.desk_engine import DeskEngine
from tests.wiring.live_rig import LiveRig


def test_a_live_desks_vitals_hold_what_its_feed_says(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    desk = rig.desk
    said = desk.lines.feed.health().notes
    assert said
    engine = DeskEngine.__new__(DeskEngine)
    engine._desk = desk
    vitals = engine.vitals()
    assert vitals is not None
    assert vitals.feed_notes == said
    assert vitals.batches == desk.market.watch.counts().batches
    desk.journal.close()
