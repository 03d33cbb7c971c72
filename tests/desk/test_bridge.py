"""What the desk's thread believes of an engine on another one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QApplication

from allusedesk.desk.bridge import Bridge

_LOOKS_OF_TWO_SECONDS = 40


@dataclass
class _Engine:
    """As much of an engine as is looked at, before its first picture."""

    beats: int = 0
    is_over: bool = False
    latest: None = None


def test_an_engine_is_lost_only_once_it_has_stirred(qapp: QApplication) -> None:
    bridge, engine = Bridge(), _Engine()
    told: list[str] = []
    bridge.lost.connect(told.append)
    bridge.engine = engine  # type: ignore[assignment]
    _look_on(bridge)
    assert (bridge.is_lost, told) == (False, []), "It was still being built."
    engine.beats = 1
    _look_on(bridge)
    assert bridge.is_lost
    assert len(told) == 1
    engine.beats = 2
    bridge.look()
    assert not bridge.is_lost


def _look_on(bridge: Bridge) -> None:
    for _ in range(_LOOKS_OF_TWO_SECONDS):
        bridge.look()
