"""Section 15 for the constitution, hedges, forks and breakers: checks A7, A14, A15 and A19."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.sleeve_views import cash_free
from tests.acceptance.constitution_desks import fall_to, stage
from tests.acceptance.desks import (
    COM,
    F1_COM,
    F1_GEN,
    F1_REV,
    FRIDAY,
    GEN,
    MONDAY,
    NEXT_MONDAY,
    REV,
    WEDNESDAY,
    proposals,
    rules_refused,
)
from tests.acceptance.stage import Stage, at


def hedged_stage(spot_of_index: str) -> tuple[Stage, Decimal]:
    """A put at L2 beside an index whose puts are quoted."""
    desk = stage(spots={"AAPL": "100.20", "IBM": "100", "SPY": spot_of_index})
    desk.play(at(WEDNESDAY, "12:00"))
    [lot] = desk.state.book.positions_of(F1_REV)
    assert lot.option is not None
    fall_to(desk, lot.option.strike - 4)
    desk.play(at(WEDNESDAY, "13:10"))
    return desk, lot.option.strike


def test_a15_an_l2_buys_the_first_index_put_that_the_budget_affords() -> None:
    desk, _ = hedged_stage("40")

    [hedge] = [p for p in proposals(desk, ProposalKind.ADJUSTMENT) if p.is_hedge][:1]
    assert str(hedge.rule) == "constitution@1.3/hedge.deploy"
    option = hedge.legs[0].instrument
    assert option.underlying == "SPY"
    assert Decimal("0.10") <= (Decimal(40) - option.strike) / 40 <= Decimal("0.20")
    assert 182 <= (option.expiry - WEDNESDAY).days <= 365
    # One per cent of the equity of the whole family.
    assert hedge.amount("cost") <= hedge.amount("budget") <= Money(Decimal(3_010))
    assert any(lot.underlying == "SPY" for lot in desk.state.book.positions.values())
    assert "hedge" in desk.state.breakers
    assert [item.candidate for item in hedge.turned_down] == ["SPX", "XSP", "VIX"]
    assert not desk.all(ev.HedgeMissed)
    desk.play(at(NEXT_MONDAY, "08:30"))
    assert [event.label for event in desk.all(ev.WeekLabelled)] == ["Hedged"]


def test_a15_a_hedge_beyond_the_budget_is_not_bought_and_that_is_told() -> None:
    desk, _ = hedged_stage("1500")

    assert not [p for p in proposals(desk) if p.is_hedge]
    [missed] = desk.all(ev.HedgeMissed)
    assert any("costs more than the budget" in item.reason for item in missed.turned_down)
    purse = desk.state.purses[missed.family]
    assert (purse.spent, purse.missed_in) == (NOTHING, missed.week)


@pytest.mark.parametrize(("surplus", "forks"), [("100000", 1), ("99999.99", 0)])
def test_a7_a19_a_fork_is_a_mini_that_comes_home_and_never_forks(surplus: str, forks: int) -> None:
    desk = stage({GEN: (), REV: (), COM: ()}, capital=600_000)
    desk.play(at(FRIDAY, "12:00"))
    gen = desk.state.sleeves[F1_GEN]
    base = gen.equity - Money(Decimal(surplus))
    desk.engine.state = desk.state.with_sleeve(replace(gen, base=base))
    desk.play(at(NEXT_MONDAY, "12:00"))

    made = desk.all(ev.FamilyForked)
    assert len(made) == forks
    if not forks:
        return
    family = made[0].family
    assert desk.state.minis[family] == Money(Decimal(100_000))
    shares = Counter({a.kind: desk.state.book.cash[a.id].settled.amount
                      for a in desk.state.book.accounts_of(family)})  # fmt: skip
    assert shares == {GEN: Decimal(50_000), COM: Decimal(50_000)}
    # Its start is written down so that it has trebled: it comes home, though its Gen could fork.
    start = Money(Decimal("33333.33"))
    desk.engine.state = replace(desk.state, minis=desk.state.minis.set(family, start))
    desk.play(at(NEXT_MONDAY + timedelta(days=7), "12:00"))
    assert [event.family for event in desk.all(ev.FamilyMerged)] == [family]
    assert desk.all(ev.FamilyMerged)[0].into == F1_COM
    assert family not in desk.state.minis
    assert FamilyId("F3") not in desk.state.book.families


@pytest.mark.parametrize(("vix", "pivots"), [("29", True), ("31", False)])
def test_a14_a_deep_sleeve_pivots_only_while_vix_is_low(vix: str, *, pivots: bool) -> None:
    desk = stage()
    desk.figures.vix = desk.figures.vix_average = Decimal(vix)
    desk.play(at(MONDAY, "12:00"))
    rev = desk.state.sleeves[F1_REV]
    high = Money(rev.equity.amount / Decimal("0.84"))
    desk.engine.state = desk.state.with_sleeve(replace(rev, high=high))
    desk.play(at(WEDNESDAY, "12:00"))

    tripped = [event.account for event in desk.all(ev.BreakerTripped) if event.account]
    assert tripped == ([F1_REV] if pivots else [])
    entries = proposals(desk, ProposalKind.ENTRY)
    assert bool(entries) is not pivots
    # The source's rule sells puts in a panic: each such entry says so, and waits for a person.
    for entry in entries:
        assert "puts are suspended only while VIX is below 30" in entry.reason
    if pivots:
        assert "breaker.drawdown" in rules_refused(desk)


def test_the_tax_reserve_is_never_free_cash() -> None:
    desk = stage({GEN: (), REV: (), COM: ()})
    desk.play(at(MONDAY, "12:00"))
    rev = desk.state.sleeves[F1_REV]
    desk.engine.state = desk.state.with_sleeve(replace(rev, tax_reserve=rev.equity))

    assert not cash_free(desk.state, F1_REV)
