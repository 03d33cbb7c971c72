"""Section 15, A15: what calls for hedges, what is bought, what is let go, and what is carried."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from allusedesk.domain import events as ev
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.sleeve_events import CarriedBudget
from allusedesk.engine.replay import replay
from tests.acceptance.constitution_desks import stage
from tests.acceptance.desks import COM, FRIDAY, GEN, NEXT_MONDAY, REV, proposals
from tests.acceptance.stage import FAMILY, Stage, at

TUESDAY = NEXT_MONDAY + timedelta(days=1)
WEDNESDAY = NEXT_MONDAY + timedelta(days=2)


def stressed(spots: dict[str, str] | None = None, **more: Any) -> Stage:
    """A desk that trades nothing, VIX above 30 from its first day on."""
    market = {"AAPL": "100", "IBM": "100", **(spots or {"SPY": "100", "VIX": "40"})}
    desk = stage({GEN: (), REV: (), COM: ()}, spots=market, **more)
    desk.figures.vix = Decimal(35)
    return desk


def hedges(desk: Stage) -> list[Position]:
    held = desk.state.book.positions.values()
    return [lot for lot in held if lot.role is PositionRole.HEDGE]


def tripped(desk: Stage) -> list[ev.BreakerTripped]:
    return [event for event in desk.all(ev.BreakerTripped) if event.breaker == "hedge"]


def test_a15_five_closes_of_high_vix_buy_two_puts_to_one_call_the_next_morning() -> None:
    desk = stressed()
    desk.play(at(FRIDAY, "15:59"))
    assert not tripped(desk)
    desk.play(at(FRIDAY, "17:00"))
    assert [event.effect for event in tripped(desk)] == ["hedge.trigger"]
    assert not proposals(desk)

    desk.play(at(NEXT_MONDAY, "12:00"))
    bought = {lot.underlying: lot for lot in hedges(desk)}
    put, call = bought["SPY"], bought["VIX"]
    assert isinstance(put.instrument, OptionContract)
    assert isinstance(call.instrument, OptionContract)
    assert put.quantity == 2 * call.quantity
    assert (put.instrument.right, call.instrument.right) == (Right.PUT, Right.CALL)
    # Without interest the forward is the spot, and the first strike at 1.5 times it is 60.
    assert call.instrument.strike == 60
    assert abs((call.instrument.expiry - NEXT_MONDAY).days - 182) <= 4
    [of_calls] = [p for p in proposals(desk) if p.legs[0].instrument.underlying == "VIX"]
    assert "put-call parity" in of_calls.comparisons[0].name
    # No sleeve ever traded, and none counts as having entered anything.
    assert not any(sleeve.has_traded or sleeve.entered for sleeve in desk.state.sleeves.values())
    purse = desk.state.purses[FAMILY]
    assert set(purse.bought) == {"SPY", "VIX"}
    assert Money(Decimal(2_000)) < purse.spent < Money(Decimal(3_000))

    # Once a quarter: the trigger stands, and nothing more is bought.
    made = len(proposals(desk))
    desk.play(at(NEXT_MONDAY + timedelta(days=4), "17:30"))
    assert len(proposals(desk)) == made
    assert [event.label for event in desk.all(ev.WeekLabelled)][-1] == "Hedged"
    assert replay(desk.record.entries).is_same


def test_a15_a_hedge_goes_when_low_vix_ends_what_called_for_it() -> None:
    desk = stressed()
    desk.when(at(TUESDAY, "09:00"), lambda: setattr(desk.figures, "vix", Decimal(20)))
    desk.when(at(WEDNESDAY, "09:00"), lambda: setattr(desk.figures, "vix", Decimal("19.99")))
    desk.play(at(WEDNESDAY, "15:59"))
    assert len(hedges(desk)) == 2
    desk.play(at(WEDNESDAY, "17:00"))
    lowered = [event.by for event in desk.all(ev.BreakerLowered) if event.breaker == "hedge"]
    assert lowered == ["the rulebook: reverted"]
    assert len(hedges(desk)) == 2

    desk.play(at(WEDNESDAY + timedelta(days=1), "10:00"))
    assert hedges(desk) == []
    sold = [p for p in proposals(desk) if p.rule.rule == "hedge.release"]
    assert {p.legs[0].instrument.underlying for p in sold} == {"SPY", "VIX"}
    # What it brought is no new budget.
    assert desk.state.purses[FAMILY].spent > NOTHING


def test_a15_a_hedge_goes_at_three_times_its_price_while_the_storm_lasts() -> None:
    desk = stressed()
    desk.when(at(TUESDAY, "09:00"), lambda: desk.spots.update(SPY=Decimal(75)))
    desk.play(at(TUESDAY, "10:00"))

    assert [lot.underlying for lot in hedges(desk)] == ["VIX"]
    assert "hedge" in desk.state.breakers


def test_a15_a_hedge_nobody_can_afford_is_told_weekly_and_its_budget_carried() -> None:
    desk = stressed({"SPY": "1500"}, days=70)
    desk.play(at(NEXT_MONDAY + timedelta(days=63), "12:00"))

    missed = desk.all(ev.HedgeMissed)
    weeks = [event.week for event in missed]
    assert len(set(weeks)) == len(weeks) >= 8
    assert [item.candidate for item in missed[0].turned_down][:2] == ["SPX", "XSP"]
    assert "costs more than the budget" in missed[0].turned_down[2].reason
    [closed] = desk.all(ev.HedgeBudgetCarried)
    budget = Money(Decimal(3_000))
    assert (closed.quarter, closed.budget, closed.spent) == ("2013-Q1", budget, NOTHING)
    assert closed.carried == (CarriedBudget("2013-Q1", budget, 4),)
    # Two quarters' budgets afford together what neither did alone.
    [lot] = hedges(desk)
    assert (lot.underlying, lot.quantity) == ("SPY", 1)
    spent = desk.state.purses[FAMILY].spent
    assert budget < spent <= budget + budget
    assert replay(desk.record.entries).is_same


def test_a_desk_without_trouble_looks_for_no_hedge() -> None:
    desk = stressed()
    desk.figures.vix = Decimal(30)
    desk.play(at(NEXT_MONDAY, "17:00"))

    assert not tripped(desk)
    assert not desk.all(ev.HedgeMissed)
