"""A week at each vendor's local servers, over its own client: armed, cut off, back, and equal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from allusedesk.wiring.connecting import Keys, keep_keys
from tests.doors.servers.alpaca_server import KEY, SECRET
from tests.keyrings import MemoryKeyring
from tests.wiring.walk_rig import Walk, at
from tests.wiring.walk_vendors import MONDAY, SYMBOL, AtAlpaca
from tests.wiring.walk_week import (
    VENDORS,
    be_impatient,
    check_replay,
    come_to_monday,
    end_the_week,
    fill_unseen,
    go_on_to_friday,
    resting_at_the_vendor,
)


@pytest.fixture(params=sorted(VENDORS))
def walk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    memory_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Walk]:
    del memory_keyring
    keep_keys(Keys(KEY, SECRET), is_paper=True)
    be_impatient(monkeypatch)
    made = Walk(tmp_path, VENDORS[request.param])
    yield made
    made.close()


def test_a_week_is_traded_with_the_plug_pulled_in_its_middle(walk: Walk) -> None:
    walk.arm()
    assert walk.state.armed is not None
    assert walk.state.armed.is_paper
    come_to_monday(walk)
    series = resting_at_the_vendor(walk)
    walk.vendor.unplug()
    walk.until(lambda: not walk.state.is_link_up, "the loss of the line")
    fill_unseen(walk, series)
    go_on_to_friday(walk)
    end_the_week(walk, series)
    walk.stop()
    check_replay(walk.desk.journal.path)


def test_what_cannot_be_explained_stops_in_audit_and_shows_both_sides(walk: Walk) -> None:
    walk.arm()
    walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
    walk.vendor.meddle(shares=100, cash=250)
    walk.jump(at(MONDAY, "9:35:01"))
    walk.until(lambda: walk.state.halted_by, "the halt")
    found = {one.what: (one.ours, one.theirs) for one in walk.events(ev.DifferenceFound)}
    assert found[f"position in {SYMBOL}"] == ("0", "100")
    assert "250" in found["cash"][1]
    assert walk.state.armed is None
    assert walk.events(ev.LiveDisarmed)
    assert {sleeve.state for sleeve in walk.state.sleeves.values()} == {ev.SleeveState.AUDIT}

    # A person sets it right at the broker and releases the desk: both sides are compared anew.
    walk.vendor.meddle(shares=-100, cash=-250)
    before = len(walk.events(ev.DeskReconciled))
    walk.desk.engine.inbox.admit(OperatorInstructed(Instruction.RESET, "Ann", "set right"))
    walk.until(lambda: len(walk.events(ev.DeskReconciled)) > before, "another comparison")
    assert walk.state.halted_by == ""
    assert walk.state.compared_at is not None
    assert walk.state.armed is None


def test_an_order_nobody_here_knows_is_cancelled_and_ours_is_taken_back(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    del memory_keyring
    keep_keys(Keys(KEY, SECRET), is_paper=True)
    walk = Walk(tmp_path, AtAlpaca)
    try:
        walk.arm()
        vendor = walk.vendor
        assert isinstance(vendor, AtAlpaca)
        book = vendor.api.book
        walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
        for name in ("typed by somebody", "2025-W11/F1.rev/P9/O9"):
            resting = book.new_order(
                client_order_id=name,
                symbol=SYMBOL,
                qty=1,
                side="buy",
                limit=Decimal(1),
                type="limit",
                time_in_force="day",
                order_class="simple",
            )
            book.place(resting)
        walk.jump(at(MONDAY, "9:35:01"))
        walk.until(lambda: not any(one.is_open for one in book.orders.values()), "the cancels")
        found = [one.what for one in walk.events(ev.DifferenceFound)]
        assert found == ["order 2025-W11/F1.rev/P9/O9", "order typed by somebody"]
        assert {one.status for one in book.orders.values()} == {"canceled"}
        # Both are differences: nothing is sent until a person has looked.
        assert walk.state.armed is None
        assert walk.state.halted_by == ""
    finally:
        walk.close()
