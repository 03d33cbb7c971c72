"""Which importer reads what; every defect the data pack is known for; and no traceback, ever."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.market.archive.reading import Asked
from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.market.history import Defect, Effect, FileRefused
from allusedesk.market.importers.layouts import Imported, Layout, read_file, recognise
from allusedesk.resource_files import resource_path

NYSE = calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", content)
    return stream.getvalue()


SAMPLES: dict[Layout, tuple[str, bytes]] = {
    Layout.DAILY_BARS: (
        "AAPL.csv",
        (
            b"Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,1,2,1,2,1.9,10\n"
            b"2020-01-03,2,3,1,2,1.9,10\n2020-01-06,2,3,1,2,1.9,10\n"
        ),
    ),
    Layout.LEAN_DAILY: (
        "aapl.csv",
        b"20200102 00:00,10000,20000,10000,20000,10\n20200103 00:00,1,2,1,2,10\n",
    ),
    Layout.INDEX_CLOSES: ("spx.csv", b"Date,SP500\n2020-01-02,3257.85\n2020-01-03,3234.85\n"),
    Layout.VOLATILITY: (
        "vix.csv",
        b"DATE,OPEN,HIGH,LOW,CLOSE\n2020-01-02,13,14,12,13\n2020-01-03,13,14,12,13\n",
    ),
    Layout.RATE: ("DFF.csv", b"DATE,DFF\n2020-01-02,1.5\n2020-01-03,.\n2020-01-06,1.6\n"),
    Layout.TREASURY_CURVES: (
        "c.csv",
        b"Time Period,1month,30year\n2020-01-02,0.01,0.02\n2020-01-03,,0.02\n",
    ),
    Layout.EARNINGS: (
        "e.csv",
        b'dates,eps_estimate,eps_actual,ticker,category\n2020-01-29,4,4.99,AAPL,"a, b"\n',
    ),
    Layout.FACTORS: ("aapl.csv", b"20200102,0.99,0.25,1\n20200806,0.99,0.25,455\n20501231,1,1,0\n"),
    Layout.TICKERS: ("goog.csv", b"20140327,goocv,Q\n20501231,goog,Q\n"),
    Layout.OPTION_SNAPSHOT: (
        "AAPL_options.csv",
        (
            b"contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,volume,openInterest,"
            b"impliedVolatility,contractSize,optionType,expirationDate,underlyingPrice\n"
            b"AAPL260213P00260000,2026-02-12 15:00:00+00:00,260,1.5,1.4,1.6,10,100,0.4,REGULAR,"
            b"put,2026-02-13,262\n"
        ),
    ),
    Layout.CBOE_CHAINS: (
        "SPX_20190425.csv",
        (
            b"underlying,underlying_last,optionroot,type,expiration,quotedate,strike,last,bid,ask,"
            b"volume,openinterest,impliedvol\n"
            b"SPX,2919.04,SPXW190426P02900000,put,04/26/2019,04/25/2019,2900,1,0.9,1.1,5,10,0.1\n"
        ),
    ),
    Layout.UNIVERSE: (
        "goog/20151223.csv",
        (
            b"#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility\n"
            b",,,749,750,748,749.5,100,,\n20151224,750,P,2,3,1,2,1,10,0.2\n"
        ),
    ),
    Layout.LEAN_OPTION_DAYS: (
        "goog_quote_american_put_7500000_20151224.csv",
        b"20151223 00:00,1,1,1,10000,1,2,2,2,20000,1\n20151224 00:00,1,1,1,1,1,2,2,2,2,1\n",
    ),
    Layout.LEAN_OPTION_MINUTES: (
        "20151224_goog_minute_quote_american_put_7500000_20151231.csv",
        b"34200000,1,1,1,10000,1,2,2,2,20000,1\n34260000,,,,,,2,2,2,20000,1\n",
    ),
    Layout.LEAN_INTRADAY: (
        "20151224_goog_minute_trade.csv",
        b"34200000,1,1,1,1,10\n34260000,10000,20000,10000,20000,10\n",
    ),
    Layout.CONTRACT_BARS: (
        "spy_contracts.csv",
        b"date,ticker,open,high,low,close,volume\n2026-04-01,O:SPY260401C00650000,1,1,1,1,1\n",
    ),
}


@pytest.mark.parametrize("layout", list(Layout))
def test_each_layout_is_recognised_plain_and_compressed(layout: Layout) -> None:
    file, content = SAMPLES[layout]
    for packed in (content, gzip.compress(content), zipped(content)):
        found = recognise(file, packed)
        assert found is not None
        assert found.layout is layout
        imported = read_file(file, packed, NYSE)
        assert imported.layout is layout
        assert imported.values


def test_a_snapshot_is_read_for_no_day_before_its_first_trade() -> None:
    file, content = SAMPLES[Layout.OPTION_SNAPSHOT]
    found = recognise(file, content)
    assert found is not None
    assert found.days == (date(2026, 2, 11), date.max)
    for first, last, may_hold in (
        (date(2012, 4, 2), date(2026, 2, 10), False),
        (date(2012, 4, 2), date(2026, 2, 11), True),
        (date(2026, 3, 2), date(2026, 3, 31), True),
    ):
        assert Asked(("AAPL",), ("AAPL",), (first, last)).may_hold(found) is may_hold
    undated = recognise(file, content.replace(b"2026-02-12 15", b"yesterday 15"))
    assert undated is not None
    assert undated.days is None


@pytest.mark.parametrize(
    "content",
    [
        b"# A heading\n\nSome words.\n",
        b"date,cn_2y,cn_10y\n2020-01-02,1,2\n",
        b"#expiry,strike,open,high,low,close,volume\n20140606,1,1,1,1,1,1\n",
        b"Date,COPPER\n2020-01-02,3257\n",
        b"34200000,10000,20000,10000,20000,10\n",
    ],
)
def test_what_no_importer_knows_is_left_alone(content: bytes) -> None:
    assert recognise("a.csv", content) is None
    with pytest.raises(FileRefused, match=r"a\.csv: no importer knows its layout"):
        read_file("a.csv", content, NYSE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"Date;Open;High;Low;Close;Volume\n", "parted by semicolons"),
        (b"Date\tClose\n", "parted by tabs"),
        (b"date,close\n2020-01-02,1\n", "no column for open, high, low, volume"),
    ],
)
def test_what_is_nearly_daily_bars_says_what_it_lacks(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        recognise("a.csv", content)


def accepted(file: str, content: bytes) -> Imported | None:
    """Read a file that may be anything: values with defects, or one plain refusal."""
    try:
        imported = read_file(file, content, NYSE)
    except FileRefused as refusal:
        text = str(refusal)
        assert text.startswith(file)
        assert text.endswith("Nothing was taken from this file.")
        assert "\n" not in text
        return None
    for defect in imported.defects:
        assert defect.reason
        assert "\n" not in str(defect)
    return imported


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_plainly(content: bytes) -> None:
    accepted("AAPL.csv", content)


CELLS = st.one_of(
    st.sampled_from(
        ["", ".", "nan", "inf", "-1", "0", "1e400", "9" * 400, "2020-01-03", "20200103", "AAPL",
         "9999-99-99", '"', "\r", "\0", "\ud800", "1/1/1", "0.0000001", "\u0661"]
    ),
    st.text(max_size=8),
)  # fmt: skip


HEADLESS = (
    Layout.LEAN_DAILY, Layout.FACTORS, Layout.TICKERS, Layout.LEAN_OPTION_DAYS,
    Layout.LEAN_OPTION_MINUTES, Layout.LEAN_INTRADAY,
)  # fmt: skip


@settings(max_examples=80)
@given(st.data(), st.sampled_from(list(Layout)))
def test_mangled_rows_become_defects_or_one_refusal(data: st.DataObject, layout: Layout) -> None:
    file, content = SAMPLES[layout]
    lines = [line.split(",") for line in content.decode().splitlines()]
    first = 0 if layout in HEADLESS else 1
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(first, len(lines) - 1))
        match data.draw(st.sampled_from(["cell", "drop", "repeat", "cut"])):
            case "cell":
                place = data.draw(st.integers(0, len(lines[row]) - 1))
                lines[row][place] = data.draw(CELLS)
            case "drop":
                lines[row] = lines[row][1:] or [""]
            case "repeat":
                lines.append(list(lines[row]))
            case _:
                lines[row] = lines[row][: data.draw(st.integers(1, len(lines[row])))]
    text = "\n".join(",".join(line) for line in lines)
    accepted(file, text.encode("utf-8", errors="surrogatepass"))


@settings(max_examples=80)
@given(st.data(), st.sampled_from(list(Layout)))
def test_mangled_bytes_become_defects_or_one_refusal(data: st.DataObject, layout: Layout) -> None:
    file, content = SAMPLES[layout]
    mangled = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        mangled[data.draw(st.integers(0, len(mangled) - 1))] = data.draw(st.integers(0, 255))
    accepted(file, bytes(mangled))


def counted(defects: tuple[Defect, ...]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for defect in defects:
        counts[defect.effect.value, defect.field] += defect.count
    return counts


def imported_from(shared_data: Path, file: str, nyse: ExchangeCalendar) -> Imported:
    return read_file(file, (shared_data / file).read_bytes(), nyse)


WIDENED, REFUSED_DAY = (Effect.VALUE_IGNORED, "high, low"), (Effect.ROW_REFUSED, "date")
MISSING, BLANK = (Effect.NOTED, "date"), (Effect.ROW_REFUSED, "open")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("equity_daily_lean/qqq.zip", {MISSING: 1588}),
        ("equity_daily_2006_2018/AMZN_2006-01-01_to_2018-01-01.csv.gz", {MISSING: 1, WIDENED: 1}),
        ("equity_daily_2006_2018/MSFT_2006-01-01_to_2018-01-01.csv.gz", {MISSING: 1, WIDENED: 2}),
        (
            "equity_daily_2006_2018/JPM_2006-01-01_to_2018-01-01.csv.gz",
            {BLANK: 1, WIDENED: 3},
        ),
        (
            "equity_daily_2006_2018/KO_2006-01-01_to_2018-01-01.csv.gz",
            {BLANK: 1, WIDENED: 5},
        ),
        (
            "equity_daily_2006_2018/XOM_2006-01-01_to_2018-01-01.csv.gz",
            {BLANK: 1, WIDENED: 7},
        ),
        (
            "volatility/vix-daily.csv.gz",
            {MISSING: 4, REFUSED_DAY: 33, WIDENED: 47, (Effect.NOTED, "open, high, low"): 505},
        ),
        ("earnings/earnings_selected.csv.gz", {(Effect.NOTED, "actual"): 58}),
    ],
)
def test_every_known_defect_of_the_daily_files_is_found(
    file: str, expected: dict[tuple[Effect, str], int], shared_data: Path, nyse: ExchangeCalendar
) -> None:
    found = counted(imported_from(shared_data, file, nyse).defects)
    assert found == {(effect.value, field): count for (effect, field), count in expected.items()}


def test_the_sessions_vix_lacks_and_its_rows_on_closed_days_are_named(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    defects = imported_from(shared_data, "volatility/vix-daily.csv.gz", nyse).defects
    text = "\n".join(str(defect) for defect in defects)
    for day in ("1991-03-01", "1997-01-31", "1997-11-26", "1999-12-31"):
        assert f"1 session is missing: {day}" in text
    for day in ("2004-06-11", "2022-05-30"):
        assert f"the exchange was closed on {day}" in text
    assert "from 1990-01-02 to 1991-12-31" in text


SNAPSHOT_FIELDS = {
    "crossed": "is crossed", "empty": "has no quote", "zero": "is zero: ", "wild": "above 300 %",
    "volume": "has no volume", "interest": "has no open interest", "expired": "is negative",
    "instant": "instant of the snapshot",
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("AAPL_options", {"crossed": 8, "empty": 3, "volume": 118, "expired": 79}),
        ("NVDA_options", {"crossed": 0, "zero": 607, "wild": 111, "interest": 4}),
        ("NVDA_options_3", {"zero": 634}),
        ("QQQ_options", {"crossed": 7, "empty": 95, "interest": 1}),
        ("QQQ_options_2", {"crossed": 7, "empty": 95, "zero": 373}),
    ],
)
def test_every_known_defect_of_the_snapshots_is_found(
    file: str, expected: dict[str, int], shared_data: Path, nyse: ExchangeCalendar
) -> None:
    path = f"options_snapshots_2026_02/{file}.csv.gz"
    defects = imported_from(shared_data, path, nyse).defects
    found = {
        name: sum(words in defect.reason for defect in defects)
        for name, words in SNAPSHOT_FIELDS.items()
    }
    assert found["instant"] == 1
    assert {name: found[name] for name in expected} == expected
    assert not [defect for defect in defects if defect.effect is Effect.ROW_REFUSED]


@pytest.mark.parametrize(
    "pattern",
    [
        "equity_daily_2013_2023/*.gz",
        "equity_daily_2020_2026/*.gz",
        "equity_daily_2021_2026_vwap/*.gz",
        "equity_daily_raw_and_adj/*.gz",
        "equity_daily_other/*.gz",
        "equity_daily_lean/[abgis]*.zip",
        "rates/DGS*.gz",
        "rates/DFF.csv.gz",
        "rates/treasury_curves_1990_2017.csv.gz",
        "corporate_actions_lean/*/*.csv",
    ],
)
def test_nothing_is_raised_on_clean_files(
    pattern: str, shared_data: Path, nyse: ExchangeCalendar
) -> None:
    files = sorted(shared_data.glob(pattern))
    assert files
    for file in files:
        name = str(file.relative_to(shared_data))
        assert imported_from(shared_data, name, nyse).defects == (), name
