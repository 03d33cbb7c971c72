from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, Proposal, ProposalKind
from allusedesk.risk.exposures import Cover, Exposure, covers_of, exposure_after
from tests.trading import (
    COM,
    FRIDAY,
    buy,
    call,
    dollars,
    funded_book,
    lot,
    price,
    proposal,
    put,
    sell,
    view,
    with_lots,
)

NOTHING_PAID = dollars(0)
IN_A_MONTH = FRIDAY + timedelta(days=28)
STRATEGY = PositionRole.STRATEGY


def exposed(wanted: Proposal, *lots: Position) -> Exposure:
    return exposure_after(wanted, view(book=with_lots(funded_book(), *lots)), NOTHING_PAID)


def covers(wanted: Proposal, *lots: Position) -> tuple[Cover, ...]:
    return covers_of(wanted, with_lots(funded_book(), *lots), ())


def long_call(option: Instrument, signed: int = 1, **changes: Any) -> Position:
    return lot(option, signed, id=PositionId("long"), role=STRATEGY, **changes)


def opened(*legs: Leg, paid: str = "-1.50") -> Proposal:
    return proposal(*legs, credit_net=price(paid))


def test_a_long_sold_from_under_its_short_leaves_a_call_nobody_covers() -> None:
    long = long_call(call(100))
    short = lot(call(105), -1, id=PositionId("short"), role=STRATEGY)
    out = {"kind": ProposalKind.ADJUSTMENT}
    alone = proposal(sell(call(100), closes=long.id), **out)
    assert exposed(alone, long, short).sold_short == (str(call(105)),)
    both = proposal(sell(call(100), closes=long.id), buy(call(105), closes=short.id), **out)
    assert exposed(both, long, short).sold_short == ()
    unrelated = long_call(call(100), opened_by=OrderId("another"))
    assert exposed(alone, unrelated, short).sold_short == ()


def test_a_strategys_purchase_deploys_what_it_costs_and_a_hedge_nothing() -> None:
    bought = opened(buy(put(), role=STRATEGY))
    assert exposed(bought).added == dollars(150)
    assert exposed(opened(buy(put(), role=PositionRole.HEDGE))).added == dollars(0)
    assert exposed(bought).cash_needed == dollars(150)


def test_a_spread_that_pays_deploys_the_distance_of_its_strikes() -> None:
    sold = opened(sell(put(100), role=STRATEGY), buy(put(95), role=STRATEGY), paid="1.20")
    seen = exposed(sold)
    assert (seen.added, seen.cash_needed) == (dollars(500), dollars(500))


@pytest.mark.parametrize(
    ("long", "is_cover"),
    [
        (call(100, IN_A_MONTH), True),
        (call(105), True),
        (call("105.5", IN_A_MONTH), False),
        (call(100, FRIDAY - timedelta(days=7)), False),
        (call(100, IN_A_MONTH, multiplier=150), False),
        (put(100, IN_A_MONTH), False),
    ],
)
def test_a_long_call_covers_where_it_ends_no_earlier_at_no_higher_strike(
    long: Instrument, is_cover: bool
) -> None:
    held = long_call(long)
    (found,) = covers(opened(sell(call(105), linked_to=held.id), paid="1.00"), held)
    assert (found.shares >= found.needed) is is_cover
    assert found.needed == 100


def test_a_short_call_covers_nothing_nor_do_anothers_lots() -> None:
    wanted = opened(sell(call(105), linked_to=PositionId("long")), paid="1.00")
    for held in (long_call(call(100), -1), long_call(call(100), account=COM)):
        assert covers(wanted, held) == (Cover("AAPL", 0, 100),)


def test_a_long_call_is_not_sold_from_under_the_call_written_on_it() -> None:
    long = long_call(call(100, IN_A_MONTH), 2)
    written = lot(call(105), -1, id=PositionId("written"), linked_to=long.id)
    out: dict[str, Any] = {"kind": ProposalKind.ADJUSTMENT}
    one = proposal(sell(long.instrument, closes=long.id), **out)
    assert covers(one, long, written) == (Cover("AAPL", 200, 200),)
    two = proposal(sell(long.instrument, closes=long.id), quantity=2, **out)
    assert covers(two, long, written) == (Cover("AAPL", 200, 300),)
