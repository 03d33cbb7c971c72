"""Every example of the handbook's commands and of each command's own help runs as printed."""

from __future__ import annotations

import argparse
import re
import shlex
from contextlib import chdir
from pathlib import Path

import pytest

from allusedesk.cli.main import command_line, main
from allusedesk.wiring.requests import DeskRequest
from tests.house.sources import HANDBOOK, ROOT


class NoWindow:
    """Says what a window would have been opened on; tests/desk opens real ones."""

    def open_desk(self, request: DeskRequest) -> int:
        return 0 if request.desk.first <= request.desk.last else 1

    def picture_window(self, out: Path) -> list[Path]:
        return [out]


def examples_of_handbook() -> list[list[str]]:
    """Those of the page of commands first: others may read what they leave behind."""
    pages = sorted(HANDBOOK.glob("*.md"), key=lambda page: (page.name != "commands.md", page.name))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def examples_of_help(parser: argparse.ArgumentParser) -> list[list[str]]:
    assert parser.epilog, f"{parser.prog} shows no example"
    assert parser.epilog.startswith("example:\n  ")
    found = [shlex.split(parser.epilog.removeprefix("example:\n  "))]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            # An alias is the same parser under another name.
            for sub in dict.fromkeys(action.choices.values()):
                found += examples_of_help(sub)
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a checkout, after every example of the handbook was run in it."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "resources").symlink_to(ROOT / "resources")
    with chdir(folder):
        for program, *words in examples_of_handbook():
            assert program == "allusedesk"
            assert main(words, NoWindow()) == 0, shlex.join(words)
    return folder


def test_the_examples_of_the_handbook_run(checkout: Path) -> None:
    left = {path.name for path in (checkout / "out").iterdir()}
    assert {"rehearsal.journal", "week.pdf", "archive", "demo", "paper"} <= left


def test_the_examples_of_every_help_run(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = examples_of_handbook()
    with chdir(checkout):
        for example in examples_of_help(command_line()):
            if example not in ran:
                code = main(example[1:], NoWindow())
                assert code == 0, f"{shlex.join(example)}: {capsys.readouterr().err}"
