"""Prices after a day, garbled, leave every entry of a trial up to that day as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace

import pytest

from allusedesk.domain.events import Entry, ProposalMade
from allusedesk.domain.strategy_events import ClosingIntent, IntentsGiven, OpeningIntent
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.laboratory.trial import TrialOutcome, TrialPlan
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.strategy.standing import Scene, Standing
from allusedesk.wiring import strategies
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.laboratory import trials
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import rehearse
from tests.laboratory.test_trial_record import plan_of
from tests.rehearsals.test_no_lookahead import garbled
from tests.strategy.definitions import FOLDER

DAY = date(2012, 4, 12)


def tried(
    monkeypatch: pytest.MonkeyPatch, plan: TrialPlan, market: MarketHistory
) -> tuple[list[Entry], TrialOutcome]:
    """Every entry of a plan tried over a market, and its outcome."""
    entries: list[Entry] = []

    def keep(_state: DeskState, entry: Entry) -> None:
        entries.append(entry)

    monkeypatch.setattr(trials, "_history_for", lambda *_: market)
    monkeypatch.setattr(trials, "day_by_day", lambda _: keep)
    return entries, trials.open_trial(plan, lambda _: None)


def until(entries: list[Entry]) -> list[Entry]:
    """What was recorded up to the end of the day before the garbling."""
    end = datetime(DAY.year, DAY.month, DAY.day, 23, 59, tzinfo=NEW_YORK).astimezone(UTC)
    return list(takewhile(lambda entry: entry.recorded_at <= end, entries))


def market_of(plan: TrialPlan) -> MarketHistory:
    request = trials.request_of_trial(plan)
    return history_of(request, parse_rulebook(rulebook_text("classic")), exchange_calendar())


def test_no_entry_of_a_trial_knows_what_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 20))
    history = market_of(plan)
    true, outcome = tried(monkeypatch, plan, history)
    other, changed = tried(monkeypatch, plan, garbled(history, DAY))
    known, same = until(true), until(other)
    assert len(known) > 200
    assert known == same
    assert outcome.weeks[0] == changed.weeks[0]
    assert len(true) == outcome.entries
    # The garbling was no idle gesture.
    assert outcome.chain_head != changed.chain_head
    assert outcome.weeks[2] != changed.weeks[2]


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [path.stem for path in sorted(FOLDER.glob("*.toml")) if "protocol" not in path.stem]
)
def test_no_strategy_that_ships_knows_what_came_after(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(
        text.replace(f'"{name}"', '"own"', 1).replace('symbols = ["SPY"]\n', ""), encoding="utf-8"
    )
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 20), strategies=(f"{own}=rev",))
    history = market_of(plan)
    true, _ = tried(monkeypatch, plan, history)
    other, _ = tried(monkeypatch, plan, garbled(history, DAY))
    assert until(true) == until(other)
    made = [one.event.proposal for one in until(true) if isinstance(one.event, ProposalMade)]
    # It did something that the prices to come could have betrayed.
    assert any(proposal.is_of_strategy for proposal in made)


class Cheap:
    """A class that buys where price stands below its ten-session average."""

    def definition(self) -> str:
        return (
            'name = "cheap"\nversion = "1.0"\ntitle = "Cheap"\nsummary = "Buys what fell."\n'
            'changelog = ["1.0: first version."]\ntiers = ["rev"]\nlooks = [10:15:00]\n'
            'decided_by_class = true\n[[parts]]\nname = "shares"\nstructure = "shares"\n'
            "size = { share = 0.2, units_max = 1000 }\n"
        )

    def decide(self, standing: Standing, scene: Scene) -> list[OpeningIntent | ClosingIntent]:
        found: list[OpeningIntent | ClosingIntent] = []
        for symbol in standing.symbols:
            seen = scene.snapshot.underlying(symbol)
            if seen is None or seen.quote.mark is None or seen.indicators.average_10 is None:
                continue
            if seen.quote.mark.per_unit < seen.indicators.average_10:
                found.append(OpeningIntent("shares", symbol, 50, reason="it fell"))
            else:
                found.append(ClosingIntent("shares", symbol, "it rose"))
        return found


@pytest.mark.long
def test_a_class_knows_nothing_of_what_comes_and_its_trial_is_its_rehearsal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point = SimpleNamespace(name="cheap", value="tests:Cheap", load=lambda: Cheap)
    monkeypatch.setattr(strategies, "entry_points", lambda **_: [point])
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 20), strategies=("cheap=rev",))
    history = market_of(plan)
    true, outcome = tried(monkeypatch, plan, history)
    other, _ = tried(monkeypatch, plan, garbled(history, DAY))
    assert until(true) == until(other)
    given = [one.event for one in true if isinstance(one.event, IntentsGiven)]
    assert {bool(one.openings) for one in given} == {True, False}
    assert any(
        isinstance(one.event, ProposalMade) and one.event.proposal.is_of_strategy for one in true
    )
    rehearsed = rehearse(replace(trials.request_of_trial(plan), out=tmp_path / "out"))
    assert rehearsed.chain_head == outcome.chain_head
