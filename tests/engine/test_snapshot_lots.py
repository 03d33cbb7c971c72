"""Lots and sleeves for the eye: figures by hand, and objects that stay while nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Money, Price
from allusedesk.engine.snapshot import DeskSnapshot, picture
from allusedesk.engine.snapshot_sleeves import SleevePicture
from allusedesk.market.pricing import probability_in_the_money
from allusedesk.risk.probability import probability_in_money
from tests.acceptance.desks import F1_COM, F1_GEN, F1_REV, WEDNESDAY, stage
from tests.acceptance.stage import Stage, at
from tests.engine.test_family_affairs import _with_base


@pytest.fixture(scope="module")
def desk() -> Stage:
    made = stage()
    made.play(at(WEDNESDAY, "12:00"))
    return made


def pictured(desk: Stage, before: DeskSnapshot | None = None) -> DeskSnapshot:
    return picture(desk.state, desk.clock.now(), desk.quote, before=before)


def sleeve(shown: DeskSnapshot, name: str) -> SleevePicture:
    return next(one for one in shown.sleeves if one.account.id == name)


def test_a_short_put_is_shown_with_all_that_follows_from_its_quote(desk: Stage) -> None:
    [held] = pictured(desk).lots
    lot, quote = held.lot, desk.quote(held.lot.instrument)
    assert quote is not None
    assert quote.mark is not None
    assert held.is_marked
    assert held.value == lot.value_at(quote.mark)
    premium = -lot.value_at(lot.price_average)
    assert held.earned == held.unrealised.amount / premium.amount
    assert held.distance == Decimal("0.01")
    assert held.distance_atr == Decimal("0.5")
    assert held.collateral.amount == 99 * 700 + Decimal("0.65") * 7
    assert held.greeks is not None
    assert quote.greeks is not None
    assert held.greeks.delta == quote.greeks.delta * -700
    assert held.greeks.delta > 0 > held.greeks.gamma
    assert held.probability_assigned is not None
    assert 0 < held.probability_assigned < 1


def test_what_did_not_change_is_the_same_object(desk: Stage) -> None:
    first = pictured(desk)
    again = pictured(desk, first)
    assert again.lots[0] is first.lots[0]
    desk.spots["AAPL"] = Decimal(101)
    moved = pictured(desk, again)
    desk.spots["AAPL"] = Decimal(100)
    assert moved.lots[0] is not first.lots[0]
    assert moved.lots[0].spot == Price(Decimal(101))


def test_a_lot_without_quotes_stands_at_cost(desk: Stage) -> None:
    state = replace(desk.state, marks=type(desk.state.marks)())
    [held] = picture(state, desk.clock.now(), lambda _: None).lots
    assert not held.is_marked
    assert held.unrealised == Money(Decimal(0))
    assert (held.distance, held.greeks, held.probability_assigned) == (None, None, None)


def test_the_estimate_of_assignment_is_that_of_the_pricing_model(desk: Stage) -> None:
    [held] = pictured(desk).lots
    option = held.lot.option
    assert option is not None
    now = at(WEDNESDAY, "12:00")
    for spot, volatility in (("90", 0.3), ("99", 0.2), ("110", 0.6)):
        ours = probability_in_money(option, Price(Decimal(spot)), volatility, now)
        ends = now.replace(hour=21, minute=0) + timedelta(days=(option.expiry - now.date()).days)
        years = (ends - now).total_seconds() / (365 * 86_400)
        theirs = probability_in_the_money(
            float(spot), float(option.strike), years, 0.0, 0.0, volatility, is_put=True
        )
        assert ours == pytest.approx(float(theirs), abs=1e-9)


def test_a_sleeve_shows_its_surplus_its_fork_and_its_ladder() -> None:
    desk = stage()
    desk.play(at(WEDNESDAY, "12:00"))
    _with_base(desk, F1_GEN, "90000.00")
    shown = pictured(desk)
    gen, rev, com = (sleeve(shown, name) for name in (F1_GEN, F1_REV, F1_COM))
    assert gen.surplus == Money(Decimal(30_000))
    assert gen.fork_at == Money(Decimal(50_000))
    assert com.fork_at is None or com.fork_at.amount > 0
    assert rev.held[0].amount == rev.collateral
    assert rev.cash_free == rev.cash_settled - rev.collateral
    assert rev.buffer_share == Decimal("0.05")
    assert rev.buffer == rev.equity * Decimal("0.05")
    assert gen.can_pay_out
    assert not com.can_pay_out
    [family] = shown.families
    assert family.equity == gen.equity + rev.equity + com.equity
    assert family.parent is None
    assert family.merge_at is None


def test_a_sleeve_too_small_to_trade_says_what_it_would_take() -> None:
    desk = stage(capital=12_000)
    desk.play(at(WEDNESDAY, "12:00"))
    assert "at least" in sleeve(pictured(desk), F1_REV).size_needed


def test_a_frozen_sleeve_says_why(desk: Stage) -> None:
    state = replace(desk.state, halted_by="drill")
    shown = picture(state, desk.clock.now(), desk.quote)
    assert all("halted: drill" in one.freezes for one in shown.sleeves)
    assert desk.quote(Stock("AAPL")) is not None
