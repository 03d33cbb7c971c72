from __future__ import annotations

from datetime import date

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.strategy_trades import StrategyTrade
from tests.trading import GEN, dollars


def test_a_result_counts_every_part_once_and_takes_the_commission_off() -> None:
    trade = StrategyTrade(
        strategy="condor",
        account=GEN,
        part="put side",
        order=OrderId("o-1"),
        symbol="AAPL",
        opened_on=date(2013, 2, 12),
        closed_on=None,
        units=2,
        opened_for=dollars(400),
        realised=dollars("100"),
        unrealised=dollars("-30"),
        dividends=dollars("7"),
        commission=dollars("2.60"),
        ending="",
        is_modelled=False,
    )
    assert trade.result == dollars("74.40")
