"""One walk as a person makes it: from launch to the week's report, by keyboard, on the record."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from allusedesk.desk.batch_panel import BatchPanel
from allusedesk.desk.dialogs.approve import ApprovalDialog
from allusedesk.desk.docks.approvals import ApprovalsDock
from allusedesk.desk.docks.reports import ReportsDock
from allusedesk.desk.session import DeskSession
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import OperatorDecided
from allusedesk.domain.order_events import (
    AssignmentBooked,
    FillBooked,
    OrderWritten,
    ProposalApproved,
    ProposalMade,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from tests.desk.conftest import WAIT, OpenDesk, latest

# A fortnight of the sample market in which puts are rolled, shares assigned and calls covered.
FORTNIGHT = ("--from", "2012-04-16", "--to", "2012-04-27")
REPORTED = "2012-W17"
_ALT, _CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def test_from_launch_to_the_report_of_the_week(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_desk(*FORTNIGHT, "--approve", "ask", "--speed", "max")
    qtbot.waitExposed(session.window)
    first = _first_approval(session, qtbot)
    answered = 1 + _live_on(session, qtbot)
    pdf = _export_the_week(session, qtbot, tmp_path)
    session.window.close()
    session.close()
    qtbot.waitUntil(lambda: session.is_over, timeout=WAIT)
    _check_pages(pdf)
    _check_record(session.request.journal, session.context.operator, first, answered)


def _first_approval(session: DeskSession, qtbot: QtBot) -> str:
    """Open the first question from its panel by keyboard, and hold A; returns its proposal."""
    dock = _to_approvals(session, qtbot)
    table = dock.table.table
    assert table.hasFocus()
    at = latest(session).at
    qtbot.keyClick(table, Qt.Key.Key_Home, _CTRL)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    dialog = _dialog(dock)
    proposal = dialog.card.proposal
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.keyClick(dialog, Qt.Key.Key_A)
    qtbot.wait(100)
    assert any(card.proposal.id == proposal.id for card in latest(session).cards)
    assert latest(session).at == at, "Recorded time went on while a question was open."
    _approve(dialog, qtbot)
    return proposal.id


def _live_on(session: DeskSession, qtbot: QtBot) -> int:
    """Answer every question until recorded time is over; returns how many were asked."""
    engine = session.context.bridge.engine
    assert engine is not None
    dock = _to_approvals(session, qtbot)
    answered = 0
    while True:
        qtbot.waitUntil(lambda: dock.model.rowCount() > 0 or engine.is_over, timeout=3 * WAIT)
        if engine.is_over:
            return answered
        waiting = {row.card.proposal.id for row in dock.model.rows_shown()}
        if len(waiting) > 1:
            _approve_batch(dock, qtbot)
        else:
            dock.table.table.setFocus()
            qtbot.keyClick(dock.table.table, Qt.Key.Key_Home, _CTRL)
            qtbot.keyClick(dock.table.table, Qt.Key.Key_Return)
            _approve(_dialog(dock), qtbot)
        answered += len(waiting)
        qtbot.waitUntil(
            lambda waiting=waiting: (
                not waiting & {row.card.proposal.id for row in dock.model.rows_shown()}
            ),
            timeout=WAIT,
        )


def _approve(dialog: ApprovalDialog, qtbot: QtBot) -> None:
    if not dialog.typed.isHidden():
        qtbot.keyClicks(dialog.typed, str(dialog.quantity.value()))
    qtbot.waitUntil(dialog.approve.isEnabled, timeout=WAIT)
    with qtbot.waitSignal(dialog.finished, timeout=WAIT):
        qtbot.keyPress(dialog.later, Qt.Key.Key_A)


def _approve_batch(dock: ApprovalsDock, qtbot: QtBot) -> None:
    table, batch = dock.table.table, dock.batch
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_A, _CTRL)
    qtbot.waitUntil(lambda: batch.batch is not None, timeout=WAIT)
    assert len(batch.cards) == dock.model.rowCount()
    _type(batch, qtbot)
    qtbot.waitUntil(batch.approve.isEnabled, timeout=WAIT)
    batch.approve.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(batch.approve.fired, timeout=WAIT):
        qtbot.keyPress(batch.approve, Qt.Key.Key_Space)
    qtbot.keyRelease(batch.approve, Qt.Key.Key_Space)


def _type(batch: BatchPanel, qtbot: QtBot) -> None:
    if not batch.typed.isHidden():
        batch.typed.clear()
        qtbot.keyClicks(batch.typed, str(len(batch.cards)))


def _to_approvals(session: DeskSession, qtbot: QtBot) -> ApprovalsDock:
    qtbot.waitUntil(lambda: bool(latest(session).cards), timeout=WAIT)
    qtbot.keyClick(session.window, Qt.Key.Key_2, _ALT)
    dock = session.window.dock("approvals")
    assert isinstance(dock, ApprovalsDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 0, timeout=WAIT)
    return dock


def _dialog(dock: ApprovalsDock) -> ApprovalDialog:
    dialog = dock.approving.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def _export_the_week(session: DeskSession, qtbot: QtBot, folder: Path) -> Path:
    qtbot.keyClick(session.window, Qt.Key.Key_R, _ALT)
    dock = session.window.dock("reports")
    assert isinstance(dock, ReportsDock)
    key = ("weekly", REPORTED, "")
    qtbot.waitUntil(lambda: dock.model.place_of(key) is not None, timeout=WAIT)
    place = dock.model.place_of(key)
    assert place is not None
    dock.blotter.table.selectionModel().setCurrentIndex(
        dock.model.index(place, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    dock.blotter.choose(key)
    qtbot.waitUntil(lambda: dock.preview.pages.pages > 2, timeout=WAIT)
    button = dock.exports["pdf"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    dialog = dock.findChild(QFileDialog)
    assert dialog is not None
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    file = folder / "week.pdf"
    field.setText(str(file))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(file.exists, timeout=WAIT)
    return file


def _check_pages(pdf: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) > 2
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    assert REPORTED in text


def _check_record(path: Path, operator: str, first: str, answered: int) -> None:
    with JournalReader.open(path) as journal:
        entries = tuple(journal.read(1))
    assert verify(path).is_intact
    decided = [one.event for one in entries if isinstance(one.event, OperatorDecided)]
    assert len(decided) >= answered
    assert {one.operator for one in decided} == {operator}
    assert decided[0].proposal == first
    _check_orders(entries, operator)
    kinds = {one.event.proposal.kind for one in entries if isinstance(one.event, ProposalMade)}
    assert {ProposalKind.ENTRY, ProposalKind.COVERED_CALL, ProposalKind.ROLL} <= kinds
    assert any(isinstance(one.event, AssignmentBooked) for one in entries)


def _check_orders(entries: tuple[Entry, ...], operator: str) -> None:
    """Each order has an approval by the person at the screen, which comes before it."""
    approvals: dict[str, str] = {}
    filled: set[str] = set()
    orders: dict[str, str] = {}
    for entry in entries:
        match entry.event:
            case ProposalApproved(proposal=proposal, granted_by=granted_by):
                approvals[proposal] = granted_by
            case OrderWritten(order=order):
                assert approvals.get(order.proposal) == operator
                orders[order.id] = order.proposal
            case FillBooked(order=order_id):
                filled.add(orders[order_id])
    kinds = {
        one.event.proposal.id: one.event.proposal.kind
        for one in entries
        if isinstance(one.event, ProposalMade)
    }
    assert {kinds[name] for name in filled} >= {
        ProposalKind.ENTRY,
        ProposalKind.COVERED_CALL,
        ProposalKind.ROLL,
    }
