"""Section 15, A7 and A19 from the first dollar: what the market pays forks, and comes home."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.engine.sleeve_views import cash_free
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.weekly.statement import build_weekly_statement
from tests.acceptance.constitution_desks import TEXT, HedgingStage, stage
from tests.acceptance.desks import (
    COM,
    F1_COM,
    F1_GEN,
    F1_REV,
    FRIDAY,
    GEN,
    NEXT_MONDAY,
    REV,
    THURSDAY,
    proposals,
    sound,
)
from tests.acceptance.desks import stage as classic_stage
from tests.acceptance.stage import Stage, at

GEN_ONLY = {GEN: ("AAPL",), REV: (), COM: ()}
F2 = FamilyId("F2")


def premiums(desk: Stage, mid: str, expiry: date = FRIDAY) -> None:
    """Every put of an expiry is worth so much, however absurd: a cheap way to grow."""
    for strike in range(60, 141):
        contract = OptionContract("AAPL", expiry, Right.PUT, Decimal(strike))
        desk.special[contract] = {"mid": Decimal(mid), "half_spread": Decimal("0.05")}


def grown(desk: Stage, mid: str) -> None:
    """Gen sells its puts of Thursday for far too much, and they end worthless."""
    desk.silent = _keeps_to_expiry
    premiums(desk, mid)
    desk.when(at(THURSDAY, "15:55"), desk.special.clear)


def _keeps_to_expiry(proposal: Proposal) -> bool:
    return proposal.kind is ProposalKind.ADJUSTMENT and proposal.rule.rule != "merge.close"


@pytest.mark.parametrize(("commission", "forks"), [("0.00", 1), ("0.005", 0)])
def test_a7_gen_of_120000_forks_at_220000_and_not_a_cent_below(commission: str, forks: int) -> None:
    text = TEXT.replace("contract = 0.65", f"contract = {commission}")
    desk = stage(GEN_ONLY, spots={"AAPL": "104.30"}, rulebook=text)
    grown(desk, "500.00")
    desk.play(at(NEXT_MONDAY, "12:00"))

    [lot] = [p for p in proposals(desk, ProposalKind.ENTRY) if p.account == F1_GEN]
    assert lot.quantity == 2
    made = desk.all(ev.FamilyForked)
    assert [fork.surplus for fork in made] == [Money(Decimal(100_000))] * forks
    left = desk.state.book.cash[F1_GEN].whole.amount
    assert left == (Decimal(120_000) if forks else Decimal("219999.99"))
    sound(desk)


def test_a8_a_quarters_gain_of_100000_in_rev_is_30000_52500_17500() -> None:
    monday = date(2013, 6, 24)
    text = TEXT.replace("contract = 0.65", "contract = 0.00")
    symbols = {GEN: (), REV: ("AAPL",), COM: ()}
    desk = HedgingStage(monday, {"AAPL": "104.30"}, symbols, rulebook=text)
    desk.silent = _keeps_to_expiry
    premiums(desk, "500.00", monday + timedelta(days=4))
    desk.when(at(monday + timedelta(days=2), "15:55"), desk.special.clear)
    desk.play(at(monday + timedelta(days=7), "09:00"))

    [split] = desk.all(ev.GainReinvested)
    assert (split.account, split.quarter) == (F1_REV, "2013-Q2")
    amounts = (split.gain, split.tax, split.contracts, split.leaps)
    assert [part.amount for part in amounts] == [100_000, 30_000, 52_500, 17_500]
    # What is set aside for tax never secures anything again.
    assert desk.state.sleeves[F1_REV].tax_reserve.amount == 30_000
    assert cash_free(desk.state, F1_REV) <= Money(Decimal(160_000))


@pytest.mark.parametrize(("commission", "forks"), [("0.00", 1), ("0.005", 0)])
def test_a19_rev_forks_a_whole_family_at_half_a_million(commission: str, forks: int) -> None:
    text = TEXT.replace("contract = 0.65", f"contract = {commission}")
    desk = stage({GEN: (), REV: ("AAPL",), COM: ()}, spots={"AAPL": "104.20"}, rulebook=text)
    grown(desk, "2500.00")
    desk.play(at(NEXT_MONDAY, "12:00"))

    made = desk.all(ev.FamilyForked)
    assert [(fork.parent, fork.surplus.amount) for fork in made] == [(F1_REV, 500_000)] * forks
    if forks:
        opened = desk.all(ev.FamilyOpened)[-1]
        assert [account.kind for account in opened.accounts] == [GEN, REV, COM]
        assert [base.amount for base in opened.bases] == [200_000, 150_000, 150_000]
        # It is no mini: it may fork and reinvest, and nothing brings it home.
        assert not desk.state.minis
    sound(desk)


def test_a19_a_fork_of_half_a_million_closes_its_shares_and_comes_home() -> None:
    desk = classic_stage(GEN_ONLY, spots={"AAPL": "104.30"})
    grown(desk, "743.00")
    second, third, fourth = (NEXT_MONDAY + timedelta(days=7 * weeks) for weeks in range(3))
    # The puts of the second week bring shares to the fork, and it is worth half a million.
    desk.when(at(second + timedelta(days=4), "15:50"), lambda: desk.spots.update(AAPL=Decimal(103)))
    desk.play(at(third, "10:00"))
    [fork] = desk.all(ev.FamilyForked)
    assert fork.surplus > Money(Decimal(500_000))
    assert [event.family for event in desk.all(ev.MergeBegun)] == [F2]
    assert any(lot.is_shares for lot in _held_by(desk, F2))
    assert not desk.all(ev.FamilyMerged)

    desk.play(at(third, "16:05"))
    sold = [p for p in proposals(desk) if p.rule.rule == "merge.close"]
    assert sold
    assert not _held_by(desk, F2)
    desk.play(at(fourth + timedelta(days=1), "09:00"))
    [home] = desk.all(ev.FamilyMerged)
    assert (home.family, home.into) == (F2, F1_COM)
    assert not desk.state.book.accounts_of(F2)
    assert desk.state.book.cash[F1_COM].whole == Money(Decimal(90_000)) + home.amount
    # From the word to come home on nothing is entered there.
    begun = desk.entries(ev.MergeBegun)[0].sequence
    later = [e.event.proposal for e in desk.entries(ev.ProposalMade) if e.sequence > begun]
    assert not [p for p in later if p.is_opening and p.account.startswith("F2.")]
    sound(desk)


def _held_by(desk: Stage, family: FamilyId) -> list[Position]:
    accounts = {account.id for account in desk.state.book.accounts_of(family)}
    return [lot for lot in desk.state.book.all_positions() if lot.account in accounts]


def test_a19_a_mini_runs_three_years_and_comes_home_in_one_simulation(tmp_path: Path) -> None:
    desk = stage(GEN_ONLY, spots={"AAPL": "104.30"}, days=3 * 365 + 30)
    desk.record.entries_max = 200_000
    grown(desk, "505.00")
    # A market without chains in between: nothing is traded, and the years go by.
    desk.when(at(NEXT_MONDAY, "09:00"), lambda: setattr(desk.figures, "has_chain", False))
    last = date(2016, 1, 25)
    desk.when(at(last, "09:00"), lambda: setattr(desk.figures, "has_chain", True))
    desk.when(at(last + timedelta(days=4), "15:50"), lambda: desk.spots.update(AAPL=Decimal(103)))
    desk.play(at(last + timedelta(days=7), "09:00"))
    [fork] = desk.all(ev.FamilyForked)
    assert (fork.family, desk.state.minis[F2]) == (F2, fork.surplus)
    assert _held_by(desk, F2)
    # Opened on 4 February 2013, it is three years old in the week after: too early by three days.
    assert not desk.all(ev.MergeBegun)

    desk.play(at(last + timedelta(days=14), "16:05"))
    [begun] = desk.entries(ev.MergeBegun)
    assert begun.recorded_at == at(last + timedelta(days=14), "08:00")
    [asked] = proposals(desk, ProposalKind.MERGE)
    assert str(asked.rule) == "constitution@1.3/merge.years"
    desk.play(at(last + timedelta(days=22), "09:00"))
    [home] = desk.all(ev.FamilyMerged)
    assert (home.family, home.into) == (F2, F1_COM)
    assert F2 not in desk.state.minis
    # A mini never reinvests, and never forks.
    assert not [e for e in desk.all(ev.GainReinvested) if e.account.startswith("F2.")]
    assert len(desk.all(ev.FamilyOpened)) == 2
    sound(desk)

    desk.play(at(last + timedelta(days=25), "17:00"))
    with Journal.create(tmp_path / "years.journal", durable=False) as journal:
        journal.append(desk.record.entries)
    with ReadSide.open(tmp_path / "years.journal") as side:
        waits = as_csv(build_weekly_statement(side, "2016-W05"))
        comes = as_csv(build_weekly_statement(side, "2016-W07"))
    assert "mini F2 comes home, by 2016-02-04 in any case" in waits
    assert "F2 Gen forks" not in waits
    assert "of family F2 came home to" in comes
    assert "mini F2" not in comes
