from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg, Proposal, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.views import Freeze, IssuerRoom
from allusedesk.risk.exposures import covers_of
from allusedesk.risk.limits import RiskVerdict, Standing, judge
from tests.trading import (
    COM,
    GEN,
    NOON,
    REV,
    STOCK,
    buy,
    call,
    classic,
    dollars,
    funded_book,
    lot,
    order,
    price,
    proposal,
    put,
    quote,
    sell,
    snapshot,
    view,
    with_lots,
)

SHARES = lot(STOCK, 300, id=PositionId("shares"))
LATER = put(98)
NOTHING_KEPT = Decimal(0)
OTHER = ProposalId("2013-W07/F1.gen/P9")


def judged(
    wanted: Proposal,
    *lots: Position,
    seen: MarketSnapshot | None = None,
    orders: tuple[Order, ...] = (),
    cash: int = 100_000,
    **changes: Any,
) -> RiskVerdict:
    book = with_lots(funded_book(cash), *lots)
    standing = Standing(view(wanted.account, book, **changes), orders)
    if seen is None:
        seen = snapshot(*[quote(leg.instrument) for leg in wanted.legs if leg.instrument != STOCK])
    return judge(wanted, book, standing, seen, classic())


def failed(verdict: RiskVerdict) -> list[str]:
    return [met.name for met in verdict.comparisons if not met.passed]


def covered(quantity: int = 1, **changes: Any) -> Proposal:
    leg = sell(call(105), role=PositionRole.COVERED_CALL, linked_to=SHARES.id)
    return proposal(leg, quantity=quantity, kind=ProposalKind.COVERED_CALL, **changes)


def closing(held: Position, quantity: int = 1, **changes: Any) -> Proposal:
    leg = buy(held.instrument, closes=held.id)
    changes = {"credit_net": price("-2.00"), "kind": ProposalKind.ADJUSTMENT} | changes
    return proposal(leg, quantity=quantity, **changes)


def test_a_secured_put_passes_and_its_figures_are_told() -> None:
    verdict = judged(proposal(sell(put()), quantity=2))
    assert verdict.passed, failed(verdict)
    assert verdict.rule == "risk"
    assert verdict.worst_case == dollars(-19_600)
    assert [(each.name, each.amount) for each in verdict.scenarios] == [
        ("to zero", dollars(-19_600)),
        ("-10% overnight", dollars("-1420")),
        ("-20% overnight", dollars("-3440")),
    ]
    assert verdict.break_evens == (price(98),)
    assert verdict.collateral_before == dollars(0)
    assert verdict.collateral_after == dollars("20001.30")
    assert verdict.cash_free_after == dollars("79998.70")
    shown = {met.name: met.value for met in verdict.comparisons}
    assert shown["Regulation T if uncovered"] == "4,240.00 USD"


# A10: average volume 1,000 lets 100 through and not 101, and each other gate on its limit.
@pytest.mark.parametrize(
    ("quantity", "changes", "rule"),
    [
        (100, {}, "risk"),
        (101, {}, "liquidity.size"),
        (100, {"open_interest": 500}, "risk"),
        (100, {"open_interest": 499}, "liquidity.open_interest"),
        (10, {"volume_average": 100.0}, "risk"),
        (9, {"volume_average": 99.0}, "liquidity.volume"),
        (100, {"bid": price("1.95"), "ask": price("2.05")}, "risk"),
        (100, {"bid": price("1.949"), "ask": price("2.0515")}, "liquidity.spread"),
        (100, {"open_interest": None}, "liquidity.open_interest"),
        (100, {"volume_average": None}, "liquidity.volume"),
        (100, {"bid": None}, "quote.invalid"),
        (100, {"quoted_at": NOON - timedelta(seconds=30)}, "risk"),
        (100, {"quoted_at": NOON - timedelta(seconds=30.1)}, "quote.age"),
    ],
)
def test_a10_gates_refuse_openings_beyond_their_limit_and_warn_closes(
    quantity: int, changes: dict[str, Any], rule: str
) -> None:
    seen = snapshot(replace(quote(put()), **changes))
    opening = proposal(sell(put()), quantity=quantity)
    verdict = judged(opening, seen=seen, cash=2_000_000)
    assert (verdict.passed, verdict.rule) == (rule == "risk", rule)
    if rule == "quote.invalid":
        return
    held = lot(put(), -200)
    verdict = judged(closing(held, quantity), held, seen=seen, cash=3_000_000)
    assert verdict.passed, failed(verdict)
    assert bool(verdict.warnings) == (rule != "risk")
    if rule != "risk":
        assert rule in verdict.warnings[0]


def test_a_put_needs_its_strike_and_fees_in_free_settled_cash() -> None:
    enough = judged(proposal(sell(put())), cash_free=dollars("10000.65"), cash_buffer=NOTHING_KEPT)
    assert enough.passed
    assert enough.cash_free_after == dollars(0)
    short = judged(proposal(sell(put())), cash_free=dollars("10000.64"))
    assert (short.passed, short.rule) == (False, "cash.secured")


def test_a_call_without_its_shares_is_refused() -> None:
    assert judged(covered(3), SHARES).passed
    for wanted, lots in (
        (covered(4), [SHARES]),
        (covered(1), []),
        (covered(1), [replace(SHARES, account=COM)]),
        (covered(1), [lot(put(), -1, id=SHARES.id)]),
        (covered(2), [SHARES, lot(call(110), -2, id=PositionId("c"), linked_to=SHARES.id)]),
    ):
        verdict = judged(wanted, *lots)
        assert (verdict.passed, verdict.rule) == (False, "cover.shares")


def test_options_bought_to_open_hold_no_collateral() -> None:
    wanted = proposal(buy(put()), credit_net=price("-2"))
    verdict = judged(wanted)
    assert verdict.passed
    assert verdict.cash_free_after == dollars(99_800)


def test_a_call_bought_back_that_covers_nothing_ties_no_shares() -> None:
    short = lot(call(), -1, id=PositionId("c"))
    assert judged(closing(short), short).passed
    assert judged(closing(short)).rule == "close.lot"


def test_a_naked_call_a_short_share_and_an_option_sold_without_cover_are_refused() -> None:
    for leg in (sell(call()), sell(STOCK)):
        verdict = judged(proposal(leg))
        assert (verdict.passed, verdict.rule) == (False, "cover.naked")


def test_live_orders_tie_shares_up_and_what_they_would_release_does_not_count() -> None:
    other = order(*covered(1).legs, quantity=2, proposal=OTHER, status=OrderStatus.WORKING)
    assert judged(covered(1), SHARES, orders=(other,)).passed
    assert judged(covered(2), SHARES, orders=(other,)).rule == "cover.shares"
    short = lot(call(110), -1, id=PositionId("c"), linked_to=SHARES.id)
    back = order(buy(call(110), closes=short.id), proposal=OTHER, status=OrderStatus.WORKING)
    assert judged(covered(3), SHARES, short, orders=(back,)).rule == "cover.shares"
    over = replace(other, status=OrderStatus.FILLED)
    assert judged(covered(2), SHARES, orders=(over,)).passed


def test_a_proposals_own_order_is_not_counted_twice() -> None:
    wanted = covered(3)
    own = order(*wanted.legs, quantity=3, status=OrderStatus.WORKING)
    book = with_lots(funded_book(), SHARES)
    assert [each.needed for each in covers_of(wanted, book, (own,))] == [300]


def test_a_call_rolled_releases_the_shares_it_covered() -> None:
    short = lot(call(110), -3, id=PositionId("c"), linked_to=SHARES.id)
    roll = proposal(
        buy(call(110), closes=short.id),
        sell(call(105), linked_to=SHARES.id),
        quantity=3,
        kind=ProposalKind.ROLL,
        credit_net=price("0.50"),
    )
    assert judged(roll, SHARES, short).passed


def test_a_put_rolled_needs_only_the_cash_it_adds() -> None:
    held = lot(LATER, -1)
    roll = proposal(
        buy(LATER, closes=held.id),
        sell(put()),
        kind=ProposalKind.ROLL,
        credit_net=price("-0.10"),
    )
    # 100 - 98 dollars of strike a share, and ten cents paid: 210 for one contract.
    assert judged(roll, held, cash_free=dollars(210)).passed
    assert judged(roll, held, cash_free=dollars("209.99")).rule == "cash.secured"


def test_shares_that_calls_need_are_not_sold() -> None:
    short = lot(call(110), -2, id=PositionId("c"), linked_to=SHARES.id)
    seen = snapshot()
    leg = sell(STOCK, closes=SHARES.id, role=PositionRole.SHARES)
    wanted = proposal(leg, quantity=100, credit_net=price(101), kind=ProposalKind.ADJUSTMENT)
    assert judged(wanted, SHARES, short, seen=seen).passed
    assert judged(replace(wanted, quantity=101), SHARES, short, seen=seen).rule == "cover.shares"


def test_a_purchase_of_shares_needs_its_price_in_cash() -> None:
    leg = buy(STOCK, role=PositionRole.SHARES)
    wanted = proposal(leg, quantity=100, credit_net=price(-101), kind=ProposalKind.SHARE_PURCHASE)
    enough = dollars(10_100)
    assert judged(wanted, seen=snapshot(), cash_free=enough, cash_buffer=NOTHING_KEPT).passed
    assert judged(wanted, seen=snapshot(), cash_free=dollars(10_099)).rule == "cash.secured"
    assert judged(replace(wanted, spot=None), seen=snapshot()).passed
    stale = snapshot(quote(STOCK, "100.99", "101.01", quoted_at=NOON - timedelta(seconds=31)))
    assert judged(wanted, seen=stale).rule == "quote.age"


def test_closing_more_than_is_held_or_another_contract_is_refused() -> None:
    held = lot(put(), -1)
    for wanted, lots in (
        (closing(held, 2), [held]),
        (closing(held), []),
        (closing(held), [replace(held, instrument=put(99))]),
        (closing(held), [replace(held, quantity_signed=1)]),
    ):
        verdict = judged(wanted, *lots)
        assert (verdict.passed, verdict.rule) == (False, "close.lot")


@pytest.mark.parametrize(
    ("freeze", "puts", "calls"),
    [
        (Freeze("halted"), False, False),
        (Freeze("level", "AAPL"), False, True),
        (Freeze("level", "MSFT"), True, True),
        (Freeze(FREEZE_RECOVERY), False, True),
    ],
)
def test_freezes_stop_openings_and_never_closes(freeze: Freeze, puts: bool, calls: bool) -> None:
    held = lot(put(), -1)
    opening = judged(proposal(sell(put())), freezes=(freeze,))
    assert opening.passed is puts
    assert opening.rule == ("risk" if puts else "entry.frozen")
    assert opening.comparisons[0].value == ("none" if puts else freeze.reason)
    assert judged(covered(), SHARES, freezes=(freeze,)).passed is calls
    assert judged(closing(held), held, freezes=(freeze,)).passed


def test_a_drawdown_suspends_puts_and_lets_calls_pass() -> None:
    rule = "breaker.drawdown"
    assert judged(proposal(sell(put())), puts_suspended_by=rule).rule == rule
    assert judged(covered(), SHARES, puts_suspended_by=rule).passed


def test_an_order_of_unknown_fate_blocks_its_symbol_for_every_order() -> None:
    held = lot(put(), -1)
    unknown = order(sell(put(95)), proposal=OTHER, account=GEN, status=OrderStatus.UNKNOWN)
    for wanted in (proposal(sell(put())), closing(held)):
        assert judged(wanted, held, orders=(unknown,)).rule == "order.unknown"
    elsewhere = replace(unknown, legs=(sell(replace(put(95), underlying="MSFT")),))
    assert judged(closing(held), held, orders=(elsewhere,)).passed
    working = replace(unknown, status=OrderStatus.WORKING)
    assert judged(closing(held), held, orders=(working,)).passed


def test_opposite_orders_in_one_contract_never_work_together() -> None:
    held = lot(put(), -1)
    selling = order(sell(put()), proposal=OTHER, account=GEN, status=OrderStatus.WORKING)
    assert judged(closing(held), held, orders=(selling,)).rule == "order.opposite"
    buying = replace(selling, legs=(buy(put(), closes=PositionId("x")),))
    assert judged(proposal(sell(put())), orders=(buying,)).rule == "order.opposite"
    assert judged(proposal(sell(put())), orders=(selling,)).passed


def test_a_proposal_with_a_live_order_is_not_sent_again() -> None:
    own = order(sell(put()), id=OrderId("mine"), status=OrderStatus.WORKING)
    assert judged(proposal(sell(put())), orders=(own,)).rule == "order.doubled"


def test_caps_on_the_sleeve_the_symbol_and_the_issuer() -> None:
    wanted = proposal(sell(put()), quantity=9)
    assert judged(wanted).passed
    assert judged(wanted, cash_buffer=Decimal("0.0999415")).passed
    assert judged(wanted, cash_buffer=Decimal("0.0999416")).rule == "cash.buffer"
    room = (IssuerRoom("AAPL", dollars(90_000)),)
    assert judged(wanted, issuer_rooms=room).passed
    less = (IssuerRoom("AAPL", dollars("89999.99")),)
    assert judged(wanted, issuer_rooms=less).rule == "cap.issuer"
    rules = classic()
    rev = replace(rules.accounts.rev, symbol_cap=Decimal("0.25"))
    capped = replace(rules, accounts=replace(rules.accounts, rev=rev))
    for held, quantity, spot, rule in (
        (lot(put(98, underlying="MSFT"), -3), 2, "101", "risk"),
        (lot(put(98, underlying="MSFT"), -3), 3, "101", "cap.symbol"),
        (lot(put(98), -1), 1, "101", "risk"),
        (lot(put(98), -1), 2, "101", "cap.symbol"),
        (lot(STOCK, 148), 1, "101", "risk"),
        (lot(STOCK, 149), 1, "101", "cap.symbol"),
        (lot(STOCK, 149), 1, None, "risk"),
    ):
        opening = proposal(
            sell(put()), quantity=quantity, spot=None if spot is None else price(spot)
        )
        standing = Standing(view(REV, with_lots(funded_book(), held)))
        verdict = judge(opening, funded_book(), standing, snapshot(quote(put())), capped)
        assert verdict.rule == rule


def test_halts_and_pending_corporate_actions_refuse_openings_and_warn_closes() -> None:
    held = lot(put(), -1)
    for changes, rule in (
        ({"is_halted": True}, "market.halted"),
        ({"is_frozen_for_action": True}, "entry.corporate_action"),
    ):
        seen = snapshot(quote(put()), **changes)
        assert judged(proposal(sell(put())), seen=seen).rule == rule
        verdict = judged(closing(held), held, seen=seen)
        assert verdict.passed
        assert rule in verdict.warnings[0]


def test_adjusted_contracts_are_closed_but_never_opened() -> None:
    adjusted = put(multiplier=150)
    held = lot(adjusted, -1)
    assert judged(proposal(sell(adjusted))).rule == "entry.standard_contract"
    assert judged(closing(held), held).passed


def test_without_a_quote_nothing_is_opened_or_closed() -> None:
    held = lot(put(), -1)
    assert judged(proposal(sell(put())), seen=snapshot()).rule == "chain.none"
    assert judged(closing(held), held, seen=snapshot()).rule == "chain.none"


def test_a_covered_call_is_judged_together_with_its_shares() -> None:
    verdict = judged(covered(2), SHARES)
    assert verdict.worst_case == dollars(-19_600)
    assert verdict.break_evens == (price(98),)
    assert verdict.collateral_after == dollars(0)


def test_a_close_counts_what_it_was_opened_at() -> None:
    held = lot(put(), -1, price_average=price(5))
    verdict = judged(closing(held), held)
    assert verdict.worst_case == dollars(300)
    assert verdict.collateral_before == dollars("10000.65")
    assert verdict.collateral_after == dollars(0)


def test_without_a_spot_no_fall_is_shown_and_without_legs_nothing_lost() -> None:
    verdict = judged(proposal(sell(put()), spot=None))
    assert (verdict.scenarios, verdict.worst_case) == ((), dollars(-9_800))
    verdict = judged(proposal(kind=ProposalKind.FORK), seen=snapshot())
    assert (verdict.passed, verdict.worst_case) == (True, dollars(0))


legs = st.lists(
    st.sampled_from([sell(put()), sell(call(105), linked_to=SHARES.id), sell(call()), sell(STOCK)]),
    min_size=1,
    max_size=2,
    unique_by=lambda leg: leg.instrument,
)


@given(legs, st.integers(1, 15), st.integers(0, 200_000))
def test_whatever_passes_is_secured_by_cash_and_covered_by_shares(
    wanted: list[Leg], quantity: int, free: int
) -> None:
    seen = snapshot(quote(put()), quote(call()), quote(call(105)))
    asked = proposal(*wanted, quantity=quantity)
    verdict = judged(asked, SHARES, seen=seen, cash=10_000_000, cash_free=dollars(free))
    if verdict.passed:
        for leg in wanted:
            if leg.instrument == put():
                assert free >= 10_000 * quantity
            else:
                assert leg.linked_to == SHARES.id
                assert 100 * quantity <= SHARES.quantity
        assert verdict.cash_free_after >= dollars(0)
