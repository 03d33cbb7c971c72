"""Alpaca's websocket of trade updates, and what a test may do to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tests.doors.servers.alpaca_server import AlpacaServer, Channel, Socket


class UpdateStream:
    """Authenticates, listens, and tells updates, or holds, drops and doubles them."""

    def __init__(self, server: AlpacaServer) -> None:
        self._server = server
        self._channels: list[Channel] = []
        self._lock = threading.Lock()
        self._held: list[dict[str, Any]] | None = None
        self.dropped: list[str] = []
        self.doubled: list[str] = []
        self.connections = 0
        server.sockets["/stream"] = Socket(self._open, self._said, self._gone, is_binary=True)

    def tell(self, update: dict[str, Any]) -> None:
        """Send one update to whoever listens, unless a test wanted otherwise."""
        with self._lock:
            if self._held is not None:
                self._held.append(update)
                return
        self._send(update)

    def hold(self) -> None:
        """Keep updates back until they are let go."""
        with self._lock:
            self._held = []

    def let_go(self, order: Callable[[list[Any]], list[Any]] = list) -> None:
        """Send what was held, in another order if wanted."""
        with self._lock:
            held, self._held = self._held or [], None
        for update in order(held):
            self._send(update)

    def disconnect(self) -> None:
        """Cut every line."""
        for channel in list(self._channels):
            channel.close()

    def fall_silent(self) -> None:
        """Lines stay open, and nothing comes any more, not even an answer to a ping."""
        for channel in list(self._channels):
            channel.is_silent = True

    @property
    def listeners(self) -> int:
        return sum(1 for channel in self._channels if "trade_updates" in channel.streams)

    def _send(self, update: dict[str, Any]) -> None:
        event = update["event"]
        if event in self.dropped:
            self.dropped.remove(event)
            return
        times = 1
        if event in self.doubled:
            self.doubled.remove(event)
            times = 2
        for channel in list(self._channels):
            if "trade_updates" in channel.streams:
                for _ in range(times):
                    channel.send({"stream": "trade_updates", "data": update})

    def _open(self, channel: Channel) -> None:
        self.connections += 1
        self._channels.append(channel)

    def _gone(self, channel: Channel) -> None:
        self._channels.remove(channel)

    def _said(self, channel: Channel, message: dict[str, Any]) -> None:
        told = message.get("data") or {}
        if message.get("action") in ("authenticate", "auth"):
            keys = (told.get("key_id"), told.get("secret_key"))
            channel.is_authorised = keys == (self._server.key, self._server.secret)
            status = "authorized" if channel.is_authorised else "unauthorized"
            answer = {"status": status, "action": "authenticate"}
            channel.send({"stream": "authorization", "data": answer})
        elif message.get("action") == "listen" and channel.is_authorised:
            streams = [name for name in told.get("streams", []) if name == "trade_updates"]
            channel.streams = set(streams)
            channel.send({"stream": "listening", "data": {"streams": streams}})
