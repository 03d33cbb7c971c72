"""Profit over the underlying's price: at expiry, and before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.line_chart import Line, LineChart, Stroke, UprightMark
from allusedesk.desk.theme import Theme


class PayoffChart(LineChart):
    """The payoff of some legs; what is gained is shaded blue, what is lost orange."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Profit over the price of the underlying",
            lambda place: formatting.number(place, 2),
            lambda value: formatting.number(value, 0, signed=True),
            is_split_at_nought=True,
            parent=parent,
        )

    def show_payoff(
        self,
        points: Sequence[tuple[float, float, float]],
        marks: Sequence[UprightMark] = (),
        half_way: Sequence[float] = (),
    ) -> None:
        """Draw points of price, profit at expiry and profit now, by ascending price.

        `half_way` holds the profit half of the time from now to expiry, for the same prices.
        """
        table = np.array(points, dtype=np.float64).reshape(-1, 3)
        lines = [Line("at expiry", table[:, 1], "accent")] if len(table) else []
        middle = np.array(half_way, dtype=np.float64)
        if len(middle) and not np.allclose(middle, table[:, 1]):
            lines.append(Line("half way", middle, "text_muted", Stroke.DOTTED))
        if len(table) and not np.allclose(table[:, 1], table[:, 2], equal_nan=True):
            lines.append(Line("today", table[:, 2], "caution", Stroke.DASHED))
        self.show_lines(table[:, 0], lines, marks)
