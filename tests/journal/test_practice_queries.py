from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Comparison, ProposalKind, RuleReference, TurnedDown
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.queries import practice
from allusedesk.journal.queries.practice import (
    BandCount,
    HedgeCount,
    LevelCount,
    RollCount,
    Unaffordable,
)
from allusedesk.journal.read_side import ReadSide
from tests.journal.test_queries import journal_of
from tests.journal.week_entries import GEN, LOT, REV, recorded, usd
from tests.trading import proposal

WEEK = WeekId(2026, 7)


def side_with(path: Path, *events: Event) -> ReadSide:
    """The two recorded weeks, and after them what a test adds."""
    entries = recorded()
    last = entries[-1].sequence
    start = datetime(2026, 2, 19, 15, tzinfo=UTC)
    entries += [
        Entry(last + number, start + timedelta(minutes=number), None, event)
        for number, event in enumerate(events, 1)
    ]
    return ReadSide.open(journal_of(path / "practice.journal", entries))


def weighed(account: AccountId, *turned: TurnedDown) -> Event:
    return told.EntriesWeighed(account, WEEK, (), turned, Decimal("0.015"))


def made(number: int, kind: ProposalKind, rule: str) -> Event:
    wanted = replace(
        proposal(),
        id=ProposalId(f"2026-W07/F1.rev/P{number}"),
        account=REV,
        week=WEEK,
        kind=kind,
        rule=RuleReference("constitution@1.3", rule),
    )
    return told.ProposalMade(wanted)


def level(before: str, after: str, distance: str) -> Event:
    spot = Price(Decimal(250))
    return told.LevelChanged(LOT, before, after, Decimal(distance), Decimal(5), spot)


def test_earnings_stand_beside_what_the_target_wanted(tmp_path: Path) -> None:
    with side_with(tmp_path) as side:
        gen, rev = practice.earned_by_sleeve(side)
    # 1000 became 1020; then 100 came in, and 1120 became 1000.
    assert (gen.account, gen.weeks, gen.earned) == (GEN, 2, usd(-100))
    assert gen.wanted == usd("15") + usd("15.30")
    assert (gen.weeks_reached, gen.idle) == (1, 0)
    # Rev was never asked, so nothing was wanted of it; it stood idle in one of its weeks.
    assert (rev.account, rev.wanted, rev.idle) == (REV, usd(0), 1)


def test_levels_count_positions_not_steps(tmp_path: Path) -> None:
    steps = ("L0", "L1", "1.1"), ("L1", "L0", "0.9"), ("L0", "L1", "1.2"), ("L1", "L2", "2.0")
    with side_with(tmp_path, *(level(*step) for step in steps)) as side:
        found = practice.levels_reached(side)
    reached = [one for one in found if one.level in ("L1", "L2")]
    assert reached == [LevelCount("put", "L1", 1), LevelCount("put", "L2", 1)]
    assert not [one for one in found if one.holding == "shares"]


def test_rolls_found_and_not_found(tmp_path: Path) -> None:
    rolled = ProposalId("2026-W07/F1.rev/P81")
    events = (
        made(81, ProposalKind.ROLL, "level.L2"),
        told.ProposalCompleted(rolled, 2, "traded"),
        made(82, ProposalKind.ROLL, "level.L2"),
        made(83, ProposalKind.EMERGENCY_EXIT, "roll.none_escalates"),
        made(84, ProposalKind.EMERGENCY_EXIT, "level.L3"),
        made(85, ProposalKind.ADJUSTMENT, "level.mandatory"),
        made(86, ProposalKind.ADJUSTMENT, "profit.take"),
    )
    with side_with(tmp_path, *events) as side:
        found = practice.rolls_of_puts(side)
    assert found == RollCount(found=2, traded=1, none=2, exits=2, exits_traded=0)


def test_a_band_without_a_strike_is_counted_once_a_week_and_symbol(tmp_path: Path) -> None:
    outside = TurnedDown("MSFT 2026-02-13 puts", "entry.delta", "outside", "27 and 46", "30 to 35")
    held = TurnedDown("IBM 2026-02-13 puts", "entry.delta", "outside", "27 and 46", "30 to 35")
    gate = TurnedDown("IBM 2026-02-13 250 put", "liquidity.spread", "spread", "0.2", "0.05")
    with side_with(tmp_path, weighed(REV, outside), weighed(REV, outside, held, gate)) as side:
        before = next(one for one in practice.bands_without_strike(side) if one.account == REV)
    # Of IBM a strike lay in the band, and another rule turned it down.
    assert before == BandCount(REV, tried=2, empty=1, traded=0)
    assert before.share == Decimal("0.5")


def test_a_symbol_too_dear_tells_the_sleeve_it_needs(tmp_path: Path) -> None:
    looks = [
        weighed(REV, TurnedDown("AMZN", "lot.unaffordable", f"one lot needs a sleeve of {size}"))
        for size in (700, 800)
    ]
    with side_with(tmp_path, *looks) as side:
        found = practice.unaffordable_lots(side)
    assert found == (Unaffordable(REV, "AMZN", 1, "one lot needs a sleeve of 800"),)


def test_hedges_called_for_and_not_to_be_had(tmp_path: Path) -> None:
    called = Comparison("a put at L2", "True", "one", passed=True)
    none = TurnedDown("SPX", "hedge.none", "no quotes")
    events = (told.BreakerTripped("hedge", "hedge.trigger", (called,)), weighed(GEN, none))
    with side_with(tmp_path, *events) as side:
        assert practice.hedges_bought(side) == HedgeCount(1, 0, 1)
        assert practice.breakers_tripped(side)["hedge"] == 1
        ends = practice.proposals_by_end(side)
    assert sum(ends.values()) == 3


def test_an_empty_journal_has_no_practice(tmp_path: Path) -> None:
    with ReadSide.open(journal_of(tmp_path / "empty.journal", [])) as side:
        assert practice.earned_by_sleeve(side) == ()
        assert practice.bands_without_strike(side) == ()
        assert practice.rolls_of_puts(side) == RollCount(0, 0, 0, 0, 0)
