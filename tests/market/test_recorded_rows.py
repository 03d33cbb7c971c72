"""Recorded chains as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from allusedesk.domain.instruments import Right
from allusedesk.domain.quotes import ChainWish
from tests.market.made_market import RECORDED, RECORDED_AT, made_feed

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
