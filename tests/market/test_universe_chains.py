from __future__ import annotations

import math

import numpy as np
import pytest

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import Defect, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.universe_chains import read_universe_chain, universe_name

HEADER = "#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility\n"
UNDERLYING = ",,,92,94,91,93,100,,\n"


def rows(strike: float, call: float, put: float) -> str:
    """A call and a put of one strike."""
    return "".join(
        f"20140620,{strike:g},{right},1,9,1,{price:g},4,7,0.3\n"
        for right, price in (("C", call), ("P", put))
    )


def read(
    nyse: ExchangeCalendar, body: str, underlying: str = UNDERLYING
) -> tuple[RecordedChain, list[Defect]]:
    text = (HEADER + underlying + body).encode()
    chain, defects = read_universe_chain("universe/aapl/20140609.csv.gz", text, nyse)
    return chain, [defect for defect in defects if "contracts only" not in defect.reason]


def test_a_clean_table_gives_last_prices_and_no_quotes(nyse: ExchangeCalendar) -> None:
    chain, defects = read(nyse, rows(90, 4, 1))
    assert defects == []
    assert (chain.underlying, chain.underlying_price, len(chain)) == ("AAPL", 93.0, 2)
    assert (chain.lasts.tolist(), chain.open_interests.tolist()) == ([4.0, 1.0], [7.0, 7.0])
    assert np.isnan(chain.bids).all()
    assert chain.taken_at.hour == 20


def test_strikes_of_before_a_split_are_told_by_put_and_call(nyse: ExchangeCalendar) -> None:
    chain, (defect,) = read(nyse, rows(90, 4, 1) + rows(650, 5, 4) + rows(95, 2, 3.9))
    assert chain.has_standard_deliverable.tolist() == [True, True, False, False, True, True]
    assert (defect.row, defect.count, defect.effect) == (5, 2, Effect.VALUE_IGNORED)
    assert "about 7.0 times its price" in defect.reason
    # Without both of a pair nothing can be told, and nothing is.
    one_sided = "20140620,650,C,1,9,1,5,4,7,0.3\n"
    assert read(nyse, rows(90, 4, 1) + one_sided)[1] == []


def test_the_underlying_may_be_missing_or_odd(nyse: ExchangeCalendar) -> None:
    chain, (defect,) = read(nyse, rows(90, 4, 1), underlying="")
    assert math.isnan(chain.underlying_price)
    assert "its first row is a contract at 4" in defect.reason
    chain, (defect,) = read(nyse, rows(90, 4, 1), underlying=",,,92,94,91,95,100,,\n")
    assert (chain.underlying_price, defect.row) == (95.0, 2)
    assert "95 lies outside its range 91 to 94" in defect.reason
    chain, (defect,) = read(nyse, rows(90, 4, 1), underlying=",,,92,94,91,,100,,\n")
    assert math.isnan(chain.underlying_price)
    assert "has no close" in defect.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("20140620,90,C,1,9,1,4,4,7,0.3", "stands in a row before"),
        ("20140620,95,X,1,9,1,4,4,7,0.3", "cannot be read"),
        ("20140620,0,C,1,9,1,4,4,7,0.3", "cannot be read"),
        ("soon,95,C,1,9,1,4,4,7,0.3", "cannot be read"),
        ("20140606,95,C,1,9,1,4,4,7,0.3", "had expired"),
        ("20140620,95,C,1,9,1,-4,4,7,0.3", "no price"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str, nyse: ExchangeCalendar) -> None:
    chain, (defect,) = read(nyse, rows(90, 4, 1) + row + "\n")
    assert (len(chain), defect.row, defect.effect) == (2, 5, Effect.ROW_REFUSED)
    assert reason in defect.reason


def test_an_empty_shell_and_a_closed_day_are_refused(nyse: ExchangeCalendar) -> None:
    shell = "20140620,90,C,0,0,0,0,0,,0\n20140620,90,P,0,0,0,0,0,,0\n"
    with pytest.raises(FileRefused, match=r"empty shell \(underlying 93\)"):
        read(nyse, shell)
    text = (HEADER + rows(90, 4, 1)).encode()
    with pytest.raises(FileRefused, match="closed on 2014-06-08"):
        read_universe_chain("aapl/20140608.csv", text, nyse)
    with pytest.raises(FileRefused, match="do not say which symbol"):
        read_universe_chain("chain.csv", text, nyse)


def test_folder_and_name_say_symbol_and_day() -> None:
    found = universe_name("data\\universe_eod\\goog\\20151223.csv.gz")
    assert found is not None
    assert (found[0], found[1].isoformat()) == ("GOOG", "2015-12-23")
    assert universe_name("goog/20159999.csv") is None
