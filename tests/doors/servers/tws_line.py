"""One client's connection to the server: framing, handshake, and the faults of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from tests.doors.servers.tws_faults import Fault, Fields, Traps
from tests.doors.servers.tws_orders import Venue
from tests.doors.servers.tws_wire import SERVER_VERSION, framed, take_frames

PACED = "Max rate of messages per second has been exceeded"
# Where a message about an execution has its quantity.
_TRADED = 19


class Server(Protocol):
    """What a connection needs to know of its server."""

    now: Callable[[], datetime]
    venue: Venue
    inward: Traps
    outward: Traps
    held: list[Callable[[], None]]
    sockets: list[Line]
    accepted: int
    is_logged_in: bool
    is_silent: bool
    messages_per_second_max: int | None

    def notify(self) -> None: ...

    def answer(self, line: Line, fields: list[str]) -> None: ...


class Line(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client_id = -1
        self.version = 0
        self.wants_positions = False
        self.account_watched = ""
        self.heard: list[list[str]] = []
        self._waiting = bytearray()
        self._overtaken: list[Fields] = []
        self._transport: asyncio.Transport | None = None
        self._recent: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.server.sockets.append(self)
        self.server.accepted += 1
        self.server.notify()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self.server.sockets.remove(self)
        if self in self.server.venue.lines:
            self.server.venue.lines.remove(self)
        self.server.notify()

    def data_received(self, data: bytes) -> None:
        self._waiting.extend(data)
        if not self.version:
            self._shake_hands()
        if self.version:
            for fields in take_frames(self._waiting):
                if self._transport is None:
                    return
                self._take(fields)

    def _shake_hands(self) -> None:
        if not self.server.is_logged_in or len(self._waiting) < 8:
            return
        if not self._waiting.startswith(b"API\0"):
            self.cut()
            return
        asked = bytes(self._waiting[8 : 8 + self._waiting[7]]).decode()
        del self._waiting[: 8 + self._waiting[7]]
        newest = int(asked.split(" ")[0].partition("..")[2])
        self.version = min(newest, SERVER_VERSION)
        self._write([self.version, f"{self.server.now():%Y%m%d %H:%M:%S} UTC"])

    def _take(self, fields: list[str]) -> None:
        fault = self.server.inward.fault_for(fields)
        self.heard.append(fields)
        if fault is Fault.CUT:
            self.cut()
        elif fault is Fault.HOLD:
            self.server.held.append(lambda: self.server.answer(self, fields))
        elif fault is not Fault.DROP and not self._is_too_fast():
            self.server.answer(self, fields)
            if fault is Fault.DUPLICATE:
                self.server.answer(self, fields)
        self.server.notify()

    def _is_too_fast(self) -> bool:
        allowed = self.server.messages_per_second_max
        if allowed is None:
            return False
        instant = asyncio.get_running_loop().time()
        self._recent = [each for each in self._recent if instant - each < 1.0]
        if len(self._recent) >= allowed:
            self.error(-1, 100, PACED)
            return True
        self._recent.append(instant)
        return False

    def send(self, *fields: object) -> None:
        """One message to the client, unless a fault of the test befalls it."""
        fault = self.server.outward.fault_for(fields)
        if fault is Fault.CUT:
            self.cut()
        elif fault is Fault.HOLD:
            self.server.held.append(lambda: self._write(fields))
        elif fault is Fault.SPOIL:
            self._write((*fields[:_TRADED], "some", *fields[_TRADED + 1 :]))
        elif fault is Fault.SWAP:
            self._overtaken.append(fields)
        elif fault is not Fault.DROP:
            self._write(fields)
            if fault is Fault.DUPLICATE:
                self._write(fields)
            overtaken, self._overtaken = self._overtaken, []
            for late in overtaken:
                self._write(late)

    def error(self, request: int, code: int, text: str) -> None:
        """An error or warning about a request, or about nothing in particular (-1)."""
        self.send(4, 2, request, code, text, "")

    def cut(self) -> None:
        """End the connection without a word; what was written before may be lost too."""
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """End the connection after everything written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def _write(self, fields: Fields) -> None:
        if self._transport is not None and not self.server.is_silent:
            self._transport.write(framed(fields))
