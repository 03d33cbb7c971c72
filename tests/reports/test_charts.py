from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from reportlab.graphics.shapes import Drawing, Group, PolyLine, Rect, Shape, String

from allusedesk.domain.money import Money
from allusedesk.reports.paper.chart_pieces import tick_texts
from allusedesk.reports.paper.charts import drawn_chart, ticks_of
from allusedesk.reports.paper.page_design import LOSS
from allusedesk.reports.paper.type_setting import register_fonts
from allusedesk.reports.statement import Chart, ChartKind, Percent, Qualifier, Series
from tests.reports.sample_week import FONTS

register_fonts(FONTS)
AMOUNTS = st.lists(st.decimals(-(10**7), 10**7, places=2), min_size=2, max_size=30)


def lines(values: list[Decimal | None]) -> Chart:
    names = tuple(f"2013-W{number:02d}" for number in range(1, len(values) + 1))
    amounts = tuple(None if value is None else Money(value) for value in values)
    return Chart("Equity", ChartKind.LINES, names, (Series("Gen", amounts, Qualifier.MEASURED),))


def bars(*values: str) -> Chart:
    names = tuple(f"F{number} Gen" for number in range(1, len(values) + 1))
    goals = tuple(Percent(Decimal("0.01")) for _ in values)
    gains = tuple(Percent(Decimal(value)) for value in values)
    series = (
        Series("Target", goals, Qualifier.TARGET),
        Series("Realised", gains, Qualifier.MEASURED),
    )
    return Chart("Realised against target", ChartKind.BARS, names, series)


def shapes(drawn: list[Drawing] | Group) -> list[Shape]:
    found: list[Shape] = []
    for one in drawn if isinstance(drawn, list) else drawn.contents:
        found += shapes(one) if isinstance(one, Group) else [one]
    return found


@given(AMOUNTS)
def test_the_axis_holds_every_value_in_few_even_steps(values: list[Decimal]) -> None:
    ticks = ticks_of(lines(list(values)))
    assert ticks[0] <= min(values) <= max(values) <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    assert len({later - earlier for earlier, later in pairwise(ticks)}) == 1


@given(AMOUNTS)
def test_nothing_of_a_chart_lies_outside_its_drawing(values: list[Decimal]) -> None:
    (drawing,) = drawn_chart(lines(list(values)), 500)
    left, bottom, right, top = drawing.getBounds()
    assert left >= -1
    assert bottom >= -1
    assert right <= 501
    assert top <= drawing.height + 1


def test_a_gap_interrupts_the_line() -> None:
    one, two = Decimal(1), Decimal(2)
    drawing = drawn_chart(lines([one, two, None, two, one]), 500)
    assert sum(isinstance(shape, PolyLine) for shape in shapes(drawing)) == 2


def test_a_loss_is_red_and_says_so_with_its_sign() -> None:
    found = shapes(drawn_chart(bars("0.02", "-0.013"), 500))
    texts = [shape.text for shape in found if isinstance(shape, String)]
    fills = [s.fillColor.hexval()[2:] for s in found if isinstance(s, Rect)]
    assert "\u22121.30%" in texts
    assert "2.00%" in texts
    assert fills.count(LOSS[1:].lower()) == 1


def test_a_chart_without_figures_stays_empty() -> None:
    texts = [one.text for one in shapes(drawn_chart(lines([None, None]), 500))]
    assert texts == ["No figures yet."]
    assert ticks_of(lines([None, None])) == ()


def test_the_axis_shows_cents_only_where_it_has_some() -> None:
    chart = lines([Decimal(1), Decimal(2)])
    ticks = [Decimal(1500), Decimal("-0.25")]
    assert tick_texts(ticks, chart.series) == ["1,500", "\u22120.25"]
    assert tick_texts([Decimal("0.005")], bars("0.01").series) == ["0.50%"]
    assert tick_texts([Decimal(-15 * 10**9), Decimal(0)], chart.series) == ["\u221215B", "0"]


@given(st.integers(2, 60), st.floats(200, 560))
def test_dates_stand_clear_of_each_other(count: int, width: float) -> None:
    drawing = drawn_chart(lines([Decimal(100000 + n) for n in range(count)]), width)
    dates = [shape for shape in shapes(drawing) if isinstance(shape, String) and shape.y == 2]
    ends = sorted((shape.getBounds()[0], shape.getBounds()[2]) for shape in dates)
    assert dates[-1].text == f"2013-W{count:02d}"
    assert all(right < left for (_, right), (left, _) in pairwise(ends))
