from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allusedesk.market.archive.opening import open_history
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import DailyBars, Effect
from allusedesk.market.importers.layouts import read_file
from allusedesk.market.price_jumps import jumps_told, unexplained_jumps
from allusedesk.resource_files import resource_path


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


def test_a_jump_within_the_span_or_the_year_before_is_told(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    folder = shared_data / "equity_daily_lean"
    volatility = resource_path("sample_market", "volatility")
    paths = (folder / "goog.zip", volatility)
    history = open_history(paths, ("GOOG",), "GOOG", calendar=nyse, known_splits=())
    (told,) = jumps_told(history, date(2014, 1, 2), date(2014, 12, 31))
    assert told.startswith("GOOG: the close went from ")
    assert "on 2014-04-03 at ordinary volume" in told
    assert jumps_told(history, date(2015, 4, 2), date(2015, 12, 31)) == (told,)
    assert jumps_told(history, date(2015, 4, 6), date(2015, 12, 31)) == ()
    assert jumps_told(history, date(2013, 4, 1), date(2014, 4, 2)) == ()
    known = open_history(paths, ("GOOG",), "GOOG", calendar=nyse, known_splits=known_splits)
    assert jumps_told(known, date(2014, 1, 2), date(2014, 12, 31)) == ()
