from __future__ import annotations

from dataclasses import replace
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised
from allusedesk.monitoring.notifications import (
    Change,
    MailNotSent,
    MailRoute,
    Outbox,
    message_of,
    send,
)
from tests.monitoring.mail_server import HOST, MailServer

SLOW = AlertRaised(Alert("journal.slow", "", Severity.WARNING, 0.3, 0.25, "It is slow."))
LOST = AlertRaised(Alert("broker.lost", "", Severity.CRITICAL, 1, 0, "It is\r\nlost: look."))
OVER = AlertCleared("journal.slow")
ROUTE = MailRoute(HOST, 0, "desk@example.org", ("ada@example.org", "ben@example.org"), "ada")


def sent(server: MailServer, *changes: Change, **route: Any) -> None:
    where = replace(ROUTE, port=server.port, **route)
    send(where, "s3cret", message_of(where, changes, "PAPER"), server.trust)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_message_goes_over_tls(tmp_path: Path, at_once: bool) -> None:
    with MailServer(tmp_path, at_once=at_once) as server:
        sent(server, LOST, SLOW, OVER, is_tls_at_once=at_once)
    (session,) = server.messages
    assert session.was_secure_at_login
    assert session.was_secure_at_message
    assert (session.user, session.password) == ("ada", "s3cret")
    assert session.sender == "desk@example.org"
    assert session.recipients == ["ada@example.org", "ben@example.org"]
    told = message_from_string(session.message.replace("\r\n", "\n"), policy=policy.default)
    assert told["Subject"] == "ALL-USE Desk PAPER: critical: broker.lost and 2 more"
    body = told.get_content()
    assert "CRITICAL: It is lost: look." in body
    assert "WARNING: It is slow." in body
    assert "Over: journal.slow" in body
    assert "s3cret" not in session.message


def test_nobody_signs_in_where_no_user_is_named(tmp_path: Path) -> None:
    with MailServer(tmp_path) as server:
        sent(server, OVER, user="")
    (session,) = server.messages
    assert not any(line.startswith("AUTH") for line in session.lines)


def test_nothing_is_sent_in_the_clear(tmp_path: Path) -> None:
    with (
        MailServer(tmp_path, offers_tls=False) as server,
        pytest.raises(MailNotSent, match="offers no TLS"),
    ):
        sent(server, LOST)
    assert not server.messages
    assert not any(
        line.startswith(("AUTH", "MAIL")) for one in server.sessions for line in one.lines
    )


def test_a_server_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with MailServer(tmp_path) as server:
        where = replace(ROUTE, port=server.port)
        with pytest.raises(MailNotSent, match="SSLCertVerificationError"):
            send(where, "s3cret", message_of(where, (LOST,), "PAPER"))
    assert not any("AUTH" in line for one in server.sessions for line in one.lines)


@pytest.mark.parametrize(
    ("verb", "answer", "says"),
    [
        ("AUTH", "535 wrong", "does not accept the user or password"),
        ("MAIL", "451 later", "took no message"),
        ("RCPT", "550 nobody", "took no message"),
        ("DATA", "554 no", "took no message"),
    ],
)
def test_a_refusal_is_a_sentence_without_the_secret(
    tmp_path: Path, verb: str, answer: str, says: str
) -> None:
    with MailServer(tmp_path) as server:
        server.refuses[verb] = answer
        with pytest.raises(MailNotSent, match=says) as told:
            sent(server, LOST)
    assert "s3cret" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("verb", ["EHLO", "STARTTLS", "AUTH", "DATA"])
def test_a_line_that_is_cut_is_told(tmp_path: Path, verb: str) -> None:
    with MailServer(tmp_path) as server:
        server.hangs_up_at = verb
        with pytest.raises(MailNotSent, match="check host"):
            sent(server, LOST)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with MailServer(tmp_path) as server:
        pass
    with pytest.raises(MailNotSent, match="ConnectionRefusedError"):
        sent(server, LOST)


def test_warnings_are_gathered_and_a_critical_alert_is_not() -> None:
    outbox = Outbox()
    outbox.add((SLOW,), 0.0)
    assert outbox.take(29.0) == ()
    outbox.add((OVER,), 29.0)
    assert outbox.take(30.0) == (SLOW, OVER)
    quick = Outbox()
    quick.add((SLOW,), 0.0)
    quick.add((LOST,), 1.0)
    assert quick.take(1.0) == (SLOW, LOST)
    assert quick.take(1_000.0) == ()


def test_messages_keep_their_distance() -> None:
    outbox = Outbox()
    outbox.add((LOST,), 0.0)
    assert outbox.take(0.0) == (LOST,)
    for second in range(1, 300):
        outbox.add((LOST,), float(second))
        assert outbox.take(float(second)) == ()
    assert len(outbox.take(300.0)) == 299


def test_what_was_not_sent_goes_first_next_time() -> None:
    outbox = Outbox()
    outbox.add((LOST,), 0.0)
    outbox.put_back(outbox.take(0.0))
    outbox.add((OVER,), 10.0)
    assert outbox.take(299.0) == ()
    assert outbox.take(300.0) == (LOST, OVER)


def test_a_long_subject_is_cut_and_stays_one_line() -> None:
    long = AlertRaised(Alert("r" * 200, "a\nb", Severity.WARNING, 1, 0, "x"))
    subject = message_of(ROUTE, (long,), "PAPER")["Subject"]
    assert len(subject) == 120
    assert "\n" not in subject
