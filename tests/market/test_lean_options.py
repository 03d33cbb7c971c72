from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.lean_options import (
    read_lean_option_days,
    read_lean_option_minutes,
)
from allusedesk.market.importers.lean_rows import contract_member, share_member

QUOTE = "20151223 00:00,1,1,1,10000,3,2,2,2,20000,4"


def zipped(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def daily(kind: str, strike: int = 7_500_000, right: str = "put", style: str = "american") -> str:
    return f"goog_{kind}_{style}_{right}_{strike}_20151231.csv"


def minute(kind: str, strike: int = 7_500_000, style: str = "american") -> str:
    return f"20151224_goog_minute_{kind}_{style}_put_{strike}_20151231.csv"


def test_days_become_chains_at_their_closes(nyse: ExchangeCalendar) -> None:
    content = zipped(
        {
            daily("quote"): f"{QUOTE}\n20151224 00:00,,,,,,2,2,2,20000,4\n",
            daily("quote", 8_000_000, "call"): f"{QUOTE}\n",
        }
    )
    (first, second), defects = read_lean_option_days("x.zip", content, nyse)
    assert defects == ()
    assert second.taken_at == datetime(2015, 12, 24, 18, tzinfo=UTC)
    assert (first.strikes.tolist(), first.is_put.tolist()) == ([750.0, 800.0], [True, False])
    assert (first.bids.tolist(), first.asks.tolist()) == ([1.0, 1.0], [2.0, 2.0])
    assert np.isnan(second.bids[0])
    assert np.isnan([first.underlying_price, first.volumes[0], first.open_interests[0]]).all()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("20151223 00:00,5", "the day stands already in a row before"),
        ("20151225 00:00,5", "the exchange was closed"),
        ("20151399 00:00,5", "not a date"),
        ("20160104 00:00,5", "had expired"),
        ("20151224 00:00,-5", "the open interest is no count"),
        ("20151224 00:00,", "the open interest is no count"),
        ("20151224 00:00,5,5", "does not have 2 cells"),
    ],
)
def test_a_bad_day_is_refused_alone_and_named_with_its_file(
    row: str, reason: str, nyse: ExchangeCalendar
) -> None:
    name = daily("openinterest")
    content = zipped(
        {daily("openinterest", 1): "20151223 00:00,1\n", name: f"20151223 00:00,7\n{row}\n"}
    )
    chains, (defect,) = read_lean_option_days("x.zip", content, nyse)
    assert [len(chain) for chain in chains] == [2]
    assert chains[0].open_interests.tolist() == [1.0, 7.0]
    assert (defect.file, defect.row, defect.effect) == (f"x.zip/{name}", 2, Effect.ROW_REFUSED)
    assert reason in defect.reason


def test_minutes_count_when_they_are_complete(nyse: ExchangeCalendar) -> None:
    rows = [f"{34_200_000 + 60_000 * place},1,1,1,10000,3,2,2,2,20000,4" for place in (0, 1, 209)]
    late = "46800000,1,1,1,10000,3,2,2,2,20000,4"
    content = zipped({minute("quote"): "\n".join((*rows, late)), minute("quote", 1): rows[0]})
    chain, (defect,) = read_lean_option_minutes("x.zip", content, nyse)
    opens_at = int(datetime(2015, 12, 24, 14, 30, tzinfo=UTC).timestamp())
    assert chain.quote_starts.tolist() == [0, 3, 4]
    assert (chain.quoted_at - opens_at).tolist() == [60, 120, 210 * 60, 60]
    assert "ends after the close at 18:00 UTC" in defect.reason
    assert chain.bid_sizes.tolist() == [3.0] * 4


def test_options_on_an_index_trade_for_another_quarter_of_an_hour(nyse: ExchangeCalendar) -> None:
    row = "47640000,1,1,1,10000,3,2,2,2,20000,4"
    content = zipped({minute("quote", style="european"): row})
    chain, defects = read_lean_option_minutes("x.zip", content, nyse)
    assert (len(chain.quoted_at), chain.settlement, defects) == (1, "cash", ())


def test_minutes_out_of_order_and_impossible_times_are_refused(nyse: ExchangeCalendar) -> None:
    rows = ["34260000,1,1,1,10000,5", "34260000,1,1,1,10000,5", "99999999,1,1,1,10000,5"]
    content = zipped({minute("trade"): "\n".join(rows)})
    chain, defects = read_lean_option_minutes("x.zip", content, nyse)
    assert (chain.lasts.tolist(), chain.volumes.tolist()) == ([1.0], [5.0])
    assert [defect.row for defect in defects] == [3, 2]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({daily("quote"): QUOTE, "letter.csv": "1"}, "`letter.csv` in it is not named"),
        ({daily("quote"): QUOTE, daily("trade"): "1"}, "of several symbols or kinds"),
        ({daily("quote"): QUOTE, f"a/{daily('quote')}": QUOTE}, "two files of one contract"),
        ({daily("quote"): ""}, "it is empty"),
        ({daily("quote"): "\u00e9"}, "something else than numbers"),
    ],
)
def test_an_archive_of_mixed_things_is_refused(
    members: dict[str, str], reason: str, nyse: ExchangeCalendar
) -> None:
    with pytest.raises(FileRefused, match=reason):
        read_lean_option_days("x.zip", zipped(members), nyse)


def test_a_day_on_which_the_exchange_was_closed_is_refused(nyse: ExchangeCalendar) -> None:
    name = minute("trade").replace("20151224", "20151225")
    with pytest.raises(FileRefused, match="closed on 2015-12-25"):
        read_lean_option_minutes("x.zip", zipped({name: "34260000,1,1,1,1,5"}), nyse)
    other = minute("trade", 1).replace("20151224", "20151223")
    both = {minute("trade"): "34260000,1,1,1,1,5", other: "34260000,1,1,1,1,5"}
    with pytest.raises(FileRefused, match="not all about one day"):
        read_lean_option_minutes("x.zip", zipped(both), nyse)


def test_names_say_what_a_file_is_about() -> None:
    found = contract_member("spy_trade_american_call_4025000_20240103.csv")
    assert found is not None
    assert (found.symbol, found.strike, found.is_put, found.day) == ("SPY", 402.5, False, None)
    strangers = (
        "spy_trade_american_call_0_20240103.csv",
        "20240102_spy_trade_american_call_1_20240103.csv",
        "spy_trade_american_call_1_20249999.csv",
        "a.csv",
    )
    assert [contract_member(name) for name in strangers] == [None] * 4
    share = share_member("20131007_spy_second_quote.csv")
    assert share is not None
    assert (share.symbol, share.bar_seconds) == ("SPY", 1)
    assert share_member("20139907_spy_second_quote.csv") is None
