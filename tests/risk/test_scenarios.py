"""Scenarios from TOML: those that ship against recorded prices, and what is refused."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date
from pathlib import Path

import pytest

from allusedesk.risk.scenarios import MarketScenario, ScenariosRefused, read_scenarios
from tests.trading import ROOT

HISTORY = ROOT / "resources" / "scenarios" / "history.toml"


def shipped() -> dict[str, MarketScenario]:
    found = read_scenarios(HISTORY.read_text(encoding="utf-8"), HISTORY.name)
    return {one.id: one for one in found}


def test_the_days_that_are_remembered_are_there_each_with_its_source() -> None:
    found = shipped()
    wanted = {"1987-10-19", "2008-10", "2010-05-06", "2011-08", "2018-02-05", "2020-03", "2022"}
    assert wanted <= set(found)
    assert all(one.source and one.first and one.last for one in found.values())
    assert all(one.move < 0 and one.factor > 1 for one in found.values())


def column(path: Path, name: str) -> dict[date, float]:
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {
        day_of(row.get("DATE") or row["Date"]): float(row[name])
        for row in rows
        if row[name] not in ("", ".")
    }


def day_of(text: str) -> date:
    """Written as 2020-03-23 or as 3/23/2020."""
    if "/" not in text:
        return date.fromisoformat(text[:10])
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def test_their_figures_are_those_of_recorded_prices(shared_data: Path) -> None:
    vix = column(shared_data / "volatility" / "vix-daily.csv.gz", "CLOSE")
    high = column(shared_data / "volatility" / "vix-daily.csv.gz", "HIGH")
    bills = column(shared_data / "rates" / "DGS1MO.csv.gz", "DGS1MO")
    index_file = shared_data / "equity_daily_other" / "arch_sp500_1999_2018.csv.gz"
    index, low = column(index_file, "Close"), column(index_file, "Low")
    funds = shared_data / "equity_daily_raw_and_adj" / "SPY_2000_2024.csv.gz"
    shares = column(funds, "Close")
    checked = 0
    for one in shipped().values():
        assert one.first
        assert one.last
        if one.first not in vix:
            continue
        is_low = one.id == "2010-05-06"
        at_worst = high[one.last] if is_low else vix[one.last]
        assert one.factor == pytest.approx(at_worst / vix[one.first], rel=1e-3)
        assert one.rate_change == pytest.approx(
            (bills[one.last] - bills[one.first]) / 100, abs=1e-4
        )
        if one.last in index:
            close = (low if is_low else index)[one.last]
            assert one.move == pytest.approx(close / index[one.first] - 1, abs=1e-4)
        else:
            # The fund paid dividends on the way and closes a quarter of an hour later.
            assert one.move == pytest.approx(shares[one.last] / shares[one.first] - 1, abs=0.012)
        checked += 1
    assert checked >= 7


def test_a_persons_own() -> None:
    found = read_scenarios(
        """
        [[scenario]]
        id = "mine"
        move = -0.1
        volatility_factor = 1.5
        sessions = 5
        rate_change = -0.01
        moves = {aapl = -0.3, MSFT = 0.0}
        first = 2030-01-01
        """,
        "mine.toml",
    )[0]
    assert found == MarketScenario(
        "mine", "mine", -0.1, 1.5, -0.01, 5, (("AAPL", -0.3), ("MSFT", 0.0)), date(2030, 1, 1)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[scenario", "no TOML"),
        ("a = 1", "holds no"),
        ("scenario = []", "holds no"),
        ("scenario = [1]", "is no table"),
        ('[[scenario]]\nid = "a"', "move is no number"),
        ('[[scenario]]\nid = "a"\nmove = -1.5', "move is no number"),
        ('[[scenario]]\nid = "a"\nmove = true', "move is no number"),
        ('[[scenario]]\nid = "a"\nmove = nan', "move is no number"),
        ("[[scenario]]\nmove = -0.1", "has no id"),
        ('[[scenario]]\nid = "a"\nmove = 0\nmoves = 3', "moves is a table"),
        ('[[scenario]]\nid = "a"\nmove = 0\nfirst = "monday"', "first is no day"),
        ('[[scenario]]\nid = "a"\nmove = 0\nmood = "bad"', "mood is no field"),
        ('[[scenario]]\nid = "a"\nmove = 0\nvolatility_from = 10', "volatility_to is no number"),
        ('[[scenario]]\nid = "a"\nmove = 0\nsessions = 2.5', "no whole number"),
        ('[[scenario]]\nid = "a"\nmove = 0\nmoves = {A = 0, a = 1}', "a symbol twice"),
        (
            '[[scenario]]\nid = "a"\nmove = 0\nvolatility_factor = 2\nvolatility_from = 10',
            "not both",
        ),
        ('[[scenario]]\nid = "a"\nmove = 0\n[[scenario]]\nid = "a"\nmove = 0', "two scenarios"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ScenariosRefused, match=said):
        read_scenarios(text, "mine.toml")
