"""Section 15 for the constitution, entries, levels and exits: checks A1, A2, A3 and A4."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import (
    Answer,
    DeskResumed,
    Instruction,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine import proposing
from allusedesk.journal.words.sentences import describe
from allusedesk.market.simulated_exchange import Concession
from tests.acceptance.constitution_desks import EXIT, dear_rolls, fall_to, stage, steps, with_put
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
    THURSDAY,
    WEDNESDAY,
    proposals,
    refusals,
    rules_refused,
    sound,
)
from tests.acceptance.stage import Stage, at


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


def _gen_sees_only(delta: str) -> Stage:
    """Gen on Thursday, where every strike has one delta."""
    desk = stage({GEN: ("AAPL",), REV: (), COM: ()}, spots={"AAPL": "99.30"})
    for strike in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"delta": -float(delta)}
    return desk


@pytest.mark.parametrize(
    ("delta", "is_sold"),
    [("0.46", False), ("0.4501", False), ("0.45", True), ("0.40", True), ("0.3999", False)],
)
def test_a1b_a_delta_outside_the_band_is_refused(delta: str, *, is_sold: bool) -> None:
    desk = _gen_sees_only(delta)
    desk.play(at(THURSDAY, "12:00"))
    assert bool(proposals(desk, ProposalKind.ENTRY)) is is_sold
    if not is_sold:
        assert rules_refused(desk, F1_GEN) == {"entry.delta"}


@pytest.mark.parametrize(("days", "is_sold"), [(0, True), (1, True), (2, False), (3, False)])
def test_a1b_gen_sells_nothing_that_ends_after_tomorrow(days: int, *, is_sold: bool) -> None:
    desk = stage({GEN: ("AAPL",), REV: (), COM: ()}, spots={"AAPL": "99.30"})
    expiry = THURSDAY + timedelta(days=days)
    desk.listed = (expiry,)
    for strike in range(60, 140):
        desk.special[OptionContract("AAPL", expiry, Right.PUT, Decimal(strike))] = {
            "delta": -0.425,
            "mid": Decimal("1.00"),
        }
    desk.play(at(THURSDAY, "11:30"))
    assert bool(proposals(desk, ProposalKind.ENTRY)) is is_sold
    if not is_sold:
        assert rules_refused(desk, F1_GEN) == {"expiry.none"}


def test_a1b_a_look_a_second_after_the_window_enters_nothing() -> None:
    desk = stage({GEN: ("AAPL",), REV: (), COM: ()}, spots={"AAPL": "99.30"})
    desk.play(at(THURSDAY, "09:40"))
    # The desk sleeps over its looks, and rings what was due a second after eleven.
    desk.clock._now = at(THURSDAY, "11:00:01")
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(THURSDAY, "12:00"))
    assert rules_refused(desk, F1_GEN) == {"entry.window"}
    assert not proposals(desk, ProposalKind.ENTRY)


@pytest.mark.parametrize(("clock", "is_sold"), [("11:00", True), ("11:00:01", False)])
def test_a1b_an_answer_after_the_window_changes_nothing(clock: str, *, is_sold: bool) -> None:
    desk = stage()
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ENTRY
    desk.play(at(WEDNESDAY, "10:50"))
    [entry] = proposals(desk, ProposalKind.ENTRY)
    assert entry.expires_at == at(WEDNESDAY, "11:00")
    desk.clock._now = at(WEDNESDAY, clock)
    desk.play(at(WEDNESDAY, "11:30"), OperatorDecided(entry.id, Answer.APPROVE, "tester"))
    assert bool(desk.all(ev.OrderWritten)) is is_sold


@pytest.mark.parametrize(("days", "rule"), [((1,), "expiry.none"), ((8,), "expiry.none")])
def test_a1c_without_an_expiry_in_two_to_seven_days_com_sells_nothing(
    days: tuple[int, ...], rule: str
) -> None:
    desk = stage({GEN: (), REV: (), COM: ("AAPL",)})
    desk.listed = tuple(MONDAY + timedelta(days=number) for number in days)
    desk.play(at(MONDAY, "12:00"))
    assert desk.all(ev.FillBooked)
    assert not proposals(desk, ProposalKind.COVERED_CALL)
    assert rule in rules_refused(desk, F1_COM)


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
    assert [item.rule for event in desk.all(ev.HedgeMissed) for item in event.turned_down]
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


@pytest.mark.parametrize(("share", "rolls"), [("0.5", True), ("0.5001", False)])
def test_a2b_at_half_of_the_credit_it_rolls_and_beyond_it_leaves(
    share: str, *, rolls: bool
) -> None:
    desk, strike = with_put()
    [lot] = desk.state.book.positions_of(F1_REV)
    credit, cent = lot.price_average.per_unit, Decimal("0.01")
    # Bought back at the ask, the later put sold at its bid: the cost is the share of the credit.
    held = {"mid": Decimal(4) - cent}
    later = {"mid": Decimal(4) - credit * Decimal(share) + cent}
    desk.special[lot.instrument] = held
    for number in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY + timedelta(days=14), Right.PUT, Decimal(number))
        nearer = replace(contract, expiry=FRIDAY + timedelta(days=7))
        desk.special[contract] = later
        desk.special[nearer] = {"mid": Decimal("0.05")}
    fall_to(desk, strike - 4)
    desk.play(at(WEDNESDAY, "13:01"))

    assert bool(proposals(desk, ProposalKind.ROLL)) is rolls
    assert bool(proposals(desk, EXIT)) is not rolls
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
    assert [a.granted_by for a in approvals] == ["standing authority of constitution@1.3/level.L3"]
    assert steps(desk)[:3] == ["L1", "L2", "L3"]
    [order] = [event.order for event in desk.all(ev.OrderWritten) if event.order.kind is EXIT]
    quote = desk.quote(order.legs[0].instrument)
    assert quote is not None
    assert quote.ask is not None
    assert order.limit is not None
    assert abs(-order.limit.per_unit - quote.ask.per_unit) <= Decimal("0.05")
    assert order.written_at - leaving.made_at < timedelta(seconds=1)
    # Under what authority it was sent is on record before the order, and `journal show` tells it.
    [granted] = [e for e in desk.entries(ev.ProposalApproved) if e.event.proposal == leaving.id]
    [written] = [e for e in desk.entries(ev.OrderWritten) if e.event.order == order]
    assert granted.sequence < written.sequence
    assert describe(granted.event).endswith("constitution@1.3/level.L3.")
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
