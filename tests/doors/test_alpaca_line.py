"""The line to Alpaca: who may connect, what is said where it cannot be, and what never is."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.orders import OrderAcknowledged, OrderFilled
from allusedesk.execution.brokers import alpaca_rest
from allusedesk.execution.brokers.alpaca import AlpacaBroker, trial
from allusedesk.execution.brokers.alpaca_account import activities_since, orders_since
from allusedesk.execution.brokers.alpaca_rest import AlpacaKeys, AlpacaSettings, Pace
from allusedesk.execution.brokers.line import ConnectionRefused
from tests.doors.alpaca_rig import KEYS, PATIENCE, AlpacaRig, World
from tests.doors.servers.alpaca_server import KEY, SECRET, Answer, Fault
from tests.trading import order, price, put, sell

ORDER = order(sell(put()), limit=price("2.50"))


def settings_for(world: World, **changes: Any) -> AlpacaSettings:
    return replace(PATIENCE, port=world.server.port, **changes)


def refused(world: World, keys: AlpacaKeys = KEYS, **changes: Any) -> str:
    """What a trial says that fails; nothing secret is anywhere in it."""
    with pytest.raises(ConnectionRefused) as caught:
        trial(settings_for(world, **changes), keys, 1.0, world.read_clock)
    shown = "".join(traceback.format_exception(caught.value))
    chain: BaseException | None = caught.value
    while chain is not None:
        shown += repr(chain) + repr(vars(chain))
        chain = chain.__cause__ or chain.__context__
    assert keys.secret not in shown
    return str(caught.value)


def test_a_trial_tells_whose_account_it_is(world: World) -> None:
    world.book.account = {"multiplier": "4"}
    standing = trial(settings_for(world), KEYS, 2.0, world.read_clock)
    assert standing.is_up
    assert (standing.account, standing.is_paper) == ("PA3TESTDESK1", True)
    assert (standing.options_level, standing.margin_kind) == (3, "margin")
    assert standing.clock_offset_seconds is not None
    assert abs(standing.clock_offset_seconds) < 1
    assert world.server.counted("POST", "/v2/orders") == 0


def test_a_stream_that_does_not_open_is_told_before_anything_is_kept(world: World) -> None:
    world.server.refuses_sockets = True
    with pytest.raises(ConnectionRefused, match="websockets"):
        trial(settings_for(world), KEYS, 0.3, world.read_clock)
    world.server.refuses_sockets = False
    assert trial(settings_for(world), KEYS, 2.0, world.read_clock).is_up
    assert world.stream.connections == 1


def test_an_update_during_a_trial_is_no_news(world: World) -> None:
    opened = world.stream._said
    said = world.server.sockets["/stream"]

    def and_told(channel: Any, message: dict[str, Any]) -> None:
        opened(channel, message)
        if message.get("action") == "listen":
            channel.send({"stream": "trade_updates", "data": {}})

    said.on_message = and_told
    assert trial(settings_for(world), KEYS, 2.0, world.read_clock).is_up


def test_a_wrong_key_is_said_to_be_wrong(world: World) -> None:
    said = refused(world, AlpacaKeys("PKWRONG", "a-secret-nobody-may-see"))
    assert "the key" in said
    assert "wrong" in said


def test_a_live_key_at_the_paper_endpoint_is_recognised(world: World) -> None:
    assert "live account" in refused(world, AlpacaKeys("AKLIVE", "a-live-secret"))


def test_a_paper_key_at_the_live_endpoint_is_recognised(world: World) -> None:
    keys = AlpacaKeys("PKPAPER", "a-paper-secret")
    assert "choose paper" in refused(world, keys, paper=False)


def test_no_key_at_all_is_asked_for(world: World) -> None:
    assert "enter the key" in refused(world, AlpacaKeys("", "half"))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"account_blocked": True}, "blocked"),
        ({"trading_blocked": True}, "blocked"),
        ({"trade_suspended_by_user": True}, "suspended by its owner"),
        ({"status": "APPROVAL_PENDING"}, "not active (APPROVAL_PENDING)"),
    ],
)
def test_an_account_that_may_not_trade_is_refused(
    world: World, flags: dict[str, object], words: str
) -> None:
    world.book.account = flags
    assert words in refused(world)


def test_an_endpoint_that_cannot_be_reached_is_said_so(world: World) -> None:
    world.server.close()
    assert "cannot be reached" in refused(world)


def test_an_endpoint_that_does_not_answer_in_time_is_said_so(world: World) -> None:
    held = threading.Event()
    world.server.spoil(Fault("GET", "/v2/account", held=held))
    began = perf_counter()
    with pytest.raises(ConnectionRefused, match="cannot be reached"):
        trial(settings_for(world), KEYS, 0.2, world.read_clock)
    assert perf_counter() - began < 2
    held.set()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404, {"message": "endpoint not found."}), "endpoint not found"),
        (Answer(404, ["?"]), "without a word"),
        (Answer(200, ["hello"]), "cannot read"),
        (Answer(200, {"status": "ACTIVE", "cash": "1"}), "cannot read"),
    ],
)
def test_what_is_not_alpaca_is_recognised(world: World, answer: Answer, words: str) -> None:
    world.server.spoil(Fault("GET", "/v2/account", answer))
    world.server.spoil(Fault("GET", "/v2/clock", Answer(200, {"timestamp": "noon"})))
    assert words in refused(world)


def test_a_library_that_is_missing_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alpaca_rest, "_vendors", [])
    monkeypatch.setitem(sys.modules, "alpaca.trading.client", None)
    assert "extra named alpaca" in refused(world)
    door = AlpacaBroker(settings_for(world), KEYS, world.read_clock)
    is_told = threading.Event()
    door.open(is_told.set)
    assert is_told.wait(5)
    assert "extra named alpaca" in door.standing().reason
    door.close()


def test_the_door_tries_again_until_it_is_let_in(world: World) -> None:
    world.server.key = "PKOTHER"
    rig = AlpacaRig(world, waits_for_line=False)
    rig.until(lambda: [each.is_up for each in rig.links] == [False])
    assert "wrong" in rig.broker.standing().reason
    world.server.key = KEY
    rig.until(lambda: rig.broker.standing().is_up)
    assert [each.is_up for each in rig.links] == [False, True]
    rig.close()


def test_calls_without_answer_are_a_lost_line_that_comes_back(world: World) -> None:
    rig = AlpacaRig(world)
    timeout = Answer(504, {"message": "gateway timeout"})
    world.server.spoil(Fault("GET", "/v2/.*", timeout, times=3))
    for number in range(3):
        rig.broker.look_up(OrderId(f"{ORDER.id}{number}"))
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert "does not answer" in rig.links[1].reason
    rig.close()


def test_a_catch_up_that_fails_is_tried_again_before_the_line_is_up(world: World) -> None:
    rig = AlpacaRig(world)
    rig.statement()
    world.server.spoil(Fault("GET", "/v2/account/activities", Answer(503, None)))
    world.stream.disconnect()
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    rig.close()


def test_closing_twice_and_early_is_no_fault(world: World) -> None:
    unopened = AlpacaBroker(settings_for(world), KEYS, world.read_clock)
    assert unopened.standing().reason == "The connection to Alpaca is not open yet."
    unopened.close()
    rig = AlpacaRig(world, waits_for_line=False)
    rig.close()
    rig.close()
    assert "closed" in rig.broker.standing().reason


def test_closing_does_not_wait_for_a_call_that_hangs(world: World) -> None:
    rig = AlpacaRig(world)
    held = threading.Event()
    fault = world.server.spoil(Fault("GET", "/v2/positions", held=held))
    rig.broker.statement()
    rig.until(lambda: fault not in world.server.faults)
    began = perf_counter()
    rig.broker.close()
    assert perf_counter() - began < 5
    held.set()


def test_a_fault_of_the_door_itself_is_said_and_the_door_goes_on(world: World) -> None:
    rig = AlpacaRig(world)
    rig.broker._statements.take = None  # type: ignore[assignment, method-assign]
    rig.broker.statement()
    rig.until(lambda: "broke (TypeError)" in rig.broker.standing().reason)
    rig.broker.place_order(ORDER)
    assert rig.settle() == [OrderAcknowledged(ORDER.id, 1)]
    rig.close()


def test_no_secret_is_logged_however_much_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rig = AlpacaRig(world)
    rig.broker.place_order(replace(ORDER, limit=price("2.00")))
    world.stream.disconnect()
    rig.until(lambda: len(rig.links) == 3)
    rig.close()
    assert SECRET not in caplog.text
    assert SECRET not in repr(KEYS) + repr(rig.broker.__dict__)


def test_the_pace_keeps_calls_back_for_what_is_urgent() -> None:
    now = [datetime(2026, 3, 2, 15, 0, tzinfo=UTC)]
    pace = Pace(replace(PATIENCE, calls_per_minute=5, calls_reserved=2), lambda: now[0])
    for _ in range(3):
        pace.wait(is_urgent=False)
    assert pace._seconds_to_wait(is_urgent=False) == 60
    pace.wait(is_urgent=True)
    pace.wait(is_urgent=True)
    assert pace._seconds_to_wait(is_urgent=True) == 60
    now[0] += timedelta(seconds=61)
    assert pace._seconds_to_wait(is_urgent=False) == 0
    pace.hold(3.0)
    assert pace._seconds_to_wait(is_urgent=True) == 3
    pace.end()
    pace.wait(is_urgent=False)


def test_the_pace_lets_go_when_the_minute_is_over() -> None:
    now = [datetime(2026, 3, 2, 15, 0, tzinfo=UTC)]
    pace = Pace(replace(PATIENCE, calls_per_minute=1, calls_reserved=0), lambda: now[0])
    pace.wait(is_urgent=False)
    waiting = threading.Thread(target=pace.wait, kwargs={"is_urgent": False})
    waiting.start()
    now[0] += timedelta(minutes=1)
    waiting.join(5)
    assert not waiting.is_alive()


class Pages:
    """Calls that answer from lists, as many rows at once as Alpaca would."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        if path == "/orders":
            after = datetime.fromisoformat(query["after"])
            later = [row for row in self._rows if instant(row) > after]
            return later[: int(query["limit"])]
        start = 0
        if "page_token" in query:
            start = [row["id"] for row in self._rows].index(query["page_token"]) + 1
        return self._rows[start : start + int(query["page_size"])]


def instant(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["submitted_at"])


@pytest.mark.parametrize("count", [0, 1, 99, 100, 250, 500, 501, 1203])
def test_records_of_many_pages_are_read_whole(count: int) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rows = [
        {"id": str(number), "submitted_at": (start + timedelta(seconds=number // 3)).isoformat()}
        for number in range(count)
    ]
    before = start - timedelta(days=1)
    assert orders_since(Pages(rows), before) == rows  # type: ignore[arg-type]
    assert activities_since(Pages(rows), ("FILL",), before) == rows  # type: ignore[arg-type]


def test_an_endpoint_of_ones_own_is_encrypted_unless_it_is_this_machine() -> None:
    assert AlpacaSettings().url is None
    assert AlpacaSettings().stream_url is None
    assert AlpacaSettings(host="localhost", port=1).url == "http://localhost:1"
    there = AlpacaSettings(host="broker.example", port=2)
    assert (there.url, there.stream_url) == (
        "https://broker.example:2",
        "wss://broker.example:2/stream",
    )
    assert AlpacaSettings().place == "Alpaca's paper endpoint"
    assert AlpacaSettings(paper=False).place == "Alpaca's live endpoint"


def test_the_server_speaks_json_in_binary_frames_as_the_paper_stream_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = AlpacaRig(world)
    heard: list[object] = []
    sent = rig.world.stream._channels[0]
    assert sent._is_binary
    told = sent.send

    def send(message: object) -> None:
        heard.append(json.dumps(message))
        told(message)

    monkeypatch.setattr(sent, "send", send)
    world.book.show("AAPL130215P00100000", "2.50", "2.54")
    rig.broker.place_order(ORDER)
    assert rig.await_report(OrderFilled).order == ORDER.id
    assert len(heard) == 3
    rig.close()
