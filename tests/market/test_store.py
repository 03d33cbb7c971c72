from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from allusedesk.market.archive.discovery import discover
from allusedesk.market.archive.opening import open_history
from allusedesk.market.archive.store import _mapped, opened, previewed, stored
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import DailyBars, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.layouts import ImportedValue, read_file
from allusedesk.resource_files import resource_path

SAMPLE = resource_path("sample_market")
FACTORS = b"20000103,0.98,0.5,1\n20130328,0.98,0.5,100\n20130502,1,1,10\n20501231,1,1,0\n"
EARNINGS = b"dates,eps_actual,ticker\n2012-01-24,13.87,AAPL\n2013-04-23,,AAPL\n"


def same(one: ImportedValue, other: ImportedValue) -> bool:
    return type(one) is type(other) and all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True)
        if isinstance(getattr(one, field.name), np.ndarray)
        and getattr(one, field.name).dtype.kind == "f"
        else bool(np.all(getattr(one, field.name) == getattr(other, field.name)))
        for field in fields(one)
    )


def sample_values(
    nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> tuple[ImportedValue, ...]:
    return previewed(discover((SAMPLE,)), nyse, known_splits)[0]


def test_every_kind_of_value_comes_back_as_it_was_stored(
    tmp_path: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    values = sample_values(nyse, known_splits)
    values += read_file("xyz.csv", FACTORS, nyse).values
    values += read_file("goog.csv", b"20140327,goocv,Q\n20501231,goog,Q\n", nyse).values
    values += read_file("e.csv", EARNINGS, nyse).values
    assert stored(values, tmp_path / "archive") == len(values)
    back = opened(tmp_path / "archive")
    assert len(back) == len(values)
    assert all(same(one, other) for one, other in zip(values, back, strict=True))
    bars = next(value for value in back if isinstance(value, DailyBars))
    assert isinstance(bars.close, np.memmap)


def test_recorded_chains_come_back_too(
    tmp_path: Path, shared_data: Path, nyse: ExchangeCalendar
) -> None:
    file = shared_data / "options_snapshots_2026_02" / "AAPL_options.csv.gz"
    values = read_file(file.name, file.read_bytes(), nyse).values
    stored(values, tmp_path / "archive")
    assert same(values[0], opened(tmp_path / "archive")[0])


CBOE = (
    b"underlying,underlying_last,optionroot,type,expiration,quotedate,strike,last,bid,ask,volume,"
    b"openinterest,impliedvol\n"
    b"SPX,2919.04,SPXW190426P02900000,put,04/26/2019,04/25/2019,2900,1,0.9,1.1,5,10,0.1\n"
)
MINUTES = b"34200000,1,1,1,10000,1,2,2,2,20000,1\n34260000,,,,,,2,2,2,20000,1\n"
TRADES = b"34200000,10000,20000,10000,20000,10\n34260000,10000,20000,10000,20000,10\n"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("SPX.csv", CBOE),
        ("20151224_goog_minute_quote_american_put_7500000_20151231.csv", MINUTES),
        ("20151224_goog_minute_quote.csv", MINUTES),
        ("20151224_goog_minute_trade.csv", TRADES),
    ],
)
def test_what_was_recorded_within_days_comes_back(
    file: str, content: bytes, tmp_path: Path, nyse: ExchangeCalendar
) -> None:
    values = read_file(file, content, nyse).values
    stored(values, tmp_path / "archive")
    assert same(values[0], opened(tmp_path / "archive")[0])


def test_a_file_of_many_days_keeps_a_chain_a_day_and_is_replaced_as_a_whole(
    tmp_path: Path, nyse: ExchangeCalendar
) -> None:
    header, row = CBOE.splitlines()
    earlier = row.replace(b"04/25/2019", b"04/24/2019")
    both = read_file("SPX.csv", b"\n".join((header, earlier, row)), nyse).values
    assert stored(both, tmp_path / "archive") == 2
    assert stored(both[1:], tmp_path / "archive") == 1
    other = read_file("SPX_2.csv", CBOE, nyse).values
    assert stored(other, tmp_path / "archive") == 2


def test_an_archive_older_than_a_field_opens_with_what_the_field_was_then(
    tmp_path: Path, nyse: ExchangeCalendar
) -> None:
    folder = tmp_path / "archive"
    stored(read_file("SPX.csv", CBOE, nyse).values, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    texts = manifest["entries"][0]["texts"]
    for name in ("exercise", "settlement", "bid_sizes", "ask_sizes"):
        del texts[name]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    chain = opened(folder)[0]
    assert isinstance(chain, RecordedChain)
    assert (chain.exercise, chain.settlement, chain.bid_sizes) == ("american", "physical", None)


def test_a_history_out_of_an_archive_is_the_one_out_of_the_files(
    tmp_path: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    stored(sample_values(nyse, known_splits), tmp_path / "archive")
    histories = [
        open_history((path,), ("AAPL", "IBM"), "SPY", calendar=nyse, known_splits=known_splits)
        for path in (SAMPLE, tmp_path / "archive")
    ]
    for symbol in ("AAPL", "IBM"):
        one, other = (history.symbols[symbol] for history in histories)
        assert np.array_equal(one.bars.close, other.bars.close)
        assert one.dividends == other.dividends
        assert one.segments == other.segments


def test_importing_twice_changes_nothing_and_a_new_reading_replaces_the_old(
    tmp_path: Path, nyse: ExchangeCalendar
) -> None:
    folder = tmp_path / "archive"
    header = b"Date,Open,High,Low,Close,Volume\n"
    first = read_file("A.csv", header + b"2020-01-02,1,1,1,1,1\n", nyse).values
    second = read_file("A.csv", header + b"2020-01-02,2,2,2,2,2\n", nyse).values
    assert stored(first, folder) == 1
    before = sorted((path, path.stat().st_mtime_ns) for path in (folder / "columns").rglob("*.npy"))
    assert stored(first, folder) == 1
    after = sorted((path, path.stat().st_mtime_ns) for path in (folder / "columns").rglob("*.npy"))
    assert before == after
    assert stored(second, folder) == 1
    bars = opened(folder)[0]
    assert isinstance(bars, DailyBars)
    assert bars.close.tolist() == [2.0]
    assert len(list((folder / "columns").iterdir())) == 1


def test_an_import_that_broke_off_leaves_the_archive_as_it_was(
    tmp_path: Path,
    nyse: ExchangeCalendar,
    known_splits: tuple[Split, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "archive"
    header = b"Date,Open,High,Low,Close,Volume\n"
    stored(read_file("A.csv", header + b"2020-01-02,1,1,1,1,1\n", nyse).values, folder)
    kept = (folder / "manifest.json").read_bytes()

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("allusedesk.market.archive.store.os.replace", broken)
    with pytest.raises(OSError, match="No space left"):
        stored(sample_values(nyse, known_splits), folder)
    assert (folder / "manifest.json").read_bytes() == kept
    assert len(opened(folder)) == 1


def test_a_folder_with_other_files_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FileRefused, match="holds other files already"):
        stored((), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("{", "list of contents is damaged"),
        ("[]", "not the list of contents"),
        ('{"format": "other"}', "not the list of contents"),
        ('{"format": "allusedesk market archive", "version": 99}', "another version"),
        ('{"format": "allusedesk market archive", "version": 1}', "is damaged"),
        (
            '{"format": "allusedesk market archive", "version": 1, "entries": [{"kind": "X"}]}',
            "is damaged",
        ),
        (
            (
                '{"format": "allusedesk market archive", "version": 1, "entries": '
                '[{"kind": "X", "texts": {}, "columns": ""}]}'
            ),
            "is damaged",
        ),
    ],
)
def test_a_damaged_archive_is_refused_in_words(manifest: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "columns").mkdir()
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(FileRefused, match=reason):
        opened(tmp_path)


def test_a_lost_or_cut_column_is_refused_in_words(tmp_path: Path, nyse: ExchangeCalendar) -> None:
    text = b"Date,Open,High,Low,Close,Volume\n2020-01-02,1,1,1,1,1\n"
    stored(read_file("A.csv", text, nyse).values, tmp_path / "archive")
    column = next((tmp_path / "archive" / "columns").rglob("close.npy"))
    column.write_bytes(column.read_bytes()[:-4])
    with pytest.raises(FileRefused, match="the archive is damaged"):
        opened(tmp_path / "archive")
    column.unlink()
    with pytest.raises(FileRefused, match="the archive is damaged"):
        opened(tmp_path / "archive")


def test_the_preview_tells_what_each_file_gives_and_stores_nothing(
    nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    _, report = previewed(discover((SAMPLE,)), nyse, known_splits)
    told = {Path(name).name: words for name, words in report.taken}
    assert told["DFF.csv.gz"] == "interest rate, DFF 2006-01-01 to 2013-03-31"
    assert (
        "AAPL 2006-01-03 to 2013-03-01, 1,802 sessions, raw (declared)"
        in told["stocks_2006_2013.csv.gz"]
    )


def test_the_preview_names_a_split_nobody_wrote_down(
    tmp_path: Path, shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    found = discover((shared_data / "equity_daily_lean" / "aapl.zip",))
    noted, ignored = Effect.NOTED, Effect.VALUE_IGNORED
    effects = [defect.effect for defect in previewed(found, nyse, ())[1].defects]
    assert effects == [noted] * 4 + [ignored] * 3
    known = previewed(found, nyse, known_splits)[1].defects
    assert [defect.effect for defect in known] == [ignored] * 3


def test_the_preview_names_a_price_at_which_nobody_traded(
    shared_data: Path, nyse: ExchangeCalendar, known_splits: tuple[Split, ...]
) -> None:
    found = discover((shared_data / "equity_daily_lean" / "aapl.zip",))
    defects = previewed(found, nyse, known_splits)[1].defects
    for said, defect in zip(
        ("10.59 on 2009-09-21", "25.3 on 2010-08-31", "32.65 on 2011-01-03"), defects, strict=True
    ):
        assert said in defect.reason


def test_a_broken_head_is_damage_and_not_an_older_python_s(tmp_path: Path) -> None:
    column = tmp_path / "close.npy"
    told = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n"
    column.write_bytes(b"\x93NUMPY\x01\x00v\x00" + told + b" " * 60 + b"\n" + b"f" * 24)
    with pytest.raises(ValueError, match="head cannot be read"):
        _mapped(column)
