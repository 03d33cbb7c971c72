"""What a person at the screen wants of the laboratory, as it was typed, and what becomes of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.search_plan import EMBARGO, FOLDS, MANNERS, PURGE, SearchPlan, read_axis
from allusedesk.laboratory.trial import FILLS, TrialPlan
from allusedesk.laboratory.workers import Processes
from allusedesk.resource_files import resource_path
from allusedesk.wiring.laboratory.runs import ALL_FILLS, backtest, run_and_keep, search
from allusedesk.wiring.laboratory.trial_days import Moved
from allusedesk.wiring.requests import RequestRefused

BACKTEST, SEARCH = "backtest", "search"


@dataclass(frozen=True, slots=True)
class LaboratoryChoices:
    """What there is to choose from, and the walk of a search where nobody chooses one.

    The first of `fills` is all of them, which a search cannot be at.
    """

    rulebooks: tuple[str, ...]
    fills: tuple[str, ...]
    manners: tuple[str, ...]
    processes: int
    folds: int = FOLDS
    purge: int = PURGE
    embargo: int = EMBARGO


@dataclass(frozen=True, slots=True)
class LaboratoryWish:
    """A backtest or a search; texts as they were typed, empty where the rulebook's own holds.

    `data` is a path, the sample market where it is empty. `symbols` are those of every tier, or
    `gen=A;rev=B;com=C`; `axes` are rules with their values, one a line or behind a semicolon.
    `folds`, `purge` and `embargo` are a search's tests and the weeks left out beside each.
    """

    kind: str
    data: str
    symbols: str
    first: date
    last: date
    rulebook: str
    capital: Decimal
    seed: int
    fills: str
    axes: str = ""
    manner: str = "grid"
    tries: int = 24
    processes: int = 1
    strategies: str = ""
    folds: int = FOLDS
    purge: int = PURGE
    embargo: int = EMBARGO


def choices() -> LaboratoryChoices:
    """Rulebooks that ship, kinds of fill, manners of search, and cores to work on."""
    shipped = sorted(path.stem for path in resource_path("rulebooks").glob("*.toml"))
    return LaboratoryChoices(tuple(shipped), (ALL_FILLS, *FILLS), MANNERS, os.cpu_count() or 1)


def carry_out(
    wish: LaboratoryWish, file: ResultsFile, moved: Moved, is_stopped: Callable[[], bool]
) -> int:
    """Do what is wished in processes of its own, keep what came of it, and return its number.

    Raises RequestRefused, TrialImpossible, WorkStopped and ResultsUnusable.
    """
    plan = _trial_of(wish)
    workers = Processes(max(1, wish.processes))
    if wish.kind == BACKTEST:
        return run_and_keep(
            file, lambda shelf: backtest(plan, wish.fills, workers, moved, is_stopped, shelf)
        )[0]
    axes = [part.strip() for part in wish.axes.replace("\n", ";").split(";") if part.strip()]
    searched = SearchPlan(
        trial=plan,
        axes=tuple(read_axis(text) for text in axes),
        manner=wish.manner,
        tries=wish.tries,
        folds=wish.folds,
        purge=wish.purge,
        embargo=wish.embargo,
        seed=wish.seed,
    )
    return run_and_keep(file, lambda shelf: search(searched, workers, moved, is_stopped, shelf))[0]


def _trial_of(wish: LaboratoryWish) -> TrialPlan:
    fills = "default" if wish.fills == ALL_FILLS else wish.fills
    data = Path(wish.data).expanduser() if wish.data.strip() else resource_path("sample_market")
    return TrialPlan(
        data=(data,),
        first=wish.first,
        last=wish.last,
        symbols=symbols_typed(wish.symbols),
        rulebook=wish.rulebook,
        capital=wish.capital,
        seed=wish.seed,
        fills=fills,
        strategies=tuple(wish.strategies.replace(",", " ").replace(";", " ").split()),
    )


def symbols_typed(text: str) -> tuple[SymbolList, ...]:
    """The tiers' symbols in `A,B` or `gen=A,B;rev=C`; none where nothing is typed.

    Raises RequestRefused for a tier there is not.
    """
    if not text.strip():
        return ()
    if "=" not in text:
        symbols = _tickers(text)
        return tuple(SymbolList(kind, symbols) for kind in AccountKind)
    found = []
    for part in text.split(";"):
        tier, _, listed = part.partition("=")
        kinds = {kind.value: kind for kind in AccountKind}
        kind = kinds.get(tier.strip().lower())
        if kind is None:
            raise RequestRefused(
                f"{part.strip()!r} names no tier: write such as AAPL,MSFT or gen=A;rev=B;com=C."
            )
        found.append(SymbolList(kind, _tickers(listed)))
    return tuple(found)


def _tickers(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.upper() for word in text.replace(",", " ").split()))
