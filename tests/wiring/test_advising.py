"""A desk with and without advice decides the same; what was shown is on the record (A17)."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from allusedesk.domain.accounts import AccountKind, FamilyId
from allusedesk.domain.events import Entry, WeekLabelled
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.inputs import Mode, SymbolList, WeekPlanned
from allusedesk.engine.replay import replay
from allusedesk.engine.state import DeskState
from allusedesk.journal.codec import encode
from allusedesk.journal.store import JournalReader
from allusedesk.learning import scorecard, week_type_model
from allusedesk.learning.features import MarketPast
from allusedesk.learning.forecasting import Forecaster, Question
from allusedesk.learning.lessons import classes_of
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.settings import AdviceChoice, BrokerChoice, FeedChoice
from allusedesk.wiring.advising import Adviser, hear_weeks
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.live_history import known_past
from allusedesk.wiring.paper_doors import ExchangeWeeks
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import JOURNAL_NAME, Connections, RehearsalRequest, advised
from tests.house.sources import ROOT

SYMBOLS = {"gen": ("GOOG", "IBM"), "rev": ("AAPL", "MSFT"), "com": ("AAPL", "MSFT")}


def request(out: Path, *, advice: bool, last: date = date(2012, 1, 27)) -> RehearsalRequest:
    return RehearsalRequest(
        data=(ROOT / "resources/sample_market",),
        first=date(2012, 1, 3),
        last=last,
        rulebook="classic",
        symbols=tuple(SymbolList(AccountKind(k), names) for k, names in SYMBOLS.items()),
        capital=Decimal(1_000_000),
        approve="all",
        seed=7,
        out=out,
        trend="SPY",
        mode=Mode.REHEARSAL,
        advice=advice,
    )


def entries(out: Path, **options: object) -> list[Entry]:
    result = rehearse(replace(request(out, advice=False), **options))
    with JournalReader.open(result.journal) as journal:
        return list(journal.read())


@pytest.mark.long
def test_advice_changes_no_decision_and_comes_right_after_each_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two weeks are enough here, so that the model speaks within the sample market.
    for module in (scorecard, week_type_model):
        monkeypatch.setattr(module, "WEEKS_LEAST", 2)
    plain = entries(tmp_path / "plain")
    told = entries(tmp_path / "told", advice=True)
    forecasts = [one for one in told if isinstance(one.event, ForecastMade)]
    plans = [one for one in told if isinstance(one.event, WeekPlanned)]
    assert [one.event.week for one in forecasts] == [one.event.week.id for one in plans]
    assert not any(isinstance(one.event, ForecastMade) for one in plain)
    rest = [one for one in told if not isinstance(one.event, ForecastMade)]
    assert [_text(one) for one in rest] == [_text(one) for one in plain]
    spoken = [one for made in forecasts for one in made.event.targets if one.likelihoods]
    assert spoken
    for one in spoken:
        assert abs(sum(each.probability for each in one.likelihoods) - 1) < Decimal("0.001")
    assert replay(told).is_same
    # A desk that goes on, or a person who asks later, makes the very forecast that was shown.
    _, adviser_history, rules = _market(tmp_path)
    again = Forecaster(MarketPast(adviser_history, rules), classes_of(rules))
    with JournalReader.open(tmp_path / "told" / JOURNAL_NAME) as journal:
        hear_weeks(again, journal)
    assert again.forecast() == forecasts[-1].event


def test_below_fifty_weeks_it_is_silent_and_says_how_many_it_knows(tmp_path: Path) -> None:
    told = entries(tmp_path, advice=True, last=date(2012, 1, 13))
    last = [one.event for one in told if isinstance(one.event, ForecastMade)][-1]
    assert not any(one.likelihoods for one in last.targets)
    assert (last.weeks_labelled, last.weeks_needed) == (2, 50)


def test_a_desk_without_history_is_told_why_it_is_silent_from_a_thread_of_its_own(
    tmp_path: Path,
) -> None:
    asked, _, rules = _market(tmp_path)
    empty = known_past(replace(asked, data=()), rules, exchange_calendar(), date(2012, 1, 3))
    adviser = Adviser(empty, rules, is_apart=True)
    heard: list[tuple[object, int | None]] = []
    came = threading.Event()

    def admit(event: object, cause: int | None) -> None:
        heard.append((event, cause))
        came.set()

    engine = SimpleNamespace(inbox=SimpleNamespace(admit=admit), state=DeskState())
    adviser.serve(engine)  # type: ignore[arg-type]
    planned = ExchangeWeeks(exchange_calendar()).week_after(date(2012, 1, 1))
    assert planned is not None
    at = datetime(2012, 1, 2, tzinfo=UTC)
    adviser.observe(DeskState(), Entry(4, at, None, planned))
    assert came.wait(20)
    made, cause = heard[0]
    assert isinstance(made, ForecastMade)
    assert cause == 4
    assert "no prices of the index are known" in made.targets[0].silence
    # Gone on with, the week planned on record is answered at once.
    engine.state = replace(DeskState(), week=planned.week)
    came.clear()
    adviser.serve(engine)  # type: ignore[arg-type]
    assert came.wait(20)
    assert heard[1] == (made, None)


def test_the_engine_is_not_kept_waiting_while_the_model_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, _, rules = _market(tmp_path)
    empty = known_past(replace(asked, data=()), rules, exchange_calendar(), date(2012, 1, 3))
    adviser = Adviser(empty, rules, is_apart=True)
    learning, may_end, came = threading.Event(), threading.Event(), threading.Event()
    answer = Forecaster.answer

    def slow(forecaster: Forecaster, question: Question) -> ForecastMade:
        learning.set()
        assert may_end.wait(20)
        return answer(forecaster, question)

    monkeypatch.setattr(Forecaster, "answer", slow)
    inbox = SimpleNamespace(admit=lambda _event, _cause: came.set())
    adviser.serve(SimpleNamespace(inbox=inbox, state=DeskState()))  # type: ignore[arg-type]
    planned = ExchangeWeeks(exchange_calendar()).week_after(date(2012, 1, 1))
    assert planned is not None
    at = datetime(2012, 1, 2, tzinfo=UTC)
    adviser.observe(DeskState(), Entry(4, at, None, planned))
    assert learning.wait(20)
    label = WeekLabelled(FamilyId("F1"), planned.week.id, "Roll", ())
    telling = threading.Thread(
        target=adviser.observe, args=(DeskState(), Entry(5, at, None, label)), daemon=True
    )
    telling.start()
    telling.join(5)
    assert not telling.is_alive()
    assert not came.is_set()
    may_end.set()
    assert came.wait(20)


def test_settings_say_which_desks_get_advice(tmp_path: Path) -> None:
    recorded = request(tmp_path, advice=False)
    now = replace(recorded, connections=Connections(BrokerChoice(), FeedChoice("alpaca")))
    assert advised(now, AdviceChoice()).advice
    assert not advised(now, AdviceChoice(is_on=False)).advice
    assert not advised(recorded, AdviceChoice()).advice
    assert advised(recorded, AdviceChoice(of_recorded=True)).advice


def _market(out: Path) -> tuple[RehearsalRequest, MarketHistory, Rulebook]:
    asked, rules = request(out, advice=True), parse_rulebook(rulebook_text("classic"))
    return asked, history_of(asked, rules, exchange_calendar()), rules


def _text(entry: Entry) -> str:
    """An entry without the sequence it names, which the forecasts between shift."""
    kind, _, body = encode(entry.event)
    return kind + re.sub(r'"snapshot_sequence":\d+', "", body)
