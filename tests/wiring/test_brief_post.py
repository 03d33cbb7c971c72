"""Briefs by e-mail: through a real mail server, once each, over TLS, and never in the way."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from allusedesk import credentials
from allusedesk.monitoring.notifications import MailRoute, send
from allusedesk.settings import MailChoice, Settings
from allusedesk.wiring.brief_post import BriefPost, Post
from allusedesk.wiring.watching import MAIL_SECRETS
from tests.monitoring.mail_server import HOST, MailServer
from tests.monitoring.watched_desks import WatchedRun

EARLY, MORNING, NOON = "2012-01-10T13:29:00Z", "2012-01-10T13:31:00Z", "2012-01-10T17:00:00Z"
EVENING = "2012-01-10T21:06:00Z"
SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {(MAIL_SECRETS, "ada"): SECRET}
    monkeypatch.setattr(credentials, "read_secret", lambda *key: kept.get(key))


def mailed(port: int, *, briefs: bool = True) -> Settings:
    mail = MailChoice(
        is_on=True,
        host=HOST,
        port=port,
        sender="desk@example.org",
        to="ada@example.org",
        user="ada",
        briefs=briefs,
    )
    return Settings(mail=mail)


def trusting(trust: Callable[[], ssl.SSLContext]) -> Post:
    def hand_over(route: MailRoute, secret: str | None, message: EmailMessage) -> None:
        send(route, secret, message, trust)

    return hand_over


def in_real_time(run: WatchedRun, post: Post) -> WatchedRun:
    """Let the watch take the desk's recorded time for the real one."""
    run.watch._desk = replace(run.desk.watched(), is_real_time=True)
    run.watch._briefs = BriefPost(post)
    return run


def looked(run: WatchedRun, passing: float = 0.0) -> None:
    """One round of the watch, and the message on its way with it."""
    run.look(passing)
    if run.watch._sending is not None:
        run.watch._sending.join(20)


def test_each_brief_goes_once_also_over_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(tmp_path) as server:
        settings, post = mailed(server.port), trusting(server.trust)
        with WatchedRun(tmp_path, monkeypatch, settings) as run:
            in_real_time(run, post)
            run.run_to(EARLY)
            looked(run)
            # Monday's evening is the newest there is; it went while nobody looked before.
            assert len(server.messages) == 1
            run.run_to(MORNING)
            looked(run)
            looked(run, 400)
            assert len(server.messages) == 2
            run.run_to(NOON)
            looked(run, 400)
            assert len(server.messages) == 2
        with WatchedRun(tmp_path, monkeypatch, settings) as again:
            in_real_time(again, post)
            looked(again, 400)
            assert len(server.messages) == 2
            again.run_to(EVENING)
            looked(again, 400)
        (_, morning, evening) = server.messages
    told = message_from_string(morning.message, policy=default)
    assert told["Subject"] == "ALL-USE Desk PAPER: Morning brief of Tue 2012-01-10"
    assert told["To"] == "ada@example.org"
    assert told.get_content_type() == "text/plain"
    text = told.get_content()
    assert "As known at 08:31 New York time, entry " in text
    assert "Needs you" in text
    assert morning.was_secure_at_message
    assert morning.password == SECRET
    assert SECRET not in morning.message
    result = message_from_string(evening.message, policy=default)
    assert result["Subject"] == "ALL-USE Desk PAPER: Evening brief of Tue 2012-01-10"
    assert " today, " in result.get_content()
    (note,) = tmp_path.glob("*.briefs")
    assert note.stat().st_mode & 0o777 == 0o600


def test_a_brief_that_cannot_be_sent_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(tmp_path) as server:
        server.refuses["MAIL"] = "451 later"
        with WatchedRun(tmp_path, monkeypatch, mailed(server.port)) as run:
            in_real_time(run, trusting(server.trust))
            run.run_to(MORNING)
            looked(run)
            assert "took no message" in run.watch.trouble
            assert "mail.failing" in run.look()[0]
            server.refuses.clear()
            looked(run, 200)
            assert not server.messages
            looked(run, 200)
            assert len(server.messages) == 1
            assert "mail.failing" in run.look()[1]
    log = (tmp_path / "home" / "logs" / "desk.log").read_text()
    assert SECRET not in log


@pytest.mark.parametrize("reason", ["not wanted", "recorded time", "off"])
def test_no_brief_is_sent_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def never(*_told: object) -> None:
        raise AssertionError("Nothing may be sent.")

    settings = mailed(25, briefs=reason != "not wanted")
    if reason == "off":
        settings = replace(settings, mail=replace(settings.mail, is_on=False))
    with WatchedRun(tmp_path, monkeypatch, settings) as run:
        in_real_time(run, never)
        if reason == "recorded time":
            run.watch._desk = run.desk.watched()
        run.run_to(MORNING)
        looked(run)
        assert run.watch._sending is None
