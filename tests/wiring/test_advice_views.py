"""What a person asks the model about is learnt as the desk itself would learn it."""

from __future__ import annotations

from datetime import date

from allusedesk.learning.features import FEATURES, MarketPast, WeekAsked
from allusedesk.wiring.advice_views import _history
from tests.house.sources import ROOT


def test_the_symbols_of_a_journal_announce_as_they_did_on_the_desk() -> None:
    history = _history((ROOT / "resources/sample_market",), ("AAPL", "NOTHERE"), "SPY")
    assert (list(history.symbols), history.only_hedges) == (["AAPL"], ())
    paid = WeekAsked("2012-W32", date(2012, 8, 6), date(2012, 8, 10), 5)
    row = MarketPast(history, None).row(paid)
    assert row[FEATURES.index("share of symbols with an ex-date")] == 1.0
