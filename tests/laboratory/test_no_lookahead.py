"""Prices after a day, garbled, leave every entry of a trial up to that day as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import takewhile

import pytest

from allusedesk.domain.events import Entry
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.laboratory.trial import TrialOutcome
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring import trials
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.recorded_world import history_of
from tests.laboratory.test_trial_record import plan_of
from tests.rehearsals.test_no_lookahead import garbled

DAY = date(2012, 4, 12)


def test_no_entry_of_a_trial_knows_what_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 20))
    request = trials.request_of_trial(plan)
    history = history_of(request, parse_rulebook(rulebook_text("classic")), exchange_calendar())

    def tried(market: object) -> tuple[list[Entry], TrialOutcome]:
        entries: list[Entry] = []

        def keep(_state: DeskState, entry: Entry) -> None:
            entries.append(entry)

        monkeypatch.setattr(trials, "_history_for", lambda *_: market)
        return entries, trials.open_trial(plan, observers=(keep,))

    true, outcome = tried(history)
    other, changed = tried(garbled(history, DAY))
    end = datetime(DAY.year, DAY.month, DAY.day, 23, 59, tzinfo=NEW_YORK).astimezone(UTC)
    known, same = (
        list(takewhile(lambda entry: entry.recorded_at <= end, entries))
        for entries in (true, other)
    )
    assert len(known) > 200
    assert known == same
    assert outcome.weeks[0] == changed.weeks[0]
    assert len(true) == outcome.entries
    # The garbling was no idle gesture.
    assert outcome.chain_head != changed.chain_head
    assert outcome.weeks[2] != changed.weeks[2]
