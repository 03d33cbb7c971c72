"""A Trader Workstation on 127.0.0.1 for tests: the real socket protocol, driven by any client.

It knows nothing of whom it serves. Another module adds the messages it answers, say market data:

    def answer_quotes(server: TwsServer) -> None:
        server.answers[1] = lambda line, fields: line.send(58, 1, fields[2], 1)

An answer is called on the server's own thread with the connection and the whole message, the
message's number first; `line.send(...)` and `line.error(...)` go back. `server.shown_to` is a list
of functions called with a contract's number whenever the test moves its quote.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self, TypeVar

from tests.doors.servers.tws_account import Account
from tests.doors.servers.tws_faults import Fault, Trap, Traps
from tests.doors.servers.tws_line import Line
from tests.doors.servers.tws_orders import Venue
from tests.doors.servers.tws_tickets import Ticket
from tests.doors.servers.tws_wire import Listing, read_wish

READ_ONLY = (
    "Error validating request.-'b' : cause - The API interface is currently in Read-Only mode."
)
_Answer = TypeVar("_Answer")


Answer = Callable[[Line, list[str]], None]


class TwsServer:
    """The server with its venue, on a thread of its own; every public method is for the test's."""

    def __init__(
        self,
        accounts: tuple[str, ...] = ("DU1234567",),
        cash: str | int = 100_000,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.venue = Venue(self.now)
        self.venue.moved = self._moved
        for name in accounts:
            self.venue.accounts[name] = Account(name, Decimal(cash))
        self.answers: dict[int, Answer] = {}
        self.shown_to: list[Callable[[int], None]] = []
        self.inward, self.outward = Traps(), Traps()
        self.held: list[Callable[[], None]] = []
        self.sockets: list[Line] = []
        self.is_logged_in = True
        self.is_read_only = False
        self.is_silent = False
        self.messages_per_second_max: int | None = None
        self.connections = 0
        self.accepted = 0
        self.port = 0
        self._order_ids: dict[int, int] = {}
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._listening: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="tws", daemon=True)
        self._learn_answers()

    # The server's life.

    def start(self) -> Self:
        """Listen; the port is known on return."""
        self._thread.start()
        self.listen()
        return self

    def stop(self) -> None:
        """Cut every line and end the thread."""
        self.refuse_connections()
        self.cut_lines()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    __enter__ = start

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def listen(self) -> None:
        """Take connections, on the port of before where there was one."""

        async def begin() -> None:
            self._listening = await self._loop.create_server(
                lambda: Line(self), "127.0.0.1", self.port
            )
            self.port = self._listening.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(begin(), self._loop).result(5)

    def refuse_connections(self) -> None:
        """Stop listening; lines that are up stay up."""

        def end() -> None:
            if self._listening is not None:
                self._listening.close()
                self._listening = None

        self.do(end)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(asyncio.sleep(0))

    def do(self, act: Callable[[], _Answer]) -> _Answer:
        """Call a function on the server's thread; its answer, or what it raised."""

        async def on_thread() -> _Answer:
            return act()

        return asyncio.run_coroutine_threadsafe(on_thread(), self._loop).result(5)

    def notify(self) -> None:
        """Something happened that a test may wait for."""
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Wait for something to become true at the server; False where it did not in time."""
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    # What a test does to the world.

    def list_stock(self, symbol: str) -> int:
        """List a share; returns its number."""
        return self._list(Listing(265_598 + len(self.venue.listings), symbol, "STK"))

    def list_option(
        self,
        symbol: str,
        expiry: date,
        right: str,
        strike: Decimal | str | int,
        multiplier: int = 100,
        trading_class: str = "",
    ) -> int:
        """List an option series; returns its number."""
        con_id = 500_000_000 + len(self.venue.listings)
        named = trading_class or symbol
        shares = multiplier
        return self._list(
            Listing(
                con_id, symbol, "OPT", f"{expiry:%Y%m%d}", Decimal(strike), right, shares, named
            )
        )

    def _list(self, listing: Listing) -> int:
        self.venue.listings[listing.con_id] = listing
        return listing.con_id

    def show(self, con_id: int, bid: Decimal | str, ask: Decimal | str) -> None:
        """Move a quote: orders are matched, and whoever watches is told."""

        def move() -> None:
            self.venue.show(con_id, Decimal(bid), Decimal(ask))
            for tell in self.shown_to:
                tell(con_id)

        self.do(move)

    def trap_outward(self, message: int, fault: Fault, **more: object) -> None:
        """Let a fault befall the next messages of a number that the server sends."""
        self.outward.waiting.append(Trap(message, fault, **more))  # type: ignore[arg-type]

    def trap_inward(self, message: int, fault: Fault, **more: object) -> None:
        """Let a fault befall the next messages of a number that the server receives."""
        self.inward.waiting.append(Trap(message, fault, **more))  # type: ignore[arg-type]

    def release(self) -> None:
        """Deliver everything held back, in its order."""

        def deliver() -> None:
            held, self.held = self.held, []
            for act in held:
                act()

        self.do(deliver)

    def cut_lines(self) -> None:
        """Every line is lost at once."""
        self.do(lambda: [line.cut() for line in list(self.sockets)])

    def tell_all(self, code: int, text: str) -> None:
        """A message about no request, such as 1100, to every client."""
        self.do(lambda: [line.error(-1, code, text) for line in self.venue.lines])

    def tickets(self) -> list[Ticket]:
        """Every order the venue ever took."""
        return self.do(lambda: list(self.venue.tickets))

    def count_heard(self, message: int) -> int:
        """How many messages of a number all present lines have sent."""
        return sum(int(fields[0]) == message for line in self.sockets for fields in line.heard)

    # What it answers.

    def answer(self, line: Line, fields: list[str]) -> None:
        """Answer one message; a number nobody knows is met with silence, as the real one does."""
        known = self.answers.get(int(fields[0]))
        if known is not None:
            known(line, fields)

    def _learn_answers(self) -> None:
        self.answers.update(
            {
                3: self._place,
                4: lambda line, fields: self.venue.cancel(line, int(fields[2])),
                5: lambda line, _: self._open_orders(line, everyones=False),
                6: self._account_updates,
                7: self._executions,
                8: self._ids,
                9: self._contract_details,
                16: lambda line, _: self._open_orders(line, everyones=True),
                17: lambda line, _: line.send(15, 1, ",".join(self.venue.accounts)),
                49: lambda line, _: line.send(49, 1, int(self.now().timestamp())),
                61: self._positions,
                62: self._summary,
                64: lambda line, _: setattr(line, "wants_positions", False),
                71: self._begin,
                76: self._account_values,
                99: self._completed,
            }
        )

    def _begin(self, line: Line, fields: list[str]) -> None:
        client_id = int(fields[2])
        if any(each.client_id == client_id for each in self.venue.lines):
            line.error(
                -1,
                326,
                "Unable to connect as the client id is already in use. "
                "Retry with a unique client id.",
            )
            line.end()
            return
        line.client_id = client_id
        self.connections += 1
        self.venue.lines.append(line)
        line.send(15, 1, ",".join(self.venue.accounts))
        self._ids(line, fields)
        line.error(-1, 2104, "Market data farm connection is OK:usfarm")
        line.error(-1, 2106, "HMDS data farm connection is OK:ushmds")

    def _ids(self, line: Line, _fields: list[str]) -> None:
        own = [each.wish.order_id for each in self.venue.tickets]
        line.send(9, 1, max(own, default=0) + 1)

    def _place(self, line: Line, fields: list[str]) -> None:
        wish = read_wish(fields)
        if self.is_read_only:
            line.error(wish.order_id, 321, READ_ONLY)
            return
        self.venue.place(line, wish)

    def _open_orders(self, line: Line, *, everyones: bool) -> None:
        if self.is_read_only:
            line.error(-1, 321, READ_ONLY)
            return
        for ticket in self.venue.tickets:
            if not ticket.is_over and (everyones or ticket.client_id == line.client_id):
                self.venue.tell_to(line, ticket)
        line.send(53, 1)

    def _completed(self, line: Line, _fields: list[str]) -> None:
        if self.is_read_only:
            line.error(-1, 321, READ_ONLY)
            return
        for ticket in self.venue.tickets:
            if ticket.is_over:
                line.send(*self.venue.completed(ticket))
        line.send(102)

    def _executions(self, line: Line, fields: list[str]) -> None:
        request, account = int(fields[2]), fields[4]
        for done in self.venue.done:
            if not account or done.account == account:
                line.send(*done.fields(request))
        line.send(55, 1, request)
        for done in self.venue.done:
            has_fee = done.fee is not None and not self.venue.mute_fees
            if has_fee and (not account or done.account == account):
                line.send(*done.fee_fields())

    def _contract_details(self, line: Line, fields: list[str]) -> None:
        request = fields[2]
        con_id, symbol, kind, expiry, strike, right, multiplier = fields[3:10]
        trading_class = fields[14]
        found = [
            each
            for each in self.venue.listings.values()
            if (int(con_id or 0) in {0, each.con_id})
            and (not symbol or symbol == each.symbol)
            and (not kind or kind == each.kind)
            and each.expiry.startswith(expiry)
            and Decimal(strike or 0) in {Decimal(0), each.strike}
            and right in {"", "0", each.right}
            and multiplier in {"", each.multiplier_text}
            and trading_class in {"", each.trading_class or each.symbol}
        ]
        if not found:
            line.error(int(request), 200, "No security definition has been found for the request")
            return
        for each in found:
            under = [
                other.con_id
                for other in self.venue.listings.values()
                if other.kind == "STK" and other.symbol == each.symbol
            ]
            line.send(*each.details(request, under[0] if under else 0))
        line.send(52, 1, request)

    # Accounts and positions.

    def _positions(self, line: Line, _fields: list[str]) -> None:
        line.wants_positions = True
        for account in self.venue.accounts.values():
            for message in account.lines(self.venue.listings):
                line.send(*message)
        line.send(62, 1)

    def _account_updates(self, line: Line, fields: list[str]) -> None:
        name = fields[3] or next(iter(self.venue.accounts))
        line.account_watched = name if fields[2] == "1" else ""
        if line.account_watched in self.venue.accounts:
            self._download(line, self.venue.accounts[name])
            line.send(54, 1, name)

    def _download(self, line: Line, account: Account) -> None:
        for tag, value, currency in account.values():
            line.send(6, 2, tag, value, currency, account.name)
        for con_id, held in account.positions.items():
            if held:
                line.send(*account.portfolio_line(self.venue.listings[con_id], Decimal(0)))
        line.send(8, 1, f"{self.now():%H:%M}")

    def _account_values(self, line: Line, fields: list[str]) -> None:
        request, name = fields[2], fields[3]
        account = self.venue.accounts.get(name)
        if account is None:
            text = "Error validating request.-'b' : cause - Invalid account code"
            line.error(int(request), 321, text)
            return
        for tag, value, currency in account.values():
            line.send(73, 1, request, name, "", tag, value, currency)
        line.send(74, 1, request)

    def _summary(self, line: Line, fields: list[str]) -> None:
        request, wanted = fields[2], fields[4].split(",")
        for account in self.venue.accounts.values():
            for tag, value, currency in account.values():
                is_ledger = "$LEDGER:ALL" in wanted and tag == "CashBalance"
                if tag in wanted or is_ledger:
                    line.send(63, 1, request, account.name, tag, value, currency)
        line.send(64, 1, request)

    def _moved(self, account: Account, listing: Listing) -> None:
        for line in self.sockets:
            if line.wants_positions:
                line.send(*account.line(listing))
            if line.account_watched == account.name:
                self._download(line, account)
