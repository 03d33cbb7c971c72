"""A study's trials over real prices, each kept as it ends so that a stopped study goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from allusedesk.laboratory.outcome_text import TextUnreadable, text_of, value_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.study.page import study_page
from allusedesk.laboratory.study.plan import Study, StudyTrial, study_from, study_trials
from allusedesk.laboratory.study.premium_fit import joined
from allusedesk.laboratory.trial import TrialOutcome, TrialRefused
from allusedesk.laboratory.workers import Told, Workers, spread
from allusedesk.market.corporate_actions import split_factors
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.resource_files import resource_path
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.laboratory.premiums import compare_premiums
from allusedesk.wiring.laboratory.trials import try_plan

TRIALS_FOLDER = "trials"
_DAYS_OF_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class _Asked:
    """A trial and the file its outcome goes to."""

    trial: StudyTrial
    file: Path


def study_shipped(name: str) -> Study:
    """A study that ships with the desk, by its name; raises TrialImpossible for another."""
    files = {path.stem: path for path in sorted(resource_path("studies").glob("*.toml"))}
    if name not in files:
        raise TrialImpossible(f"There is no study {name!r}: this desk has {', '.join(files)}.")
    return study_from(files[name].read_text(encoding="utf-8"))


def run_study(
    study: Study,
    data: Path,
    out: Path,
    workers: Workers,
    *,
    told: Told | None = None,
) -> tuple[TrialOutcome, ...]:
    """The outcomes of all trials, in their order; those kept in `out` are not run again.

    Raises TrialImpossible where a trial is refused, OSError.
    """
    folder = out / TRIALS_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asked = [_Asked(one, folder / f"{one.stem}.json") for one in study_trials(study, data)]
    missing = [one for one in asked if kept_outcome(one.file, one.trial) is None]
    for refused in spread(_try_and_keep, missing, workers, told=told):
        if refused is not None:
            raise TrialImpossible(refused.reason)
    found = [kept_outcome(one.file, one.trial) for one in asked]
    return tuple(one for one in found if one is not None)


def page_of(study: Study, data: Path, outcomes: Sequence[TrialOutcome]) -> str:
    """The study's page in Markdown, premiums compared with the chains recorded in `data`.

    Raises RequestRefused where the trend or a span of premiums has no prices.
    """
    tried = tuple(zip(study_trials(study, data), outcomes, strict=True))
    names = sorted({span.rulebook for span in study.spans})
    rulebooks = {name: parse_rulebook(rulebook_text(name)) for name in names}
    premiums = []
    for span in study.premiums:
        rows = compare_premiums(data, span)
        if rows:
            premiums.append((span.title, joined(rows, span.title)))
    return study_page(study, tried, rulebooks, premiums, _held(study, data))


def _held(study: Study, data: Path) -> dict[tuple[date, date], float]:
    """What the trend's own price made of a year in each span that it is known over."""
    history = history_below(
        (data,),
        (),
        study.trend,
        exchange_calendar(),
        days=(date.max, date.max),
        advice="The page holds the desk's years against it: name the prices the trials were on.",
    )
    bars, found = history.trend, dict[tuple[date, date], float]()
    ratios = split_factors(bars.dates, history.trend_splits, date.max)
    closes = bars.close / ratios
    for span in study.spans:
        before = int(np.searchsorted(bars.dates, np.datetime64(span.first))) - 1
        last = int(np.searchsorted(bars.dates, np.datetime64(span.last), side="right")) - 1
        if 0 <= before < last and bars.symbol == study.trend:
            years = (span.last - span.first).days / _DAYS_OF_A_YEAR
            found[span.first, span.last] = float(
                (closes[last] / closes[before]) ** (1.0 / years) - 1.0
            )
    return found


def kept_outcome(file: Path, trial: StudyTrial) -> TrialOutcome | None:
    """The outcome a file keeps of this very trial, wherever its data lay then; None for others."""
    if not file.is_file():
        return None
    try:
        found = value_of(TrialOutcome, file.read_text(encoding="utf-8"))
    except (TextUnreadable, UnicodeDecodeError):
        return None
    return found if replace(found.plan, data=trial.plan.data) == trial.plan else None


def _try_and_keep(asked: _Asked) -> TrialRefused | None:
    found = try_plan(asked.trial.plan)
    if isinstance(found, TrialRefused):
        return found
    unfinished = asked.file.with_suffix(".unfinished")
    unfinished.write_text(text_of(found), encoding="utf-8")
    unfinished.replace(asked.file)
    return None
