"""The figures for a collector on this machine: on 127.0.0.1 alone, and only where switched on."""

from __future__ import annotations

import threading
from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server
from prometheus_client.registry import CollectorRegistry

LOCAL = "127.0.0.1"


class EndpointRefused(Exception):
    """The port cannot be listened on; the text says what to do."""


class Endpoint:
    """A registry served at `http://127.0.0.1:port/metrics` until it is closed.

    Port 0 takes a free one, which `port` then tells. Raises EndpointRefused.
    """

    def __init__(self, registry: CollectorRegistry, port: int) -> None:
        try:
            server, thread = start_http_server(port, addr=LOCAL, registry=registry)
        except OSError as fault:
            raise EndpointRefused(
                f"The figures cannot be served on port {port} ({fault.strerror or fault}): the "
                "desk goes on without; choose another port in the settings."
            ) from fault
        self._server: WSGIServer = server
        self._thread: threading.Thread = thread
        self.port: int = server.server_port

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
