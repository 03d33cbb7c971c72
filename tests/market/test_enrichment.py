"""Whole looks at the market: what is in them, what is dropped, and that they are exact."""

import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import ChainWish, MarketSnapshot
from allusedesk.market.american import american_greeks, american_values
from allusedesk.market.enrichment import (
    _figures,
    _with_early_exercise,
    complete_snapshot,
    post_batch,
)
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.pricing import greeks, implied_volatilities
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.raw_quotes import QuoteBatch
from tests.market.made_market import (
    PLAIN,
    RECORDED,
    RECORDED_AT,
    SPLITTING,
    SPOTS,
    at,
    made_feed,
    made_market,
)

BOTH = (Right.PUT, Right.CALL)
LOOK = at(date(2019, 6, 4), 10, 15)
WEEK = tuple(ChainWish(symbol, BOTH, 0, 10) for symbol in (PLAIN, SPLITTING))


def look(
    watch: Watch, instant: datetime = LOOK, feed: RecordedFeed | None = None
) -> MarketSnapshot:
    return complete_snapshot(watch, QuoteBoard(), feed or made_feed(), instant)


def test_a_look_holds_what_was_asked_for() -> None:
    held = OptionContract(RECORDED, date(2019, 9, 13), Right.PUT, Decimal(145))
    seen = look(Watch((PLAIN,), (WEEK[1],), (held,), needs_trend=True), RECORDED_AT[1])
    assert [each.symbol for each in seen.underlyings] == [PLAIN, SPLITTING, RECORDED]
    assert [chain.underlying for chain in seen.chains] == [SPLITTING]
    assert [quote.instrument for quote in seen.held] == [held]
    assert seen.volatility is not None
    assert seen.trend is not None
    assert seen.taken_at == RECORDED_AT[1]
    assert seen.rate == round(made_feed().rate(RECORDED_AT[1]), 6)
    assert seen.defects == ()
    facts = seen.underlying(SPLITTING)
    assert facts is not None
    assert facts.earnings_estimated
    assert facts.indicators == made_feed().indicators(SPLITTING, date(2019, 9, 11))


def test_an_empty_watch_sees_no_symbol() -> None:
    seen = look(Watch())
    assert (seen.underlyings, seen.chains, seen.held, seen.trend) == ((), (), (), None)


def test_what_is_missing_is_named() -> None:
    stranger = OptionContract(PLAIN, date(2019, 5, 31), Right.PUT, Decimal(50))
    seen = look(Watch((RECORDED,), (ChainWish(RECORDED, BOTH, 0, 9),), (stranger,)))
    assert seen.defects == (
        f"There is no chain of {RECORDED}.",
        f"There is no quote of {PLAIN} 2019-05-31 50 put.",
        f"There is no quote of {RECORDED}.",
    )
    early = look(Watch(needs_trend=True), at(date(2017, 6, 1), 12))
    assert early.defects == ("There is no price of the trend index.",)


def test_greeks_of_a_modelled_chain_are_those_of_its_own_volatility() -> None:
    seen = look(Watch(chains=WEEK))
    columns = made_feed().chain(WEEK[0], LOOK)
    chain = seen.chain(PLAIN)
    assert columns is not None
    assert chain is not None
    assert chain.is_modelled
    for quote in chain.quotes:
        row = columns.contracts.index(quote.instrument)
        expected = greeks(
            columns.spot,
            columns.strikes[row],
            columns.years[row],
            columns.rate,
            columns.dividend_yield,
            columns.volatilities[row],
            columns.is_put[row],
        )
        assert quote.greeks is not None
        assert quote.greeks.implied_volatility == round(float(columns.volatilities[row]), 6)
        assert quote.greeks.delta == pytest.approx(float(expected.delta), abs=5e-5)
        assert quote.greeks.theta == pytest.approx(float(expected.theta) / 365.0, abs=5e-7)
        assert quote.open_interest == columns.open_interests[row]
        assert quote.volume_average == columns.volumes[row]
        assert not quote.volume_is_of_day


def test_a_chain_reaches_from_delta_3_to_97_and_no_farther() -> None:
    seen = look(Watch(chains=WEEK))
    deltas = [abs(quote.greeks.delta) for chain in seen.chains for quote in chain.quotes]
    assert min(deltas) >= 0.03
    assert max(deltas) <= 0.97
    assert min(deltas) < 0.1
    assert max(deltas) > 0.9


def test_prices_are_exact_on_the_tick() -> None:
    seen = look(Watch((PLAIN,), WEEK))
    for chain in seen.chains:
        for quote in chain.quotes:
            assert quote.bid is not None
            assert quote.ask is not None
            for side in (quote.bid, quote.ask):
                tick = Decimal("0.01") if side.per_unit < 3 else Decimal("0.05")
                assert side.per_unit % tick == 0
                assert side.per_unit.as_tuple().exponent == -2


def test_recorded_quotes_imply_their_own_volatility_and_the_vendors_is_ignored() -> None:
    wish = ChainWish(RECORDED, BOTH, 0, 10)
    seen = look(Watch(chains=(wish,)), RECORDED_AT[0])
    (chain,) = seen.chains
    assert not chain.is_modelled
    feed = made_feed()
    columns = feed.chain(wish, RECORDED_AT[0])
    assert columns is not None
    for quote in chain.quotes:
        row = columns.contracts.index(quote.instrument)
        assert quote.mid is not None
        volatility = implied_volatilities(
            float(quote.mid.per_unit),
            SPOTS[0],
            columns.strikes[row],
            columns.years[row],
            columns.rate,
            columns.dividend_yield,
            columns.is_put[row],
        )
        assert quote.greeks is not None
        assert quote.greeks.implied_volatility == pytest.approx(float(volatility), abs=1e-6)
        assert quote.volume_is_of_day
        assert quote.volume_average == 120.0
        assert quote.quoted_at == RECORDED_AT[0]


def test_impossible_quotes_are_dropped_and_counted() -> None:
    seen = look(Watch(chains=(ChainWish(RECORDED, (Right.PUT,), 0, 5),)), RECORDED_AT[0])
    (chain,) = seen.chains
    strikes = {quote.instrument.strike for quote in chain.quotes}
    assert Decimal(150) not in strikes
    assert Decimal(110) not in strikes
    assert {Decimal("152.5"), Decimal(145)} <= strikes
    assert seen.quotes_dropped == 1
    history = made_market()
    bids = history.chains[0].bids.copy()
    is_near = (history.chains[0].strikes > 141.0) & (history.chains[0].strikes < 149.0)
    bids[is_near] = math.nan
    worse = replace(history, chains=(replace(history.chains[0], bids=bids),))
    again = look(
        Watch(chains=(ChainWish(RECORDED, (Right.PUT,), 0, 5),)), RECORDED_AT[0], made_feed(worse)
    )
    # The crossed one, and those below it but for one of an odd deliverable nobody asked for.
    assert again.quotes_dropped == 1 + 2
    assert len(again.chains[0].quotes) == len(chain.quotes) - 2


def test_wishes_for_one_symbol_become_one_chain_in_order() -> None:
    wishes = (
        ChainWish(PLAIN, (Right.CALL,), 7, 12),
        ChainWish(PLAIN, (Right.PUT,), 0, 5),
        ChainWish(PLAIN, BOTH, 0, 5),
    )
    seen = look(Watch(chains=wishes))
    (chain,) = seen.chains
    rows = [
        (each.instrument.expiry, each.instrument.strike, each.instrument.right is Right.PUT)
        for each in chain.quotes
    ]
    assert rows == sorted(set(rows))
    assert chain.of(Right.CALL, date(2019, 6, 7))
    assert chain.of(Right.PUT, date(2019, 6, 7))
    assert not chain.of(Right.PUT, date(2019, 6, 14))
    assert chain.expiries[:2] == (date(2019, 6, 7), date(2019, 6, 14))


def test_held_contracts_are_quoted_wherever_their_strike_lies() -> None:
    spot = made_feed().quote(Stock(PLAIN), LOOK)
    assert spot is not None
    assert spot.last is not None
    strike = (spot.last.per_unit * Decimal("1.5")).quantize(Decimal(1))
    deep = OptionContract(PLAIN, date(2019, 6, 7), Right.PUT, strike)
    worthless = OptionContract(PLAIN, date(2019, 6, 7), Right.CALL, strike)
    near = made_feed().chain(WEEK[0], LOOK).contracts[-1]
    watch = Watch(held=(worthless, Stock(PLAIN), deep, near), chains=(WEEK[0],))
    seen = look(watch)
    assert [quote.instrument for quote in seen.held] == list(watch.held)
    nobody_bids = seen.held[0]
    assert nobody_bids.bid is None
    assert nobody_bids.ask is not None
    assert nobody_bids.ask.per_unit < Decimal("0.05")
    assert nobody_bids.is_modelled
    assert seen.held[2].greeks is not None
    assert seen.held[2].greeks.delta < -0.99
    assert seen.quotes_dropped == 0


def test_one_contract_has_one_quote_in_the_chain_and_among_the_held() -> None:
    contract = look(Watch(chains=WEEK)).chains[0].quotes[3].instrument
    seen = look(Watch(chains=WEEK, held=(contract,)))
    assert seen.held[0] == seen.chains[0].quotes[3]


def held_put(symbol: str, strike: int, expiry: date) -> OptionContract:
    return OptionContract(symbol, expiry, Right.PUT, Decimal(strike))


def test_held_contracts_show_american_greeks_where_exercise_matters() -> None:
    far, spot = date(2020, 5, 15), made_feed().quote(Stock(PLAIN), LOOK)
    assert spot is not None
    assert spot.last is not None
    held = held_put(PLAIN, int(spot.last.per_unit * Decimal("1.1")), far)
    (quote,) = look(Watch(held=(held,))).held
    (row,) = made_feed().quotes_of((held,), LOOK)
    terms = row.spot, row.strikes, row.years, row.rate, row.dividend_yield
    american = american_greeks(*terms, row.volatilities, row.is_put)
    european = greeks(*terms, row.volatilities, row.is_put)
    assert quote.greeks is not None
    assert quote.greeks.delta == pytest.approx(float(american.delta[0]), abs=1e-4)
    assert quote.greeks.theta == pytest.approx(float(american.theta[0]) / 365, abs=1e-6)
    assert american.delta[0] < european.delta[0] - 0.005


def test_a_recorded_put_that_may_be_exercised_implies_an_american_volatility() -> None:
    taken = made_feed().quotes_of((held_put(RECORDED, 150, date(2019, 9, 20)),), RECORDED_AT[0])[0]
    at_parity = replace(
        taken,
        strikes=np.array([200.0, 200.0]),
        is_put=np.array([True, True]),
        rate=0.05,
        expires_at=np.repeat(taken.expires_at, 2),
        contracts=(held_put(RECORDED, 200, date(2019, 9, 20)), held_put("SPX", 200, date.max)),
        bids=np.array([200.0 - taken.spot - 0.02] * 2),
        asks=np.array([200.0 - taken.spot + 0.06] * 2),
        volatilities=np.full(2, math.nan),
    )
    european = _figures(at_parity)
    figures = _with_early_exercise(at_parity, european)
    mid = 200.0 - taken.spot + 0.02
    implied = american_values(
        taken.spot, 200.0, taken.years[0], 0.05, taken.dividend_yield, figures.volatility[0], True
    )
    assert float(implied) == pytest.approx(mid, abs=1e-3)
    assert figures.volatility[0] < european.volatility[0]
    assert figures.delta[1] == european.delta[1]
    without_time = replace(at_parity, asks=at_parity.bids)
    assert _with_early_exercise(without_time, _figures(without_time)).delta[0] == pytest.approx(
        _figures(without_time).delta[0], nan_ok=True
    )
    modelled = replace(at_parity, is_modelled=True, volatilities=np.full(2, 0.4))
    assert _with_early_exercise(modelled, _figures(modelled)) == _figures(modelled)


def test_the_board_counts_what_a_look_drops_of_a_record_and_keeps_no_row_of_it() -> None:
    board = QuoteBoard()
    watch = Watch(chains=(ChainWish(RECORDED, BOTH, 0, 40),))
    seen = complete_snapshot(watch, board, made_feed(), RECORDED_AT[0])
    (chain,) = seen.chains
    assert not chain.is_modelled
    assert board.dropped == {"crossed": seen.quotes_dropped}
    assert seen.quotes_dropped > 0
    assert board.sample(tuple(quote.instrument for quote in chain.quotes)) == ()


def test_figures_of_a_record_follow_its_next_chain() -> None:
    watch = Watch(chains=(ChainWish(RECORDED, BOTH, 0, 40),))
    feed, board = made_feed(), QuoteBoard()
    seen = [complete_snapshot(watch, board, feed, instant).chains for instant in RECORDED_AT]
    assert seen == [look(watch, instant).chains for instant in RECORDED_AT]
    assert seen[0] != seen[1]
    again = complete_snapshot(watch, board, feed, RECORDED_AT[0] + timedelta(minutes=5))
    assert again.chains == seen[0]


def test_the_same_look_twice_is_the_same() -> None:
    watch = Watch((PLAIN,), WEEK, (), needs_trend=True)
    assert look(watch) == look(watch)
    feed, board = made_feed(), QuoteBoard()
    first = complete_snapshot(watch, board, feed, LOOK)
    complete_snapshot(watch, board, feed, at(date(2019, 6, 4), 15))
    assert complete_snapshot(watch, board, feed, LOOK) == first == look(watch)


def test_a_batch_rings_the_alarms_it_crosses() -> None:
    board = QuoteBoard()
    alarm = PriceAlarm(
        "stop", PLAIN, Price(Decimal("49.00")), Crossing.AT_OR_BELOW, AccountId("F1.gen")
    )
    assert not board.arm(alarm)

    def batch(price: float) -> QuoteBatch:
        sides = (np.array([price - 0.01, 9.0]), np.array([price + 0.01, 9.02]))
        lasts = np.array([price, 9.01])
        return QuoteBatch(LOOK, (PLAIN, SPLITTING), *sides, lasts, is_modelled=True)

    assert post_batch(board, batch(49.01)) == ()
    assert post_batch(board, batch(49.00)) == ("stop",)
    quote = board.sample((Stock(SPLITTING),))[0]
    assert (quote.last, quote.is_modelled) == (Price(Decimal("9.01")), True)
    assert quote.quoted_at == LOOK
