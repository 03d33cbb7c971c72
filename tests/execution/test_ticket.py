from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Price
from allusedesk.domain.orders import OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import Quote
from allusedesk.execution.slicing import Clip
from allusedesk.execution.ticket import (
    Unpriceable,
    marketable_credit,
    net_mid,
    worst_credit,
    worst_exit,
    write_exit,
    write_order,
)
from tests.protocol.examples import constitution
from tests.trading import (
    NOON,
    STOCK,
    approval,
    buy,
    classic,
    lot,
    price,
    proposal,
    put,
    quote,
    sell,
    snapshot,
)

UNTIL = NOON + timedelta(hours=4)
HELD = lot(put(), -5)


def limits(leg_side: Side, *quotes: Quote) -> tuple[str, str]:
    leg = sell(put()) if leg_side is Side.SELL else buy(put(), closes=HELD.id)
    wanted = proposal(leg, quantity=3)
    written = write_order(approval(wanted), wanted, Clip(1, 3), snapshot(*quotes), UNTIL, classic())
    return str(written.limit), str(written.limit_worst)


# Mid, rounded to the tick in our favour, and the worst price: 5% from mid or one tick.
@pytest.mark.parametrize(
    ("side", "bid", "ask", "limit", "worst"),
    [
        (Side.SELL, "2.00", "2.10", "2.05", "1.95"),
        (Side.SELL, "2.00", "2.11", "2.06", "1.96"),
        (Side.BUY, "2.00", "2.11", "-2.05", "-2.15"),
        (Side.SELL, "4.00", "4.15", "4.10", "3.90"),
        (Side.BUY, "4.00", "4.15", "-4.05", "-4.25"),
        (Side.SELL, "0.05", "0.07", "0.06", "0.05"),
        (Side.SELL, "0.01", "0.02", "0.02", "0.01"),
        (Side.BUY, "0.01", "0.02", "-0.01", "-0.02"),
        (Side.BUY, None, "0.05", "-0.05", "-0.06"),
        (Side.BUY, "0", "0.01", "-0.01", "-0.01"),
    ],
)
def test_the_limit_is_mid_in_our_favour_and_its_worst_five_per_cent_away(
    side: Side, bid: str | None, ask: str, limit: str, worst: str
) -> None:
    assert limits(side, quote(put(), bid, ask)) == (limit, worst)


def test_an_order_carries_its_approval_and_its_clip() -> None:
    wanted = proposal(sell(put()), quantity=120)
    seen = snapshot(quote(put()))
    written = write_order(approval(wanted), wanted, Clip(2, 40), seen, UNTIL, classic())
    assert written.id == f"{wanted.id}/O2"
    assert (written.proposal, written.approval) == (wanted.id, approval(wanted).id)
    assert (written.quantity, written.legs, written.kind) == (40, wanted.legs, wanted.kind)
    assert (written.type, written.time_in_force) == (OrderType.LIMIT, TimeInForce.DAY)
    assert (written.status, written.version) == (OrderStatus.SENT, 1)
    assert (written.written_at, written.good_until) == (NOON, UNTIL)


def test_an_approval_of_another_proposal_or_run_out_makes_no_order() -> None:
    wanted = proposal(sell(put()))
    other = approval(replace(wanted, id="2013-W07/F1.rev/P2"))  # type: ignore[arg-type]
    seen = snapshot(quote(put()))
    with pytest.raises(ValueError, match="does not allow"):
        write_order(other, wanted, Clip(1, 1), seen, UNTIL, classic())
    given_one = approval(wanted)
    at_end = snapshot(quote(put(), quoted_at=given_one.expires_at), at=given_one.expires_at)
    assert write_order(given_one, wanted, Clip(1, 1), at_end, UNTIL, classic()).limit
    later = replace(at_end, taken_at=given_one.expires_at + timedelta(seconds=1))
    with pytest.raises(ValueError, match="does not allow"):
        write_order(given_one, wanted, Clip(1, 1), later, UNTIL, classic())


def test_two_legs_trade_at_one_net_price_on_the_finer_tick() -> None:
    later = put(98)
    legs = [buy(put(), closes=HELD.id), sell(later)]
    seen = snapshot(quote(put(), "4.00", "4.20"), quote(later, "4.30", "4.40"))
    assert net_mid(legs, seen, classic()) == price("0.25")
    assert worst_credit(legs, seen, classic()) == price("-0.15")
    dear = snapshot(quote(put(), "4.00", "4.20"), quote(later, "2.30", "2.33"))
    assert net_mid(legs, dear, classic()) == price("-1.785")
    assert worst_credit(legs, dear, classic()) == price("-2.10")


def test_a_quote_too_old_is_taken_with_a_buffer_against_us() -> None:
    old = NOON - timedelta(seconds=31)
    seen = snapshot(quote(put(), "2.00", "2.00", quoted_at=old))
    assert net_mid([sell(put())], seen, classic()) == price("1.98")
    assert net_mid([buy(put(), closes=HELD.id)], seen, classic()) == price("-2.02")
    fresh = snapshot(quote(put(), "2.00", "2.00", quoted_at=NOON - timedelta(seconds=30)))
    assert net_mid([sell(put())], fresh, classic()) == price("2.00")


def test_the_marketable_price_is_the_sides_against_us() -> None:
    later = put(98)
    legs = [buy(put(), closes=HELD.id), sell(later)]
    seen = snapshot(quote(put(), "4.00", "4.20"), quote(later, "4.30", "4.40"))
    assert marketable_credit(legs, seen) == price("0.10")
    for lacking in (snapshot(), snapshot(quote(put(), "4.00", None), quote(later))):
        with pytest.raises(Unpriceable):
            marketable_credit(legs, lacking)


def test_shares_trade_in_cents() -> None:
    leg = buy(STOCK, role=PositionRole.SHARES)
    wanted = proposal(leg, quantity=100, credit_net=price("-101"))
    seen = snapshot(quote(STOCK, "100.99", "101.02"))
    written = write_order(approval(wanted), wanted, Clip(1, 100), seen, UNTIL, classic())
    assert written.limit == price("-101.00")
    assert written.limit_worst == price("-106.05")


def test_without_a_price_there_is_no_order() -> None:
    for seen in (snapshot(), snapshot(quote(put(), None, None)), snapshot(quote(put(), None))):
        with pytest.raises(Unpriceable, match="has no quote"):
            net_mid([sell(put())], seen, classic())


sides = st.integers(1, 5_000)


@given(sides, st.integers(0, 500), st.sampled_from(Side))
def test_a_limit_is_never_beyond_its_worst_nor_further_from_mid_than_a_tick(
    bid: int, width: int, side: Side
) -> None:
    low, high = Decimal(bid) / 100, Decimal(bid + width) / 100
    leg = sell(put()) if side is Side.SELL else buy(put(), closes=HELD.id)
    wanted = proposal(leg)
    seen = snapshot(quote(put(), str(low), str(high)))
    written = write_order(approval(wanted), wanted, Clip(1, 1), seen, UNTIL, classic())
    mid = (low + high) / 2
    assert isinstance(written.limit, Price)
    assert isinstance(written.limit_worst, Price)
    tick = Decimal("0.01") if mid < 3 else Decimal("0.05")
    assert written.limit_worst <= written.limit
    assert abs(abs(written.limit.per_unit) - mid) <= tick
    assert abs(abs(written.limit_worst.per_unit) - mid) <= max(tick, mid * Decimal("0.05"))
    assert written.limit.per_unit % tick == 0


def test_a_roll_is_never_sent_at_a_price_that_is_no_roll_any_more() -> None:
    later = put(98)
    legs = (buy(put(), closes=HELD.id), sell(later))
    seen = snapshot(quote(put(), "4.00", "4.20"), quote(later, "4.30", "4.40"))
    wanted = proposal(*legs, credit_net=price("0.10"), credit_least=price("0.01"))
    order = write_order(approval(wanted), wanted, Clip(1, 1), seen, UNTIL, classic())
    assert order.limit == price("0.25")
    assert order.limit_worst == price("0.01")


# The ask first, then at most mid and a tenth of it, or a tick; never more is paid than that.
@pytest.mark.parametrize(
    ("bid", "ask", "limit", "worst"),
    [
        ("9.00", "9.20", "-9.20", "-10.00"),
        ("5.00", "9.00", "-7.70", "-7.70"),
        ("0.01", "0.02", "-0.02", "-0.02"),
        ("0.01", "0.09", "-0.06", "-0.06"),
        (None, "1.00", "-1.00", "-1.10"),
    ],
)
def test_an_exit_pays_the_ask_but_never_more_than_its_worst(
    bid: str | None, ask: str, limit: str, worst: str
) -> None:
    wanted = proposal(buy(put(), closes=HELD.id), quantity=5, kind=ProposalKind.EMERGENCY_EXIT)
    seen, law = snapshot(quote(put(), bid, ask)), constitution()
    written = write_exit(approval(wanted), wanted, Clip(1, 5), seen, UNTIL, law)
    assert str(written.limit) == limit
    assert str(worst_exit(wanted.legs, seen, law)) == worst
    # The worst moves with mid, so that the order names none of its own.
    assert written.limit_worst is None
    assert (written.quantity, written.kind) == (5, ProposalKind.EMERGENCY_EXIT)


def test_an_exit_needs_its_own_approval_and_an_ask() -> None:
    wanted = proposal(buy(put(), closes=HELD.id), kind=ProposalKind.EMERGENCY_EXIT)
    seen, law = snapshot(quote(put())), constitution()
    other = approval(replace(wanted, id="2013-W07/F1.rev/P2"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not allow"):
        write_exit(other, wanted, Clip(1, 1), seen, UNTIL, law)
    unasked = snapshot(quote(put(), "2.00", None))
    with pytest.raises(Unpriceable, match="nothing is sent until it has one"):
        write_exit(approval(wanted), wanted, Clip(1, 1), unasked, UNTIL, law)
