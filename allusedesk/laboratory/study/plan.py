"""What a study tries: spans of real prices, the symbols they have, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.toml_text import read_toml
from allusedesk.laboratory.bootstrap import WEEKS_MIN
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.trial import FILLS, SLEEVES, TrialOutcome, TrialPlan


@dataclass(frozen=True, slots=True)
class StudySpan:
    """One rulebook over one span; a tier with no symbols in `symbols` is not measured."""

    name: str
    rulebook: str
    first: date
    last: date
    symbols: tuple[SymbolList, ...]
    fills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something the data pack could not serve."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class SpoiltWeek:
    """A week in which a symbol's bar holds a price that nobody could trade at."""

    symbol: str
    week: str
    why: str


@dataclass(frozen=True, slots=True)
class PremiumSpan:
    """Days of which chains were recorded, and of what; `title` names them in the page."""

    title: str
    symbols: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Study:
    """Every span of a study, each begun anew with the same capital."""

    capital: Decimal
    seed: int
    trend: str
    spans: tuple[StudySpan, ...]
    left_out: tuple[LeftOut, ...]
    spoilt: tuple[SpoiltWeek, ...]
    premiums: tuple[PremiumSpan, ...]


@dataclass(frozen=True, slots=True)
class StudyTrial:
    """One trial of a study: a span at one kind of fill."""

    span: StudySpan
    plan: TrialPlan

    @property
    def stem(self) -> str:
        """A name of its own among the trials, fit for a file."""
        return f"{self.span.rulebook}-{self.span.name}-{self.plan.fills}"


def study_from(text: str) -> Study:
    """The study a TOML text defines; raises TrialImpossible where it defines none.

    So it does for a span too short for bounds, before anything is tried.
    """
    try:
        told = read_toml(text)
        found = Study(
            Decimal(told["capital"]),
            int(told["seed"]),
            str(told["trend"]),
            tuple(_span(one) for one in told["spans"]),
            tuple(LeftOut(one["what"], one["why"]) for one in told["left_out"]),
            tuple(SpoiltWeek(one["symbol"], one["week"], one["why"]) for one in told["spoilt"]),
            tuple(_premiums(one) for one in told["premiums"]),
        )
    except (TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise TrialImpossible(
            f"The study's definition cannot be read ({fault}): restore it or install the desk anew."
        ) from fault
    for span in found.spans:
        mondays = [day - timedelta(days=day.weekday()) for day in (span.first, span.last)]
        weeks = (mondays[1] - mondays[0]).days // 7 + 1
        if weeks < WEEKS_MIN:
            raise TrialImpossible(
                f"The span {span.name} of {span.rulebook} has {max(weeks, 0)} weeks, which say "
                f"nothing of how a figure could have come out otherwise: give it {WEEKS_MIN} at "
                "the least."
            )
    return found


def study_trials(study: Study, data: Path) -> tuple[StudyTrial, ...]:
    """Every trial in the order they run: default fills of all spans, then the others."""
    return tuple(
        StudyTrial(
            span,
            TrialPlan(
                data=(data,),
                first=span.first,
                last=span.last,
                symbols=span.symbols,
                rulebook=span.rulebook,
                capital=study.capital,
                seed=study.seed,
                fills=fills,
                trend=study.trend,
            ),
        )
        for fills in ("default", "mid", "full")
        for span in study.spans
        if fills in span.fills
    )


def sound_weeks(study: Study, trial: StudyTrial, outcome: TrialOutcome) -> TrialOutcome:
    """The outcome without the weeks that a symbol of the trial spoils."""
    traded = {symbol for tier in trial.span.symbols for symbol in tier.symbols}
    spoilt = {one.week for one in study.spoilt if one.symbol in traded}
    return replace(outcome, weeks=tuple(week for week in outcome.weeks if week.week not in spoilt))


def _span(told: dict[str, Any]) -> StudySpan:
    fills = tuple(told["fills"])
    if not set(fills) <= set(FILLS):
        raise ValueError(f"fills {fills}")
    symbols = tuple(SymbolList(kind, tuple(told[kind.value])) for kind in SLEEVES)
    return StudySpan(told["name"], told["rulebook"], told["first"], told["last"], symbols, fills)


def _premiums(told: dict[str, Any]) -> PremiumSpan:
    return PremiumSpan(told["title"], tuple(told["symbols"]), told["first"], told["last"])
