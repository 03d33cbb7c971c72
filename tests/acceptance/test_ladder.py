"""Section 11's ladder over two simulated years: rungs bought, rolled and matured."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import ChainWish, OptionChain
from allusedesk.engine.replay import replay
from allusedesk.engine.sleeve_views import cash_free
from allusedesk.protocol.views import Freeze
from tests.acceptance.constitution_desks import TEXT, HedgingStage
from tests.acceptance.desks import COM, F1_REV, FRIDAY, GEN, MONDAY, NEXT_MONDAY, REV, proposals
from tests.acceptance.stage import at


class LadderStage(HedgingStage):
    """Far expiries are those of third Fridays, as exchanges list them."""

    def _chain(self, wish: ChainWish, at: Any) -> OptionChain:
        self.listed = ()
        if wish.days_low > 100:
            days = [at.date() + timedelta(days=n) for n in range(wish.days_low, wish.days_high + 1)]
            self.listed = tuple(d for d in days if d.weekday() == 4 and 15 <= d.day <= 21)
            if not self.listed:
                return OptionChain(wish.underlying, (), (), is_modelled=False)
        made = super()._chain(wish, at)
        self.listed = ()
        return made


def ladder_stage(
    symbols: dict[AccountKind, tuple[str, ...]] | None = None, **more: Any
) -> LadderStage:
    spots = {"AAPL": "105.80", "IBM": "100", "SPY": "100"}
    given = {"rulebook": TEXT, **more}
    desk = LadderStage(MONDAY, spots, symbols or {GEN: (), REV: ("AAPL",), COM: ()}, **given)
    desk.figures.volatility = 0.25
    return desk


def with_budget(desk: LadderStage, budget: int, day: date = FRIDAY) -> None:
    """A desk whose Rev has set money aside for its ladder, on the Friday before a look."""
    desk.play(at(day, "17:30"))
    rev = desk.state.sleeves[F1_REV]
    kept = replace(rev, leaps_budget=Money(Decimal(budget)))
    desk.engine.state = desk.state.with_sleeve(kept)


def test_money_for_the_ladder_buys_a_growth_rung_and_a_hedge_rung() -> None:
    desk = ladder_stage({GEN: (), REV: (), COM: ()})
    desk.symbols = tuple(replace(one, symbols=("AAPL",)) for one in desk.symbols[1:2])
    with_budget(desk, 10_000)
    before = cash_free(desk.state, F1_REV)
    desk.play(at(NEXT_MONDAY, "12:00"))

    rungs = [
        lot
        for lot in desk.state.book.positions.values()
        if lot.role is PositionRole.LEAPS_RUNG and lot.option is not None
    ]
    assert {lot.option.right: lot.underlying for lot in rungs if lot.option} == {
        Right.CALL: "AAPL",
        Right.PUT: "SPY",
    }
    [weighed] = desk.all(ev.LadderWeighed)
    assert weighed.budget == Money(Decimal(10_000))
    assert len(weighed.proposals) == 2
    # Its money is set aside: neither before nor after is it free for anything else.
    paid = total([lot.value_at(lot.price_average) for lot in rungs])
    left = desk.state.sleeves[F1_REV].leaps_budget
    assert Money(Decimal(9_980)) < left + paid < Money(Decimal(10_000))
    assert cash_free(desk.state, F1_REV) == before
    # A rung is no entry of the week, and no hedge.
    assert desk.state.sleeves[F1_REV].entered == ()
    assert not desk.state.purses


def test_a_symbol_frozen_for_puts_may_have_a_rung_and_a_frozen_sleeve_none() -> None:
    for symbol, rungs in (("AAPL", 2), ("", 0)):
        desk = ladder_stage({GEN: (), REV: (), COM: ()})
        desk.symbols = tuple(replace(one, symbols=("AAPL",)) for one in desk.symbols[1:2])
        with_budget(desk, 10_000)
        rev = replace(desk.state.sleeves[F1_REV], freezes=(Freeze("test", symbol),))
        desk.engine.state = desk.state.with_sleeve(rev)
        desk.play(at(NEXT_MONDAY, "12:00"))
        assert len(desk.state.book.positions_of(F1_REV)) == rungs


def test_a_ladder_too_small_for_a_contract_says_what_it_would_need() -> None:
    desk = ladder_stage()
    with_budget(desk, 500)
    desk.play(at(NEXT_MONDAY, "12:00"))

    assert not proposals(desk, ProposalKind.LADDER)
    [weighed] = desk.all(ev.LadderWeighed)
    told = {item.rule: item.reason for item in weighed.turned_down}
    assert "needs a ladder of" in told["ladder.unaffordable"]


def test_a_rung_waits_a_day_for_its_answer_and_then_lapses() -> None:
    desk = ladder_stage()
    desk.silent = lambda proposal: proposal.kind is ProposalKind.LADDER
    with_budget(desk, 10_000)
    desk.play(at(NEXT_MONDAY + timedelta(days=1), "12:00"))

    [made, *_] = proposals(desk, ProposalKind.LADDER)
    assert made.expires_at - made.made_at == timedelta(hours=24)
    lapsed = {event.proposal for event in desk.all(ev.ProposalLapsed)}
    assert {one.id for one in proposals(desk, ProposalKind.LADDER)} <= lapsed


@pytest.mark.long
def test_two_years_of_reinvestment_rungs_rolls_and_maturity() -> None:
    desk = ladder_stage(capital=3_000_000, days=760)
    desk.play(at(MONDAY + timedelta(days=735), "12:00"))
    desk.watched()

    reinvested = [event for event in desk.all(ev.GainReinvested) if event.leaps]
    assert len(reinvested) >= 6
    kinds: Counter[str] = Counter()
    for proposal in proposals(desk, ProposalKind.LADDER):
        kinds[proposal.rule.rule] += 1
        assert proposal.expires_at > proposal.made_at
    assert kinds["ladder.rung"] >= 3
    assert kinds["ladder.roll"] + kinds["ladder.mature"] >= 1
    for rolled in (p for p in proposals(desk, ProposalKind.LADDER) if len(p.legs) == 2):
        out, into = rolled.legs
        assert (out.side, into.side) == (Side.SELL, Side.BUY)
        assert isinstance(out.instrument, OptionContract)
        assert isinstance(into.instrument, OptionContract)
        assert out.instrument.expiry < into.instrument.expiry
    # Money of the ladder is what was set aside, less what rungs cost, with what they brought.
    moved = []
    for event in desk.all(ev.FillBooked):
        lots = [change.before or change.after for change in event.booking.changes]
        if all(lot is not None and lot.role is PositionRole.LEAPS_RUNG for lot in lots):
            moved += [move.amount for move in event.booking.cash]
    kept = desk.state.sleeves[F1_REV].leaps_budget
    assert kept == total([event.leaps for event in reinvested]) + total(moved)
    assert kept >= NOTHING
    for lot in desk.state.book.positions.values():
        if lot.role is PositionRole.LEAPS_RUNG and lot.option is not None:
            assert (lot.option.expiry - desk.state.day).days > 55
    verdict = replay(desk.record.entries)
    assert verdict.is_same, verdict.first_difference
