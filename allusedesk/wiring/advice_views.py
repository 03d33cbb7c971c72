"""What a journal, or a market alone, teaches of weeks, walked through and scored for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from allusedesk.domain.forecasts import CONDITION, ForecastMade
from allusedesk.journal.queries.record import desk_header
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from allusedesk.learning.features import FEATURES, MarketPast, WeekAsked, WeekPast, row_of
from allusedesk.learning.forecasting import Forecaster, drift_words
from allusedesk.learning.lessons import classes_of, lessons_of
from allusedesk.learning.model_text import (
    LETTERS_MAX,
    ModelRefused,
    name_of,
    read_model,
    write_model,
)
from allusedesk.learning.scorecard import (
    CalibrationBin,
    Learner,
    Lesson,
    Score,
    calibration,
    score,
)
from allusedesk.learning.week_type_model import CannotLearn, WeekTypeModel, predict
from allusedesk.learning.yardsticks import as_it_stands
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.settings import write_whole
from allusedesk.wiring.advising import hear_weeks
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.requests import DEFAULT_TREND, RequestRefused


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """One target walked through: its score, and against `guess`, what mostly followed before.

    `guess` is there for the condition alone. `model` is the one in force at the end, with what
    speaks against it; None where the target is silent, for the reason in `silence`.
    """

    target: str
    score: Score | None
    guess: Score | None
    calibration: tuple[CalibrationBin, ...]
    model: WeekTypeModel | None
    drift: tuple[str, ...]
    silence: str


@dataclass(frozen=True, slots=True)
class AdviceRecord:
    """Every target's record over the weeks `first` to `last`, and the newest forecast."""

    weeks: int
    first: str
    last: str
    targets: tuple[TargetRecord, ...]
    forecast: ForecastMade | None


def record_of_journal(journal: Path, data: tuple[Path, ...]) -> AdviceRecord:
    """What the weeks of a journal teach, with the market of `data` before each.

    Raises RequestRefused where the journal was never opened or prices are missing, FileRefused
    and JournalFault for files that are none.
    """
    with ReadSide.open(journal) as side:
        header = desk_header(side)
    if header is None:
        raise RequestRefused(f"{journal} holds no desk: name the journal of one that ran.")
    with JournalReader.open(journal) as reader:
        first = next(iter(reader.read(1, 1))).event
        rules = parse_rulebook(getattr(first, "rulebook_text", ""))
        named = [part.partition("=")[2] for part in header.symbols.split(";")]
        symbols = tuple(sorted({one for part in named for one in part.split(",") if one}))
        history = _history(data, symbols, header.trend_symbol)
        forecaster = Forecaster(MarketPast(history, rules), classes_of(rules))
        hear_weeks(forecaster, reader)
    lessons = forecaster.lessons()
    if not lessons[0].weeks:
        raise RequestRefused(f"{journal} has no planned week: there is nothing to learn from.")
    return _record(lessons, forecaster.learner, forecaster.forecast())


def record_of_market(
    data: tuple[Path, ...], trend: str | None, first: date, last: date, rules: Rulebook
) -> AdviceRecord:
    """What the market's own condition teaches from `first` to `last`, without any desk.

    Raises RequestRefused where there are no prices, no sessions or no conditions.
    """
    calendar = exchange_calendar()
    days = calendar.dates_between(max(first, calendar.first), min(last, calendar.last))
    market = MarketPast(_history(data, (), trend or DEFAULT_TREND), rules)
    weeks: dict[str, list[date]] = {}
    for day in days:
        year, number, _ = day.isocalendar()
        weeks.setdefault(f"{year}-W{number:02d}", []).append(day)
    asked = [WeekAsked(name, each[0], each[-1], len(each)) for name, each in weeks.items()]
    conditions = [market.condition_before(week.first) for week in asked]
    pasts = [
        None if one is None else WeekPast(week.name, one.value)
        for week, one in zip(asked, conditions, strict=True)
    ]
    if not any(pasts):
        raise RequestRefused(
            f"No week from {first} to {last} has a condition: check the trend's prices, VIX and "
            "the rulebook."
        )
    rows = [row_of(week, market, None) for week in asked]
    lessons = lessons_of(asked, pasts, np.array(rows), classes_of(rules))[:1]
    return _record(lessons, Learner(), None)


def keep_models(record: AdviceRecord, folder: Path) -> tuple[Path, ...]:
    """Write each target's model as plain numbers; returns the files."""
    kept = []
    for one in record.targets:
        if one.model is not None:
            file = _file_of(folder, one.target)
            write_whole(file, write_model(one.model))
            kept.append(file)
    return tuple(kept)


def check_models(record: AdviceRecord, folder: Path) -> tuple[str, ...]:
    """Say of each kept model whether it is the one these weeks make."""
    said = []
    for one in record.targets:
        if one.model is None:
            continue
        file = _file_of(folder, one.target)
        if not file.is_file():
            said.append(f"{file.name}: no such file in {folder}, so nothing was compared.")
            continue
        try:
            with file.open("rb") as opened:
                # One byte more than the longest model, so that a longer file is refused as such.
                text = opened.read(LETTERS_MAX + 1).decode("ascii")
            found = read_model(text, FEATURES)
        except UnicodeDecodeError:
            said.append(f"{file.name}: it holds no text, so it is no model: learn it anew.")
            continue
        except ModelRefused as refusal:
            said.append(f"{file.name}: {refusal}")
            continue
        is_same = name_of(found) == name_of(one.model)
        zero = np.zeros((1, len(FEATURES)))
        apart = float(np.abs(predict(found, zero) - predict(one.model, zero)).max())
        words = "the model these weeks make" if is_same else f"another model, {apart:.4f} apart"
        said.append(f"{file.name}: {name_of(found)}, {words}.")
    return tuple(said)


def _file_of(folder: Path, target: str) -> Path:
    return folder / f"{target.replace(' ', '-')}.json"


def _record(
    lessons: tuple[Lesson, ...], learner: Learner, forecast: ForecastMade | None
) -> AdviceRecord:
    weeks = lessons[0].weeks
    targets = tuple(_walked(lesson, learner) for lesson in lessons)
    return AdviceRecord(len(weeks), weeks[0], weeks[-1], targets, forecast)


def _walked(lesson: Lesson, learner: Learner) -> TargetRecord:
    last = len(lesson.weeks) - 1
    try:
        model = learner.model_at(lesson, last)
    except CannotLearn as silence:
        return TargetRecord(lesson.target, None, None, (), None, (), str(silence))
    walk = learner.walk(lesson)
    guess = None
    if lesson.target == CONDITION:
        guess = score(walk.forecasts, as_it_stands(lesson, walk), walk.truths)
    return TargetRecord(
        lesson.target,
        score(walk.forecasts, walk.bases, walk.truths),
        guess,
        calibration(walk.forecasts, walk.truths),
        model,
        drift_words(lesson, last, model, walk),
        "",
    )


def _history(data: tuple[Path, ...], symbols: tuple[str, ...], trend: str) -> MarketHistory:
    none = (date(1900, 1, 1), date(1900, 1, 2))
    found = history_below(data, (), trend, exchange_calendar(), days=none, if_there=symbols)
    # The desk traded them, so that their announcements count as they did on the desk.
    return replace(found, only_hedges=())
