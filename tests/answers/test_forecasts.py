"""Whoever is told a forecast is told how such forecasts have done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from allusedesk.answers.morning import morning_brief
from allusedesk.domain.events import Entry
from allusedesk.domain.forecast_words import NO_RECORD
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.wiring.answering import Answerer
from tests.learning.forecasts import spoken, without_record

RECORD = "better than the base rates over 470 weeks"


@pytest.fixture(scope="module")
def advised(journal: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Entry]:
    """The record with a forecast for its last week as its last entry."""
    return with_forecast(journal, tmp_path_factory.mktemp("advised") / "a.journal", spoken)


def with_forecast(
    journal: Path, path: Path, make: Callable[[WeekId], ForecastMade]
) -> tuple[Path, Entry]:
    shutil.copy(journal, path)
    with JournalReader.open(path) as reader:
        last = list(reader.read())[-1]
    year, week, _ = last.recorded_at.isocalendar()
    made = Entry(last.sequence + 1, last.recorded_at, None, make(WeekId(year, week)))
    record = Journal.open(path)
    record.append([made])
    record.close()
    return path, made


def test_an_answer_tells_each_forecast_with_its_record(advised: tuple[Path, Entry]) -> None:
    path, made = advised
    found, _ = Answerer(path).answer("what does the forecast say", None)
    condition, label, _ = sorted(one.text for one in found.sentences)
    assert "condition after the week is Red: 61% against a base rate of 35%" in condition
    assert f"such forecasts had been {RECORD} (+0.246 nats a week" in condition
    assert "such forecasts had been no better than the base rates over 470 weeks" in label
    assert found.sentences[0].entries == (made.sequence,)


def test_the_morning_tells_it_too(advised: tuple[Path, Entry]) -> None:
    path, made = advised
    with ReadSide.open(path) as side:
        brief = morning_brief(side, made.recorded_at.date(), made.recorded_at, "paper")
    market = next(part for part in brief.parts if part.title == "The market").sentences[-1]
    said = f"Advice, which binds nobody: condition after the week Red 61% (base 35%; {RECORD}); "
    assert market.text.startswith(said)
    assert market.entries == (made.sequence,)


def test_a_forecast_without_a_record_says_from_when_on_there_is_one(
    journal: Path, tmp_path: Path
) -> None:
    path, made = with_forecast(journal, tmp_path / "young.journal", without_record)
    found, _ = Answerer(path).answer("what does the forecast say", None)
    for sentence in found.sentences:
        assert f"such forecasts had {NO_RECORD}." in sentence.text
    with ReadSide.open(path) as side:
        brief = morning_brief(side, made.recorded_at.date(), made.recorded_at, "paper")
    market = next(part for part in brief.parts if part.title == "The market").sentences[-1]
    assert market.text.endswith(f"P-EW 55% (base 56%); {NO_RECORD}.")
    assert market.text.count(NO_RECORD) == 1
