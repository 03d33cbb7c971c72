"""Reaching Interactive Brokers: what stands in the way is one plain sentence each."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.money import NOTHING
from allusedesk.domain.orders import LinkChanged
from allusedesk.execution.brokers import interactive_brokers_words as words
from allusedesk.execution.brokers.interactive_brokers import InteractiveBrokers, trial
from allusedesk.execution.brokers.interactive_brokers_words import Gateway, Patience
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding
from allusedesk.market.feeds.interactive_brokers_tasks import end_all
from tests.doors.interactive_brokers_rig import PATIENCE, InteractiveBrokersRig, workstation
from tests.doors.servers.tws import TwsServer
from tests.doors.servers.tws_faults import Fault
from tests.trading import NOON

HERE = "127.0.0.1"
SECONDS = 0.3


@pytest.fixture
def server() -> Iterator[TwsServer]:
    with workstation() as made:
        made.now = lambda: NOON
        yield made


def tried(server: TwsServer, now: datetime = NOON, **wanted: object) -> LineStanding:
    asked = replace(Gateway(HERE, server.port), **wanted)  # type: ignore[arg-type]
    return trial(asked, SECONDS, lambda: now)


def refusal(server: TwsServer, **wanted: object) -> str:
    with pytest.raises(ConnectionRefused) as refused:
        tried(server, **wanted)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "Error" not in sentence
    return sentence


def test_a_trial_reads_the_account_and_disconnects(server: TwsServer) -> None:
    standing = tried(server)
    assert standing.is_up
    assert (standing.account, standing.is_paper) == ("DU1234567", True)
    assert (standing.margin_kind, standing.options_level) == ("cash", None)
    assert standing.sub_accounts == ("DU1234567",)
    assert server.wait_until(lambda: not server.sockets)


def test_the_clock_of_the_broker_is_compared_with_ours(server: TwsServer) -> None:
    offset = tried(server, NOON - timedelta(seconds=5)).clock_offset_seconds
    assert offset == pytest.approx(5.5)


def test_an_account_with_more_buying_power_than_funds_is_a_margin_account(
    server: TwsServer,
) -> None:
    server.venue.accounts["DU1234567"].is_margin = True
    assert tried(server).margin_kind == "margin"
    assert words.margin_kind({}) == ""


def test_nobody_listens(server: TwsServer) -> None:
    server.refuse_connections()
    assert "Nothing listens" in refusal(server)


def test_a_host_without_an_address(server: TwsServer) -> None:
    sentence = refusal(server, host="no such host")
    assert "cannot be reached" in sentence


def test_the_vendors_ports_are_tried_one_after_another(
    server: TwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words.ports_of(Gateway()) == (7497, 4002)
    assert words.ports_of(Gateway(paper=False)) == (7496, 4001)
    with socket.create_server((HERE, 0)) as unused:
        free = unused.getsockname()[1]
    monkeypatch.setattr(words, "_PAPER_PORTS", (free, server.port))
    assert tried(server, host="", port=0).is_up
    monkeypatch.setattr(words, "_PAPER_PORTS", (free,))
    assert f"port {free}:" in refusal(server, port=0)


def test_a_gateway_nobody_is_logged_in_at_says_nothing(server: TwsServer) -> None:
    server.is_logged_in = False
    assert "says nothing" in refusal(server)


def test_a_port_of_another_program_closes_the_line(server: TwsServer) -> None:
    server.trap_inward(71, Fault.CUT)
    assert "closed the connection" in refusal(server)


def test_a_line_closed_before_the_handshake_is_noticed_at_once(server: TwsServer) -> None:
    server.is_logged_in = False
    slow = Patience(request_seconds=600.0, retry_seconds=(0.01,))
    rig = InteractiveBrokersRig(server, patience=slow, waits_for_line=False)
    try:
        assert server.wait_until(lambda: bool(server.sockets))
        server.is_logged_in = True
        server.do(lambda: [line.end() for line in list(server.sockets)])
        rig.await_line()
        assert "closed the connection" in rig.links[0].reason
    finally:
        rig.close()


def test_a_line_that_breaks_while_the_account_is_read(server: TwsServer) -> None:
    server.trap_inward(16, Fault.CUT)
    assert "closed the connection" in refusal(server)


def test_a_gateway_that_falls_silent_after_the_login(server: TwsServer) -> None:
    server.trap_inward(99, Fault.DROP)
    assert "stopped answering" in refusal(server)


def test_an_account_without_dollars(server: TwsServer) -> None:
    server.trap_outward(73, Fault.DROP, times=99)
    assert "no cash in dollars" in refusal(server)


def test_a_client_id_in_use(server: TwsServer) -> None:
    rig = InteractiveBrokersRig(server)
    server.trap_outward(4, Fault.DUPLICATE)
    try:
        assert "Client id 1 is in use" in refusal(server)
        assert tried(server, client_id=2).is_up
    finally:
        rig.close()


def test_a_read_only_workstation(server: TwsServer) -> None:
    server.is_read_only = True
    assert "Read-Only" in refusal(server)


def test_a_real_account_where_paper_is_chosen() -> None:
    with workstation("U7654321") as server:
        assert "holds real money" in refusal(server)
        standing = tried(server, paper=False)
        assert (standing.account, standing.is_paper) == ("U7654321", False)


def test_several_accounts_need_one_named() -> None:
    with workstation("DU1", "DU2") as server:
        assert "several accounts (DU1, DU2)" in refusal(server)
        assert "does not manage account DU3" in refusal(server, account="DU3")
        assert tried(server, account="DU2").account == "DU2"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("session", "wire", "contracts"):
        module = f"allusedesk.execution.brokers.interactive_brokers_{name}"
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "ib_async", None)
    with pytest.raises(ConnectionRefused, match="extra ibkr"):
        trial(Gateway(HERE, 1), SECONDS, lambda: NOON)
    monkeypatch.setitem(
        sys.modules, "allusedesk.execution.brokers.interactive_brokers_session", None
    )
    with pytest.raises(ModuleNotFoundError):
        trial(Gateway(HERE, 1), SECONDS, lambda: NOON)


def test_a_door_closed_twice_or_never_opened_is_closed(server: TwsServer) -> None:
    def door() -> InteractiveBrokers:
        return InteractiveBrokers(
            Gateway(HERE, server.port), lambda: NOON, lambda _what, _units: NOTHING, PATIENCE
        )

    never = door()
    never.close()
    assert never.advance(NOON) == []
    assert never.next_event_at() is None
    assert not never.standing().is_up
    at_once = door()
    at_once.close()
    at_once.open(lambda: None)
    at_once.close()
    at_once.close()
    at_once.statement()
    assert at_once.advance(NOON) == []
    assert server.connections == 0


def test_closing_does_not_wait_for_the_next_try(server: TwsServer) -> None:
    server.refuse_connections()
    slow = Patience(request_seconds=SECONDS, retry_seconds=(600.0,))
    rig = InteractiveBrokersRig(server, patience=slow, waits_for_line=False)
    rig.await_line(is_up=False)
    rig.close()
    assert rig.links == [LinkChanged(is_up=False, reason=rig.links[0].reason)]


def test_closing_does_not_wait_for_a_login(server: TwsServer) -> None:
    server.is_logged_in = False
    slow = Patience(request_seconds=600.0)
    rig = InteractiveBrokersRig(server, patience=slow, waits_for_line=False)
    assert server.wait_until(lambda: bool(server.sockets))
    rig.close()
    assert rig.links == []


async def test_a_task_that_loses_its_cancellation_is_cancelled_again() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def failing() -> None:
        raise RuntimeError

    tasks = [asyncio.ensure_future(stubborn()), asyncio.ensure_future(failing())]
    await begun.wait()
    await end_all(tasks)
    assert all(each.done() for each in tasks)


def test_a_fault_of_our_own_is_told_and_not_hidden(
    server: TwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    monkeypatch.setattr("threading.excepthook", raised.append)
    for place in ("hear", "answer"):
        rig = InteractiveBrokersRig(server)

        def fail(*_arguments: object) -> None:
            message = "a fault of our own"
            raise RuntimeError(message)

        monkeypatch.setattr(f"{_LEDGER}.{place}", fail)
        if place == "hear":
            # Nothing is asked meanwhile, so what is heard is read on the line's own loop.
            server.do(lambda: [line.error(5, 399, "a word") for line in server.venue.lines])
        else:
            rig.broker.look_up("anything")
        rig.await_line(is_up=False)
        assert "fault of this program" in rig.broker.standing().reason
        rig.close()
        monkeypatch.undo()
        monkeypatch.setattr("threading.excepthook", raised.append)
    assert len(raised) == 2


_LEDGER = "allusedesk.execution.brokers.interactive_brokers_ledger.Ledger"


def test_cash_is_read_digit_by_digit(server: TwsServer) -> None:
    server.venue.accounts["DU1234567"].cash = Decimal("98765.4321")
    rig = InteractiveBrokersRig(server)
    try:
        assert rig.statement().cash.amount == Decimal("98765.4321")
    finally:
        rig.close()
