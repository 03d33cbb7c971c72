"""Alerts by e-mail: grouped, throttled, over TLS; whatever fails is told and stops nothing."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from allusedesk.domain.alerts import Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised

_TIMEOUT_SECONDS = 15.0
_SUBJECT_MAX = 120
Change = AlertRaised | AlertCleared


@dataclass(frozen=True, slots=True)
class MailRoute:
    """Where messages go; `is_tls_at_once` speaks TLS from the first byte, else by STARTTLS.

    `user` signs in where it is not empty. Nothing is ever sent in the clear.
    """

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    is_tls_at_once: bool = False


class MailNotSent(Exception):
    """A message that was not taken; the text says why in a sentence, without any secret."""


class Outbox:
    """Which changes go into the next message, and when.

    A critical alert waits for nothing but the distance from the message before; others are
    gathered for `gather_seconds`. What could not be sent goes with the next one.
    """

    def __init__(self, gather_seconds: float = 30.0, apart_seconds: float = 300.0) -> None:
        self._gather_seconds = gather_seconds
        self._apart_seconds = apart_seconds
        self._waiting: list[Change] = []
        self._since = 0.0
        self._sent_at: float | None = None

    def add(self, changes: tuple[Change, ...], at: float) -> None:
        """These are to be told."""
        if changes and not self._waiting:
            self._since = at
        self._waiting.extend(changes)

    def take(self, at: float) -> tuple[Change, ...]:
        """What is to be sent now; empty where nothing is, or not yet."""
        if not self._waiting:
            return ()
        if self._sent_at is not None and at - self._sent_at < self._apart_seconds:
            return ()
        if not any(map(_is_critical, self._waiting)) and at - self._since < self._gather_seconds:
            return ()
        self._sent_at = at
        taken, self._waiting = tuple(self._waiting), []
        return taken

    def put_back(self, changes: tuple[Change, ...]) -> None:
        """These were not sent after all; they are tried again with the next message."""
        self._waiting[:0] = changes


def message_of(route: MailRoute, changes: tuple[Change, ...], desk: str) -> EmailMessage:
    """One message about changes; `desk` names the desk. Line ends in a text become spaces."""
    raised = [change.alert for change in changes if isinstance(change, AlertRaised)]
    cleared = [change.alert for change in changes if isinstance(change, AlertCleared)]
    worst = next((one for one in raised if one.severity is Severity.CRITICAL), None)
    first = worst or (raised[0] if raised else None)
    about = f"{first.severity.value}: {first.id}" if first else f"over: {cleared[0]}"
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    lines = [f"{one.severity.value.upper()}: {one.text}" for one in raised]
    lines += [f"Over: {name}" for name in cleared]
    subject = f"ALL-USE Desk {desk}: {about}{more}"
    text = "\n\n".join([*map(_plain, lines), "Answer at the desk, under Health."])
    return text_message(route, subject, text)


def text_message(route: MailRoute, subject: str, text: str) -> EmailMessage:
    """One message of plain text; line ends in the subject become spaces."""
    message = EmailMessage()
    message["From"] = route.sender
    message["To"] = ", ".join(route.recipients)
    message["Subject"] = _plain(subject)[:_SUBJECT_MAX]
    message.set_content(text)
    return message


def send(
    route: MailRoute,
    password: str | None,
    message: EmailMessage,
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> None:
    """Hand one message to the mail server and return once it was taken; raises MailNotSent.

    `context` makes the trust in the server's certificate, the system's own if left out.
    """
    try:
        if route.is_tls_at_once:
            with smtplib.SMTP_SSL(
                route.host, route.port, timeout=_TIMEOUT_SECONDS, context=context()
            ) as line:
                _hand_over(line, route, password, message)
            return
        with smtplib.SMTP(route.host, route.port, timeout=_TIMEOUT_SECONDS) as line:
            line.starttls(context=context())
            _hand_over(line, route, password, message)
    except smtplib.SMTPAuthenticationError:
        raise MailNotSent(
            f"{route.host} does not accept the user or password: enter them anew in the settings."
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise MailNotSent(
            f"{route.host} offers no TLS here, or cannot take these addresses, so nothing was "
            "sent: use another port or host."
        ) from None
    except (smtplib.SMTPException, OSError) as fault:
        # The fault's own text may repeat what was sent, so its kind has to do.
        raise MailNotSent(
            f"{route.host} port {route.port} took no message ({type(fault).__name__}): check host, "
            "port, addresses and the connection."
        ) from None


def _hand_over(
    line: smtplib.SMTP, route: MailRoute, password: str | None, message: EmailMessage
) -> None:
    if route.user:
        line.login(route.user, password or "")
    line.send_message(message)


def _is_critical(change: Change) -> bool:
    return isinstance(change, AlertRaised) and change.alert.severity is Severity.CRITICAL


def _plain(text: str) -> str:
    return " ".join(text.split())
