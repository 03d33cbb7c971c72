from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.registry import CollectorRegistry

from allusedesk.journal.store import JournalReader
from allusedesk.monitoring.endpoint import Endpoint
from allusedesk.monitoring.metrics import EntryMetrics
from allusedesk.settings import FiguresChoice, Settings, write_settings

Run = Callable[..., Any]


@pytest.fixture
def served(journal: Path) -> Iterator[Endpoint]:
    """A record's figures, served as a running desk would."""
    registry = CollectorRegistry()
    folding = EntryMetrics(registry)
    with JournalReader.open(journal) as record:
        for entry in record.read():
            folding.observe(entry)
    endpoint = Endpoint(registry, 0)
    yield endpoint
    endpoint.close()


def test_figures_of_a_journal_count_its_entries(run: Run, journal: Path) -> None:
    ran = run("metrics --json", journal)
    assert ran.code == 0, ran.err
    rows = ran.answer["figures"]
    assert ran.answer["count"] == len(rows) > 100
    with JournalReader.open(journal) as record:
        entries = record.head()[0]
    kinds = [row["value"] for row in rows if row["name"] == "allusedesk_entries_total"]
    assert sum(kinds) == entries


def test_a_desk_that_serves_says_the_same(run: Run, journal: Path, served: Endpoint) -> None:
    asked = run("metrics --json --port", served.port)
    assert asked.code == 0, asked.err
    assert asked.answer == run("metrics --json", journal).answer


def test_the_port_of_the_settings_is_asked(
    run: Run, served: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    write_settings(tmp_path, Settings(figures=FiguresChoice(port=served.port)))
    ran = run("metrics --name alarms_rung")
    assert ran.code == 0, ran.err
    assert 'allusedesk_alarms_rung_total{alarm="entry look"}' in ran.out
    assert all("alarms_rung" in line for line in ran.out.splitlines())


def test_no_desk_is_a_no(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    ran = run(f"metrics --port {port}")
    assert (ran.code, ran.out) == (1, "")
    assert f"port {port}" in ran.err
    assert "is_served = true" in ran.err


@pytest.mark.parametrize(("status", "text"), [(404, "none"), (200, "<html>no figures</html>")])
def test_something_else_at_the_port_is_a_no(run: Run, status: int, text: str) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_told: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        ran = run(f"metrics --port {server.server_port}")
    assert (ran.code, ran.out) == (1, "")
    assert "no desk's" in ran.err


def test_a_journal_has_no_port(run: Run, journal: Path) -> None:
    run("metrics --port 9464", journal).refused("no port")


def test_an_absent_journal_is_refused(run: Run, tmp_path: Path) -> None:
    run("metrics", tmp_path / "absent").refused("no journal at")


def test_a_name_no_series_has_and_a_port_no_machine_has_are_told(run: Run, journal: Path) -> None:
    ran = run("metrics --name zzz", journal)
    assert (ran.code, ran.out) == (0, "")
    assert "series has 'zzz' in its name, or none yet" in ran.err
    assert run("metrics --json --name zzz", journal).answer["count"] == 0
    run("metrics --port 65536").refused("the last one is 65535")
