"""One approval card on the screen: figures, picture, alternatives and every check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import card_words, formatting
from allusedesk.desk.charts.line_chart import UprightMark
from allusedesk.desk.charts.payoff import PayoffChart
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.proposals import Comparison, TurnedDown

if TYPE_CHECKING:
    from allusedesk.engine.approval_card import ApprovalCard

_FIGURES = (
    ("Premium", "premium"),
    ("Cash free, settled", "cash"),
    ("Collateral", "collateral"),
    ("Regulation T asks", "margin"),
    ("Worst case at expiry", "worst"),
    (f"{formatting.MINUS}10% overnight", "fall_10"),
    (f"{formatting.MINUS}20% overnight", "fall_20"),
    ("Breaks even at", "even"),
    ("Probability of profit", "probability"),
    ("Delta in shares", "delta"),
    ("Gamma", "gamma"),
    ("Theta a day", "theta"),
    ("Vega a point", "vega"),
)


@dataclass(frozen=True, slots=True)
class _Check:
    """One comparison of a card with its place, so that equal ones stay apart."""

    number: int
    comparison: Comparison


class CardView(QWidget):
    """Shows one card; `show_card` may be called as often as quotes move."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.headline = self._label("What is asked")
        font = self.headline.font()
        font.setPointSizeF(font.pointSizeF() * 1.45)
        font.setBold(True)
        self.headline.setFont(font)
        self.where = self._label("Account, kind and rule")
        self.reason = self._label("Reason")
        self.order = self._label("Order")
        self.assignment = self._label("Assignment")
        self.forecast = self._label("Forecast")
        self.quotes = self._label("Quotes")
        self.figures: dict[str, tuple[QLabel, QLabel]] = {}
        self.payoff = PayoffChart(theme)
        self.alternatives: list[list[QLabel]] = []
        self._checks = TableModel(_CHECKS, lambda row: row.number, theme)
        self._numbers = TableModel(_CHECKS, lambda row: row.number, theme)
        self._others = TableModel(_TURNED_DOWN, lambda row: row, theme)
        self.tabs = QTabWidget()
        self.tables: list[QWidget] = []
        self._lay_out()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.payoff.wear(theme)
        for model in (self._checks, self._numbers, self._others):
            model.wear(theme)

    def show_card(self, card: ApprovalCard) -> None:
        """Show a card in place of the one before."""
        proposal = card.proposal
        self.headline.setText(card_words.headline(proposal))
        self.where.setText(
            f"{proposal.account}   ·   {proposal.kind.value}   ·   by {proposal.rule}"
        )
        self.reason.setText(card_words.reason_lines(proposal))
        self.order.setText(card_words.order_line(card))
        lines = [card_words.assignment_line(shown) for shown in card.assignments]
        self.assignment.setText("\n".join(lines) or "Nothing can be assigned by it.")
        self.forecast.setText(card.forecast)
        self.quotes.setText(card_words.quotes_line(card))
        self._show_figures(card)
        self._show_payoff(card)
        self._show_alternatives(card)
        self._checks.show(_numbered(card.gates))
        self._numbers.show(_numbered(proposal.comparisons))
        self._others.show(dict.fromkeys(proposal.turned_down))
        self.tabs.setTabText(0, f"Checks passed ({len(card.gates)})")
        self.tabs.setTabText(1, f"The rule's numbers ({len(proposal.comparisons)})")
        self.tabs.setTabText(2, f"Turned down ({len(proposal.turned_down)})")

    def _show_figures(self, card: ApprovalCard) -> None:
        falls = {named.name: named.amount for named in card.scenarios}
        before = card_words.greeks_line(card.greeks_before)
        after = card_words.greeks_line(card.greeks_after)
        evens = ", ".join(formatting.price(price) for price in card.break_evens)
        shown = {
            "premium": ("", formatting.money(card.premium, signed=True)),
            "cash": (formatting.money(card.cash_before), formatting.money(card.cash_after)),
            "collateral": (
                formatting.money(card.collateral_before),
                formatting.money(card.collateral_after),
            ),
            "margin": ("", formatting.money(card.margin)),
            "worst": ("", formatting.money(card.worst_case, signed=True)),
            "fall_10": ("", formatting.money(falls.get("-10% overnight"), signed=True)),
            "fall_20": ("", formatting.money(falls.get("-20% overnight"), signed=True)),
            "even": ("", evens or formatting.NOTHING_TO_SHOW),
            "probability": ("", formatting.percent(card.probability_of_profit)),
            "delta": (before[0], after[0]),
            "gamma": (before[1], after[1]),
            "theta": (before[2], after[2]),
            "vega": (before[3], after[3]),
        }
        for name, (first, second) in shown.items():
            self.figures[name][0].setText(first)
            self.figures[name][1].setText(second)

    def _show_payoff(self, card: ApprovalCard) -> None:
        points = [
            (float(point.spot.per_unit), float(point.profit.amount), float(point.profit.amount))
            for point in card.payoff
        ]
        marks = [] if card.spot is None else [UprightMark(float(card.spot.per_unit), "spot")]
        marks += [UprightMark(float(price.per_unit), "even") for price in card.break_evens]
        self.payoff.show_payoff(points, marks)

    def _show_alternatives(self, card: ApprovalCard) -> None:
        rows = [card_words.alternative_row(one) for one in card.alternatives]
        for number, labels in enumerate(self.alternatives):
            texts = rows[number] if number < len(rows) else ("",) * len(labels)
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.headline)
        rows.addWidget(self.where)
        rows.addWidget(self.reason)
        rows.addWidget(self.order)
        halves = QHBoxLayout()
        halves.addWidget(self._figure_grid(), 0)
        right = QVBoxLayout()
        right.addWidget(self.payoff, 1)
        right.addWidget(self._alternative_grid())
        halves.addLayout(right, 1)
        rows.addLayout(halves, 1)
        rows.addWidget(self.assignment)
        rows.addWidget(self.forecast)
        rows.addWidget(self.quotes)
        for model, name in (
            (self._checks, "Checks passed"),
            (self._numbers, "The rule's numbers"),
            (self._others, "Turned down"),
        ):
            table = Blotter(model, name, "Nothing of this kind was recorded.")
            table.field.hide()
            self.tabs.addTab(table, name)
            self.tables.append(table.table)
        self.tabs.setAccessibleName("Evidence")
        height = self.fontMetrics().height()
        self.tabs.setMinimumHeight(height * 8)
        rows.addWidget(self.tabs, 1)

    def _figure_grid(self) -> QWidget:
        frame = QFrame()
        frame.setAccessibleName("Figures")
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 4, 16, 4)
        grid.setVerticalSpacing(2)
        for place, text in enumerate(("", "before", "after, USD")):
            grid.addWidget(self._muted(text), 0, place, Qt.AlignmentFlag.AlignRight)
        for row, (title, name) in enumerate(_FIGURES, start=1):
            grid.addWidget(self._muted(title), row, 0)
            labels = self._label(f"{title} before"), self._label(f"{title} after")
            for place, label in enumerate(labels, start=1):
                label.setWordWrap(False)
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(label, row, place)
            self.figures[name] = labels
        grid.setRowStretch(len(_FIGURES) + 1, 1)
        frame.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        return frame

    def _alternative_grid(self) -> QWidget:
        frame = QFrame()
        frame.setAccessibleName("Alternatives on the same scale")
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setVerticalSpacing(2)
        titles = card_words.ALTERNATIVE_TITLES
        for place, text in enumerate(titles):
            side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
            grid.addWidget(self._muted(text), 0, place, side)
        for row in range(1, 5):
            labels = [self._label(f"Alternative {row}, {title}") for title in titles]
            for place, label in enumerate(labels):
                label.setWordWrap(False)
                if place:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(label, row, place)
            self.alternatives.append(labels)
        return frame

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _muted(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        palette = label.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colour(Tone.MUTED))
        label.setPalette(palette)
        return label


def _numbered(comparisons: tuple[Comparison, ...]) -> list[_Check]:
    return [_Check(number, one) for number, one in enumerate(comparisons)]


_CHECKS: tuple[Column[_Check], ...] = (
    Column("passed", "", lambda row: "✓ passed" if row.comparison.passed else "✗ failed"),
    Column("name", "Check", lambda row: row.comparison.name),
    Column("value", "Value", lambda row: row.comparison.value),
    Column("limit", "Limit", lambda row: row.comparison.limit),
)

_TURNED_DOWN: tuple[Column[TurnedDown], ...] = (
    Column("candidate", "Candidate", lambda row: row.candidate),
    Column("rule", "Stopped by", lambda row: row.rule),
    Column("reason", "Because", lambda row: row.reason, is_roomy=True),
    Column("value", "Value", lambda row: row.value),
    Column("limit", "Limit", lambda row: row.limit),
)
