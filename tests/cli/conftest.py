from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from allusedesk.cli.main import main


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


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line in this process; more arguments follow the words as they are."""

    def run_words(line: str, *more: object) -> Ran:
        code = main([*shlex.split(line), *(str(item) for item in more)])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_words
