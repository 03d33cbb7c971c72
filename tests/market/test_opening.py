from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from allusedesk.market.archive.opening import HistoryMissing, open_history
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import Adjustment, MarketHistory
from allusedesk.resource_files import resource_path

SAMPLE = resource_path("sample_market")


class Door:
    """Opens histories with the shipped calendar and facts."""

    def __init__(self, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]) -> None:
        self.nyse, self.known_splits = nyse, known_splits

    def __call__(self, paths: list[Path], *symbols: str, trend: str = "SPY") -> MarketHistory:
        return open_history(
            tuple(paths), symbols, trend, calendar=self.nyse, known_splits=self.known_splits
        )


@pytest.fixture
def door(nyse: ExchangeCalendar, known_splits: tuple[Split, ...]) -> Door:
    return Door(nyse, known_splits)


def test_the_sample_market_is_enough_for_a_rehearsal(door: Door) -> None:
    history = door([SAMPLE], "AAPL", "GOOG", "IBM", "MSFT")
    for symbol in ("AAPL", "GOOG", "IBM", "MSFT"):
        bars = history.symbols[symbol].bars
        assert len(bars) == 1802
        assert bars.adjustment is Adjustment.RAW
        assert not history.symbols[symbol].earnings_known
    assert history.trend.symbol == "SPX"
    assert "Trend: no bars of SPY were found" in " ".join(history.choices)
    assert history.rate is not None
    assert history.rate.name == "DGS1MO"
    dividends = history.symbols["AAPL"].dividends
    assert [(each.ex_date, each.amount) for each in dividends] == [
        (date(2012, 8, 9), 2.65),
        (date(2012, 11, 7), 2.65),
        (date(2013, 2, 7), 2.65),
    ]
    amounts = [each.amount for each in history.symbols["IBM"].dividends]
    assert amounts[-4:] == [0.85] * 4


def test_splits_of_the_trend_are_known_though_nobody_trades_it(nyse: ExchangeCalendar) -> None:
    splits = (Split("GOOG", date(2004, 3, 1), 2.0), Split("NOT", date(2011, 3, 2), 2.0))
    history = Door(nyse, splits)([SAMPLE], "IBM", trend="GOOG")
    assert history.trend_splits == splits[:1]


def test_the_sample_market_is_a_cut_of_its_sources(shared_data: Path, door: Door) -> None:
    history = door([SAMPLE], "AAPL")
    source = door([shared_data / "equity_daily_other", shared_data / "volatility"], "AAPL")
    whole, cut = source.symbols["AAPL"].bars, history.symbols["AAPL"].bars
    assert np.array_equal(whole.bars_from(date(2006, 1, 1)).close, cut.close)
    assert np.isin(history.vix.dates, source.vix.dates).all()


def test_the_sample_market_stays_small_and_names_each_origin() -> None:
    files = [path for path in SAMPLE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    for folder in {path.parent for path in files}:
        assert (folder / "ORIGIN.md").is_file()
    for packed in SAMPLE.rglob("*.gz"):
        # Bytes 4 to 8 of a gzip file are its time: zero keeps the file the same for everybody.
        assert packed.read_bytes()[4:8] == bytes(4)


def test_a_decade_is_joined_from_three_files_of_different_adjustment(
    shared_data: Path, door: Door
) -> None:
    history = door([shared_data], "AAPL", "AMZN", "MSFT")
    amazon = history.symbols["AMZN"]
    assert [segment.first.year for segment in amazon.segments] == [2006, 2018]
    # Amazon traded at 2,447.00 before its twenty-for-one split, and at 124.79 after it.
    before, after = (amazon.bars.index_of(date(2022, 6, day)) for day in (3, 6))
    assert before is not None
    assert after is not None
    assert amazon.bars.close[before] == pytest.approx(2447.0, abs=0.001)
    assert amazon.bars.close[after] == pytest.approx(124.79, abs=0.001)
    microsoft = history.symbols["MSFT"]
    assert (microsoft.segments[0].adjustment, microsoft.segments[0].last) == (
        Adjustment.RAW,
        date(2013, 3, 1),
    )
    assert microsoft.bars.dates[-1] == np.datetime64("2023-12-29")
    assert microsoft.signal_bars.dates[-1] == np.datetime64("2026-02-13")
    text = "\n".join(history.choices)
    assert "equity_daily_2020_2026/MSFT.csv.gz is not used for prices of MSFT" in text
    assert history.trend.symbol == "SPY"
    assert history.symbols["AMZN"].earnings_known


def test_a_day_with_a_price_that_was_none_comes_from_another_vendor(
    shared_data: Path, door: Door
) -> None:
    folders = [shared_data / name for name in ("equity_daily_lean", "volatility")]
    alone = door(folders, "AAPL", "GOOG", "IWM")
    both = door([*folders, shared_data / "equity_daily_other"], "AAPL", "GOOG", "IWM")
    lows = {
        ("AAPL", date(2009, 9, 21)): (184.02, 181.62),
        ("AAPL", date(2010, 8, 31)): (241.88, 240.35),
        ("AAPL", date(2011, 1, 3)): (325.90, 324.8365),
        ("GOOG", date(2007, 12, 18)): (673.35, 652.50),
        ("GOOG", date(2008, 9, 30)): (294.57, 392.32),
    }
    for (symbol, day), (held, of_other) in lows.items():
        for history, low in ((alone, held), (both, of_other)):
            row = history.symbols[symbol].bars.index_of(day)
            assert row is not None
            assert history.symbols[symbol].bars.low[row] == low
            assert f"on {day} was never traded" in "\n".join(history.choices)
    for history in (alone, both):
        bars = history.symbols["IWM"].bars
        row = bars.index_of(date(2008, 9, 19))
        assert row is not None
        # One vendor alone has that day; and the afternoon of 2010-05-06 is as it was.
        assert (bars.open[row], bars.high[row]) == (79.11, 79.11)
        row = bars.index_of(date(2010, 5, 6))
        assert row is not None
        assert (bars.high[row], bars.low[row]) == (70.19, 63.44)


def test_un_split_prices_are_the_raw_ones_of_another_vendor(shared_data: Path, door: Door) -> None:
    volatility = shared_data / "volatility"
    split = door([shared_data / "equity_daily_2013_2023", volatility], "AAPL").symbols["AAPL"].bars
    raw = door([shared_data / "equity_daily_lean", volatility], "AAPL").symbols["AAPL"].bars
    _, here, there = np.intersect1d(split.dates, raw.dates, return_indices=True)
    assert len(here) > 2000
    assert np.abs(split.close[here] / raw.close[there] - 1).max() < 0.005
    assert np.median(np.abs(split.close[here] - raw.close[there])) < 0.005


def test_a_dividend_adjusted_folder_is_seen_through_by_its_neighbours(
    shared_data: Path, door: Door, tmp_path: Path
) -> None:
    folder = tmp_path / "vendor"
    folder.mkdir()
    for name in ("NVDA", "SPY"):
        shutil.copy(shared_data / "equity_daily_2020_2026" / f"{name}.csv.gz", folder)
    paths = [folder, shared_data / "volatility"]
    assert len(door(paths, "NVDA", trend="NVDA").symbols["NVDA"].bars) > 0
    paths.append(shared_data / "equity_daily_lean")
    with pytest.raises(HistoryMissing, match="All prices of NVDA on offer are adjusted"):
        door(paths, "NVDA", trend="NVDA")
    (folder / "adjustment.toml").write_text('adjustment = "splits"\n')
    assert len(door(paths, "NVDA", trend="NVDA").symbols["NVDA"].bars) > 0


def test_recorded_chains_come_in_the_order_of_their_instants(shared_data: Path, door: Door) -> None:
    paths = [
        shared_data / folder
        for folder in ("options_snapshots_2026_02", "equity_daily_2020_2026", "volatility")
    ]
    history = door(paths, "AAPL")
    assert [chain.underlying_price for chain in history.chains] == pytest.approx(
        [279.51, 271.36, 262.15], abs=0.01
    )
    noon = datetime(2026, 2, 12, 17, 0, tzinfo=UTC)
    assert len(history.chains_before(noon, "AAPL")) == 2
    assert history.chains_before(noon, "SPY") == ()


def test_a_gap_is_told_with_the_ticker_that_hid_it(shared_data: Path, door: Door) -> None:
    paths = [
        shared_data / folder
        for folder in ("equity_daily_lean", "corporate_actions_lean", "volatility")
    ]
    text = "\n".join(door(paths, "QQQ").choices)
    assert "1,588 sessions are missing: 2004-12-01 to 2011-03-22 (it also traded as QQQQ)" in text


def test_nothing_before_a_day_depends_on_what_came_after_it(tmp_path: Path, door: Door) -> None:
    shutil.copytree(SAMPLE, tmp_path / "market")
    for packed in (tmp_path / "market").rglob("*.gz"):
        lines = gzip.decompress(packed.read_bytes()).decode().splitlines()
        kept = [line for line in lines if not re.search(r"(^|,)(201[123]-|\d+/\d+/201[123])", line)]
        assert 10 < len(kept) < len(lines)
        packed.write_bytes(gzip.compress("\n".join(kept).encode()))
    whole, cut = (door([path], "IBM", "MSFT") for path in (SAMPLE, tmp_path / "market"))
    end = date(2011, 1, 1)
    for symbol in ("IBM", "MSFT"):
        known, short = whole.symbols[symbol], cut.symbols[symbol]
        assert np.array_equal(known.bars.bars_before(end).close, short.bars.close)
        assert tuple(each for each in known.dividends if each.ex_date < end) == short.dividends
    assert np.array_equal(whole.vix.bars_before(end).close, cut.vix.close)
    assert np.array_equal(whole.trend.bars_before(end).close, cut.trend.close)


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path, door: Door) -> None:
    with pytest.raises(HistoryMissing, match="No daily bars of XYZ were found"):
        door([SAMPLE], "XYZ")
    shutil.copytree(SAMPLE / "shares", tmp_path / "shares")
    with pytest.raises(HistoryMissing, match="No VIX was found"):
        door([tmp_path], "AAPL")
    shutil.copytree(SAMPLE / "volatility", tmp_path / "volatility")
    history = door([tmp_path], "AAPL")
    assert history.rate is None
    assert history.trend.symbol == "AAPL"
    text = "\n".join(history.choices)
    assert "AAPL itself stands for the market" in text
    assert "the rate is zero" in text


def test_a_damaged_file_is_refused_listed_and_the_rest_goes_on(tmp_path: Path, door: Door) -> None:
    shutil.copytree(SAMPLE, tmp_path / "market")
    packed = tmp_path / "market" / "rates" / "DGS1MO.csv.gz"
    packed.write_bytes(packed.read_bytes()[:-20])
    history = door([tmp_path / "market"], "AAPL")
    assert history.rate is not None
    assert history.rate.name == "DFF"
    assert ["cut short" in defect.reason for defect in history.defects].count(True) == 1
    assert "market/rates/DGS1MO.csv.gz is not used: the gzip archive is cut short." in (
        history.choices
    )


def bars_of_microsoft() -> str:
    shares = (SAMPLE / "shares" / "stocks_2006_2013.csv.gz").read_bytes()
    lines = gzip.decompress(shares).decode().splitlines()
    rows = [line.split(",")[1:7] for line in lines if line.startswith("MSFT,2012")]
    return "\n".join(",".join(row) for row in (["Date,Open,High,Low,Close,Volume"], *rows))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda text: text.replace(",", ";"), "its cells are parted by semicolons, not by commas"),
        (lambda text: text.replace(",", "\t"), "its cells are parted by tabs, not by commas"),
        (lambda text: text.replace("Open,High,Low", "A,B,C"), "it has no column for open, high"),
        (lambda text: text.replace("2012-1", "2012/1"), "`2012/1"),
        (lambda _: "", "it is empty"),
        (lambda text: text.splitlines()[0], "it has a header and no rows"),
        (lambda text: re.sub(r"\d+[.]\d+", "0.000001", text), "less than a hundredth of a cent"),
    ],
)
def test_a_file_that_was_refused_is_named_with_its_reason(
    spoilt: Callable[[str], str], said: str, tmp_path: Path, door: Door
) -> None:
    (tmp_path / "XYZ.csv").write_text(spoilt(bars_of_microsoft()))
    with pytest.raises(HistoryMissing) as told:
        door([tmp_path, SAMPLE / "volatility"], "XYZ")
    assert "XYZ.csv is not used: " in str(told.value)
    assert said in str(told.value)


def test_a_file_whose_name_is_too_long_for_a_ticker_is_named_too(
    tmp_path: Path, door: Door
) -> None:
    (tmp_path / "microsoft.csv").write_text(bars_of_microsoft())
    with pytest.raises(HistoryMissing, match="name says which symbol it is"):
        door([tmp_path, SAMPLE / "volatility"], "MICROSOFT")
