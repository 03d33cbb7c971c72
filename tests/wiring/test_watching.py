"""A desk under watch: what goes into the record, the mail, the log and the endpoint."""

from __future__ import annotations

import json
import socket
import ssl
import stat
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from allusedesk import credentials
from allusedesk.domain.alerts import Severity
from allusedesk.domain.inputs import AlertAcknowledged, AlertRaised
from allusedesk.engine.replay import replay
from allusedesk.journal.store import JournalReader
from allusedesk.monitoring.notifications import MailRoute, message_of, send
from allusedesk.settings import FiguresChoice, MailChoice, Settings
from allusedesk.wiring.watching import LOG, MAIL_SECRETS, Change, Send, Watch
from tests.monitoring.mail_server import HOST, MailServer
from tests.monitoring.watched_desks import WatchedRun

MONDAY, TUESDAY = "2012-01-10T00:00:00Z", "2012-01-10T15:00:00Z"
SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {(MAIL_SECRETS, "ada"): SECRET}
    monkeypatch.setattr(credentials, "read_secret", lambda *key: kept.get(key))


def mailed(port: int) -> Settings:
    return Settings(
        mail=MailChoice(
            is_on=True,
            host=HOST,
            port=port,
            sender="desk@example.org",
            to="ada@example.org, ben@example.org",
            user="ada",
        )
    )


def trusting(trust: Callable[[], ssl.SSLContext]) -> Send:
    def hand_over(
        route: MailRoute, secret: str | None, changes: tuple[Change, ...], desk: str
    ) -> None:
        send(route, secret, message_of(route, changes, desk), trust)

    return hand_over


def sent(run: WatchedRun) -> None:
    """Wait for the message on its way, if any."""
    if run.watch._sending is not None:
        run.watch._sending.join(20)


def logged(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "home" / LOG).read_text().splitlines()]


def test_an_alert_is_in_the_record_and_the_record_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        run.broker.link(is_up=False)
        run.run_to(TUESDAY)
        run.look()
        run.until(lambda: "broker.lost" in run.kept)
        run.desk.engine.inbox.admit(AlertAcknowledged("broker.lost", "Ada", "calling them"))
        run.until(lambda: run.desk.engine.state.alerts["broker.lost"].acknowledged_by == "Ada")
        run.broker.link(is_up=True)
        run.run_to("2012-01-10T16:00:00Z")
        run.look()
        run.until(lambda: "broker.lost" not in run.kept)
    with JournalReader.open(tmp_path / "paper.journal") as reader:
        entries = list(reader.read())
    raised = [one.event.alert for one in entries if isinstance(one.event, AlertRaised)]
    assert [one.severity for one in raised if one.rule == "broker.lost"] == [Severity.CRITICAL]
    assert replay(entries).is_same


def test_alerts_of_before_a_restart_go_on_standing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        run.broker.link(is_up=False)
        run.run_to(TUESDAY)
        run.look()
        run.until(lambda: "broker.lost" in run.kept)
    with WatchedRun(tmp_path, monkeypatch) as again:
        assert "broker.lost" in again.kept
        assert "broker.lost" in again.watch._book.standing
        again.run_to("2012-01-10T16:00:00Z")
        again.broker.link(is_up=True)
        again.run_to("2012-01-10T17:00:00Z")
        assert "broker.lost" in again.look()[1]


def test_mail_that_cannot_be_sent_is_told_and_sent_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(tmp_path) as server:
        server.refuses["MAIL"] = "451 later"
        watched = mailed(server.port)
        with WatchedRun(tmp_path, monkeypatch, watched, trusting(server.trust)) as run:
            run.run_to(MONDAY)
            run.broker.link(is_up=False)
            run.run_to(TUESDAY)
            run.look()
            sent(run)
            assert not server.messages
            assert "took no message" in run.watch.trouble
            assert "mail.failing" in run.look()[0]
            run.until(lambda: {"mail.failing", "broker.lost"} <= run.kept)
            server.refuses.clear()
            run.look(301)
            sent(run)
            assert "mail.failing" in run.look()[1]
    (session,) = server.messages
    assert "broker.lost" in session.message
    assert "mail.failing" not in session.message
    assert session.password == SECRET
    told = (tmp_path / "home" / LOG).read_text()
    assert SECRET not in told
    assert [one["event"] for one in logged(tmp_path) if "mail" in str(one["event"])] == [
        "mail failed",
        "mail sent",
    ]


def test_mail_is_off_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_told: object) -> None:
        raise AssertionError("Nothing may be sent.")

    with WatchedRun(tmp_path, monkeypatch, None, never) as run:
        run.run_to(MONDAY)
        run.broker.link(is_up=False)
        run.run_to(TUESDAY)
        assert "broker.lost" in run.look()[0]
        assert run.watch._sending is None


def test_the_log_says_what_happened_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        run.broker.link(is_up=False)
        run.run_to(TUESDAY)
        run.look()
    lines = logged(tmp_path)
    assert lines[0]["event"] == "desk began"
    assert lines[-1]["event"] == "desk ended"
    raised = [one for one in lines if one["event"] == "alert raised"]
    assert {"alert": "broker.lost", "severity": "critical", "level": "error"}.items() <= next(
        one for one in raised if one["alert"] == "broker.lost"
    ).items()
    text = (tmp_path / "home" / LOG).read_text()
    assert "F1." not in text
    assert "AAPL" not in text
    for part in (tmp_path / "home" / LOG, (tmp_path / "home" / LOG).parent):
        assert stat.S_IMODE(part.stat().st_mode) & 0o077 == 0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_figures_are_served_on_this_machine_and_only_when_switched_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
        run.watch.heed(Settings(figures=FiguresChoice(is_served=True, port=port)))
        assert run.watch._endpoint is not None
        assert run.watch._endpoint._server.server_address[0] == "127.0.0.1"
        asked = HTTPConnection("127.0.0.1", port, timeout=5)
        asked.request("GET", "/metrics")
        text = asked.getresponse().read().decode()
        asked.close()
        assert 'allusedesk_entries_total{kind="DeskOpened"} 1.0' in text
        assert "allusedesk_step_seconds_bucket" in text
        run.watch.heed(Settings())
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()


def test_a_port_that_is_taken_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        chosen = Settings(figures=FiguresChoice(is_served=True, port=port))
        with WatchedRun(tmp_path, monkeypatch, chosen) as run:
            run.run_to(MONDAY)
            assert f"port {port}" in run.watch.trouble
            assert run.desk.engine.state.sequence > 10


def test_a_look_that_fails_is_told_and_the_next_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        looks: list[int] = []

        def fail() -> None:
            looks.append(1)
            if len(looks) == 1:
                raise ValueError(SECRET)

        monkeypatch.setattr(run.watch, "look", fail)
        monkeypatch.setattr("allusedesk.wiring.watching._ROUND_SECONDS", 0.01)
        run.watch.begin()
        run.until(lambda: len(looks) > 2)
    assert run.watch.trouble == "A look at the desk's health failed (ValueError)."
    failed = next(one for one in logged(tmp_path) if one["event"] == "watch failed")
    assert failed["fault"] == "ValueError"
    assert SECRET not in (tmp_path / "home" / LOG).read_text()


def test_a_fault_that_ends_the_desk_is_logged_by_its_kind_and_place(tmp_path: Path) -> None:
    watch = Watch(Settings(), tmp_path / "home")
    try:
        datetime.fromisoformat(SECRET)
    except ValueError as fault:
        watch.end(fault)
    (line,) = logged(tmp_path)
    assert (line["level"], line["fault"]) == ("error", "ValueError")
    assert line["module"] == "test_watching.py"
    assert SECRET not in str(line)
