"""How long a recorded chain stands beside a path that goes on after it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from allusedesk.domain.instruments import Right
from allusedesk.domain.quotes import ChainWish
from tests.market.made_market import RECORDED, at, made_feed, made_market, recorded_chain

WISH = ChainWish(RECORDED, (Right.PUT, Right.CALL), 0, 9)
TUESDAY, WEDNESDAY = date(2019, 9, 10), date(2019, 9, 11)


@pytest.mark.parametrize(
    ("hour", "minute", "stands_at_night"), [(11, 0, False), (14, 59, False), (15, 59, True)]
)
def test_a_chain_of_the_last_hour_stands_until_the_next_session_opens(
    hour: int, minute: int, stands_at_night: bool
) -> None:
    taken_at = datetime(2019, 9, 10, hour + 4, minute, tzinfo=UTC)
    history = made_market()
    entry = history.symbols[RECORDED]
    symbols = {**history.symbols, RECORDED: replace(entry, bars=entry.signal_bars)}
    chains = (recorded_chain(taken_at, 151.3),)
    feed = made_feed(replace(history, symbols=symbols, chains=chains))
    for instant, is_recorded in (
        (taken_at, True),
        (at(TUESDAY, 17), True),
        (at(WEDNESDAY, 9), stands_at_night),
        (at(WEDNESDAY, 9, 35), False),
    ):
        rows = feed.chain(WISH, instant)
        assert rows is not None
        assert rows.is_modelled is not is_recorded, instant
