"""Questions about any part of a record, on entries that are easy to follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.arming import LiveDisarmed
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.inputs import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Answer,
    MarketSampled,
    OperatorDecided,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.trust import TrustAllowed, TrustLevel
from allusedesk.journal.queries.asked import last_instant, scope_of, symbols_seen
from allusedesk.journal.queries.asked_decisions import (
    alarms_due,
    answers_asked,
    expired_at,
    settings_now,
    trust_counts,
)
from allusedesk.journal.queries.asked_desk import alerts_asked, entry_in_words
from allusedesk.journal.queries.asked_money import floors_now
from allusedesk.journal.read_side import ReadSide
from tests.journal import week_entries as week
from tests.journal.test_queries import journal_of
from tests.trading import snapshot

AT = datetime(2026, 2, 9, 15, tzinfo=UTC)
GEN = AccountId("F1.gen")


def side_of(path: Path, events: Sequence[Event], minutes: int = 1) -> ReadSide:
    entries = [
        Entry(number, AT + timedelta(minutes=minutes * number), None, event)
        for number, event in enumerate(events, 1)
    ]
    return ReadSide.open(journal_of(path / "asked.journal", entries))


def note(number: int) -> Event:
    return told.NoticeRaised("note", "subject", f"Notice {number}.")


@pytest.mark.parametrize("minutes", [1, 250, 1_440, 9_000])
def test_days_are_found_by_halving(tmp_path: Path, minutes: int) -> None:
    with side_of(tmp_path, [note(number) for number in range(40)], minutes) as side:
        rows = [(row.sequence, row.recorded_at) for row in side.journal.rows()]
        for first, days in ((date(2026, 2, 8), 3), (date(2026, 2, 10), 1), (date(2027, 1, 1), 9)):
            last = first + timedelta(days=days - 1)
            inside = [sequence for sequence, at in rows if first <= week_day(at) <= last]
            scope = scope_of(side, first, last)
            assert list(range(scope.entries[0], scope.entries[1] + 1)) == inside


def week_day(text: str) -> date:
    at = datetime.fromisoformat(text)
    return at.astimezone(ZoneInfo("America/New_York")).date()


def test_the_last_instant_is_that_of_the_last_entry(tmp_path: Path) -> None:
    with side_of(tmp_path, [note(1), note(2)]) as side:
        assert last_instant(side) == AT + timedelta(minutes=2)


def test_an_alert_stands_until_it_clears_and_may_come_again(tmp_path: Path) -> None:
    raised = AlertRaised(Alert("feed.stale", "", Severity.WARNING, 2.0, 1.0, "No quote."))
    events = [raised, AlertAcknowledged("feed.stale", "anna"), AlertCleared("feed.stale"), raised]
    with side_of(tmp_path, events) as side:
        first, second = alerts_asked(side, scope_of(side, AT.date(), AT.date()))
    assert (first.cleared_in, first.acknowledged_by) == (3, "anna")
    assert (second.cleared_in, second.acknowledged_by) == (None, "")


def test_what_is_due_is_neither_past_nor_dropped(tmp_path: Path) -> None:
    def alarm(name: str, minutes: int, kind: AlarmKind = AlarmKind.ENTRY) -> Alarm:
        return Alarm(name, kind, AT + timedelta(minutes=minutes), "gen")

    events = [
        told.AlarmsSet((alarm("past", 1), alarm("next", 30), alarm("gone", 40), alarm("far", 90))),
        told.AlarmsSet((alarm("order", 35, AlarmKind.ORDER_PATIENCE), alarm("next", 45))),
        told.AlarmsDropped(("gone",)),
    ]
    with side_of(tmp_path, events) as side:
        due = alarms_due(side, AT + timedelta(minutes=10))
    assert [(one.id, one.sequence) for one in due] == [("next", 2), ("far", 1)]


def test_a_floor_is_what_was_set_last_and_what_was_reinvested_since(tmp_path: Path) -> None:
    split = told.GainReinvested(
        GEN, "2026-Q1", week.usd(100), week.usd(0), week.usd(75), week.usd(25)
    )
    floor = told.SurplusFloorSet(GEN, week.usd(900), "a fork")
    with side_of(tmp_path, [split, floor, split, split]) as side:
        found = floors_now(side)[GEN]
    assert found.amount == week.usd(1050)
    assert found.entries == (2, 3, 4)


def test_the_last_setting_of_each_switch_counts(tmp_path: Path) -> None:
    events: list[Event] = [
        StrategySwitched(GEN, "wheel@1.0", "text", is_on=True, operator="anna", reason="try"),
        StrategySwitched(GEN, "wheel@1.0", "text", is_on=False, operator="ben", reason="enough"),
        TrustAllowed(ProposalKind.ROLL, TrustLevel.MATURE, "anna"),
        LiveDisarmed("the line was lost"),
    ]
    with side_of(tmp_path, events) as side:
        (wheel,) = settings_now(side, "strategy")
        (trust,) = settings_now(side, "trust")
        (live,) = settings_now(side, "live")
    assert (wheel.setting, wheel.operator, wheel.sequence) == ("off", "ben", 2)
    assert (trust.subject, trust.setting) == ("roll", "mature")
    assert live.setting == "disarmed"


def rejected_week() -> list[Entry]:
    """The put of 260 is rejected on Thursday; AAPL closes at 255 on its last day."""
    made = week.proposal(9, 12)
    events = [
        *week.first_week(),
        (week.at(12), told.ProposalMade(made)),
        (week.at(12), OperatorDecided(made.id, Answer.REJECT, "anna", "earnings are too near")),
        (week.at(12), told.ProposalDeclined(made.id, "anna", "earnings are too near")),
        (week.at(13, 20), MarketSampled("close", snapshot(spot="255", at=week.at(13, 20)))),
        (week.at(13, 21), week.balances(13, 1000, 500)),
    ]
    return [
        Entry(number, moment + timedelta(milliseconds=number), None, event)
        for number, (moment, event) in enumerate(events, 1)
    ]


def test_what_was_rejected_is_found_with_what_it_would_have_done(tmp_path: Path) -> None:
    path = journal_of(tmp_path / "rejected.journal", rejected_week())
    with ReadSide.open(path) as side:
        scope = scope_of(side, date(2026, 2, 12), date(2026, 2, 12))
        (one,) = answers_asked(side, scope, ("rejected", "vetoed"))
        ended = expired_at(side, "sell AAPL 2026-02-13 260 put", date(2026, 2, 13))
        assert trust_counts(side) == (("entry", 1, 0, one.sequence, one.sequence),)
        assert "AAPL" in symbols_seen(side)
        assert entry_in_words(side, one.sequence).line
    assert (one.operator, one.effect, one.reason) == ("anna", "rejected", "earnings are too near")
    assert ended is not None
    assert (ended.spot, ended.worth) == (Decimal(255), Decimal(5))


def test_an_answer_tells_what_was_rejected_and_what_happened_then(tmp_path: Path) -> None:
    from allusedesk.wiring.answering import Answerer

    path = journal_of(tmp_path / "rejected.journal", rejected_week())
    found, _ = Answerer(path).answer("what did i reject this week and what happened then")
    assert found.intent == "rejections"
    assert found.table is not None
    (row,) = found.table.rows
    shown = [part if isinstance(part, str) else part.text for part in row]
    # Two contracts at a credit of 1.20 against 5.00 at the end.
    assert shown[1:] == [
        "anna",
        "rejected",
        "sell AAPL 2026-02-13 260 put",
        "earnings are too near",
        "AAPL closed at 255.00: would have lost $760.00",
    ]
    assert len(found.entries) == 2
