"""Orders on their way: repriced within bounds, halved after a failure, not asked for twice."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.orders import OrderStatus
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.desks import F1_REV, FRIDAY, MONDAY, TUESDAY, proposals, sound, stage
from tests.acceptance.stage import Stage, at


def _sent_into(mid: str, half_spread: str = "0.01") -> Stage:
    """A put is sold; between the approval and the broker the market moves to another mid."""
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    assert desk.all(ev.OrderWritten)
    for strike in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"mid": Decimal(mid), "half_spread": Decimal(half_spread)}
    return desk


def test_a_resting_order_is_moved_to_the_market_but_never_beyond_its_worst() -> None:
    desk = _sent_into("1.03")
    desk.play(at(MONDAY, "09:47"))

    [written] = [event.order for event in desk.all(ev.OrderWritten)]
    moves = desk.all(ev.OrderMoved)
    assert moves
    assert all(written.limit_worst <= move.limit < written.limit for move in moves)
    assert moves[0].limit.per_unit == Decimal("1.02")
    assert [move.version for move in moves] == list(range(2, 2 + len(moves)))
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    sound(desk)


def test_an_order_nobody_takes_is_cancelled_and_retried_with_half_the_size() -> None:
    # Nothing ever fills in a locked market, and there is no better price to move to.
    desk = _sent_into("1.02", half_spread="0")
    desk.play(at(MONDAY, "09:50"))

    orders = [event.order for event in desk.all(ev.OrderWritten)]
    quantities = [order.quantity for order in orders]
    assert len(orders) > 1
    assert all(after <= before // 2 for before, after in pairwise(quantities))
    assert {order.proposal for order in orders} == {orders[0].proposal}
    assert {order.status for order in desk.state.orders_over.values()} == {OrderStatus.CANCELLED}
    assert desk.all(ev.ProposalCompleted)[0].quantity_done == 0
    sound(desk)


def test_a_price_that_has_left_what_was_approved_voids_the_proposal() -> None:
    desk = _sent_into("0.50")
    desk.play(at(MONDAY, "16:05"))

    voided = desk.all(ev.ProposalVoided)
    assert [event.rule for event in voided] == ["price.moved"]
    assert len(desk.all(ev.OrderWritten)) == 1
    # What the market made impossible is not asked again the same day.
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    assert "AAPL" in desk.state.sleeves[F1_REV].entered
    sound(desk)


@pytest.mark.parametrize("answer", ["reject", "nothing"])
def test_what_a_person_does_not_want_is_not_asked_again_the_same_day(answer: str) -> None:
    desk = stage()
    if answer == "reject":
        desk.refuses = lambda _proposal: True
    else:
        desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "16:05"))
    assert len(proposals(desk)) == 1
    ended = desk.all(ev.ProposalDeclined) if answer == "reject" else desk.all(ev.ProposalLapsed)
    assert len(ended) == 1

    desk.play(at(TUESDAY, "10:00"))
    assert len(proposals(desk)) == 2
    assert not desk.all(ev.OrderWritten)
