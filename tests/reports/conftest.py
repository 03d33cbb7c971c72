from __future__ import annotations

from pathlib import Path

import pytest

from allusedesk.cli.main import main
from tests.house.sources import ROOT


@pytest.fixture(scope="session")
def winter_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real prices from December 2011 to 4 April 2012: a year's end, a whole quarter, an assignment.

    Tests read it and never write it.
    """
    out = tmp_path_factory.mktemp("winter")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2011-12-01 --to 2012-04-04 "
        "--rulebook constitution --symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT "
        f"--capital 1000000 --approve all --seed 7 --out {out} --json"
    )
    assert main(words.split()) == 0
    return out / "rehearsal.journal"
