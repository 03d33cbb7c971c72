from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import DailyBars, Effect
from allusedesk.market.importers.layouts import read_file
from allusedesk.market.price_jumps import unexplained_jumps


def lean(shared_data: Path, symbol: str, nyse: ExchangeCalendar) -> DailyBars:
    path = shared_data / "equity_daily_lean" / f"{symbol}.zip"
    bars = read_file(path.name, path.read_bytes(), nyse).values[0]
    assert isinstance(bars, DailyBars)
    return bars


@pytest.mark.parametrize(
    ("symbol", "days"),
    [
        ("aapl", ["2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31"]),
        ("goog", ["2014-04-03"]),
        ("iwm", ["2005-06-09"]),
        ("bac", ["2004-08-30"]),
        ("qqq", ["2000-03-20"]),
        ("spy", []),
    ],
)
def test_splits_look_like_crashes_only_until_they_are_known(
    symbol: str,
    days: list[str],
    shared_data: Path,
    nyse: ExchangeCalendar,
    known_splits: tuple[Split, ...],
) -> None:
    bars = lean(shared_data, symbol, nyse)
    found = unexplained_jumps(bars, ())
    assert [defect.effect for defect in found] == [Effect.NOTED] * len(days)
    for day, defect in zip(days, found, strict=True):
        assert f"on {day} at ordinary volume" in defect.reason
    assert unexplained_jumps(bars, known_splits) == ()


def test_a_real_crash_at_many_times_the_volume_is_no_split(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    # Apple halved on its warning of 2000-09-28, at sixteen times its usual volume.
    bars = lean(shared_data, "aapl", nyse)
    row = bars.index_of(date(2000, 9, 29))
    assert row is not None
    assert bars.close[row] < bars.close[row - 1] / 2
    assert not [d for d in unexplained_jumps(bars, ()) if "2000-09-29" in d.reason]
