from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from allusedesk.market.history import Defect, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.option_snapshots import read_option_snapshot

HEADER = (
    "contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,volume,openInterest,impliedVolatility,"
    "contractSize,optionType,expirationDate,time_to_expire_years,underlyingPrice\n"
)
CELLS = {
    "symbol": "AAPL260213P00260000",
    "traded": "2026-02-12 15:00:00+00:00",
    "strike": "260.0",
    "last": "1.5",
    "bid": "1.4",
    "ask": "1.6",
    "volume": "10",
    "interest": "100",
    "volatility": "0.4",
    "size": "REGULAR",
    "right": "put",
    "expiry": "2026-02-13",
    "years": "0.003",
    "underlying": "262.15",
}
OTHER = "AAPL260213C00265000,2026-02-12 15:09:25+00:00,265,1,1,1.1,1,1,0.3,REGULAR,call,"
GOOD = OTHER + "2026-02-13,0.003,262.15\n"


def row(**changes: str) -> str:
    return ",".join((CELLS | changes).values()) + "\n"


def read(*rows: str) -> tuple[RecordedChain, list[Defect]]:
    chain, defects = read_option_snapshot("AAPL.csv", (HEADER + "".join(rows)).encode())
    assert defects[-1].row == 0
    return chain, list(defects[:-1])


def test_a_clean_chain_is_read_column_by_column() -> None:
    chain, defects = read(row(), GOOD)
    assert defects == []
    assert (chain.underlying, chain.underlying_price, len(chain)) == ("AAPL", 262.15, 2)
    assert chain.expiries.astype(object).tolist() == [date(2026, 2, 13)] * 2
    assert chain.is_put.tolist() == [True, False]
    assert (chain.strikes.tolist(), chain.bids.tolist()) == ([260.0, 265.0], [1.4, 1.0])
    assert chain.has_standard_deliverable.all()


def test_the_latest_trade_stands_for_the_instant_and_is_said_to() -> None:
    text = (HEADER + row() + GOOD).encode()
    chain, defects = read_option_snapshot("AAPL.csv", text)
    assert chain.taken_at == datetime(2026, 2, 12, 15, 9, 25, tzinfo=UTC)
    assert "the earliest it can have been" in defects[-1].reason
    assert defects[-1].effect is Effect.NOTED


@pytest.mark.parametrize(
    ("changes", "field", "effect"),
    [
        ({"bid": "1.7"}, "bid, ask", Effect.NOTED),
        ({"bid": "1.6"}, "bid, ask", Effect.NOTED),
        ({"bid": "0", "ask": "0.0"}, "bid, ask", Effect.VALUE_IGNORED),
        ({"bid": ""}, "bid, ask", Effect.VALUE_IGNORED),
        ({"volume": ""}, "volume", Effect.NOTED),
        ({"interest": ""}, "open interest", Effect.NOTED),
        ({"volatility": "1e-05"}, "implied volatility", Effect.VALUE_IGNORED),
        ({"volatility": "3.01"}, "implied volatility", Effect.VALUE_IGNORED),
        ({"volatility": ""}, "implied volatility", Effect.VALUE_IGNORED),
        ({"years": "-0.0027"}, "time to expiry", Effect.VALUE_IGNORED),
    ],
)
def test_a_doubtful_value_is_named_and_the_row_kept(
    changes: dict[str, str], field: str, effect: Effect
) -> None:
    chain, defects = read(row(**changes), GOOD)
    assert len(chain) == 2
    assert [(defect.row, defect.field, defect.effect) for defect in defects] == [(2, field, effect)]


def test_crossed_and_locked_are_told_apart() -> None:
    crossed, locked = (read(row(bid=bid), GOOD)[1][0].reason for bid in ("1.61", "1.6"))
    assert "is crossed: bid 1.61 above ask 1.6" in crossed
    assert "is locked: bid and ask are both 1.6" in locked


def test_what_the_vendor_did_not_give_is_not_a_number() -> None:
    chain, _ = read(row(bid="0", ask="0", volatility="0", volume="", interest=""), GOOD)
    assert np.isnan([chain.bids[0], chain.asks[0], chain.implied_volatilities[0]]).all()
    assert (chain.volumes[0], chain.open_interests[0]) == (0.0, 0.0)
    no_bid, _ = read(row(bid="0"), GOOD)
    assert (no_bid.bids[0], no_bid.asks[0]) == (0.0, 1.6)
    edge, defects = read(row(volatility="3"), GOOD)
    assert (edge.implied_volatilities[0], defects) == (3.0, [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"symbol": "AAPL"}, "no standard option symbol"),
        ({"strike": "261"}, "does not agree"),
        ({"right": "call"}, "does not agree"),
        ({"expiry": "2026-02-20"}, "does not agree"),
        ({"bid": "-1"}, "cannot be"),
        ({"ask": "inf"}, "not a number"),
        ({"volume": "-3"}, "below zero"),
        ({"interest": "many"}, "not a number"),
        ({"traded": "yesterday"}, "not an instant"),
        ({"traded": "2026-02-12 15:00:00"}, "no time zone"),
        ({"traded": "2099-02-12 15:00:00+00:00"}, "cannot have traded"),
        ({"underlying": ""}, "no price"),
        ({"underlying": "999"}, "differs from"),
        ({"symbol": "AAPL260213C00265000", "strike": "265", "right": "call"}, "already in row 2"),
    ],
)
def test_a_bad_row_is_refused_alone(changes: dict[str, str], reason: str) -> None:
    chain, defects = read(GOOD, row(**changes))
    assert len(chain) == 1
    assert [(defect.row, defect.effect) for defect in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_a_contract_with_another_root_or_size_has_no_standard_deliverable() -> None:
    odd_root = row(symbol="AAPL1260213P00260000")
    chain, _ = read(GOOD, odd_root, row(size="MINI"))
    assert chain.has_standard_deliverable.tolist() == [True, False, False]
    assert chain.underlying == "AAPL"


def test_a_file_without_a_usable_row_or_column_is_refused() -> None:
    with pytest.raises(FileRefused, match="no column for bid"):
        read_option_snapshot("a.csv", HEADER.replace("bid,", "").encode() + b"1\n")
    with pytest.raises(FileRefused, match="no row of it can be used"):
        read_option_snapshot("a.csv", (HEADER + row(symbol="x")).encode())
    with pytest.raises(FileRefused, match="cells where the header has"):
        read_option_snapshot("a.csv", (HEADER + "1,2\n" * 11).encode())
