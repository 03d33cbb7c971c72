from __future__ import annotations

from decimal import Decimal

from allusedesk.engine.rulebook_replay import RulebookComparison, compare_rulebooks
from tests.acceptance.desks import F1_REV, MONDAY, TUESDAY, WEDNESDAY, stage
from tests.acceptance.stage import Stage, at
from tests.protocol.examples import CLASSIC
from tests.simulation.world import classic_text

CONSTITUTION = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")


def played() -> Stage:
    desk = stage(spots={"AAPL": "100.20", "IBM": "100"})
    desk.when(at(TUESDAY, "11:00:30"), lambda: desk.spots.update(AAPL=Decimal(95)))
    desk.play(at(WEDNESDAY, "12:00"))
    return desk


def compared(text: str) -> RulebookComparison:
    return compare_rulebooks(played().record.entries, text)


def test_the_same_rulebook_is_not_asked_again() -> None:
    found = compared(classic_text())
    assert (found.looks, found.differences, found.missing) == (0, (), ())
    assert found.book_parts_at is None


def test_what_the_other_rulebook_would_have_decided_is_named_look_by_look() -> None:
    found = compared(CONSTITUTION)
    assert (found.recorded, found.other) == ("classic@1.0", "constitution@1.3")
    first = next(item for item in found.differences if item.look == "entry look rev")
    assert first.at == at(MONDAY, "09:45")
    assert any(said.startswith(f"proposes entry in {F1_REV}") for said in first.recorded)
    assert first.other == (f"turned down in {F1_REV}: entry.day",)
    assert first.is_own_book
    assert found.looks > len(found.differences)


def test_its_book_is_missing_once_the_two_would_have_traded_otherwise() -> None:
    found = compared(CONSTITUTION)
    first = next(item for item in found.differences if item.look == "entry look rev")
    assert found.book_parts_at == first.sequence
    later = [item for item in found.differences if item.sequence > first.sequence]
    assert later
    assert not any(item.is_own_book for item in later)


def test_looks_that_nobody_recorded_are_marked() -> None:
    found = compared(CONSTITUTION)
    missing = {(item.at, item.look) for item in found.missing}
    assert (at(WEDNESDAY, "10:15"), "entry look rev") in missing
    # The classic desk looked on Wednesday at 09:45 too, and on Tuesday nobody needs to.
    assert (at(WEDNESDAY, "09:45"), "entry look rev") not in missing
    assert not [look for instant, look in missing if instant == at(TUESDAY, "09:45")]
