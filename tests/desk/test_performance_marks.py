"""What stands out: rows with reasons, read again only when the record has more."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks import performance_marks
from allusedesk.desk.docks.performance_marks import MarksPanel
from allusedesk.journal.faults import JournalFault
from allusedesk.journal.read_side import ReadSide
from allusedesk.wiring.record_marks import RecordMark
from tests.desk.conftest import WAIT

REASON = "-20.00%, usually +0.80%: 70.2 median deviations below."
MARK = RecordMark("2012-W31", "F1.rev", "weekly return", -0.2, 0.008, -70.2, REASON)


def test_marks_are_read_once_for_each_state_of_the_record(
    standing: DeskContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ReadSide] = []

    def marks(side: ReadSide) -> tuple[RecordMark, ...]:
        asked.append(side)
        return (MARK,)

    monkeypatch.setattr(performance_marks, "_marks", marks)
    panel = MarksPanel(standing)
    qtbot.addWidget(panel)
    panel.want(("first",))
    assert not asked
    panel.show()
    qtbot.waitUntil(lambda: panel.marks.rowCount() == 1, timeout=WAIT)
    cells = [panel.marks.index(0, column).data() for column in range(panel.marks.columnCount())]
    assert cells[:3] == ["2012-W31", "F1.rev", "weekly return"]
    assert cells[-1] == REASON
    panel.want(("first",))
    panel.want(("second",))
    qtbot.waitUntil(lambda: len(asked) == 2, timeout=WAIT)


def test_a_quiet_record_says_so(standing: DeskContext, qtbot: QtBot) -> None:
    panel = MarksPanel(standing)
    qtbot.addWidget(panel)
    panel.want(("first",))
    # Before it was looked through, and where it cannot be, nothing is called quiet.
    assert "being looked through" in panel.table._empty_text
    panel.show()
    qtbot.waitUntil(lambda: "Nothing stands out" in panel.table._empty_text, timeout=WAIT)
    assert panel.marks.rowCount() == 0


def test_a_record_that_cannot_be_read_is_not_called_quiet(
    standing: DeskContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_side: ReadSide) -> tuple[RecordMark, ...]:
        raise JournalFault("The record ends in the middle of an entry: bring back a copy.")

    monkeypatch.setattr(performance_marks, "_marks", refused)
    panel = MarksPanel(standing)
    qtbot.addWidget(panel)
    panel.want(("first",))
    panel.show()
    qtbot.waitUntil(lambda: "bring back a copy" in panel.table._empty_text, timeout=WAIT)
