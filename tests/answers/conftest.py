from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.cli.main import main
from tests.house.sources import ROOT


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real prices of autumn 2011: rolls, assignments, shares and a red market."""
    out = tmp_path_factory.mktemp("asked")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2011-09-06 --to 2011-10-05 "
        "--rulebook constitution --symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT "
        f"--capital 1000000 --approve all --seed 7 --out {out} --json"
    )
    assert main(words.split()) == 0
    return out / "rehearsal.journal"
