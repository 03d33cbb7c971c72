"""A server on 127.0.0.1 that speaks as Alpaca does: REST and websockets behind one port.

What it serves is registered by others (`alpaca_trading`, and market data beside it). It checks the
key headers, lets a test spoil answers (`Fault`), and knows nothing of who calls.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

KEY, SECRET = "PKTESTKEYOFALPACA001", "secret-of-alpaca-which-nobody-may-see"


@dataclass(frozen=True)
class Call:
    """One REST call: its path, what the pattern found in it, its query and its body."""

    method: str
    path: str
    found: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A status with its JSON; None sends an empty body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: int, message: str) -> Answer:
    """How Alpaca says no."""
    return Answer(status, {"code": code, "message": message})


Route = Callable[[Call], Answer]


@dataclass
class Fault:
    """What goes wrong with the next `times` calls whose method and path match.

    `answer` is sent in place of the true one, None closes the line without a word. The call is
    still carried out where `is_done`. `held` lets the answer wait until the test sets it.
    """

    method: str
    path: str
    answer: Answer | None = None
    is_done: bool = False
    times: int = 1
    held: threading.Event | None = None
    is_spoilt: bool = True


class Channel:
    """One open websocket; messages are JSON, in binary frames where the vendor sends them so."""

    def __init__(self, line: socket.socket, protocol: ServerProtocol, *, is_binary: bool) -> None:
        self._line, self._protocol, self._is_binary = line, protocol, is_binary
        self._lock = threading.Lock()
        self.is_silent = False
        self.streams: set[str] = set()
        self.is_authorised = False

    def send(self, message: Any) -> None:
        """Send one message; a line that is gone already is no fault of the server."""
        data = json.dumps(message).encode()
        with self._lock:
            if self.is_silent or self._protocol.state.name != "OPEN":
                return
            if self._is_binary:
                self._protocol.send_binary(data)
            else:
                self._protocol.send_text(data)
            self._flush()

    def close(self, code: int = 1011) -> None:
        """End the line as a server that goes away does."""
        with self._lock:
            if self._protocol.state.name == "OPEN":
                self._protocol.send_close(code)
            self._flush()
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def listen(self, on_message: Callable[[Channel, dict[str, Any]], None]) -> None:
        """Serve frames until the other side goes."""
        while data := self._receive():
            with self._lock:
                self._protocol.receive_data(data)
                events = self._protocol.events_received()
                if not self.is_silent:
                    self._flush()
            for event in events:
                opcode = getattr(event, "opcode", None)
                if opcode in (Opcode.TEXT, Opcode.BINARY):
                    on_message(self, json.loads(event.data))  # type: ignore[union-attr]
            if self._protocol.close_expected():
                return

    def _receive(self) -> bytes:
        try:
            return self._line.recv(65_536)
        except OSError:
            return b""

    def _flush(self) -> None:
        try:
            for data in self._protocol.data_to_send():
                if data:
                    self._line.sendall(data)
        except OSError:
            pass


@dataclass
class Socket:
    """A websocket's address: how it is met, spoken to, and left."""

    on_open: Callable[[Channel], None]
    on_message: Callable[[Channel, dict[str, Any]], None]
    on_close: Callable[[Channel], None]
    is_binary: bool = False


class AlpacaServer:
    """Routes, sockets and faults behind one port of 127.0.0.1; `close` ends every thread."""

    def __init__(self, key: str = KEY, secret: str = SECRET) -> None:
        self.key, self.secret = key, secret
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.sockets: dict[str, Socket] = {}
        self.refuses_sockets = False
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._server = _Listener(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="alpaca server", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def serve(self, method: str, pattern: str, route: Route) -> None:
        """Answer calls whose whole path matches; `{name}` stands for one part of it."""
        expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        self._routes.append((method, re.compile(f"^{expression}$"), route))

    def spoil(self, fault: Fault) -> Fault:
        """Let something go wrong with calls to come."""
        with self._lock:
            self.faults.append(fault)
        return fault

    def counted(self, method: str, path: str) -> int:
        """How many calls came to a path."""
        return sum(1 for call in self.calls if call.method == method and call.path == path)

    def close(self) -> None:
        """End everything that is open."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            lines, faults = list(self._lines), list(self.faults)
        for fault in faults:
            if fault.held is not None:
                fault.held.set()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def take_line(self, line: socket.socket, *, is_open: bool) -> None:
        """Keep count of open lines, so that closing ends them."""
        with self._lock:
            (self._lines.add if is_open else self._lines.discard)(line)

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault that a call meets, counted down."""
        with self._lock:
            for fault in self.faults:
                if fault.method == method and re.fullmatch(fault.path, path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def answer(self, call: Call, keys: tuple[str, str]) -> Answer:
        """Carry out one call."""
        self.calls.append(call)
        if keys != (self.key, self.secret):
            return Answer(401, {"message": "unauthorized."})
        for method, pattern, route in self._routes:
            found = pattern.match(call.path)
            if method == call.method and found is not None:
                return route(Call(call.method, call.path, found.groupdict(), call.query, call.body))
        return refusal(404, 40410000, "endpoint not found.")


class _Listener(ThreadingHTTPServer):
    """A thread for each line."""

    daemon_threads = True

    def __init__(self, owner: AlpacaServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Line)


class _Line(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"

    @property
    def _owner(self) -> AlpacaServer:
        assert isinstance(self.server, _Listener)
        return self.server.owner

    def setup(self) -> None:
        super().setup()
        self._owner.take_line(self.connection, is_open=True)

    def finish(self) -> None:
        self._owner.take_line(self.connection, is_open=False)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._upgrade()
        else:
            self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else {}
        call = Call(method, parts.path, {}, query, body or {})
        keys = (
            self.headers.get("APCA-API-KEY-ID", ""),
            self.headers.get("APCA-API-SECRET-KEY", ""),
        )
        fault = self._owner.fault_for(method, parts.path)
        if fault is None:
            self._send(self._owner.answer(call, keys))
            return
        if fault.is_done or not fault.is_spoilt:
            done = self._owner.answer(call, keys)
        else:
            self._owner.calls.append(call)
        if fault.held is not None:
            fault.held.wait(20)
        if not fault.is_spoilt:
            self._send(done)
        elif fault.answer is not None:
            self._send(fault.answer)
        else:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answer: Answer) -> None:
        data = b"" if answer.body is None else json.dumps(answer.body).encode()
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def _upgrade(self) -> None:
        self.close_connection = True
        address = self._owner.sockets.get(urlsplit(self.path).path)
        if address is None or self._owner.refuses_sockets:
            self._send(Answer(503 if address else 404, {"message": "no stream here"}))
            return
        protocol = ServerProtocol()
        lines = [f"{name}: {value}" for name, value in self.headers.items()]
        asked = "\r\n".join([self.requestline, *lines, "", ""])
        protocol.receive_data(asked.encode())
        (request,) = protocol.events_received()
        assert isinstance(request, Request)
        protocol.send_response(protocol.accept(request))
        self.connection.sendall(b"".join(protocol.data_to_send()))
        channel = Channel(self.connection, protocol, is_binary=address.is_binary)
        address.on_open(channel)
        try:
            channel.listen(address.on_message)
        finally:
            address.on_close(channel)
