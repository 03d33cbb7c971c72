"""Price alarms at the board: whatever order they come in, they ring in one order."""

from __future__ import annotations

from itertools import permutations
from typing import cast

import numpy as np
import pytest

from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.market.raw_quotes import QuoteBatch
from tests.trading import COM, GEN, NOON, REV, price

ALARMS = tuple(
    PriceAlarm(f"2013-W07/{account}/watch", "AAPL", price("99.50"), Crossing.AT_OR_BELOW, account)
    for account in (GEN, REV, COM)
)


class OneBatch:
    """A feed that has one fall to tell."""

    def pull(self, _until: object) -> tuple[QuoteBatch, ...]:
        sides = (np.array([cents]) for cents in (99.39, 99.41, 99.40))
        return (QuoteBatch(NOON, ("AAPL",), *sides, is_modelled=True),)


@pytest.mark.parametrize("alarms", list(permutations(ALARMS)))
def test_alarms_of_one_level_ring_by_name(alarms: tuple[PriceAlarm, ...]) -> None:
    watch = MarketWatch(cast("Feed", OneBatch()), QuoteBoard())
    assert watch.arm(alarms) == []
    rung = [rang.alarm.id for rang in watch.pull(NOON)]
    assert rung == sorted(alarm.id for alarm in alarms)
    watch.arm(())
    assert [rang.alarm.id for rang in watch.arm(alarms)] == rung
