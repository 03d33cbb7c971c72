"""What a study tries: spans of real prices, the symbols they have, and what was left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
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

_UNREADABLE = "The study's definition cannot be read"
_CORRECT = "correct it, or install the desk anew where it came with it."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.-]*")


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
        told = _known(read_toml(text), Study)
        found = Study(
            _capital(told["capital"]),
            int(told["seed"]),
            str(told["trend"]),
            tuple(_span(one) for one in told["spans"]),
            tuple(LeftOut(one["what"], one["why"]) for one in told["left_out"]),
            tuple(SpoiltWeek(one["symbol"], one["week"], one["why"]) for one in told["spoilt"]),
            tuple(_premiums(one) for one in told["premiums"]),
        )
        _refuse_same_names(found.spans)
    except KeyError as fault:
        raise TrialImpossible(f"{_UNREADABLE} ({fault} is missing): {_CORRECT}") from fault
    except (TOMLDecodeError, ArithmeticError, TypeError, ValueError) as fault:
        raise TrialImpossible(f"{_UNREADABLE} ({fault}): {_CORRECT}") from fault
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
    name = told["name"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a span in letters, digits and spaces")
    known = {"name", "rulebook", "first", "last", "fills", *(kind.value for kind in SLEEVES)}
    if set(told) - known:
        raise ValueError(f"{min(set(told) - known)!r} is no key of the span {name}")
    fills = tuple(told["fills"])
    if not set(fills) <= set(FILLS):
        raise ValueError(f"fills {fills}")
    symbols = tuple(SymbolList(kind, _symbols(told[kind.value])) for kind in SLEEVES)
    first, last = _day(told["first"]), _day(told["last"])
    return StudySpan(name, str(told["rulebook"]), first, last, symbols, fills)


def _premiums(told: dict[str, Any]) -> PremiumSpan:
    symbols = _symbols(told["symbols"])
    return PremiumSpan(str(told["title"]), symbols, _day(told["first"]), _day(told["last"]))


def _known(told: dict[str, Any], kind: type[Study]) -> dict[str, Any]:
    strangers = set(told) - {one.name for one in fields(kind)}
    if strangers:
        raise ValueError(f"{min(strangers)!r} is no key of a study")
    return told


def _capital(told: object) -> Decimal:
    if isinstance(told, bool) or not isinstance(told, int | float | Decimal):
        raise TypeError(f"the capital {told} is no number of dollars")
    capital = Decimal(told)
    if not capital.is_finite() or capital <= 0:
        raise ValueError(f"the capital {told} is no number of dollars above zero")
    return capital


def _day(told: object) -> date:
    if type(told) is not date:
        raise TypeError(f"{told!s} is no day, written without quotation marks as 2012-01-03 is")
    return told


def _symbols(told: object) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise TypeError(f"{told!s} is no list of symbols such as ['IBM']")
    return tuple(told)


def _refuse_same_names(spans: tuple[StudySpan, ...]) -> None:
    """Trials are kept under the names of their rulebook and span."""
    seen = [(span.rulebook, span.name) for span in spans]
    for rulebook, name in seen:
        if seen.count((rulebook, name)) > 1:
            raise ValueError(f"{rulebook} has two spans named {name}")
