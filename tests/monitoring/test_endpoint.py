from __future__ import annotations

import socket
from http.client import HTTPConnection

import pytest
from prometheus_client.registry import CollectorRegistry

from allusedesk.monitoring.endpoint import LOCAL, Endpoint, EndpointRefused


def test_it_listens_on_this_machine_alone_until_it_is_closed() -> None:
    endpoint = Endpoint(CollectorRegistry(), 0)
    assert endpoint._server.socket.getsockname() == ("127.0.0.1", endpoint.port)
    line = HTTPConnection(LOCAL, endpoint.port, timeout=5)
    line.request("GET", "/metrics")
    assert line.getresponse().status == 200
    line.close()
    endpoint.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOCAL, endpoint.port), timeout=5).close()


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        taken.listen()
        with pytest.raises(EndpointRefused, match="choose another port"):
            Endpoint(CollectorRegistry(), taken.getsockname()[1])
