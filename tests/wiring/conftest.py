"""A journal that several tests of the wiring read, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.cli.main import main
from tests.house.sources import ROOT


@pytest.fixture(scope="session")
def spring_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rehearsed from the end of January 2012 to the first days of April; tests never write it."""
    out = tmp_path_factory.mktemp("spring")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2012-01-30 --to 2012-04-04 "
        "--rulebook classic --symbols gen=AAPL;rev=AAPL;com=AAPL --capital 1000000 "
        f"--approve all --seed 7 --out {out} --json"
    )
    assert main(words.split()) == 0
    return out / "rehearsal.journal"
