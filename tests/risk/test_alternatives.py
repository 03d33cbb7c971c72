"""The neighbours of a proposal: the next strikes that are quoted, on the proposal's scale."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import Money
from allusedesk.domain.quotes import Greeks
from allusedesk.risk.alternatives import credit_of, greeks_of, neighbours_of, premium_of
from tests.trading import (
    FRIDAY,
    STOCK,
    buy,
    call,
    classic,
    funded_book,
    lot,
    price,
    proposal,
    put,
    quote,
    sell,
    snapshot,
    view,
    with_lots,
)

CHAIN = [quote(put(strike)) for strike in (90, 95, 98, 100, 103, 110)]


def test_the_next_quoted_strikes_on_both_sides_are_shown() -> None:
    wanted = proposal(sell(put()))
    found = neighbours_of(wanted, funded_book(), view(), snapshot(*CHAIN), classic())
    assert [one.legs[0].instrument.strike for one in found] == [98, 103]
    assert found[0].name == f"98 put, {FRIDAY}"
    lower, higher = found
    assert lower.collateral_after < higher.collateral_after
    assert lower.worst_case > higher.worst_case


def test_a_strike_without_two_sides_is_passed_over() -> None:
    silent = replace(quote(put(98)), bid=None)
    chain = [one for one in CHAIN if one.instrument.strike != 98]
    found = neighbours_of(
        proposal(sell(put())), funded_book(), view(), snapshot(silent, *chain), classic()
    )
    assert [one.legs[0].instrument.strike for one in found] == [95, 103]


@pytest.mark.parametrize(
    "legs", [(buy(put(), closes=PositionId("lot")),), (buy(STOCK),), (sell(call()),)]
)
def test_what_opens_no_option_of_the_chain_has_no_neighbour(legs: tuple[object, ...]) -> None:
    wanted = proposal(*legs)  # type: ignore[arg-type]
    assert neighbours_of(wanted, funded_book(), view(), snapshot(*CHAIN), classic()) == ()


def test_the_premium_is_that_of_the_whole_quantity() -> None:
    wanted = proposal(sell(put()), quantity=3)
    [lower, _] = neighbours_of(wanted, funded_book(), view(), snapshot(*CHAIN), classic())
    mid = CHAIN[2].mid
    assert mid is not None
    assert lower.premium == Money(mid.per_unit * 300)
    assert lower.credit_net == price(str(mid.per_unit))


def test_greeks_count_side_quantity_and_multiplier() -> None:
    own = Greeks(-0.25, 0.02, -0.05, 8.0, 0.3)
    seen = snapshot(replace(quote(put()), greeks=own))
    net = greeks_of(proposal(sell(put()), quantity=2), seen)
    assert net is not None
    assert (net.delta, net.gamma, net.theta) == (50.0, -4.0, 10.0)
    assert net.vega == pytest.approx(-16.0)
    assert greeks_of(proposal(sell(put(95))), seen) is None


def test_a_net_price_needs_every_leg() -> None:
    seen = snapshot(*CHAIN)
    assert credit_of((sell(put(100)), buy(put(95))), seen) is not None
    assert credit_of((sell(put(100)), buy(put(50))), seen) is None
    assert credit_of((), seen) == price("0.00")


def test_where_no_chain_was_looked_at_there_is_no_neighbour() -> None:
    unseen = replace(snapshot(*CHAIN), chains=())
    wanted = proposal(sell(put()))
    assert neighbours_of(wanted, funded_book(), view(), unseen, classic()) == ()


def test_a_neighbour_without_a_price_for_every_leg_is_not_shown() -> None:
    # The lot bought back is not quoted: no net price of the roll is known at any strike.
    held = put(97)
    roll = proposal(buy(held, closes=PositionId("lot")), sell(put()))
    assert neighbours_of(roll, funded_book(), view(), snapshot(*CHAIN), classic()) == ()
    book = with_lots(funded_book(), lot(held, -1))
    whole = snapshot(quote(held), *CHAIN)
    found = neighbours_of(roll, book, view(book=book), whole, classic())
    assert [one.legs[1].instrument.strike for one in found] == [98, 103]


def test_a_contract_of_another_size_is_no_neighbour() -> None:
    adjusted = [quote(put(strike, multiplier=150)) for strike in (99, 101)]
    found = neighbours_of(
        proposal(sell(put())), funded_book(), view(), snapshot(*adjusted, *CHAIN), classic()
    )
    assert [one.legs[0].instrument.strike for one in found] == [98, 103]


def test_a_premium_is_of_the_whole_quantity_and_nothing_without_a_price() -> None:
    assert premium_of(proposal(sell(put()), quantity=3)) == Money(Decimal(600))
    assert premium_of(proposal(buy(put()), credit_net=price("-1.50"))) == Money(Decimal(-150))
    assert premium_of(proposal(sell(put()), credit_net=None)) == Money(Decimal(0))
    assert premium_of(proposal()) == Money(Decimal(0))
