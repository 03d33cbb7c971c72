"""Recorded chains as rows, and what a feed of them keeps between two questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.quotes import ChainWish
from tests.market.made_market import PLAIN, RECORDED, RECORDED_AT, SPLITTING, made_feed

BOTH = (Right.PUT, Right.CALL)


def test_a_recorded_chain_is_laid_out_once_until_the_next_is_taken() -> None:
    feed = made_feed()
    wish, (first, second) = ChainWish(RECORDED, BOTH, 0, 40), RECORDED_AT
    columns = feed.chain(wish, first)
    assert columns is not None
    assert feed.chain(wish, first + timedelta(minutes=5)) is columns
    assert columns.contracts[1] is columns.contracts[1:3][0]
    (held,) = feed.quotes_of((columns.contracts[1],), first)
    assert feed.quotes_of((columns.contracts[1],), first + timedelta(minutes=5)) == (held,)
    later = feed.chain(wish, second)
    assert later is not None
    assert later.quoted_at == second
    narrower = feed.chain(replace(wish, days_high=9), first)
    assert narrower is not None
    assert len(narrower) < len(columns)


def test_what_stands_at_an_instant_is_made_once_and_the_next_instant_is_another() -> None:
    feed, now = made_feed(), datetime(2019, 6, 4, 15, tzinfo=UTC)
    put = feed.chain(ChainWish(PLAIN, (Right.PUT,), 0, 9), now).contracts[3]
    shown = feed.displayed(Stock(PLAIN), now)
    assert feed.displayed(Stock(PLAIN), now) is shown
    assert feed.tables((), (put,), now) is feed.tables((), (put,), now)
    later = now + timedelta(minutes=30)
    assert feed.displayed(Stock(PLAIN), later) == made_feed().displayed(Stock(PLAIN), later)
    assert feed.displayed(Stock(PLAIN), later) != shown
    assert feed.displayed(Stock(SPLITTING), now) != shown
    assert feed.quote(put, later) == made_feed().quote(put, later)
    assert feed.quote(put, later) != feed.quote(put, now)
