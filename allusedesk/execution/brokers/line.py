"""`LiveBroker`: a broker behind a line of the network, which can be lost and come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from allusedesk.execution.brokers.broker import Broker


@dataclass(frozen=True, slots=True)
class LineStanding:
    """How the line stands, and whose account is at its other end, as the broker itself tells it.

    `reason` is one plain sentence while the line is down. `is_paper` is None until known, like
    `account` while it is empty. `clock_offset_seconds` is the broker's clock minus this
    machine's, measured at connecting. `margin_kind` is cash or margin where the broker tells it.
    """

    is_up: bool
    reason: str
    account: str
    is_paper: bool | None
    clock_offset_seconds: float | None
    options_level: int | None
    margin_kind: str = ""
    sub_accounts: tuple[str, ...] = ()


class ConnectionRefused(ConnectionError):
    """A connection that does not come about; one sentence: what, what it means, what to do."""


class LiveBroker(Broker, Protocol):
    """A broker whose line is kept on a thread of its own.

    Connecting, loss and reconnection are told as `LinkChanged` among the reports; reconnecting
    goes on by itself, with growing waits, until the line is closed.
    """

    def open(self, heard: Callable[[], None]) -> None:
        """Begin to connect and return at once.

        `heard` is called, from the line's thread, whenever a report waits to be fetched.
        """
        ...

    def close(self) -> None:
        """Disconnect and end the thread; closing twice does nothing more."""
        ...

    def standing(self) -> LineStanding:
        """How the line stands now; safe from any thread."""
        ...
