from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from allusedesk.cli.main import main
from tests.house.sources import ROOT

REHEARSAL = (
    f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2012-01-02 --to 2012-01-13 "
    "--symbols 'gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT' --capital 1000000 --approve all --seed 7"
)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings and log of a person who goes away with the tests."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALLUSEDESK_HOME", str(folder))
        yield folder


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    def refused(self, *words: str) -> None:
        """Refused in one plain line that holds these words, with nothing on stdout."""
        assert self.code == 2
        assert self.out == ""
        assert len(self.err.strip().splitlines()) == 1
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


def verdict_of(run: Callable[..., Ran], line: str) -> tuple[str, str]:
    ran = run(f"explain {line} --json")
    assert ran.code == 0, ran.err
    answer = ran.answer
    assert answer["comparisons"]
    for met in answer["comparisons"]:
        assert set(met) == {"name", "value", "limit", "passed"}
        assert isinstance(met["passed"], bool)
    return answer["verdict"], answer["rule"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line in this process; more arguments follow the words as they are."""

    def run_words(line: str, *more: object) -> Ran:
        code = main([*shlex.split(line), *(str(item) for item in more)])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_words


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of two rehearsed weeks; tests read it and never write it."""
    folder = tmp_path_factory.mktemp("rehearsed")
    assert main([*shlex.split(REHEARSAL), "--out", str(folder)]) == 0
    return folder / "rehearsal.journal"


@pytest.fixture
def journal(rehearsed: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged at will."""
    return shutil.copy(rehearsed, tmp_path / "copy.journal")
