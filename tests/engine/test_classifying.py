"""The condition decided again on a person's word: with evidence anew, or a no that says why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.week_events import RequestDenied
from allusedesk.journal.words.sentences import describe
from tests.acceptance.constitution_desks import stage as constitution_stage
from tests.acceptance.desks import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    proposals,
    stage,
)
from tests.acceptance.stage import Stage, at


def ask(desk: Stage, day: date, clock: str, week: str | None = None) -> None:
    desk.play(at(day, clock))
    desk.clock._now = at(day, clock)
    named = week or str(desk.state.week_id)
    desk.play(at(day, clock), OperatorAsked(OperatorRequest.CLASSIFY, named, "tester", "a storm"))


def denied(desk: Stage) -> list[tuple[str, str, str]]:
    return [(one.request.value, one.rule, one.reason) for one in desk.all(RequestDenied)]


def test_the_condition_is_decided_again_with_its_evidence() -> None:
    desk = stage()
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.ENTRY
    desk.play(at(MONDAY, "17:00"))
    desk.trend_up = False
    desk.figures.vix = Decimal(17)
    ask(desk, TUESDAY, "08:00")

    first, again = desk.all(ev.ConditionClassified)
    assert (first.condition, again.condition) == ("Green", "Red")
    assert again.week == first.week == desk.state.week_id
    assert (again.vix, again.vix_average) == (Decimal(17), Decimal(16))
    assert {met.name for met in again.comparisons} >= {"index trend", "support"}
    assert desk.state.condition == again
    [entry] = desk.entries(ev.ConditionClassified)[1:]
    assert entry.recorded_at == at(TUESDAY, "08:00")
    assert denied(desk) == []
    assert describe(desk.all(OperatorAsked)[0]) == (
        f"tester asks to classify {desk.state.week_id} (a storm)."
    )


@pytest.mark.parametrize("is_asked", [True, False])
def test_entries_after_it_follow_the_new_condition(*, is_asked: bool) -> None:
    desk = stage()
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.ENTRY
    desk.play(at(MONDAY, "17:00"))
    before = len(proposals(desk, ProposalKind.ENTRY))
    # Over one and a half times its average: an idle week from here on.
    desk.figures.vix = Decimal(25)
    if is_asked:
        ask(desk, TUESDAY, "08:00")
    desk.play(at(WEDNESDAY, "17:00"))
    made = len(proposals(desk, ProposalKind.ENTRY))
    assert (made == before) if is_asked else (made > before)
    desk.watched()


def test_without_evidence_what_was_decided_stands() -> None:
    desk = stage()
    desk.play(at(MONDAY, "17:00"))
    decided = desk.state.condition
    desk.figures.vix_average = None  # type: ignore[assignment]
    ask(desk, TUESDAY, "08:00")
    [(request, rule, reason)] = denied(desk)
    assert (request, rule) == ("classify", "condition.missing")
    assert reason == "The one-year average of VIX is missing; what was decided stands"
    assert desk.state.condition == decided
    assert not desk.all(ev.ConditionMissing)


@pytest.mark.parametrize(
    ("day", "clock", "week", "rule"),
    [
        (FRIDAY, "15:59", None, ""),
        (FRIDAY, "16:00", None, "week.over"),
        (TUESDAY, "08:00", "2001-W01", "week.other"),
    ],
)
def test_only_the_week_under_way_is_decided_again(
    day: date, clock: str, week: str | None, rule: str
) -> None:
    desk = stage()
    ask(desk, day, clock, week)
    assert [one[1] for one in denied(desk)] == ([rule] if rule else [])
    assert len(desk.all(ev.ConditionClassified)) == (1 if rule else 2)


def test_under_the_constitution_it_is_recorded_as_on_monday() -> None:
    desk = constitution_stage()
    desk.play(at(MONDAY, "17:00"))
    ask(desk, TUESDAY, "08:00")
    assert len(desk.all(ev.ConditionClassified)) == 2
    ask(desk, TUESDAY + timedelta(days=1), "08:00")
    assert len(desk.all(ev.ConditionClassified)) == 3
