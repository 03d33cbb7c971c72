from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Defect, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.cboe_chains import read_cboe_chains

HEADER = (
    "underlying,underlying_last,exchange,optionroot,type,expiration,quotedate,strike,last,bid,ask,"
    "volume,openinterest,impliedvol"
)
CELLS = {
    "underlying": "SPX",
    "spot": "2919.04",
    "exchange": "CBOE",
    "root": "SPXW190426P02900000",
    "right": "put",
    "expiry": "04/26/2019",
    "day": "04/25/2019",
    "strike": "2900.0",
    "last": "0.0",
    "bid": "0.9",
    "ask": "1.1",
    "volume": "5",
    "interest": "10",
    "volatility": "0.1",
}
OTHER = {"root": "SPX190517C03000000", "right": "call", "expiry": "05/17/2019", "strike": "3000"}


def row(**changes: str) -> str:
    return ",".join((CELLS | changes).values())


GOOD = row(**OTHER)


def read(nyse: ExchangeCalendar, *rows: str) -> tuple[tuple[RecordedChain, ...], list[Defect]]:
    chains, defects = read_cboe_chains("x.csv", "\n".join((HEADER, *rows)).encode(), nyse)
    assert [defect.field for defect in defects[-2:]] == ["underlying price", "quote date"]
    return chains, list(defects[:-2])


def test_a_clean_table_is_read_column_by_column(nyse: ExchangeCalendar) -> None:
    (chain,), defects = read(nyse, row(), GOOD)
    assert defects == []
    assert (chain.underlying, chain.underlying_price) == ("SPX", 2919.04)
    assert chain.taken_at == datetime(2019, 4, 25, 20, tzinfo=UTC)
    assert chain.roots is not None
    assert chain.roots.tolist() == ["SPXW", "SPX"]
    assert (chain.is_put.tolist(), chain.strikes.tolist()) == ([True, False], [2900.0, 3000.0])
    assert (chain.exercise, chain.settlement) == ("european", "cash")
    assert np.isnan(chain.lasts).all()
    stock = row(underlying="AAPL", root="AAPL190426P02900000")
    assert read(nyse, stock)[0][0].settlement == "physical"


def test_quotation_marks_make_it_slower_and_not_different(nyse: ExchangeCalendar) -> None:
    (one,), _ = read(nyse, row(), GOOD)
    (other,), _ = read(nyse, row(exchange='"CBOE"'), GOOD)
    assert np.array_equal(one.bids, other.bids)
    assert np.array_equal(one.expiries, other.expiries)


@pytest.mark.parametrize(
    ("changes", "field", "effect"),
    [
        ({"bid": "1.2"}, "bid, ask", Effect.NOTED),
        ({"bid": "1.1"}, "bid, ask", Effect.NOTED),
        ({"bid": "0"}, "bid", Effect.NOTED),
        ({"bid": "0", "ask": "0.0"}, "bid, ask", Effect.VALUE_IGNORED),
        ({"bid": ""}, "bid, ask", Effect.VALUE_IGNORED),
        ({"volatility": "0"}, "implied volatility", Effect.VALUE_IGNORED),
        ({"volatility": "3.01"}, "implied volatility", Effect.VALUE_IGNORED),
        ({"volatility": "x"}, "implied volatility", Effect.VALUE_IGNORED),
        ({"volume": ""}, "volume", Effect.NOTED),
        ({"interest": "-1"}, "open interest", Effect.NOTED),
    ],
)
def test_a_doubtful_value_is_counted_and_the_row_kept(
    changes: dict[str, str], field: str, effect: Effect, nyse: ExchangeCalendar
) -> None:
    (chain,), defects = read(nyse, GOOD, row(**changes))
    assert len(chain) == 2
    found = [(each.row, each.field, each.effect, each.count) for each in defects]
    assert found == [(3, field, effect, 1)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"root": "SPXW190426P02900001"}, "does not agree"),
        ({"root": "190426P02900000"}, "another underlying"),
        ({"root": "SPXW190426X02900000"}, "does not agree"),
        ({"root": "P"}, "does not agree"),
        ({"right": "call"}, "does not agree"),
        ({"right": "straddle"}, "does not agree"),
        ({"expiry": "04/27/2019"}, "does not agree"),
        ({"expiry": "soon"}, "does not agree"),
        ({"strike": "2901"}, "does not agree"),
        ({"day": ""}, "no quote date"),
        ({"underlying": "RUT"}, "another underlying"),
        ({"spot": ""}, "the underlying price is no price"),
        ({"spot": "1e99"}, "the underlying price is no price"),
        ({"bid": "-1"}, "the bid is no price"),
        ({"spot": "2920"}, "differs from that in the rows before"),
        ({"expiry": "04/24/2019", "root": "SPXW190424P02900000"}, "had expired"),
        (OTHER, "stands in a row before"),
        ({"day": "04/27/2019", "root": "SPXW190503P02900000", "expiry": "05/03/2019"}, "closed on"),
    ],
)
def test_a_bad_row_is_refused_alone(
    changes: dict[str, str], reason: str, nyse: ExchangeCalendar
) -> None:
    chains, defects = read(nyse, GOOD, row(**changes))
    assert [len(chain) for chain in chains] == [1]
    assert [(each.row, each.effect) for each in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_the_same_contract_on_another_day_is_no_repeat(nyse: ExchangeCalendar) -> None:
    chains, defects = read(nyse, row(day="04/24/2019", spot="2900"), row(), GOOD)
    assert [len(chain) for chain in chains] == [1, 2]
    assert defects == []


def test_a_file_of_a_closed_day_or_without_a_column_is_refused(nyse: ExchangeCalendar) -> None:
    holiday = row(day="04/19/2019")
    with pytest.raises(FileRefused, match=r"closed on 2019-04-19; such a table repeats the close"):
        read(nyse, holiday)
    with pytest.raises(FileRefused, match="no column for ask"):
        read_cboe_chains("x.csv", (HEADER.replace(",ask,", ",offer,") + f"\n{GOOD}").encode(), nyse)
    with pytest.raises(FileRefused, match="13 of its 13 rows are bad"):
        read(nyse, *(row(strike="1") for _ in range(13)))
    with pytest.raises(FileRefused, match="no row of it can be used: the option symbol"):
        read(nyse, row(strike="1"))
    with pytest.raises(FileRefused, match="14 cells of the header"):
        read(nyse, "1,2")
