from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.events import FillBooked
from allusedesk.journal.queries.weeks import lots_held, week
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import TurnedDownCount, WeekOverview
from tests.journal.test_queries import journal_of
from tests.journal.week_entries import GEN, LOT, ORDER, lot, price, recorded, usd


@pytest.fixture
def side(tmp_path: Path) -> Iterator[ReadSide]:
    with ReadSide.open(journal_of(tmp_path / "week.journal", recorded())) as opened:
        yield opened


@pytest.fixture
def overview(side: ReadSide) -> WeekOverview:
    found = week(side, "2026-W07")
    assert found is not None
    return found


def test_a_trade_is_told_from_rule_to_fill(overview: WeekOverview) -> None:
    (trade,) = overview.trades
    assert trade.rule == "classic@1.0/entry.delta"
    assert trade.approver == "policy all"
    assert trade.order.legs == "sell AAPL 2026-02-13 260 put"
    assert trade.order.mid_at_send == price("1.21")
    assert (trade.order.limit_first, trade.order.limit_last) == (price("1.20"), price("1.18"))
    assert (trade.order.status, trade.order.moves) == ("filled", 1)
    assert trade.commission == usd("1.30")
    assert [fill.instrument for fill in trade.fills] == ["AAPL 2026-02-13 260 put"] * 2
    assert trade.proposal is not None
    assert trade.proposal.most_earnable == Decimal("0.0046")
    assert trade.proposal.worst_case == usd(-52000)
    assert trade.proposal.quantity_done == 2
    assert trade.proposal.scenarios == "10% down: -900.00 USD"
    assert trade.proposal.break_evens == "258.80"


def test_proposals_say_what_became_of_them(overview: WeekOverview) -> None:
    verdicts = [(one.verdict, one.decided_by, one.verdict_reason) for one in overview.proposals]
    assert verdicts == [
        ("approved", "policy all", ""),
        ("refused", "", "liquidity.spread"),
        ("declined", "operator", "not today"),
    ]


def test_the_condition_comes_with_its_evidence(overview: WeekOverview) -> None:
    (condition,) = overview.conditions
    assert (condition.condition, condition.deploy) == ("Green", Decimal("0.95"))
    assert [one.name for one in overview.comparisons_of(condition.sequence)] == ["cash"]


def test_a_condition_that_is_missing_gives_its_reason(side: ReadSide) -> None:
    found = week(side, "2026-W08")
    assert found is not None
    assert [(one.condition, one.reason) for one in found.conditions] == [(None, "VIX is missing.")]
    assert found.plan_next is None
    assert [notice.subject for notice in found.notices] == ["halt"]
    assert [one.how for one in found.branchings] == ["fork"]


def test_the_week_holds_its_marks_outcomes_and_reasons(overview: WeekOverview) -> None:
    assert overview.turned_down == (
        TurnedDownCount(
            GEN, "entry.delta", "delta 47 above the band", 6, "AAPL 265 put", "47", "45"
        ),
    )
    assert [(mark.account, mark.equity) for mark in overview.marks_end] == [
        (GEN, usd(1020)),
        ("F1.rev", usd(495)),
    ]
    assert overview.marks_start == ()
    assert [one.outcome for one in overview.outcomes] == ["P-EW", "W-IDL"]
    assert [one.tags for one in overview.labels] == ["Hold"]
    assert [step.level for step in overview.levels] == ["L1"]
    assert [one.is_final for one in overview.closings] == [True]
    assert overview.plan_next is not None
    assert overview.plan_next.first_session == date(2026, 2, 17)
    assert [one.value for one in overview.returns] == [Decimal("0.02"), Decimal("-0.01")]


def test_lots_are_told_as_they_stood_at_the_weeks_last_close(
    side: ReadSide, overview: WeekOverview
) -> None:
    (held,) = overview.lots_held
    assert (held.id, held.quantity, held.price_average) == (LOT, -2, price("1.19"))
    assert lots_held(side, 24) == ()


def test_a_lot_closed_in_part_is_told_with_what_is_left(tmp_path: Path) -> None:
    entries = recorded()[:14]
    part = FillBooked(ORDER, (), Booking((LotChange(lot(-2), lot(-1), usd(119)),), ()))
    entries.append(replace(entries[-1], sequence=15, cause=14, event=part))
    with ReadSide.open(journal_of(tmp_path / "part.journal", entries)) as side:
        assert [held.quantity for held in lots_held(side, 14)] == [-2]
        assert [held.quantity for held in lots_held(side, 15)] == [-1]


def test_a_week_nobody_planned_is_none(side: ReadSide) -> None:
    assert week(side, "2030-W01") is None
