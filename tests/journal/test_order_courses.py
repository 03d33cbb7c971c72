from __future__ import annotations

from pathlib import Path

from allusedesk.journal.order_courses import order_courses
from tests.reports.sample_week import Shape, written_week


def test_an_order_runs_from_its_proposal_to_its_last_fill(tmp_path: Path) -> None:
    with written_week(tmp_path, Shape(trades=2)) as side:
        found = order_courses(side, 1, side.journal.head()[0])
    assert list(found) == ["2013-W07/F1.rev/P0/O1", "2013-W07/F1.rev/P1/O1"]
    for order, lines in found.items():
        what = [line.what for line in lines]
        assert what[:3] == ["proposed", "approved", "written"]
        assert "filled" in what
        assert {line.order for line in lines} == {"", order}
        assert [line.entry for line in lines] == sorted(line.entry for line in lines)


def test_entries_before_the_stretch_are_left_out(tmp_path: Path) -> None:
    with written_week(tmp_path, Shape()) as side:
        (lines,) = order_courses(side, 1, side.journal.head()[0]).values()
        written = next(line.entry for line in lines if line.what == "written")
        (later,) = order_courses(side, written, side.journal.head()[0]).values()
    assert later[0].what == "written"
    assert later[0].entry == written
