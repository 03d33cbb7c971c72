"""What every test may ask for: the shared market data, and one profile for generated examples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.keyrings import MemoryKeyring

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


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    """The keyring of this test: it keeps secrets as a system's would, until the test ends."""
    import keyring

    from allusedesk import credentials
    from tests.keyrings import MemoryKeyring

    before = keyring.get_keyring()
    kept = MemoryKeyring()
    monkeypatch.setattr(credentials, "_TRUSTED", (MemoryKeyring.__module__,))
    monkeypatch.setattr(credentials, "_held", {})
    keyring.set_keyring(kept)
    yield kept
    keyring.set_keyring(before)
