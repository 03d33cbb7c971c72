"""Families: a surplus forks exactly, gains are split by the quarter, what was stopped goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import CapitalDeposited, CapitalWithdrawn
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.family_wishes import quarter_ended_by
from tests.acceptance.desks import (
    F1_COM,
    F1_GEN,
    F1_REV,
    FRIDAY,
    GEN,
    MONDAY,
    NEXT_MONDAY,
    proposals,
    sound,
    stage,
)
from tests.acceptance.stage import FAMILY, Stage, at


def _with_base(desk: Stage, account: str, base: str) -> None:
    """As if the sleeve had started smaller: everything above is surplus."""
    state = desk.engine.state
    sleeve = replace(state.sleeves[account], base=Money(Decimal(base)))  # type: ignore[index]
    sleeves = state.sleeves.set(account, sleeve)  # type: ignore[arg-type]
    desk.engine.state = replace(state, sleeves=sleeves)


def test_a_fork_moves_exactly_the_surplus_half_and_half() -> None:
    desk = stage()
    desk.play(at(FRIDAY, "18:00"))
    _with_base(desk, F1_GEN, "70000.00")
    desk.play(at(NEXT_MONDAY, "09:00"))

    [fork] = desk.all(ev.FamilyForked)
    assert fork.surplus == Money(Decimal("50000.00"))
    opened = desk.all(ev.FamilyOpened)[-1]
    assert [account.kind for account in opened.accounts] == [GEN, AccountKind.COMPOUNDING]
    assert [base.amount for base in opened.bases] == [Decimal(25_000), Decimal(25_000)]
    assert desk.state.book.cash[F1_GEN].whole == Money(Decimal("70000.00"))
    assert desk.state.sleeves[F1_GEN].high == Money(Decimal("70000.00"))
    desk.play(at(NEXT_MONDAY, "16:05"))
    desk.watched()


def test_a_fork_begins_at_its_own_high_and_in_no_drawdown() -> None:
    desk = stage()
    desk.play(at(FRIDAY, "18:00"))
    _with_base(desk, F1_GEN, "70000.00")
    desk.play(at(NEXT_MONDAY, "16:05"))
    forked = [sleeve for name, sleeve in desk.state.sleeves.items() if name.startswith("F2.")]
    assert [sleeve.high.amount for sleeve in forked] == [Decimal(25_000), Decimal(25_000)]
    assert [sleeve.quarter_equity.amount for sleeve in forked] == [Decimal(25_000)] * 2
    assert {sleeve.drawdown for sleeve in forked} == {Decimal(0)}
    assert not any(sleeve.is_calls_only for sleeve in forked)


def test_a_cent_below_the_threshold_nothing_forks() -> None:
    desk = stage()
    desk.play(at(FRIDAY, "18:00"))
    _with_base(desk, F1_GEN, "70000.01")
    desk.play(at(NEXT_MONDAY, "09:00"))
    assert not desk.all(ev.FamilyForked)


def test_a_surplus_that_stands_in_shares_does_not_leave() -> None:
    desk = stage({GEN: ("AAPL",), AccountKind.REVENUE: (), AccountKind.COMPOUNDING: ()})
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.when(at(FRIDAY, "15:50"), lambda: desk.spots.update(AAPL=Decimal(98)))
    desk.play(at(FRIDAY, "18:00"))
    _with_base(desk, F1_GEN, "60000.00")
    desk.play(at(NEXT_MONDAY, "09:00"))

    assert desk.all(ev.AssignmentBooked)
    assert [event.rule for event in desk.all(ev.ProposalVoided)] == ["fork.cash_short"]
    assert not desk.all(ev.FamilyForked)
    assert desk.state.sleeves[F1_GEN].base == Money(Decimal("60000.00"))


def test_quarters_end_with_their_last_friday() -> None:
    assert quarter_ended_by(WeekId(2013, 13)) is not None
    named = quarter_ended_by(WeekId(2013, 13))
    assert named is not None
    assert (named.name, named.month) == ("2013-Q1", 3)
    assert quarter_ended_by(WeekId(2013, 12)) is None
    assert quarter_ended_by(WeekId(2013, 5)) is None
    december = quarter_ended_by(WeekId(2013, 52))
    assert december is not None
    assert december.name == "2013-Q4"


def test_a_quarters_gain_is_split_over_contracts_and_leaps() -> None:
    friday = date(2013, 3, 28)
    desk = Stage(
        date(2013, 3, 25),
        {"AAPL": "100"},
        {GEN: (), AccountKind.REVENUE: ("AAPL",), AccountKind.COMPOUNDING: ()},
    )
    desk.play(at(friday, "18:00"))
    before = desk.state.sleeves[F1_REV].base
    desk.play(at(date(2013, 4, 1), "09:00"))

    closed = {event.account: event for event in desk.all(ev.QuarterClosed)}
    assert set(closed) == {F1_GEN, F1_REV, F1_COM}
    gain = closed[F1_REV].gain
    assert gain.amount > 0
    [split] = desk.all(ev.GainReinvested)
    assert (split.account, split.quarter, split.gain) == (F1_REV, "2013-Q1", gain)
    assert split.tax.amount == 0
    assert split.contracts + split.leaps == gain
    assert abs(split.contracts.amount - gain.amount * Decimal("0.75")) <= Decimal("0.01")
    sleeve = desk.state.sleeves[F1_REV]
    assert sleeve.base == before + split.contracts
    assert sleeve.leaps_budget == split.leaps
    sound(desk)


def test_com_never_pays_out_and_rev_only_what_is_settled() -> None:
    desk = stage()
    desk.play(at(MONDAY, "08:00"))
    for account, amount in ((F1_COM, "100"), (F1_REV, "90000.01"), (F1_REV, "40000")):
        desk.play(at(MONDAY, "08:01"), CapitalWithdrawn(account, Money(Decimal(amount)), MONDAY))
    booked = [event for event in desk.all(ev.CashBooked) if event.reason == "withdrawal"]
    assert [event.booking.cash[0].amount.amount for event in booked] == [Decimal(-40_000)]
    assert desk.state.sleeves[F1_REV].base == Money(Decimal(50_000))
    assert desk.state.sleeves[F1_REV].high == Money(Decimal(50_000))


def test_a_later_deposit_raises_bases_and_highs_alike() -> None:
    desk = stage()
    desk.play(at(MONDAY, "08:00"), CapitalDeposited(FAMILY, Money(Decimal(100_000)), MONDAY))
    rev = desk.state.sleeves[F1_REV]
    assert rev.base == rev.high == rev.equity == Money(Decimal(120_000))
    assert rev.drawdown == 0


def test_a_person_who_says_no_leaves_the_surplus_where_it_is() -> None:
    desk = stage()
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.FORK
    desk.play(at(FRIDAY, "18:00"))
    _with_base(desk, F1_GEN, "60000.00")
    desk.play(at(NEXT_MONDAY, "09:00"))
    assert len(proposals(desk, ProposalKind.FORK)) == 1
    assert not desk.all(ev.FamilyForked)
    assert desk.state.book.cash[F1_GEN].whole == Money(Decimal("120000.00"))
