"""Week: the condition with its evidence, how far each sleeve came, and what comes next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabWidget, QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.charts.week_strip import WeekStrip
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks import week_columns as columns
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.week_brief import WeekBrief
from allusedesk.desk.docks.week_page import WeekPage, strip_days, week_page
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.desk.wishes import Wishes
from allusedesk.domain.commands import Watch
from allusedesk.domain.forecast_words import likeliest_of, silence_of
from allusedesk.domain.quotes import MarketSnapshot

if TYPE_CHECKING:
    from concurrent.futures import Future

    from allusedesk.engine.snapshot import DeskSnapshot

# The record is read again at most this often, and only when it has grown.
_READ_MILLISECONDS = 700


class WeekDock(Dock):
    """The week as it goes, and for each symbol without a proposal the gate that stopped it."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        theme = context.theme
        self.wishes = Wishes(context, self)
        self.headline = QLabel()
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setAccessibleName("The week and its condition")
        self.headline.setWordWrap(True)
        self.forecast = QLabel()
        self.forecast.setTextFormat(Qt.TextFormat.PlainText)
        self.forecast.setAccessibleName("The forecast of the week")
        self.forecast.setWordWrap(True)
        self.next = QLabel()
        self.next.setTextFormat(Qt.TextFormat.PlainText)
        self.next.setAccessibleName("What comes next")
        self.next.setWordWrap(True)
        self.strip = WeekStrip(theme)
        self.strip.chosen.connect(self._show_day)
        self.evidence = TableModel(columns.EVIDENCE, lambda one: one.name, theme)
        self.path = TableModel(columns.PATH, lambda row: row.account, theme)
        self.why = TableModel(columns.WHY_NOT, columns.key_of_why, theme)
        self.happened = TableModel(columns.HAPPENED, lambda line: line.sequence, theme)
        self.to_come = TableModel(columns.TO_COME, lambda alarm: alarm.id, theme)
        self.dates = TableModel(columns.DATES, lambda one: (one.day, one.symbol, one.what), theme)
        self.brief = WeekBrief(context)
        self._page: WeekPage | None = None
        self._facts: MarketSnapshot | None = None
        self._facts_of: date | None = None
        self._asked_facts: Future[MarketSnapshot] | None = None
        self._read_to = 0
        self._is_reading = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_READ_MILLISECONDS)
        self._timer.timeout.connect(self._read)
        self._lay_out()

    def show_picture(self, picture: DeskSnapshot) -> None:
        if self._page is not None and self._page.week != str(picture.week and picture.week.id):
            self._turn_page()
        self.brief.hear(picture)
        self.headline.setText(_headline(picture, self._page))
        said = _forecast(picture)
        self.forecast.setText(said)
        self.forecast.setVisible(bool(said))
        coming = [alarm for alarm in picture.alarms if "/" not in alarm.subject]
        self.next.setText(_next(picture))
        self.to_come.show(coming)
        if picture.week is not None:
            told = self._page.happened if self._page is not None else ()
            self.strip.show_days(
                strip_days(picture.week, picture.alarms, told, picture.at), picture.at
            )
        self._show_dates(picture)
        if picture.sequence != self._read_to and not self._timer.isActive():
            self._timer.start()

    def decide_again(self) -> None:
        """Ask for the condition of the week to be decided again, from the market as it is now."""
        self.wishes.classify()

    def read_brief(self) -> None:
        """Open the brief of the hour, as it is known now."""
        if self.tabs.currentWidget() is self.brief.page:
            self.brief.read_again()
        self.tabs.setCurrentWidget(self.brief.page)
        self.brief.page.setFocus()

    def _on_tab(self, _place: int) -> None:
        if self.tabs.currentWidget() is self.brief.page:
            self.brief.read_again()

    def wear(self, theme: Theme) -> None:
        self.strip.wear(theme)
        self.brief.wear(theme)
        for model in (self.evidence, self.path, self.why, self.happened, self.to_come, self.dates):
            model.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {"tab": self.tabs.currentIndex()}

    def restore(self, kept: dict[str, Any]) -> None:
        tab = kept.get("tab", 0)
        if isinstance(tab, int) and 0 <= tab < self.tabs.count():
            self.tabs.setCurrentIndex(tab)

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the week")
        self.tabs.setDocumentMode(True)
        for title, model, empty in (
            (
                "Why not?",
                self.why,
                (
                    "No symbol was turned down at the last entry look: each became a proposal, "
                    "or no entry window has opened yet this week."
                ),
            ),
            ("Path", self.path, "No sleeve was looked at yet this week."),
            ("Evidence", self.evidence, "The condition is decided on Monday before the open."),
            ("Happened", self.happened, "Nothing has happened on this day yet."),
            ("To come", self.to_come, "No alarm is set: the next week is planned when this ends."),
            ("Dates", self.dates, "No expiry, ex-date or report of earnings is near."),
        ):
            self.tabs.addTab(Blotter(model, title, empty), title)
        self.tabs.addTab(self.brief.page, "Brief")
        self.tabs.currentChanged.connect(self._on_tab)
        self.brief.strip.wanted.connect(self.read_brief)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 0)
        rows.setSpacing(4)
        self.report = QPushButton("Report")
        self.report.setAutoDefault(False)
        self.report.setAccessibleName("Open the report of this week")
        self.report.setToolTip("The week's statement, as the record has it now")
        self.report.clicked.connect(self._open_report)
        head = QHBoxLayout()
        head.addWidget(self.headline, 1)
        head.addWidget(self.report, 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(head)
        rows.addWidget(self.brief.strip)
        rows.addWidget(self.forecast)
        rows.addWidget(self.strip)
        rows.addWidget(self.next)
        rows.addWidget(self.tabs, 1)
        self.put_keyboard_on(self.strip)

    def _open_report(self) -> None:
        picture = self.context.bridge.latest
        if picture is not None and picture.week is not None:
            self.context.jumps.to_report("weekly", str(picture.week.id))

    def _read(self) -> None:
        """Ask the record for the week, unless an answer is still on its way."""
        picture = self.context.bridge.latest
        if self._is_reading or picture is None or picture.week is None or not self.isVisible():
            return
        week, self._read_to, self._is_reading = picture.week, picture.sequence, True
        self.context.records.ask(
            "Reading the week", lambda side: week_page(side, week), self._take, self._fail
        )

    def _take(self, page: WeekPage) -> None:
        self._is_reading = False
        picture = self.context.bridge.latest
        if picture is None or picture.week is None or page.week != str(picture.week.id):
            return
        self._page = page
        self.evidence.show(page.evidence)
        self.path.show(page.path)
        self.why.show(page.why_not)
        self.show_picture(picture)
        day = self.strip.chosen_day()
        if day is not None:
            self._fill_day(day.date)

    def _turn_page(self) -> None:
        """A new week begins with nothing, not with what the last one left."""
        self._page = None
        for model in (self.evidence, self.path, self.why, self.happened):
            model.show(())

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self.context.notices.warn(sentence)

    def _show_day(self, day: date) -> None:
        self._fill_day(day)
        self.tabs.setCurrentIndex(3)

    def _fill_day(self, day: date) -> None:
        if self._page is not None:
            self.happened.show(
                line
                for line in self._page.happened
                if line.recorded_at.astimezone(formatting.NEW_YORK).date() == day
            )

    def _show_dates(self, picture: DeskSnapshot) -> None:
        """Expiries of what is held, and what is announced for the desk's symbols."""
        self._ask_facts(picture)
        self.dates.show(columns.dates_of(picture, self._facts))

    def _ask_facts(self, picture: DeskSnapshot) -> None:
        """Ask once a day what is announced: it changes overnight."""
        engine = self.context.bridge.engine
        if self._asked_facts is not None:
            if self._asked_facts.done():
                asked, self._asked_facts = self._asked_facts, None
                if not asked.cancelled() and asked.exception() is None:
                    self._facts = asked.result()
            return
        today = picture.at.astimezone(formatting.NEW_YORK).date()
        if engine is not None and today != self._facts_of and picture.sleeves:
            self._facts_of = today
            symbols = sorted({symbol for one in picture.sleeves for symbol in one.symbols})
            watch = Watch(symbols=tuple(symbols))
            self._asked_facts = self.context.bridge.consult(
                lambda _state, looks, at: looks.sample(watch, at)
            )


def _forecast(picture: DeskSnapshot) -> str:
    """The likeliest code of each thing forecast for the week, or why none is; advice only."""
    made = picture.forecast
    if made is None or picture.week is None or made.week != picture.week.id:
        return ""
    told, record = likeliest_of(made.targets)
    return f"Advice: {', '.join(told)}{record}" if told else f"Advice: {silence_of(made)}"


def _headline(picture: DeskSnapshot, page: WeekPage | None) -> str:
    if picture.week is None:
        return "No week is planned yet."
    first, last = picture.week.sessions[0].date, picture.week.sessions[-1].date
    span = f"Week {picture.week.id}, {formatting.day(first)} to {formatting.day(last)}"
    found = picture.condition
    if found is None or found.week != picture.week.id:
        missing = page.reason if page is not None else ""
        return f"{span}: {missing or 'its condition is decided on the first morning.'}"
    return (
        f"{span}: {found.condition.upper()}, deploy {formatting.percent(found.deploy, 0)} of each "
        f"sleeve; VIX {found.vix:.2f} against {found.vix_average:.2f} over a year ({found.rule})"
    )


def _next(picture: DeskSnapshot) -> str:
    for alarm in picture.alarms:
        if "/" not in alarm.subject and alarm.due_at >= picture.at:
            left = formatting.span(alarm.due_at - picture.at)
            whom = f" of {alarm.subject}" if alarm.subject else ""
            return f"Next: {alarm.kind.value}{whom} at {formatting.moment(alarm.due_at)}, in {left}"
    return "Next: nothing is due."
