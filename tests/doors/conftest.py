"""Doors under test that are closed when their test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import InteractiveBrokersRig
from tests.trading import put

if TYPE_CHECKING:
    from tests.doors.alpaca_rig import AlpacaRig, World


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


@pytest.fixture
def world() -> Iterator[World]:
    """Alpaca's server with an account of its own."""
    from tests.doors.alpaca_rig import World

    made = World()
    yield made
    made.server.close()


@pytest.fixture
def alpaca(world: World) -> Iterator[AlpacaRig]:
    """A door to Alpaca with a market of one put."""
    from tests.doors.alpaca_rig import AlpacaRig

    made = AlpacaRig(world)
    made.show(two_sided(put()))
    yield made
    made.close()
