"""What ended of a stopped run is gone on with, while all it rests on is the same."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.outcome_text import text_of
from allusedesk.laboratory.search import SearchRun
from allusedesk.laboratory.search_plan import Axis, SearchPlan
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.laboratory.workers import Processes, Serial, Workers, WorkStopped
from allusedesk.resource_files import resource_path
from allusedesk.wiring.laboratory import trial_days, trial_shelf
from allusedesk.wiring.laboratory.runs import run_and_keep, search
from allusedesk.wiring.laboratory.trial_days import Passed
from allusedesk.wiring.laboratory.trial_shelf import ShelfOfResults
from allusedesk.wiring.laboratory.trials import open_trial

PLAN = TrialPlan(
    (resource_path("sample_market"),),
    date(2012, 4, 2),
    date(2012, 4, 4),
    tuple(SymbolList(kind, ("IBM",)) for kind in AccountKind),
    capital=Decimal(300_000),
)
SEARCH = SearchPlan(PLAN, (Axis("accounts.rev.delta.low", (22, 25, 30)),))


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    return ResultsFile(tmp_path / "laboratory.results")


def stopped_after(file: ResultsFile, done: int, workers: Workers) -> None:
    told: list[Passed] = []

    def is_enough() -> bool:
        return any(one.done >= done for one in told)

    with pytest.raises(WorkStopped, match="goes on from there"):
        run_and_keep(file, lambda shelf: search(SEARCH, workers, told.append, is_enough, shelf))


@pytest.mark.parametrize("workers", [Serial(), Processes(1)])
def test_a_stopped_search_goes_on_from_the_trials_that_ended(
    workers: Workers, file: ResultsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_after(file, 2, workers)
    assert file.lines() == ()

    tried: list[TrialPlan] = []
    real = trial_days.try_plan
    monkeypatch.setattr(
        trial_days, "try_plan", lambda plan, told=None: tried.append(plan) or real(plan, told)
    )

    def whole(shelf: ShelfOfResults) -> SearchRun:
        return search(SEARCH, Serial(), told.append, shelf=shelf)

    told: list[Passed] = []
    number, run = run_and_keep(file, whole)
    assert len(tried) == 1
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[0].done == 2
    assert told[-1] == Passed(3, 3, 1.0, None)
    monkeypatch.undo()
    assert text_of(run) == text_of(search(SEARCH, Serial()))
    assert [line.number for line in file.lines()] == [number]
    shelf = ShelfOfResults(file)
    assert shelf.find(tried[0]) is None, "a whole that is kept needs its parts no more"


def test_a_trial_stands_for_its_own_prices_and_rules_alone(
    file: ResultsFile, tmp_path: Path
) -> None:
    market, rules = tmp_path / "market", tmp_path / "rules.toml"
    shutil.copytree(resource_path("sample_market"), market)
    shutil.copy(resource_path("rulebooks", "classic.toml"), rules)
    plan = replace(PLAN, data=(market,), rulebook=str(rules), last=date(2012, 4, 3))
    outcome = open_trial(plan)
    ShelfOfResults(file).put(outcome)
    assert ShelfOfResults(file).find(plan) == outcome
    assert ShelfOfResults(file).find(replace(plan, seed=2)) is None

    text = rules.read_text(encoding="utf-8")
    rules.write_text(text + "# Another rulebook.\n", encoding="utf-8")
    assert ShelfOfResults(file).find(plan) is None
    rules.write_text(text, encoding="utf-8")
    assert ShelfOfResults(file).find(plan) == outcome

    prices = next(path for path in sorted(market.rglob("*")) if path.is_file())
    prices.write_bytes(prices.read_bytes() + b"\n")
    assert ShelfOfResults(file).find(plan) is None


def test_what_a_class_decides_is_always_tried_anew(
    file: ResultsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(PLAN, strategies=("wheel=rev",), last=date(2012, 4, 3))
    outcome = open_trial(plan)
    listed = trial_shelf.strategy_of("wheel")
    of_class = replace(listed, definition=replace(listed.definition, decided_by_class=True))
    with monkeypatch.context() as told:
        told.setattr(trial_shelf, "strategy_of", lambda _name: of_class)
        ShelfOfResults(file).put(outcome)
        assert ShelfOfResults(file).find(plan) is None
    assert ShelfOfResults(file).find(plan) is None
    ShelfOfResults(file).put(outcome)
    assert ShelfOfResults(file).find(plan) == outcome


def test_parts_of_more_than_a_month_ago_go_and_a_spoilt_one_is_tried_again(
    file: ResultsFile,
) -> None:
    file.put_part("old", datetime(2020, 1, 1, tzinfo=UTC), "text")
    file.keep("search", datetime(2020, 1, 1, tzinfo=UTC), "", "", "")
    ShelfOfResults(file).clear()
    assert file.part("old") is None
    assert len(file.lines()) == 1

    class Named(ShelfOfResults):
        def _name(self, plan: TrialPlan) -> str:
            del plan
            return "spoilt"

    file.put_part("spoilt", datetime(2020, 1, 1, tzinfo=UTC), '{"no": "outcome"}')
    assert Named(file).find(PLAN) is None


def test_what_cannot_be_put_down_stops_no_run(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"no database")
    shelf = ShelfOfResults(ResultsFile(blocked))
    shelf.put(open_trial(replace(PLAN, last=date(2012, 4, 2))))
    assert shelf.find(PLAN) is None
    shelf.clear()
    assert blocked.read_bytes() == b"no database"
