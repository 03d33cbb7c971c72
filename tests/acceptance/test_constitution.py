"""Section 15 for the constitution: checks A1, A2, A3, A4, A7, A14 and A19."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind, FamilyId
from allusedesk.domain.commands import Watch
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine import proposing
from allusedesk.engine.sleeve_views import cash_free
from allusedesk.market.simulated_exchange import Concession
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
    REV_ONLY,
    THURSDAY,
    WEDNESDAY,
    proposals,
    refusals,
    rules_refused,
    sound,
)
from tests.acceptance.stage import Stage, at
from tests.protocol.examples import CLASSIC

TEXT = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")
NEXT_FRIDAY = FRIDAY + timedelta(days=7)
EXIT = ProposalKind.EMERGENCY_EXIT


class HedgingStage(Stage):
    """A market without the indexes, of which hedges would be bought, unless the test has them."""

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        known = tuple(wish for wish in watch.chains if wish.underlying in self.spots)
        symbols = tuple(symbol for symbol in watch.symbols if symbol in self.spots)
        return super().sample(replace(watch, chains=known, symbols=symbols), at)


def stage(symbols: dict[AccountKind, tuple[str, ...]] | None = None, **changes: Any) -> Stage:
    given = {"spots": {"AAPL": "100.20", "IBM": "100"}, "rulebook": TEXT, **changes}
    return HedgingStage(MONDAY, given.pop("spots"), symbols or REV_ONLY, **given)


def with_put(**changes: Any) -> tuple[Stage, Decimal]:
    """A desk whose Rev sold a put on Wednesday, and the put's strike."""
    desk = stage(**changes)
    desk.play(at(WEDNESDAY, "12:00"))
    [lot] = desk.state.book.positions_of(F1_REV)
    assert lot.option is not None
    assert lot.option.expiry == FRIDAY
    return desk, lot.option.strike


def fall_to(desk: Stage, spot: Decimal, day: date = WEDNESDAY, clock: str = "13:00:30") -> None:
    desk.when(at(day, clock), lambda: desk.spots.update(AAPL=spot))


def dear_rolls(desk: Stage, mid: str = "0.05") -> None:
    """Later puts are worth next to nothing, so that every roll costs too much."""
    for strike in range(60, 140):
        for expiry in (NEXT_FRIDAY, NEXT_FRIDAY + timedelta(days=7)):
            contract = OptionContract("AAPL", expiry, Right.PUT, Decimal(strike))
            desk.special[contract] = {"mid": Decimal(mid)}


def steps(desk: Stage) -> list[str]:
    return [event.level for event in desk.all(ev.LevelChanged)]


def test_a1_gen_sells_its_puts_on_thursday_within_every_limit_and_once() -> None:
    desk = stage({GEN: ("AAPL", "IBM"), REV: (), COM: ()}, spots={"AAPL": "99.30", "IBM": "99.30"})
    desk.play(at(THURSDAY, "12:00"))

    entries = proposals(desk, ProposalKind.ENTRY)
    assert sorted(p.legs[0].instrument.underlying for p in entries) == ["AAPL", "IBM"]
    for proposal in entries:
        option = proposal.legs[0].instrument
        assert option.right is Right.PUT
        assert (option.expiry - THURSDAY).days in (0, 1)
        [delta] = [Decimal(met.value) for met in proposal.comparisons if met.name == "delta"]
        assert 40 <= delta <= 45
        assert option.strike * 100 * proposal.quantity <= Decimal(120_000) / 4
        assert at(THURSDAY, "09:45") <= proposal.made_at <= at(THURSDAY, "11:00")
    # Two symbols at a quarter each: the rest of the sleeve stays idle.
    looks = [event for event in desk.all(ev.EntriesWeighed) if event.account == F1_GEN]
    assert next(len(event.proposals) for event in looks) == 2
    assert sum(len(event.proposals) for event in looks) == 2
    sound(desk)


def test_a1c_com_takes_fridays_expiry_on_monday_as_widened() -> None:
    desk = stage({GEN: (), REV: (), COM: ("AAPL",)})
    desk.play(at(MONDAY, "12:00"))

    [purchase] = proposals(desk, ProposalKind.SHARE_PURCHASE)
    assert purchase.quantity * 100 <= Decimal(90_000) / 4
    [call] = proposals(desk, ProposalKind.COVERED_CALL)
    assert call.legs[0].instrument.expiry == FRIDAY
    assert any(met.name == "days to expiry" and met.value == "4" for met in call.comparisons)
    assert "expiry.widened" in call.reason
    assert not proposals(desk, ProposalKind.ENTRY)
    assert "entry.reenter" in rules_refused(desk, F1_COM)


def test_a1d_a_lot_beyond_a_quarter_of_the_sleeve_is_unaffordable() -> None:
    desk = stage(spots={"AAPL": "303.60", "IBM": "100"})
    desk.play(at(WEDNESDAY, "12:00"))

    [told] = [item for item in refusals(desk) if item.rule == "lot.unaffordable"][:1]
    assert "one lot needs a sleeve of 120002.6" in told.reason
    assert not proposals(desk, ProposalKind.ENTRY)


def test_a2_at_two_true_ranges_the_put_rolls_by_one_order_and_the_sleeve_is_frozen() -> None:
    desk, strike = with_put()
    fall_to(desk, strike - 4)
    desk.play(at(WEDNESDAY, "13:02"))

    [roll] = proposals(desk, ProposalKind.ROLL)
    assert str(roll.rule) == "constitution@1.3/level.L2"
    assert [leg.side.name for leg in roll.legs] == ["BUY", "SELL"]
    assert roll.legs[1].instrument.strike <= strike
    assert 1 <= (roll.legs[1].instrument.expiry - FRIDAY).days <= 14
    [order] = [event.order for event in desk.all(ev.OrderWritten) if event.order.kind is roll.kind]
    assert len(order.legs) == 2
    assert steps(desk)[:2] == ["L1", "L2"]
    assert [item.rule for item in refusals(desk) if item.rule.startswith("hedge.")]
    assert not proposals(desk, EXIT)
    sound(desk)


def test_a2_a_put_at_the_second_level_freezes_the_entries_of_its_sleeve() -> None:
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()}, spots={"AAPL": "100.20", "IBM": "100"})
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.ROLL
    desk.when(at(WEDNESDAY, "10:00:30"), lambda: desk.spots.update(AAPL=Decimal(95)))
    desk.play(at(WEDNESDAY, "12:00"))

    assert steps(desk) == ["L1", "L2"]
    told = [(item.candidate, item.reason) for item in refusals(desk) if item.rule[:6] == "freeze"]
    assert ("IBM", "level.L2") in told
    # Asked once a day: a roll that was declined is not asked for again at every look.
    assert len(proposals(desk, ProposalKind.ROLL)) == 1


def test_a2b_without_a_favourable_roll_the_put_leaves_as_at_the_stop() -> None:
    desk, strike = with_put()
    dear_rolls(desk)
    fall_to(desk, strike - 4)
    desk.play(at(WEDNESDAY, "13:05"))

    assert not proposals(desk, ProposalKind.ROLL)
    [leaving] = proposals(desk, EXIT)
    assert str(leaving.rule) == "constitution@1.3/roll.none_escalates"
    assert steps(desk)[:3] == ["L1", "L2", "L3"]
    assert not desk.state.book.positions_of(F1_REV)
    sound(desk)


@pytest.mark.parametrize(("distance", "is_priced"), [("1.5", True), ("1.495", False)])
def test_a2c_from_one_and_a_half_rev_prices_rolls_and_sends_nothing(
    distance: str, is_priced: bool
) -> None:
    desk, strike = with_put()
    fall_to(desk, strike - Decimal(distance) * 2)
    desk.play(at(WEDNESDAY, "13:05"))

    assert steps(desk)[:1] == ["L1"]
    assert ("level.L1" in rules_refused(desk)) is is_priced
    assert len(desk.all(ev.OrderWritten)) == 1


def test_a3_at_three_true_ranges_the_put_leaves_without_being_asked_for() -> None:
    desk, strike = with_put()
    desk.refuses = lambda proposal: proposal.kind in (EXIT, ProposalKind.RESUME)
    fall_to(desk, strike - 6)
    desk.play(at(WEDNESDAY, "13:05"))

    [leaving] = proposals(desk, EXIT)
    approvals = [a for a in desk.all(ev.ProposalApproved) if a.proposal == leaving.id]
    assert [a.granted_by for a in approvals] == ["standing authority of constitution@1.3"]
    assert steps(desk)[:3] == ["L1", "L2", "L3"]
    [order] = [event.order for event in desk.all(ev.OrderWritten) if event.order.kind is EXIT]
    quote = desk.quote(order.legs[0].instrument)
    assert quote is not None
    assert quote.ask is not None
    assert order.limit is not None
    assert abs(-order.limit.per_unit - quote.ask.per_unit) <= Decimal("0.05")
    assert order.written_at - leaving.made_at < timedelta(seconds=1)
    assert not desk.state.book.positions_of(F1_REV)
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.SAFE

    # Nothing is entered until a person resets the sleeve, and the week has its name.
    next_wednesday = WEDNESDAY + timedelta(days=7)
    desk.play(at(next_wednesday, "10:30"))
    assert [event.label for event in desk.all(ev.WeekLabelled)] == ["Preservation"]
    assert "freeze.entries" in rules_refused(desk)
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.SAFE
    reset = OperatorInstructed(Instruction.RESET, "tester", "looked at it", F1_REV)
    desk.play(at(next_wednesday, "12:00"), reset)
    assert len(proposals(desk, ProposalKind.ENTRY)) == 2
    sound(desk)


def test_a3_just_short_of_three_it_rolls_and_does_not_leave() -> None:
    desk, strike = with_put()
    fall_to(desk, strike - Decimal("5.99"))
    desk.play(at(WEDNESDAY, "13:02"))

    assert not proposals(desk, EXIT)
    assert len(proposals(desk, ProposalKind.ROLL)) == 1


def test_a3_an_exit_of_the_first_minutes_waits_until_it_may_be_sent() -> None:
    desk, strike = with_put()
    fall_to(desk, strike - 6, THURSDAY, "09:30:30")
    desk.play(at(THURSDAY, "09:34:59"))
    assert len(proposals(desk, EXIT)) == 1
    assert len(desk.all(ev.OrderWritten)) == 1

    desk.play(at(THURSDAY, "09:36"))
    [order] = [event.order for event in desk.all(ev.OrderWritten) if event.order.kind is EXIT]
    assert order.written_at == at(THURSDAY, "09:35")
    assert not desk.state.book.positions_of(F1_REV)


def test_a3_a_halt_queues_the_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, strike = with_put()
    whole = desk._underlying
    is_halted = [True]
    monkeypatch.setattr(
        desk, "_underlying", lambda symbol: replace(whole(symbol), is_halted=is_halted[0])
    )
    fall_to(desk, strike - 6)
    desk.when(at(WEDNESDAY, "13:20"), is_halted.clear)
    desk.when(at(WEDNESDAY, "13:20"), lambda: is_halted.append(False))
    desk.play(at(WEDNESDAY, "13:19"))
    assert len(proposals(desk, EXIT)) == 1
    assert len(desk.all(ev.OrderWritten)) == 1

    desk.play(at(WEDNESDAY, "13:25"))
    assert not desk.state.book.positions_of(F1_REV)


def test_a3_an_exit_that_is_refused_calls_a_person_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, strike = with_put()
    checked = proposing.judge
    refusals_left = [1]

    def judge(*args: Any) -> Any:
        verdict = checked(*args)
        if args[0].kind is EXIT and refusals_left:
            refusals_left.pop()
            return replace(verdict, passed=False, rule="order.opposite")
        return verdict

    monkeypatch.setattr(proposing, "judge", judge)
    fall_to(desk, strike - 6)
    desk.play(at(WEDNESDAY, "13:05"))

    assert [event.rule for event in desk.all(ev.ProposalRefused)] == ["order.opposite"]
    assert any("tried again" in event.text for event in desk.all(ev.NoticeRaised))
    assert len(proposals(desk, EXIT)) == 2
    assert not desk.state.book.positions_of(F1_REV)


def test_a3_an_exit_follows_the_ask_and_at_its_worst_price_calls_a_person() -> None:
    desk, strike = with_put()
    contract = OptionContract("AAPL", FRIDAY, Right.PUT, strike)
    # Nobody sells below what is asked, and that is half the price above mid.
    settings = desk.broker._settings
    exchange = replace(settings.exchange, concession=Concession.FULL_SPREAD)
    desk.broker._settings = replace(settings, exchange=exchange)
    fall_to(desk, strike - 6)
    desk.when(
        at(WEDNESDAY, "13:00:30"),
        lambda: desk.special.update({contract: {"half_spread": Decimal(3)}}),
    )
    desk.play(at(WEDNESDAY, "13:01"))

    orders = [event.order for event in desk.all(ev.OrderWritten) if event.order.kind is EXIT]
    quote = desk.quote(contract)
    assert quote is not None
    assert quote.mid is not None
    assert orders[0].limit is not None
    worst = quote.mid.per_unit * Decimal("1.10")
    assert worst - Decimal("0.05") <= -orders[0].limit.per_unit <= worst
    assert any("exit's worst price" in event.text for event in desk.all(ev.NoticeRaised))
    assert desk.state.book.positions_of(F1_REV)


def test_a4_assigned_shares_get_the_call_nearest_to_twenty() -> None:
    desk, strike = with_put()
    desk.figures.half_spread = Decimal("0.005")
    desk.closings["AAPL", FRIDAY] = strike - 1
    fall_to(desk, strike - 1, FRIDAY, "15:50")
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.play(at(NEXT_MONDAY + timedelta(days=2), "12:00"))

    assert desk.all(ev.AssignmentBooked)
    [call] = proposals(desk, ProposalKind.COVERED_CALL)
    assert str(call.rule) == "constitution@1.3/assignment.call"
    [delta] = [Decimal(met.value) for met in call.comparisons if met.name == "delta"]
    assert 20 <= delta <= 25
    assert "assignment.calls_only" in rules_refused(desk)


def test_a4_shares_at_the_third_level_propose_gbr_4_and_are_not_sold() -> None:
    desk, strike = with_put()
    desk.closings["AAPL", FRIDAY] = strike - 1
    fall_to(desk, strike - 1, FRIDAY, "15:50")
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    fall_to(desk, strike - 8, NEXT_MONDAY, "11:00:30")
    desk.play(at(NEXT_MONDAY, "11:05"))

    [recovery] = proposals(desk, ProposalKind.RECOVERY)
    assert not recovery.legs
    assert any(lot.is_shares for lot in desk.state.book.positions_of(F1_REV))
    assert not proposals(desk, EXIT)


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
    assert any(lot.underlying == "SPY" for lot in desk.state.book.positions_of(F1_REV))
    assert "hedge" in desk.state.breakers
    told = {item.candidate: item.reason for item in refusals(desk) if item.rule == "hedge.none"}
    assert {"SPX", "XSP", "VIX"} <= set(told)
    desk.play(at(NEXT_MONDAY, "08:30"))
    assert [event.label for event in desk.all(ev.WeekLabelled)] == ["Hedged"]


def test_a15_a_hedge_beyond_the_budget_is_not_bought_and_that_is_told() -> None:
    desk, _ = hedged_stage("1500")

    assert not [p for p in proposals(desk) if p.is_hedge]
    told = [item for item in refusals(desk) if item.rule == "hedge.none"]
    assert any("costs more than the budget" in item.reason for item in told)


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
