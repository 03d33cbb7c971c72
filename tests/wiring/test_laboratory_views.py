"""Runs that were kept, as screens show them; wishes as they are typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.backtest import BacktestRun, run_backtest
from allusedesk.laboratory.outcome_text import TextUnreadable
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.search import run_search
from allusedesk.laboratory.search_plan import Axis, SearchPlan
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.laboratory.wording import CASH_WORDS
from allusedesk.laboratory.workers import Serial, WorkStopped
from allusedesk.wiring.laboratory import wish
from allusedesk.wiring.laboratory.runs import keep_run, run_of
from allusedesk.wiring.laboratory.trial_days import Passed
from allusedesk.wiring.laboratory.views import view_of
from allusedesk.wiring.laboratory.wish import (
    BACKTEST,
    SEARCH,
    LaboratoryWish,
    carry_out,
    symbols_typed,
)
from allusedesk.wiring.requests import RequestRefused
from tests.laboratory.arithmetic import pretend

TRIAL = TrialPlan((Path("nowhere"),), date(2012, 1, 2), date(2013, 3, 1), overrides=(("skill", 6),))


def tried(plan: TrialPlan = TRIAL, fills: tuple[str, ...] = ("mid", "default")) -> BacktestRun:
    return run_backtest(pretend, plan, fills, Serial())


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    """Two backtests and a search."""
    made = ResultsFile(tmp_path / "laboratory.results")
    keep_run(made, tried())
    keep_run(made, tried(replace(TRIAL, overrides=(("skill", 0),))))
    plan = SearchPlan(replace(TRIAL, overrides=()), (Axis("skill", (-1, 2, 6)),))
    keep_run(made, run_search(pretend, plan, Serial()))
    return made


def test_what_was_kept_is_what_was_found(file: ResultsFile) -> None:
    assert run_of(file.read(1)) == tried()
    assert [line.kind for line in file.lines()] == ["search", "backtest", "backtest"]
    assert file.read(1).line.headline.startswith("60 weeks: mid +")


def test_a_backtest_is_drawn_at_default_fills_within_what_could_have_been(
    file: ResultsFile,
) -> None:
    view = view_of(file, [1])
    assert [curve.name for curve in view.curves] == ["default", "mid"]
    first = view.curves[0]
    assert first.low is not None
    assert first.high is not None
    assert (first.low <= first.high).all()
    assert len(first.growth) == len(first.days) + 1 == 61
    assert first.low[0] == first.high[0] == first.growth[0] == 0.0
    assert view.columns == ("mid", "default")
    assert [bar.name for bar in view.bars] == [
        "Desk default", "Gen default", "Rev default", "Com default",
    ]  # fmt: skip
    assert [bar.target for bar in view.bars] == [None, 0.015, 0.01, 0.005]
    rows = {row.name: row.cells for row in view.rows}
    assert rows["weeks"] == ("60", "60")
    assert "No option price was recorded" in view.remarks[-2]
    assert view.remarks[-1] == CASH_WORDS


def test_two_backtests_stand_side_by_side(file: ResultsFile) -> None:
    view = view_of(file, [1, 2])
    assert view.title == "run 1 against run 2"
    assert [curve.name for curve in view.curves] == ["1 default", "2 default"]
    assert view.columns == ("1 mid", "1 default", "2 mid", "2 default")
    assert view.remarks[0] == "overrides: skill; 6 | skill; 0"
    assert "more than chance would do" in view.remarks[1]
    again = view_of(file, [1, 1])
    assert "chance alone could do as much" in again.remarks[0]


def test_a_search_shows_the_honest_figure_first(file: ResultsFile) -> None:
    view = view_of(file, [3])
    assert view.rows[0].name == "out of sample, mean week"
    assert [curve.name for curve in view.curves] == ["best by all weeks", "out of sample"]
    assert len(view.curves[1].days) == 48
    assert view.rows[-1].cells == ("Rule skill must not be negative.",)
    assert "shown alone" in view_of(file, [1, 3]).remarks[0]


def test_a_search_of_a_span_too_short_is_still_a_view(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    for weeks in (0, 1, 5):
        plan = SearchPlan(replace(TRIAL, overrides=()), (Axis("weeks", (weeks,)),))
        number = keep_run(file, run_search(pretend, plan, Serial()))
        view = view_of(file, [number])
        assert len(view.curves) == 1
        assert any("too few" in remark for remark in view.remarks)
        short = keep_run(file, tried(replace(TRIAL, overrides=(("weeks", weeks),))))
        drawn = view_of(file, [short])
        assert drawn.curves[0].low is None
        assert drawn.remarks


def test_a_run_of_another_kind_or_shape_is_refused_plainly(file: ResultsFile) -> None:
    kept = file.read(1)
    with pytest.raises(TextUnreadable, match="no kind of run 'poem'"):
        run_of(replace(kept, line=replace(kept.line, kind="poem")))
    for body in ("", "{}", "[]", '{"figures":[],"outcomes":{}}', kept.body[:-3]):
        with pytest.raises(TextUnreadable, match="BacktestRun"):
            run_of(replace(kept, body=body))


WISH = LaboratoryWish(
    kind=BACKTEST,
    data="",
    symbols="ibm msft",
    first=date(2012, 1, 3),
    last=date(2012, 1, 4),
    rulebook="classic",
    capital=Decimal(300_000),
    seed=1,
    fills="mid",
)


def test_the_weeks_left_out_beside_a_test_are_the_ones_wished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[SearchPlan] = []

    def searched(plan: SearchPlan, *_: object) -> None:
        seen.append(plan)
        raise TrialImpossible("Seen.")

    monkeypatch.setattr(wish, "search", searched)
    wanted = replace(WISH, kind=SEARCH, fills="default", axes="skill=1,2")
    for one in (wanted, replace(wanted, folds=3, purge=6, embargo=0)):
        with pytest.raises(TrialImpossible):
            carry_out(one, ResultsFile(tmp_path / "r"), lambda _: None, lambda: False)
    assert [(plan.folds, plan.purge, plan.embargo) for plan in seen] == [(4, 1, 1), (3, 6, 0)]


def test_symbols_as_they_are_typed() -> None:
    assert symbols_typed("") == ()
    assert symbols_typed("ibm, msft") == tuple(
        SymbolList(kind, ("IBM", "MSFT")) for kind in AccountKind
    )
    assert symbols_typed("Gen=A; com=B,C") == (
        SymbolList(AccountKind.GENERATION, ("A",)),
        SymbolList(AccountKind.COMPOUNDING, ("B", "C")),
    )
    with pytest.raises(RequestRefused, match="'all=A' names no tier"):
        symbols_typed("all=A")


def test_a_wish_is_carried_out_kept_and_told(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    told: list[Passed] = []
    number = carry_out(WISH, file, told.append, lambda: False)
    run = run_of(file.read(number))
    assert isinstance(run, BacktestRun)
    assert run.outcomes[0].plan.symbols[0].symbols == ("IBM", "MSFT")
    assert run.figures[0].doubts
    assert (told[-1].done, told[-1].part) == (1, 1.0)
    assert str(told[-1]) == "1 of 1 done."
    with pytest.raises(WorkStopped):
        carry_out(WISH, file, lambda *_: None, lambda: True)
    assert len(file.lines()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": SEARCH}, "needs something to try"),
        ({"kind": SEARCH, "axes": "accounts.gen"}, "names no values"),
        ({"last": date(2011, 1, 1)}, "before it begins"),
        ({"first": date(2012, 1, 7), "last": date(2012, 1, 8)}, "no session"),
        ({"symbols": "ZZZZ"}, "ZZZZ"),
        ({"data": "/nowhere/at/all"}, "nowhere"),
        ({"rulebook": "poetic"}, "poetic"),
    ],
)
def test_wishes_that_cannot_be_had_are_refused_plainly(
    changes: dict[str, object], said: str, tmp_path: Path
) -> None:
    file = ResultsFile(tmp_path / "laboratory.results")
    with pytest.raises((TrialImpossible, RequestRefused), match=said):
        carry_out(replace(WISH, **changes), file, lambda *_: None, lambda: False)
    assert file.lines() == ()
