"""A mail server on 127.0.0.1 that speaks SMTP with STARTTLS or TLS at once, and may misbehave."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

HOST = "localhost"


@dataclass(slots=True)
class Session:
    """What one client said and was heard to send."""

    lines: list[str] = field(default_factory=list)
    user: str = ""
    password: str = ""
    was_secure_at_login: bool = False
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    message: str = ""
    was_secure_at_message: bool = False


class MailServer:
    """Serves on a thread of its own; `refuses` maps a command to the line it is answered with."""

    def __init__(self, folder: Path, *, at_once: bool = False, offers_tls: bool = True) -> None:
        self.sessions: list[Session] = []
        self.refuses: dict[str, str] = {}
        self.hangs_up_at = ""
        self.port = 0
        self._certificate, self._context = _certified(folder)
        self._at_once, self._offers_tls = at_once, offers_tls
        self._loop = asyncio.new_event_loop()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def trust(self) -> ssl.SSLContext:
        """A client's context that trusts this server and checks its name."""
        return ssl.create_default_context(cafile=str(self._certificate))

    @property
    def messages(self) -> list[Session]:
        return [one for one in self.sessions if one.message]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_up.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        context = self._context if self._at_once else None
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session()
        self.sessions.append(session)
        writer.write(b"220 test ESMTP\r\n")
        try:
            while line := (await reader.readline()).decode():
                session.lines.append(line.strip())
                if not await self._answer(line.strip(), session, reader, writer):
                    break
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _answer(
        self,
        line: str,
        session: Session,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        is_secure = writer.get_extra_info("sslcontext") is not None
        if verb == self.hangs_up_at:
            return False
        said = self.refuses.get(verb)
        if said is not None:
            writer.write(f"{said}\r\n".encode())
        elif verb == "EHLO":
            offers = ["AUTH PLAIN"] if is_secure else ["STARTTLS"] if self._offers_tls else []
            lines = ["test", *offers]
            for number, one in enumerate(lines):
                mark = " " if number == len(lines) - 1 else "-"
                writer.write(f"250{mark}{one}\r\n".encode())
        elif verb == "STARTTLS":
            writer.write(b"220 go on\r\n")
            await writer.drain()
            await writer.start_tls(self._context)
        elif verb == "AUTH":
            told = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
            _, session.user, session.password = told
            session.was_secure_at_login = is_secure
            writer.write(b"235 known\r\n")
        elif verb == "DATA":
            writer.write(b"354 go on\r\n")
            session.message = (await reader.readuntil(b"\r\n.\r\n")).decode()
            session.was_secure_at_message = is_secure
            writer.write(b"250 taken\r\n")
        elif verb == "QUIT":
            writer.write(b"221 bye\r\n")
            return False
        else:
            if verb == "MAIL":
                session.sender = rest.partition("<")[2].partition(">")[0]
            elif verb == "RCPT":
                session.recipients.append(rest.partition("<")[2].partition(">")[0])
            writer.write(b"250 well\r\n")
        return True


def _certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this test alone, and a server's context that shows it."""
    x509 = pytest.importorskip("cryptography.x509", reason="certificates are made with it")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "shown.pem", folder / "kept.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    return shown, context
