"""Who each entry goes back to: a person by name, the broker, or the desk by itself."""

from __future__ import annotations

from allusedesk.domain.arming import ArmingRequested, DisarmingRequested
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    AlertAcknowledged,
    BrokerReported,
    DeskLockTurned,
    OperatorAsked,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.trust import SecondSignatureSet, TrustSwitched

DESK, BROKER = "the desk", "the broker"


class Origins:
    """Follows causes back to the input they began with; takes entries from the first on."""

    def __init__(self) -> None:
        self._found: dict[int, str] = {}

    def take(self, entry: Entry) -> str:
        """Who this entry goes back to."""
        match entry.event:
            case (
                OperatorDecided()
                | OperatorInstructed()
                | OperatorAsked()
                | TrustSwitched()
                | SecondSignatureSet()
                | StrategySwitched()
                | DeskLockTurned()
                | ArmingRequested()
                | DisarmingRequested()
                | AlertAcknowledged()
            ) as said:
                who = said.operator
            case BrokerReported():
                who = BROKER
            case _:
                who = DESK if entry.cause is None else self._found.get(entry.cause, DESK)
        # Most entries go back to the desk alone, and need no room.
        if who != DESK:
            self._found[entry.sequence] = who
        return who
