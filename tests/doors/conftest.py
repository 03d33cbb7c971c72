"""Doors under test that are closed when their test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import InteractiveBrokersRig
from tests.trading import put


@pytest.fixture
def make() -> Iterator[Callable[..., InteractiveBrokersRig]]:
    """Makes doors to Interactive Brokers."""
    with ExitStack() as open_ones:

        def made(**wanted: object) -> InteractiveBrokersRig:
            rig = InteractiveBrokersRig(**wanted)  # type: ignore[arg-type]
            open_ones.callback(rig.close)
            return rig

        yield made


@pytest.fixture
def rig(make: Callable[..., InteractiveBrokersRig]) -> InteractiveBrokersRig:
    """A door to Interactive Brokers with a market of one put; tests of others have their own."""
    made = make()
    made.show(two_sided(put()))
    return made
