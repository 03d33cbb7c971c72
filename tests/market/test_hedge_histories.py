from __future__ import annotations

from dataclasses import replace

import numpy as np

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.hedge_histories import with_hedge_histories
from tests.market.made_market import at, bars_of, made_feed, made_market, sessions, symbol_history


def test_a_mini_is_a_tenth_of_its_index_and_vix_has_its_own_levels() -> None:
    history = made_market()
    assert with_hedge_histories(history, ("XSP",)).symbols == history.symbols
    index = symbol_history(bars_of("SPX", 5, 2_900.0))
    history = replace(history, symbols={**history.symbols, "SPX": index})
    after = with_hedge_histories(history, ("SPX", "XSP", "VIX"))

    assert after.only_hedges == ("XSP", "VIX")
    mini = after.symbols["XSP"].bars
    assert np.allclose(mini.close * 10.0, index.bars.close)
    assert np.array_equal(after.symbols["VIX"].bars.close, history.vix.close)


def test_what_hedges_are_bought_on_is_quoted() -> None:
    history = made_market()
    index = symbol_history(bars_of("SPX", 5, 2_900.0))
    history = replace(history, symbols={**history.symbols, "SPX": index})
    feed = made_feed(with_hedge_histories(history, ("SPX", "XSP", "VIX")))
    day = at(sessions()[3].date, 15)
    for symbol in ("SPX", "XSP", "VIX"):
        chain = feed.chain(ChainWish(symbol, (Right.PUT, Right.CALL), 160, 210), day)
        share = feed.quote(Stock(symbol), day)
        assert chain is not None
        assert share is not None
        assert chain.is_modelled
        assert len(chain) > 20
        [again] = feed.quotes_of((chain.contracts[9],), day)
        assert (again.asks[0], again.volatilities[0]) == (chain.asks[9], chain.volatilities[9])
