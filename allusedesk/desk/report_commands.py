"""Commands on reports and answers: each in the menus and the palette, with keys of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allusedesk.desk.commands import DeskCommand

if TYPE_CHECKING:
    from allusedesk.desk.main_window import MainWindow

_MENU = "&Reports"


def report_commands(window: MainWindow) -> tuple[DeskCommand, ...]:
    """What a key or the palette can do about reports and answers, from anywhere in a window."""

    def open_week() -> None:
        picture = window.context.bridge.latest
        if picture is None or picture.week is None:
            window.context.notices.say("No week is planned yet, so there is no report of it.")
        else:
            window.context.jumps.to_report("weekly", str(picture.week.id))

    def print_shown() -> None:
        from allusedesk.desk.docks.reports import ReportsDock

        window.open_dock("reports")
        dock = window.dock("reports")
        if isinstance(dock, ReportsDock):
            dock.print_shown()

    def begin_anew() -> None:
        from allusedesk.desk.docks.answers import AnswersDock

        window.open_dock("answers")
        dock = window.dock("answers")
        if isinstance(dock, AnswersDock):
            dock.begin_anew()

    def ask_needs() -> None:
        from allusedesk.desk.docks.answers import AnswersDock

        window.open_dock("answers")
        dock = window.dock("answers")
        if isinstance(dock, AnswersDock):
            dock.ask("What needs me now?")

    return (
        DeskCommand(
            "reports.week",
            "Open the report of this week",
            _MENU,
            open_week,
            "Ctrl+Alt+W",
            "Its pages as the record has them now",
        ),
        DeskCommand(
            "reports.print",
            "Print the report that is shown…",
            _MENU,
            print_shown,
            "Ctrl+P",
            "The printer's own dialog opens; nothing is printed before you say so there",
        ),
        DeskCommand("answers.new", "Begin a new conversation", _MENU, begin_anew),
        DeskCommand(
            "answers.needs",
            "Ask what needs me now",
            _MENU,
            ask_needs,
            tip="The record is asked, and the answer names its entries",
        ),
    )
