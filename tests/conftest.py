"""What every test may ask for: the shared market data, and one profile for generated examples."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Two shared cores make single examples slow now and then, which says nothing about the code; and
# a suite that draws other examples each day fails on days when nobody changed anything.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real market data, from ALLUSEDESK_DATA or beside the project."""
    folder = Path(os.environ.get("ALLUSEDESK_DATA", str(ROOT.parent / "shared" / "data")))
    if folder.is_dir():
        return folder
    reason = (
        f"There is no market data at {folder}, so tests on real prices cannot run: "
        "point ALLUSEDESK_DATA at the folder."
    )
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
