"""Every defect the data pack's recorded options and intraday bars are known for, and no other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from allusedesk.market.archive.discovery import discover
from allusedesk.market.archive.store import previewed
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Defect, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.layouts import Imported, Layout, read_file
from allusedesk.market.intraday import MinuteChain, ShareTrades

IGNORED, NOTED, REFUSED = Effect.VALUE_IGNORED, Effect.NOTED, Effect.ROW_REFUSED
VOLATILITY = "implied volatility"
HOLIDAYS = ("20190527", "20190704")


def imported(shared_data: Path, file: str, nyse: ExchangeCalendar) -> Imported:
    return read_file(file, (shared_data / file).read_bytes(), nyse)


def chain_of(found: Imported) -> RecordedChain:
    value = found.values[0]
    assert isinstance(value, RecordedChain)
    return value


def counted(defects: tuple[Defect, ...], words: str) -> int:
    return sum(defect.count for defect in defects if words in defect.reason)


def test_each_day_of_spx_has_the_faults_it_is_known_for(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    files = sorted(shared_data.glob("options_eod_spx_2019/*.gz"))
    assert len(files) == 24
    ranges: dict[str, list[int]] = {}
    for file in files:
        name = str(file.relative_to(shared_data))
        if any(day in name for day in HOLIDAYS):
            with pytest.raises(FileRefused, match=r"was closed on 2019-0.*repeats the close"):
                imported(shared_data, name, nyse)
            continue
        found = imported(shared_data, name, nyse)
        chain = chain_of(found)
        assert found.layout is Layout.CBOE_CHAINS
        assert (chain.exercise, chain.settlement) == ("european", "cash")
        assert chain.roots is not None
        assert set(chain.roots.tolist()) == {"SPX", "SPXW"}
        assert chain.taken_at.hour == 20
        assert 35 <= len(set(chain.expiries.tolist())) <= 39
        assert counted(found.defects, "crossed") == 0
        assert counted(found.defects, "neither bid nor ask") == 1
        for words in ("volatility is zero", "above 300 %", "nobody bids"):
            ranges.setdefault(words, []).append(counted(found.defects, words))
        assert {defect.effect for defect in found.defects} == {IGNORED, NOTED}
        assert len(found.defects) == 5
    assert (min(ranges["volatility is zero"]), max(ranges["volatility is zero"])) == (197, 1772)
    assert (min(ranges["above 300 %"]), max(ranges["above 300 %"])) == (15, 205)
    assert (min(ranges["nobody bids"]), max(ranges["nobody bids"])) == (644, 1096)


def test_the_table_of_many_days_gives_a_chain_a_day(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    found = imported(shared_data, "options_eod_spx_2014_2017/options_data.csv.gz", nyse)
    chains = [value for value in found.values if isinstance(value, RecordedChain)]
    assert [len(chain) for chain in chains] == [4] * 61
    assert chains[0].taken_at == datetime(2014, 12, 15, 21, tzinfo=UTC)
    # Christmas Eve ends at one o'clock.
    assert chains[7].taken_at == datetime(2014, 12, 24, 18, tzinfo=UTC)
    assert (chains[0].underlying_price, chains[0].underlying) == (1989.63, "SPX")
    assert counted(found.defects, "has no quote") == 122
    assert counted(found.defects, "nobody bids") == 4


UNIVERSE = {
    "aapl/20140605": {"is zero": 1164, "outside its range": 1, "no price": 30},
    "aapl/20140609": {"is zero": 3436, "before a split": 2180, "outside its range": 0},
    "aapl/20140610": {"is zero": 3464, "before a split": 2180, "outside its range": 0},
    "aapl/20140611": {"is zero": 3484, "before a split": 2180, "outside its range": 1},
    "goog/20151223": {"is zero": 458, "before a split": 0, "no price": 134},
    "goog/20151224": {"is zero": 154, "before a split": 0, "no price": 0},
    "goog/20151228": {"is zero": 176, "before a split": 0, "contracts only": 0},
    "spy/20240102": {"18 contracts only": 1, "before a split": 0},
    "spy/20240103": {"21 contracts only": 1, "before a split": 0},
}


@pytest.mark.parametrize("file", list(UNIVERSE))
def test_each_chain_table_has_the_faults_it_is_known_for(
    file: str, shared_data: Path, nyse: ExchangeCalendar
) -> None:
    found = imported(shared_data, f"options_lean/universe_eod/{file}.csv.gz", nyse)
    assert {words: counted(found.defects, words) for words in UNIVERSE[file]} == UNIVERSE[file]
    assert not [defect for defect in found.defects if defect.effect is REFUSED]
    chain = chain_of(found)
    assert chain.taken_at.date() == date.fromisoformat(file.split("/")[1])
    assert int((~chain.has_standard_deliverable).sum()) == UNIVERSE[file].get("before a split", 0)


def test_the_empty_shell_is_refused_and_the_index_without_a_price_told(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    with pytest.raises(FileRefused, match=r"empty shell \(underlying 92.72\)"):
        imported(shared_data, "options_lean/universe_eod/aapl/20140606.csv.gz", nyse)
    found = imported(shared_data, "indexoption_lean/universe_eod/spx/20151222.csv.gz", nyse)
    assert counted(found.defects, "no row of the underlying, whose price is therefore unknown") == 1
    assert "its first row is a contract at 1679.5" in found.defects[0].reason
    assert chain_of(found).exercise == "european"


def test_a_copied_row_of_the_underlying_is_seen_across_files(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    folder = shared_data / "options_lean" / "universe_eod"
    _, report = previewed(discover((folder,)), nyse, ())
    repeats = [defect for defect in report.defects if "was copied" in defect.reason]
    assert [defect.file for defect in repeats] == ["universe_eod/aapl/20140611.csv.gz"]
    assert "93.77 is that of 2014-06-10" in repeats[0].reason


def test_daily_archives_know_the_split_and_what_is_missing(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    quotes = imported(shared_data, "options_lean/daily/aapl_2014_quote_american.zip", nyse)
    before, after = (value for value in quotes.values if isinstance(value, RecordedChain))
    assert (len(before), len(after)) == (2352, 2180)
    assert (before.strikes.max(), after.strikes.max()) == (1050.0, 150.0)
    assert (before.taken_at.date(), after.taken_at.date()) == (date(2014, 6, 6), date(2014, 6, 9))
    assert counted(quotes.defects, "is locked") == 42
    assert len(quotes.defects) == 1
    interest = imported(shared_data, "options_lean/daily/aapl_2014_openinterest_american.zip", nyse)
    assert [len(chain_of(Imported(interest.layout, (value,), ()))) for value in interest.values][
        :3
    ] == [2322, 2167, 96]
    assert counted(interest.defects, "had expired before") == 183
    (thin,) = [defect for defect in interest.defects if "have figures" in defect.reason]
    assert thin.reason.startswith(
        "on 15 days, 2014-06-10 to 2014-06-30, only 80 to 96 of its 2,448"
    )
    for file in ("aapl_2014_trade", "goog_2015_trade", "goog_2015_openinterest"):
        clean = imported(shared_data, f"options_lean/daily/{file}_american.zip", nyse)
        assert (clean.defects, len(clean.values)) == ((), 2)


def test_minutes_end_with_the_early_close(shared_data: Path, nyse: ExchangeCalendar) -> None:
    found = imported(shared_data, "options_lean/minute/goog/20151224_quote_american.zip", nyse)
    chain = found.values[0]
    assert isinstance(chain, MinuteChain)
    closes_at = nyse.session(date(2015, 12, 24)).closes_at
    assert (len(chain), len(chain.quoted_at), len(chain.minutes())) == (2192, 275_552 - 165, 210)
    assert int(chain.quoted_at.max()) == int(closes_at.timestamp())
    assert counted(found.defects, "after the close at 18:00 UTC") == 165
    assert counted(found.defects, "is locked") == 2
    assert len(found.defects) == 2
    # An index option trades on for a quarter of an hour.
    index = imported(shared_data, "indexoption_lean/minute/spx/20210104_quote_european.zip", nyse)
    assert index.defects == ()
    assert isinstance(index.values[0], MinuteChain)
    assert len(index.values[0].quoted_at) == 2428
    assert index.values[0].settlement == "cash"


STUBS = {"aapl/20140606_quote", "aapl/20140609_quote"}
PRINTS_OF_BEFORE_THE_SPLIT = {"aapl/20140609_trade"}


def test_stub_quotes_are_found_and_nothing_is_raised_on_the_other_days(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    found: Counter[str] = Counter()
    for file in sorted(shared_data.glob("intraday_lean/*/*/*.zip")):
        name = str(file.relative_to(shared_data))
        short = "/".join(file.with_suffix("").parts[-2:])
        defects = imported(shared_data, name, nyse).defects
        words = {"a stub, nobody's price"} if short in STUBS else set()
        words |= {"more than a tenth apart"} if short in PRINTS_OF_BEFORE_THE_SPLIT else set()
        assert len(defects) == len(words), name
        assert all(any(word in defect.reason for word in words) for defect in defects)
        found.update(defect.reason[:12] for defect in defects)
    assert found.total() == 3


def test_a_session_of_minutes_is_the_day_s_own_bar(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    eve = imported(shared_data, "intraday_lean/equity_minute/goog/20151224_trade.zip", nyse)
    trades = eve.values[0]
    assert isinstance(trades, ShareTrades)
    session = nyse.session(trades.day)
    within = trades.in_session(session)
    assert session.is_early_close
    assert (len(trades), len(within)) == (227, 210)
    assert (within.open[0], within.close[-1]) == (749.55, 748.4)
    # The index is kept on Chicago's clock and opens with New York all the same.
    index = imported(shared_data, "indexoption_lean/underlying_minute/spx/20210104_trade.zip", nyse)
    levels = index.values[0]
    assert isinstance(levels, ShareTrades)
    within = levels.in_session(nyse.session(levels.day))
    assert (len(within), within.open[0], index.defects) == (390, 3764.61, ())


def test_bars_of_contracts_become_chains_without_quotes(
    shared_data: Path, nyse: ExchangeCalendar
) -> None:
    file = "option_contract_daily/spy_options_polygon_style.csv"
    found = imported(shared_data, file, nyse)
    assert (len(found.values), found.defects) == (60, ())
    chain = chain_of(found)
    assert (chain.underlying, len(chain), chain.lasts[0]) == ("SPY", 4, 0.5)
    assert not chain.bids[chain.bids == chain.bids].size
