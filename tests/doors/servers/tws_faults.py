"""Faults a test puts between the venue and its client, on the way out or on the way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """What happens to a message instead of its delivery.

    HOLD keeps it until the test releases it, SWAP lets the next message overtake it, CUT ends the
    connection in its place, and SPOIL puts a word where an execution says how much was traded.
    """

    DROP = "drop"
    DUPLICATE = "duplicate"
    HOLD = "hold"
    SWAP = "swap"
    CUT = "cut"
    SPOIL = "spoil"


Fields = Sequence[object]


@dataclass
class Trap:
    """One fault waiting for the messages of one number (and, where given, of one content)."""

    message: int
    fault: Fault
    times: int = 1
    where: Callable[[Fields], bool] | None = None

    def catches(self, fields: Fields) -> bool:
        """True, and one time less, for a message this trap waits for."""
        if self.times <= 0 or not fields or int(str(fields[0])) != self.message:
            return False
        if self.where is not None and not self.where(fields):
            return False
        self.times -= 1
        return True


@dataclass
class Traps:
    """The traps of one direction."""

    waiting: list[Trap] = field(default_factory=list)

    def fault_for(self, fields: Fields) -> Fault | None:
        """The fault that befalls this message; the earliest trap first."""
        for trap in self.waiting:
            if trap.catches(fields):
                return trap.fault
        return None
