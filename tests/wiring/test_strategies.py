"""Strategies that a request names: found, mapped to sleeves, and tried as they are rehearsed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountId, AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.trial import TrialPlan
from allusedesk.laboratory.workers import Serial
from allusedesk.wiring import strategies
from allusedesk.wiring.laboratory.runs import backtest, keep_run
from allusedesk.wiring.laboratory.trials import open_trial
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest, RequestRefused
from allusedesk.wiring.strategies import strategies_known, strategy_choices, strategy_of
from allusedesk.wiring.strategy_look import strategies_listed
from allusedesk.wiring.strategy_standing import backtests_kept
from tests.trading import ROOT, classic

SYMBOLS = (SymbolList(AccountKind.REVENUE, ("AAPL", "MSFT")),)
WANTED = ("wheel@1.0=rev", "buy-and-hold=F1.com")


def test_every_strategy_that_ships_can_be_asked_for() -> None:
    known = strategies_known()
    assert known.faults == ()
    for one in known.strategies:
        (choice,) = strategy_choices((one.definition.id,), SYMBOLS, classic())
        assert choice.account == f"F1.{one.definition.tiers[0].value}"
        assert choice.text == one.text


def test_a_strategy_trades_its_own_symbols_or_those_of_its_sleeve() -> None:
    wheel, kept = strategy_choices(WANTED, SYMBOLS, classic())
    assert (wheel.account, wheel.symbols) == ("F1.rev", ("AAPL", "MSFT"))
    assert (kept.account, kept.symbols) == ("F1.com", ("SPY",))


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("wheel=boss", "made for gen, rev, com"), ("nothing", "there are: "), ("x.toml", "x.toml")],
)
def test_what_is_not_there_is_refused_in_a_sentence(wanted: str, words: str) -> None:
    with pytest.raises(RequestRefused, match=words):
        strategy_choices((wanted,), SYMBOLS, classic())


def test_a_file_of_ones_own_is_read_where_it_lies(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(strategy_of("wheel").text.replace('"wheel"', '"mine"'), encoding="utf-8")
    assert strategy_of(str(mine)).definition.id == "mine@1.0"
    marked = b"\xef\xbb\xbf" + mine.read_bytes()
    mine.write_bytes(marked)
    assert not strategy_of(str(mine)).text.startswith("\ufeff")
    mine.write_bytes(b"\xff\xfe")
    with pytest.raises(RequestRefused, match="cannot be read"):
        strategy_of(str(mine))


def test_files_in_the_desks_own_folder_are_listed_beside_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = strategies_known().strategies
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    assert strategies_known().strategies == shipped
    folder = tmp_path / "strategies"
    folder.mkdir()
    text = strategy_of("wheel").text
    mine = folder / "mine.toml"
    mine.write_text("\ufeff" + text.replace('"wheel"', '"mine"'), encoding="utf-8")
    (folder / "again.toml").write_text(text, encoding="utf-8")
    (folder / "latin.toml").write_bytes(b"# \xe9")
    (folder / "folder.toml").mkdir()
    known = strategies_known()
    assert len(known.strategies) == len(shipped) + 1
    assert strategy_of("mine") == strategy_of("mine@1.0")
    assert strategy_of("mine").origin == str(mine)
    assert strategy_of(str(mine)).definition == strategy_of("mine").definition
    faults = " ".join(known.faults)
    assert len(known.faults) == 3
    assert f"{folder / 'again.toml'} defines wheel@1.0, and so does wheel.toml" in faults
    assert f"The strategy {folder / 'latin.toml'} cannot be read" in faults


def test_a_file_does_not_take_the_name_of_a_strategy_with_other_rules(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(f"# Mine.\n{strategy_of('wheel').text}", encoding="utf-8")
    assert strategy_of(str(mine)).definition.id == "wheel@1.0"
    changed = strategy_of("wheel").text.replace("days = { low = 18", "days = { low = 19")
    mine.write_text(changed, encoding="utf-8")
    with pytest.raises(RequestRefused, match=r"another wheel@1\.0 already, with other rules"):
        strategy_of(str(mine))
    mine.write_text(changed.replace('version = "1.0"', 'version = "1.1"'), encoding="utf-8")
    assert strategy_of(str(mine)).definition.id == "wheel@1.1"


class Point:
    """What a package registers under the desk's entry point."""

    def __init__(self, name: str, found: object) -> None:
        self.name, self.value, self._found = name, f"package:{name}", found

    def load(self) -> object:
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


class Writer:
    def definition(self) -> str:
        return strategy_text().replace('"wheel"', '"registered"')


def strategy_text() -> str:
    return (ROOT / "resources" / "strategies" / "wheel.toml").read_text(encoding="utf-8")


def test_registered_classes_are_listed_and_one_that_cannot_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def entry_points(group: str) -> list[Point]:
        asked.append(group)
        return [Point("writer", Writer), Point("gone", ImportError("no such module"))]

    monkeypatch.setattr(strategies, "entry_points", entry_points)
    known = strategies_known()
    assert asked == ["allusedesk.strategies"]
    assert known.find("registered@1.0") is not None
    (fault,) = known.faults
    assert "package:gone cannot be loaded (no such module)" in fault


@pytest.mark.long
def test_a_trial_of_strategies_is_their_rehearsal_entry_for_entry(tmp_path: Path) -> None:
    data, capital = (ROOT / "resources" / "sample_market",), Decimal(1_000_000)
    first, last = date(2012, 1, 2), date(2012, 1, 13)
    symbols = tuple(SymbolList(kind, ("AAPL", "MSFT")) for kind in AccountKind)
    wanted = ("wheel@1.0=rev", "wheel@1.0=gen")
    plan = TrialPlan(data, first, last, symbols=symbols, capital=capital, seed=7, strategies=wanted)
    tried = open_trial(plan)
    request = RehearsalRequest(
        data=data,
        first=first,
        last=last,
        rulebook="classic",
        symbols=symbols,
        capital=capital,
        approve="all",
        seed=7,
        out=tmp_path,
        strategies=strategy_choices(wanted, symbols, classic()),
    )
    rehearsed = rehearse(request)
    assert (tried.entries, tried.chain_head) == (rehearsed.entries, rehearsed.chain_head)
    alone = open_trial(TrialPlan(data, first, last, symbols=symbols, capital=capital, seed=7))
    assert alone.chain_head != tried.chain_head


def test_a_backtest_of_a_file_of_ones_own_is_found_by_its_name_and_version(tmp_path: Path) -> None:
    mine = tmp_path / "any file.toml"
    text = strategy_of("wheel").text.replace('"wheel"', '"mine"')
    mine.write_text(text, encoding="utf-8")
    plan = TrialPlan(
        (ROOT / "resources" / "sample_market",),
        date(2012, 1, 3),
        date(2012, 1, 5),
        symbols=tuple(SymbolList(kind, ("IBM",)) for kind in AccountKind),
        strategies=(f"{mine}=rev", "wheel=com"),
    )
    run = backtest(plan, "default", Serial())
    assert run.outcomes[0].strategies == ("mine@1.0=rev", "wheel@1.0=com")
    assert "with mine@1.0=rev, wheel@1.0=com, 2012-01-03" in run.title
    assert str(tmp_path) not in run.title
    file = ResultsFile(tmp_path / "laboratory.results")
    keep_run(file, run)
    on = StrategySwitched(AccountId("F1.rev"), "mine@1.0", text, is_on=True, operator="Ann")
    lines = strategies_listed((on,)).lines
    found = {(one.strategy, one.kind) for one in backtests_kept(file, lines)}
    assert found == {("mine@1.0", AccountKind.REVENUE), ("wheel@1.0", AccountKind.COMPOUNDING)}
    # Runs that were kept before names were told are found as they were typed.
    before = replace(run.outcomes[0], strategies=())
    keep_run(file, replace(run, outcomes=(before,)))
    assert ("wheel@1.0", AccountKind.COMPOUNDING) in {
        (one.strategy, one.kind) for one in backtests_kept(file, lines)
    }
