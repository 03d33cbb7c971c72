"""One statement with every chart at its extremes: many points, one, none, long names, losses."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from allusedesk.reports.statement import (
    AnyChart,
    Chart,
    ChartKind,
    Grid,
    LossRecord,
    Number,
    Occurrence,
    Percent,
    ProjectionFan,
    Qualifier,
    Section,
    Series,
    Statement,
    Step,
    TimeChart,
    Timeline,
    Waterfall,
)
from tests.reports.drawn import statement, usd

LONG = 'A name <&"> that goes on and on, \u4e2d\u6587 \u05d0\u05d1\u05d2, ' + "longer " * 20
_START = datetime(2013, 2, 11, 14, 45, 0, 12000, tzinfo=UTC)


def days(count: int) -> tuple[date, ...]:
    return tuple(date(2008, 1, 2) + timedelta(days=n) for n in range(count))


def money(name: str, *amounts: float, kind: Qualifier = Qualifier.MODELLED) -> Series:
    return Series(name, tuple(usd(f"{amount:.2f}") for amount in amounts), kind)


def counts(name: str, *figures: int) -> Series:
    return Series(name, tuple(Number(Decimal(n), 0) for n in figures), Qualifier.MEASURED)


def equity(count: int, level: float = 3e5) -> TimeChart:
    walk = [level * (1 + math.sin(n / 9) / 40) - n * 7 for n in range(count)]
    depth = tuple(Percent(Decimal(n % 60) / 1000) for n in range(count))
    return TimeChart(
        f"Equity over {count} days",
        days(count),
        (
            money("All", *walk),
            money("Target", *(level + 90.5 * n for n in range(count)), kind=Qualifier.TARGET),
        ),
        Series("Drawdown", depth, Qualifier.MODELLED),
    )


def waterfall(title: str, begin: str, *parts: str) -> Waterfall:
    end = sum((Decimal(part) for part in parts), Decimal(begin))
    steps = tuple(Step(f"{LONG} {n}" if n else "Premium", usd(p)) for n, p in enumerate(parts))
    return Waterfall(
        title, Step("before", usd(begin)), steps, Step("after", usd(str(end))), Qualifier.MODELLED
    )


def fan(count: int, lowest: float) -> ProjectionFan:
    years = tuple(Decimal(n) / 4 for n in range(count))
    bands = tuple(
        money(name, *(lowest + 1e5 * math.exp(shift * n / 20) for n in range(count)))
        for name, shift in (("5%", 0), ("25%", 1), ("median", 2), ("75%", 3), ("95%", 4))
    )
    came = Series("came", (usd("1e5"), *(None,) * (count - 1)), Qualifier.MEASURED)
    return ProjectionFan(f"Over {count} quarters", years, bands, (came,), "No promise.")


def grid(columns: int) -> Grid:
    cells = tuple(
        tuple(usd(str((row - 1) * 1234567.89 * n)) for n in range(columns)) for row in range(3)
    )
    names = tuple(f"{n:+} points" for n in range(columns))
    return Grid("Stress", "Spot", "Volatility", ("-10%", "0%", LONG), names, cells, _ESTIMATE)


def timeline(*gaps: int) -> Timeline:
    instants, now = [], _START
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        instants.append(now)
    events = tuple(
        Occurrence(at, LONG if n else "proposed", n * 999, "1 at 3.15")
        for n, at in enumerate(instants)
    )
    return Timeline(f"Order of {len(gaps)} steps", events)


def record(count: int) -> LossRecord:
    results = money("day", *(5000 * math.sin(n * n) for n in range(count)))
    limits = money("VaR", *(4800.0 for _ in range(count)), kind=_ESTIMATE)
    return LossRecord(f"Record of {count} days", days(count), results, limits)


_ESTIMATE = Qualifier.ESTIMATE
_WEEKS = tuple(f"2013-W{n:02}" for n in range(1, 31))
CHARTS: tuple[AnyChart, ...] = (
    equity(2500),
    equity(21, -4e5),
    equity(1, 4e14),
    replace(equity(1), days=(), series=(), drawdown=None),
    TimeChart("Gaps", days(3), (Series(LONG, (usd("1"), None, usd("-2")), _ESTIMATE),)),
    TimeChart("Nothing", days(2), (Series("none", (None, None), _ESTIMATE),)),
    waterfall("Up and down", "300000", "5000", "-8200.55", "0"),
    waterfall("From nothing to a loss", "0", "5000", "-9000.01"),
    waterfall("Without parts", "-7"),
    fan(41, 0.0),
    fan(9, -3e5),
    fan(1, 0.0),
    ProjectionFan("No years", (), ()),
    Chart("Mix", ChartKind.STACKED, _WEEKS, (counts("calm", *range(30)), counts(LONG, *[2] * 30))),
    Chart("No mix", ChartKind.STACKED, ("now",), (counts("calm", 0),), "weeks"),
    Chart("Labels", ChartKind.ROWS, ("calm", LONG), (counts("weeks", 12, 0),), "weeks"),
    Chart(
        "Of many", ChartKind.ROWS, tuple(f"S{n}" for n in range(99)), (money("x", *range(-9, 90)),)
    ),
    Chart("By symbol", ChartKind.ROWS, ("AAPL", "X"), (money("gain", -5.5, 1e6),)),
    Chart("No rows", ChartKind.ROWS, (), ()),
    Chart("Bars", ChartKind.BARS, ("a", LONG), (money("target", 1, 2), money("gain", -9, 0))),
    Chart("Many", ChartKind.BARS, _WEEKS, (money("target", *[5] * 30), money("got", *[-1e7] * 30))),
    Chart("Lines", ChartKind.LINES, (LONG, "b"), (money(LONG, 1, 2), money("x", 2, -1e9))),
    grid(7),
    grid(16),
    grid(1),
    replace(grid(2), rows=tuple("abcdef" * 12), cells=grid(2).cells * 24),
    Grid("No cells", "Spot", "Volatility", (), (), (), _ESTIMATE),
    timeline(0, 3, 2_700_000, 12, 58, 731, 7_200_000, 345_600_000),
    timeline(0, 0, 0),
    timeline(0),
    timeline(*range(0, 9000, 100)),
    waterfall("Of very many parts", "5", *["1.5"] * 90),
    Timeline("No step", ()),
    record(2500),
    record(1),
    record(0),
)


def every_chart() -> Statement:
    """A section for each chart, so that every one of them is listed, marked and led to."""
    sections = tuple(
        Section(f"{number}: {chart.title}", (chart,)) for number, chart in enumerate(CHARTS)
    )
    return replace(statement(), sections=sections)
