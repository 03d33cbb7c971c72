"""Risk: limits used, greeks, issuers, what gaps and scenarios would cost, the book's payoff."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.greeks_grid import GreeksGrid
from allusedesk.desk.charts.heat_grid import HeatGrid, HeatModel
from allusedesk.desk.charts.line_chart import UprightMark
from allusedesk.desk.charts.payoff import PayoffChart
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.risk_depth import RiskDepth
from allusedesk.desk.docks.risk_tables import ISSUERS, LIMITS, LOSSES, scenario_words, share_words
from allusedesk.desk.inquiry import Inquiry
from allusedesk.desk.room import Roomy
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.engine.clock import stopwatch
from allusedesk.engine.what_if.limits import IssuerUse, LimitUse
from allusedesk.engine.what_if.risk import (
    GAPS,
    SCENARIOS,
    RiskPicture,
    risk_of,
    scenario_name,
    watch_of,
)
from allusedesk.engine.what_if.stress import MOVES
from allusedesk.wiring.risk_texts import scenarios_for_screens

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.state import DeskState
    from allusedesk.wiring.screen_looks import ScreenLooks

_LOOK_MILLISECONDS = 2_000
_SHARE = 20
_NOTHING_YET = "The desk is starting: what its book risks stands here once it is known."


class RiskDock(Dock):
    """The risk of all that is held, looked at every other second while it can be seen."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.inquiry = Inquiry(context.bridge, self)
        self.found: RiskPicture | None = None
        self._seen: tuple[object, ...] = ()
        theme = context.theme
        self.limits: TableModel[LimitUse] = TableModel(
            LIMITS, lambda use: (use.where, use.name), theme
        )
        self.issuers: TableModel[IssuerUse] = TableModel(ISSUERS, lambda use: use.issuer, theme)
        self.losses: TableModel[tuple[str, float]] = TableModel(LOSSES, lambda row: row[0], theme)
        self.heat = HeatModel(MOVES, theme)
        self.greeks = GreeksGrid(theme)
        self.payoff = PayoffChart(theme)
        self.payoff.empty = "Nothing is held in this underlying."
        self.scenario, self.underlying = QComboBox(), QComboBox()
        self.told, self.cost = QLabel(), QLabel()
        self.tabs = QTabWidget()
        self.deep = RiskDepth(context, self.inquiry)
        self._named, self._unread = scenarios_for_screens()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look_now)

    def show_picture(self, _picture: DeskSnapshot) -> None:
        if not self._seen:
            self.look_now()

    def look_now(self) -> None:
        """Ask for the risk, unless nothing can have changed since it was asked for last."""
        picture = self.context.bridge.latest
        if picture is None or self.inquiry.is_under_way:
            return
        wanted = (picture.at, picture.sequence)
        if wanted == self._seen:
            return
        self._seen = wanted
        named = self._named

        def asked(
            state: DeskState, looks: ScreenLooks, at: datetime
        ) -> tuple[RiskPicture, float, datetime]:
            """What is asked on the engine's thread, with what it cost there in seconds."""
            passed = stopwatch()
            found = risk_of(state, looks.sample(watch_of(state), at), named)
            return found, passed(), at

        self.inquiry.ask(asked, self._take, self.told.setText)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._timer.start()
        self.look_now()

    def hideEvent(self, event: Any) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def wear(self, theme: Theme) -> None:
        for model in (self.limits, self.issuers, self.losses, self.heat, self.greeks.model):
            model.wear(theme)
        self.payoff.wear(theme)
        self.deep.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {"tab": self.tabs.currentIndex(), "scenario": self.scenario.currentIndex()}

    def restore(self, kept: dict[str, Any]) -> None:
        for name, widget in (("tab", self.tabs), ("scenario", self.scenario)):
            place = kept.get(name)
            if isinstance(place, int) and 0 <= place < widget.count():
                widget.setCurrentIndex(place)

    def _take(self, answer: tuple[RiskPicture, float, datetime]) -> None:
        found, seconds, at = answer
        self.found = found
        self._timer.setInterval(max(_LOOK_MILLISECONDS, int(seconds * 1_000 * _SHARE)))
        # What is broken stands first, for there it is looked for.
        self.limits.show(sorted(found.limits, key=lambda use: use.is_kept))
        self.greeks.show_rows(found.greeks)
        self.issuers.show(found.issuers)
        self.heat.show_grid(found.factors, found.stress)
        self._offer_underlyings(found)
        self._show_scenario()
        self._show_payoff()
        parts = [f"Equity {formatting.whole_money(found.equity)} USD"]
        beyond = sum(not use.is_kept for use in found.limits)
        parts.append("every limit kept" if not beyond else f"{beyond} BEYOND their limit")
        parts += [
            f"overnight {formatting.percent(loss.scenario.move, 0, signed=True)}: "
            f"{formatting.number(loss.total, 0, signed=True)} USD"
            f"{' (RUIN)' if loss.total < 0 and loss.total <= -float(found.equity.amount) else ''}"
            for loss in found.scenarios[:GAPS]
        ]
        if found.is_modelled:
            parts.append("marks modelled")
        if found.unpriced:
            parts.append(f"{len(found.unpriced)} lots at intrinsic value: no volatility implied")
        if self._unread:
            parts.append(self._unread)
        parts.append(f"as of {formatting.clock(at)} New York")
        self.told.setText("   ".join(parts))

    def _offer_underlyings(self, found: RiskPicture) -> None:
        names = [name for name, _, _ in found.payoffs]
        known = [self.underlying.itemText(place) for place in range(self.underlying.count())]
        if names != known:
            wanted = self.underlying.currentText()
            self.underlying.clear()
            self.underlying.addItems(names)
            self.underlying.setCurrentIndex(max(0, self.underlying.findText(wanted)))

    def _show_scenario(self) -> None:
        found, place = self.found, self.scenario.currentIndex()
        if found is None or not 0 <= place < len(found.scenarios):
            return
        loss = found.scenarios[place]
        self.losses.show(loss.by_underlying)
        self.cost.setText(
            f"{scenario_words(loss.scenario)}: "
            f"{formatting.number(loss.total, 0, signed=True)} USD, "
            f"{share_words(loss.total, float(found.equity.amount))}"
        )

    def _show_payoff(self) -> None:
        if self.found is None:
            return
        spot, points = self.found.payoff_of(self.underlying.currentText())
        self.payoff.show_payoff(
            [(one.spot, one.at_expiry, one.now) for one in points],
            [UprightMark(spot, "spot", "text")] if points else [],
            [one.half_way for one in points],
        )

    def _lay_out(self) -> None:
        for label in (self.told, self.cost):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName("Risk in brief")
        self.told.setText(_NOTHING_YET)
        self.told.setMargin(4)
        self.told.setWordWrap(True)
        self.cost.setAccessibleName("What the scenario would bring or cost")
        self.scenario.setAccessibleName("Scenario")
        self.scenario.addItems([one.name for one in SCENARIOS])
        self.scenario.addItems([scenario_name(one) for one in self._named])
        self.scenario.currentIndexChanged.connect(self._show_scenario)
        self.underlying.setAccessibleName("Underlying of the payoff")
        self.underlying.currentIndexChanged.connect(self._show_payoff)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Pages of Risk")
        self.tabs.tabBar().setAccessibleName("Pages of Risk")
        for name, widget in (
            ("Limits", Blotter(self.limits, "Limits", "No sleeve is open yet.")),
            ("Greeks", self.greeks),
            ("Issuers", Blotter(self.issuers, "Issuers", "Nothing is deployed yet.")),
            ("Stress", self._stress()),
            ("Payoff", self._payoff_page()),
            ("Losses", self.deep.losses_page),
            ("Edges", self.deep.edges_page),
        ):
            self.tabs.addTab(Roomy(widget), name)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.told)
        rows.addWidget(self.tabs, 1)
        self.put_keyboard_on(self.tabs)

    def _stress(self) -> QWidget:
        page = QWidget()
        head = QHBoxLayout()
        head.addWidget(QLabel("Scenario"))
        head.addWidget(self.scenario, 1)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 2, 4, 2)
        grid = HeatGrid(self.heat, "Gain or loss by moves of spot and volatility, USD")
        rows.addWidget(QLabel("Gain or loss of the whole book, USD, if both moved at once:"))
        rows.addWidget(grid)
        rows.addLayout(head)
        # Below the list, so that it is read without scrolling where there is little room.
        rows.addWidget(self.cost)
        rows.addWidget(Blotter(self.losses, "Scenario by underlying", "Nothing is held."), 1)
        return page

    def _payoff_page(self) -> QWidget:
        page = QWidget()
        head = QHBoxLayout()
        head.addWidget(QLabel("Underlying"))
        head.addWidget(self.underlying)
        head.addWidget(QLabel("All lots of all sleeves, against what they were opened at, USD"), 1)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 2, 4, 2)
        rows.addLayout(head)
        rows.addWidget(self.payoff, 1)
        return page
