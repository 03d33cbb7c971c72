"""A sitting at a desk in a process of its own: everything it can write is written, then it ends.

`python -m tests.desk.leaving FOLDER` fills FOLDER/home and FOLDER/out. The secret comes on standard
input, goes where a person would put it, and must be nowhere else afterwards.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

SAMPLE = "resources/sample_market"
SPAN = "--from 2012-01-02 --to 2012-01-06 --symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT"
MONEY = "--capital 1000000 --approve all --seed 7"


class Echo(BaseHTTPRequestHandler):
    """Refuses everything and says back what it was told, as proxies do in their error pages."""

    def do_GET(self) -> None:
        said = str(dict(self.headers)).replace('"', "'")
        body = f'{{"code": 50010000, "message": "no: {said}"}}'.encode()
        self.send_response(500 if "clock" in self.path else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_POST = do_GET  # noqa: N815 - the library calls them so

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def listening() -> list[str]:
    """The sockets of this process that somebody could connect to."""
    ours = set()
    for opened in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            ours.add(str(opened.readlink()))
    found = []
    for kind, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in Path(f"/proc/self/net/{kind}").read_text().splitlines()[1:]:
            cells = line.split()
            if cells[3] == state and f"socket:[{cells[9]}]" in ours:
                found.append(f"{kind} {cells[1]}")
    for line in Path("/proc/self/net/unix").read_text().splitlines()[1:]:
        cells = line.split()
        # 00010000 marks one that accepts connections.
        if cells[3] == "00010000" and f"socket:[{cells[6]}]" in ours:
            found.append(f"unix {cells[-1]}")
    return found


def provoke(secret: str) -> None:
    """Have every door that knows the secret fail, and print each fault with its whole trace."""
    from datetime import UTC, datetime

    from allusedesk import credentials
    from allusedesk.execution.brokers.alpaca import AlpacaBroker
    from allusedesk.execution.brokers.alpaca_rest import AlpacaKeys, AlpacaSettings, Pace, Rest
    from allusedesk.settings import BrokerChoice, FeedChoice, MailChoice
    from allusedesk.wiring.connecting import Keys, keep_keys, kept_keys, try_broker, try_feed
    from allusedesk.wiring.watching import MAIL_SECRETS, try_mail

    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for is_paper in (True, False):
        keep_keys(Keys(secret, secret[::-1]), is_paper=is_paper)
    keys = kept_keys(is_paper=True)
    assert keys is not None
    assert keys.key == secret
    port = server.server_address[1]
    for there in (port, 9):
        broker = BrokerChoice("alpaca", paper=True, host="127.0.0.1", port=there)
        feed = FeedChoice("alpaca", host="127.0.0.1", port=there)
        _faulty(partial(try_broker, broker, keys, 1.0))
        _faulty(partial(try_feed, feed, keys, 1.0, is_paper=True))
    gateway = BrokerChoice("interactive_brokers", host="127.0.0.1", port=9)
    _faulty(partial(try_broker, gateway, keys, 1.0))
    settings = AlpacaSettings(host="127.0.0.1", port=port, call_seconds=1.0, retry_seconds=0.05)
    door = AlpacaBroker(settings, AlpacaKeys(secret, secret[::-1]), lambda: datetime.now(UTC))
    door.open(lambda: None)
    rest = Rest(
        settings, AlpacaKeys(secret, secret[::-1]), Pace(settings, lambda: datetime.now(UTC))
    )
    for path in ("/account", "/clock", "/positions"):
        _faulty(partial(rest.row, path))
    _faulty(partial(rest.by_name, "an order"))
    _faulty(partial(rest.cancel, "an order"))
    threading.Event().wait(1.5)
    told = [door.standing(), door.advance(datetime.now(UTC)), keys, door, settings, credentials]
    print(*map(repr, told), flush=True)
    door.close()
    mail = MailChoice(host="127.0.0.1", port=9, sender="a@b.c", to="d@e.f", user="ada")
    credentials.keep_secret(MAIL_SECRETS, "ada", secret)
    _faulty(partial(try_mail, mail, None))
    server.shutdown()
    server.server_close()


def _faulty(call: Callable[[], Any]) -> None:
    try:
        print(call())
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is looked at
        print(str(fault), repr(fault), vars(fault) if hasattr(fault, "__dict__") else "")
        traceback.print_exc()


def command(line: str, *more: str) -> None:
    """One command of the program, as its own start runs it."""
    from allusedesk.__main__ import main

    sys.argv = ["allusedesk", *line.split(), *more]
    code = main()
    assert code == 0, (line, code)


def sit(out: Path, secret: str) -> None:
    """A desk with its window: what a person does in it, then its closing."""
    from PySide6.QtCore import QTimer

    from allusedesk.desk.session import DeskSession

    begun = DeskSession.open

    def open_(session: DeskSession) -> None:
        begun(session)
        QTimer.singleShot(4_000, partial(act, session))

    def act(session: DeskSession) -> None:
        (out / "sockets").write_text("\n".join(listening()))
        session.preferences.change(operator="Ada <b>", typed_above=7)
        session.layouts.keep("mine")
        session.context.lock.passphrase.change(secret)
        session.context.lock.shut("a test")
        session.context.lock.open("a wrong one")
        session.context.lock.open(secret)
        session.context.commands.give("journal.backup")
        QTimer.singleShot(0, partial(fail, secret))
        QTimer.singleShot(2_500, session.window.close)

    DeskSession.open = open_  # type: ignore[method-assign]
    command(f"desk --speed max --approve all --out {out / 'desk'}")


def fail(held: str) -> None:
    """A slot that raises while the secret is at hand."""
    raise RuntimeError(f"a slot failed with {len(held)} letters at hand")


def main(folder: Path) -> None:
    """Everything, in one process."""
    os.umask(0)
    secret = sys.stdin.readline().strip()
    os.environ["ALLUSEDESK_HOME"] = str(folder / "home")
    os.environ["APCA_API_SECRET_KEY"] = os.environ["APCA_API_KEY_ID"] = secret
    out = folder / "out"
    journal = out / "rehearsed" / "rehearsal.journal"
    command(f"rehearse --data {SAMPLE} {SPAN} {MONEY} --out {out / 'rehearsed'}")
    command(f"demo --out {out / 'demo'}")
    for form in ("pdf", "csv", "json"):
        command(f"report weekly {journal} --format {form} --out {out / 'reports'}/week.{form}")
    command(f"journal export {journal} --format csv --out {out / 'all.csv'}")
    command(f"journal search {journal} AAPL")
    command(f"journal backup {journal}")
    command(f"import {SAMPLE} --out {out / 'archive'}")
    command("check")
    provoke(secret)
    sit(out, secret)
    print(Path("/proc/self/cmdline").read_bytes(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
