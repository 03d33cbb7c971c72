"""`allusedesk desk`: what a window is opened on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli.main import main
from allusedesk.domain.accounts import AccountKind
from allusedesk.wiring.requests import ASK, DeskRequest

Run = Callable[..., Any]


class Opened:
    """Keeps what a window would be opened on."""

    def __init__(self) -> None:
        self.requests: list[DeskRequest] = []

    def open_desk(self, request: DeskRequest) -> int:
        self.requests.append(request)
        return 0

    def picture_window(self, out: Path) -> list[Path]:
        return [out]


@pytest.fixture
def opened() -> Opened:
    return Opened()


def test_nothing_said_opens_the_sample_market_at_the_settings(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    assert main(["desk"], opened) == 0
    request = opened.requests[0]
    assert request.desk.out == tmp_path / "paper"
    assert request.desk.data[0].name == "sample_market"
    assert request.desk.approve == ASK
    assert request.speed == 60
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_is_opened(opened: Opened, tmp_path: Path) -> None:
    typed = [
        *("desk", "--feed", "a", "--feed", "b", "--from", "2013-01-02", "--to", "2013-02-01"),
        *("--symbols", "gen=GOOG;com=IBM", "--capital", "400000", "--speed", "max"),
        *("--rulebook", "constitution", "--approve", "none", "--seed", "3", "--trend", "qqq"),
        *("--out", str(tmp_path / "out")),
    ]
    assert main(typed, opened) == 0
    request = opened.requests[0]
    desk = request.desk
    assert desk.data == (Path("a"), Path("b"))
    assert (desk.first, desk.last) == (date(2013, 1, 2), date(2013, 2, 1))
    assert {one.kind: one.symbols for one in desk.symbols} == {
        AccountKind.GENERATION: ("GOOG",),
        AccountKind.COMPOUNDING: ("IBM",),
    }
    assert desk.capital == Decimal(400000)
    assert (desk.rulebook, desk.approve, desk.seed) == ("constitution", "none", 3)
    assert desk.trend == "QQQ"
    assert request.speed is None


def test_a_market_of_ones_own_needs_its_days(run: Run) -> None:
    run("desk --feed somewhere").refused("--from", "--to")


def test_without_a_window_the_command_says_what_to_use(run: Run) -> None:
    run("desk").refused("--headless")


@pytest.mark.parametrize("words", ["--speed 0", "--capital much", "--seed -1", "--from soon"])
def test_what_is_no_option_is_refused(run: Run, words: str) -> None:
    assert run(f"desk {words}").code == 2


def test_a_file_is_no_folder(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in run("desk --out", file).err


@pytest.mark.parametrize(
    ("words", "broker", "paper", "journal"),
    [
        ("--live --broker alpaca", "alpaca", True, "live.journal"),
        ("--live --broker interactive_brokers --real-money", "interactive_brokers", False, "live"),
        ("--paper", "simulated", True, "paper.journal"),
    ],
)
def test_run_without_headless_opens_a_window_on_what_is_connected(
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    broker: str,
    paper: bool,
    journal: str,
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path / "home"))
    typed = ["run", *words.split(), "--feed", "alpaca", "--history", "files"]
    typed += ["--capital", "100000", "--out", str(tmp_path / "out")]
    assert main(typed, opened) == 0
    [request] = opened.requests
    lines = request.desk.connections
    assert lines is not None
    assert (lines.broker.name, lines.broker.paper, lines.feed.name) == (broker, paper, "alpaca")
    assert request.journal.name.startswith(journal)
    assert request.desk.approve == ASK
    assert request.desk.data == (Path("files"),)
