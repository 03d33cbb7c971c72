from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Proposal
from allusedesk.execution.slicing import Clip, clip_sizes, next_clip
from tests.trading import STOCK, buy, classic, fill, order, proposal, put, sell

RULES = classic().orders


def sent(of: Proposal, clip: Clip, filled: int, status: OrderStatus) -> Order:
    done = order(*of.legs, quantity=clip.quantity, status=status)
    return replace(done, fills=(fill(done, filled),) if filled else ())


def test_a11_120_contracts_go_in_clips_of_at_most_50_that_sum_to_120() -> None:
    wanted = proposal(sell(put()), quantity=120)
    orders: list[Order] = []
    while (clip := next_clip(wanted, orders, RULES)) is not None:
        assert clip.number == len(orders) + 1
        orders.append(sent(wanted, clip, clip.quantity, OrderStatus.FILLED))
    sizes = [each.quantity for each in orders]
    assert sum(sizes) == 120
    assert max(sizes) <= 50
    assert len(sizes) == 3


@given(st.integers(1, 5_000), st.integers(1, 60))
def test_clips_sum_to_the_quantity_and_none_is_too_large(quantity: int, clip_max: int) -> None:
    sizes = clip_sizes(quantity, clip_max)
    assert sum(sizes) == quantity
    assert 0 < min(sizes) <= max(sizes) <= clip_max
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("status", [s for s in OrderStatus if not s.is_over])
def test_nothing_follows_while_an_order_lives(status: OrderStatus) -> None:
    wanted = proposal(sell(put()), quantity=120)
    assert next_clip(wanted, [sent(wanted, Clip(1, 40), 0, status)], RULES) is None


@pytest.mark.parametrize("status", [OrderStatus.REJECTED, OrderStatus.EXPIRED])
def test_nothing_follows_a_rejection_or_an_order_that_ran_out(status: OrderStatus) -> None:
    wanted = proposal(sell(put()), quantity=120)
    assert next_clip(wanted, [sent(wanted, Clip(1, 40), 0, status)], RULES) is None


def test_an_opening_that_failed_is_tried_once_more_with_half_of_what_is_left() -> None:
    wanted = proposal(sell(put()), quantity=10)
    first = sent(wanted, Clip(1, 10), 3, OrderStatus.CANCELLED)
    assert next_clip(wanted, [first], RULES) == Clip(2, 3)
    second = sent(wanted, Clip(2, 3), 3, OrderStatus.FILLED)
    assert next_clip(wanted, [first, second], RULES) is None


def test_a_closing_that_failed_goes_on_in_smaller_clips_until_all_is_closed() -> None:
    wanted = proposal(buy(put(), closes=PositionId("lot")), quantity=10)
    first = sent(wanted, Clip(1, 10), 0, OrderStatus.CANCELLED)
    assert next_clip(wanted, [first], RULES) == Clip(2, 5)
    second = sent(wanted, Clip(2, 5), 5, OrderStatus.FILLED)
    assert next_clip(wanted, [first, second], RULES) == Clip(3, 5)


def test_a_failed_clip_of_one_ends_the_attempt() -> None:
    for wanted in (proposal(sell(put())), proposal(buy(put(), closes=PositionId("lot")))):
        first = sent(wanted, Clip(1, 1), 0, OrderStatus.CANCELLED)
        assert next_clip(wanted, [first], RULES) is None


def test_shares_are_not_sliced() -> None:
    wanted = proposal(buy(STOCK, role=PositionRole.SHARES), quantity=700)
    assert next_clip(wanted, [], RULES) == Clip(1, 700)


def test_the_retry_follows_the_rulebook() -> None:
    wanted = proposal(sell(put()), quantity=12)
    first = sent(wanted, Clip(1, 12), 0, OrderStatus.CANCELLED)
    rules = replace(RULES, retry_size=Decimal("0.25"), clip_contracts=2)
    assert next_clip(wanted, [first], rules) == Clip(2, 2)


@given(st.integers(1, 200), st.lists(st.integers(0, 50), max_size=12), st.booleans())
def test_clips_never_exceed_what_was_approved(
    quantity: int, fills: list[int], is_closing: bool
) -> None:
    leg = buy(put(), closes=PositionId("lot")) if is_closing else sell(put())
    wanted = proposal(leg, quantity=quantity)
    orders: list[Order] = []
    for filled in fills:
        clip = next_clip(wanted, orders, RULES)
        if clip is None:
            break
        part = min(filled, clip.quantity)
        is_whole = part == clip.quantity
        status = OrderStatus.FILLED if is_whole else OrderStatus.CANCELLED
        orders.append(sent(wanted, clip, part, status))
    assert sum(each.quantity_filled for each in orders) <= quantity
    assert all(each.quantity <= 50 for each in orders)
