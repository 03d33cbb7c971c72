"""A desk with and without advice decides the same; what was shown is on the record (A17)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.inputs import Mode, SymbolList, WeekPlanned
from allusedesk.engine.replay import replay
from allusedesk.journal.codec import encode
from allusedesk.journal.store import JournalReader
from allusedesk.learning import scorecard, week_type_model
from allusedesk.settings import AdviceChoice, BrokerChoice, FeedChoice
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import Connections, RehearsalRequest, advised
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


def test_below_fifty_weeks_it_is_silent_and_says_how_many_it_knows(tmp_path: Path) -> None:
    told = entries(tmp_path, advice=True, last=date(2012, 1, 13))
    last = [one.event for one in told if isinstance(one.event, ForecastMade)][-1]
    assert not any(one.likelihoods for one in last.targets)
    assert (last.weeks_labelled, last.weeks_needed) == (2, 50)


def test_settings_say_which_desks_get_advice(tmp_path: Path) -> None:
    recorded = request(tmp_path, advice=False)
    now = replace(recorded, connections=Connections(BrokerChoice(), FeedChoice("alpaca")))
    assert advised(now, AdviceChoice()).advice
    assert not advised(now, AdviceChoice(is_on=False)).advice
    assert not advised(recorded, AdviceChoice()).advice
    assert advised(recorded, AdviceChoice(of_recorded=True)).advice


def _text(entry: Entry) -> str:
    """An entry without the sequence it names, which the forecasts between shift."""
    kind, _, body = encode(entry.event)
    return kind + re.sub(r'"snapshot_sequence":\d+', "", body)
