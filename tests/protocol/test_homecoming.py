from __future__ import annotations

from datetime import timedelta

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Side
from allusedesk.protocol.homecoming import decide_homecoming
from tests.protocol.examples import (
    FRIDAY,
    REV,
    classic,
    lot,
    market,
    option,
    price,
    quote,
    shares,
    short_call,
    underlying,
    view,
)

SEEN = market(
    underlying(spot="95"),
    held=(
        quote(option(100), "5.10", "5.20"),
        quote(option(100, right=Right.CALL), "0.20", "0.22"),
        quote(option(90, FRIDAY + timedelta(days=300)), "9.00", "9.20"),
    ),
)


def test_shorts_are_bought_back_and_shares_sold_once_no_call_stands_on_them() -> None:
    held = (lot(option(100)), shares(), short_call(100))
    decision = decide_homecoming(view(REV, lots=held), SEEN, classic())
    assert [(w.concerns, w.legs[0].side, w.rule) for w in decision.wishes] == [
        (("put",), Side.BUY, "merge.close"),
        (("call",), Side.BUY, "merge.close"),
    ]
    [sale] = decide_homecoming(view(REV, lots=(shares(200),)), SEEN, classic()).wishes
    assert (sale.legs[0].instrument, sale.legs[0].side, sale.quantity) == (
        Stock("AAPL"), Side.SELL, 200,
    )  # fmt: skip
    assert sale.legs[0].closes == "shares"
    assert sale.credit_net == price("95.00")


def test_long_options_are_sold_and_hedges_are_left_to_their_own_rule() -> None:
    rung = lot(option(90, FRIDAY + timedelta(days=300)), 1, role=PositionRole.LEAPS_RUNG)
    hedge = lot(option(100), 1, id=PositionId("hedge"), role=PositionRole.HEDGE)
    decision = decide_homecoming(view(REV, lots=(rung, hedge)), SEEN, classic())
    assert [(w.legs[0].side, w.credit_net) for w in decision.wishes] == [(Side.SELL, price("9.10"))]


def test_what_cannot_be_traded_now_is_told_and_tried_again() -> None:
    held = (lot(option(100)),)
    assert decide_homecoming(view(REV, lots=held), market(), classic()).turned_down == ()
    halted = market(underlying(spot="95", is_halted=True), held=SEEN.held)
    told = decide_homecoming(view(REV, lots=held), halted, classic()).turned_down
    assert [item.rule for item in told] == ["underlying.halted"]
    busy = decide_homecoming(view(REV, lots=held, busy=("AAPL",)), SEEN, classic()).turned_down
    assert [item.rule for item in busy] == ["cycle.busy"]
    bare = market(underlying(spot="95"))
    rung = lot(option(90, FRIDAY + timedelta(days=300)), 1, role=PositionRole.LEAPS_RUNG)
    told = decide_homecoming(view(REV, lots=(rung,)), bare, classic()).turned_down
    assert [item.rule for item in told] == ["quote.none"]
