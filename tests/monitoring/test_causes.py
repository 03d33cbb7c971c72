"""Each alert rule, fired by causing what it watches for, and cleared by ending it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.inputs import Answer, CapitalDeposited, CapitalWithdrawn, OperatorDecided
from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerStatement
from allusedesk.engine import loop
from allusedesk.market.raw_quotes import QuoteBatch
from allusedesk.resource_files import resource_path
from allusedesk.wiring.rehearsal import FIRST_FAMILY
from allusedesk.wiring.watching import shipped_rules
from tests.monitoring.watched_desks import Door, WatchedRun

BEFORE, MONDAY, TUESDAY = "2012-01-09T14:00:00Z", "2012-01-10T00:00:00Z", "2012-01-11T00:00:00Z"
GEN, MUCH = AccountId("F1.gen"), Money(Decimal(300_000))
SYMBOLS = tuple(f"S{number:02d}" for number in range(100))
WEEK_OVER = "2012-01-14T00:00:00Z"


def test_orders_that_a_broker_rejects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(BEFORE)
        run.broker.does_reject = True
        run.run_to(MONDAY)
        assert "orders.errors" in run.look()[0]
        run.beat()
        assert "orders.errors" in run.kept
        run.broker.does_reject = False
        run.run_to("2012-01-18T00:00:00Z")
        assert "orders.errors" in run.look()[1]
        run.beat()
        assert "orders.errors" not in run.kept


def test_a_slow_way_to_the_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.broker.before_placing = lambda: sleep(0.03)
        run.run_to(WEEK_OVER)
        assert "orders.slow" in run.look()[0]
        run.broker.before_placing = lambda: None
        assert "orders.slow" not in run.look(1_800)[1]
        run.look(1_801)
        assert "orders.slow" in run.look(60)[1]


def test_a_feed_that_stalls_in_an_open_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to("2012-01-10T15:30:00Z")
        assert run.desk.engine.state.price_alarms
        watch = run.desk.market.watch
        feed = watch._feed

        class Stalled:
            def next_at(self) -> None:
                return None

            def pull(self, _until: object) -> tuple[object, ...]:
                return ()

            def __getattr__(self, name: str) -> object:
                return getattr(feed, name)

        watch._feed = Stalled()  # type: ignore[assignment]
        run.run_to("2012-01-10T16:30:00Z")
        assert "feed.silent" not in run.look()[0]
        assert "feed.silent" in run.look(3)[0]
        watch._feed = feed
        run.run_to("2012-01-10T16:31:00Z")
        assert "feed.silent" in run.look(1)[1]


def test_a_closed_market_is_not_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to("2012-01-11T02:00:00Z")
        assert run.desk.engine.state.price_alarms
        run.look()
        assert "feed.silent" not in run.look(3)[0]


def test_a_broker_whose_line_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        run.broker.link(is_up=False)
        run.run_to("2012-01-10T15:00:00Z")
        assert "broker.lost" in run.look()[0]
        run.broker.link(is_up=True)
        run.run_to("2012-01-10T16:00:00Z")
        assert "broker.lost" in run.look()[1]


def test_a_disk_that_writes_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        run.look(61)
        assert "journal.slow" not in run.watch._book.standing
        slow = iter([0.3])
        run.record.before_writing = lambda: sleep(next(slow, 0.0))
        run.run_to("2012-01-10T15:00:00Z")
        assert "journal.slow" in run.look()[0]
        # Told of, it is written down, and a busy disk may take long over that as well.
        assert any("journal.slow" in run.look(61)[1] for _ in range(5))


def test_an_engine_that_does_not_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(BEFORE)
        run.broker.before_placing = goes_on.wait  # type: ignore[assignment]
        run.steer(lambda: run.clock.steer(None))
        run.until(lambda: bool(run.desk.engine.state.orders))
        assert "engine.late" not in run.look()[0]
        assert "engine.late" in run.look(3.5)[0]
        assert "engine.late" not in run.kept, "it hears of it once it turns again"
        goes_on.set()
        run.run_to("2012-01-20T12:00:00Z")
        assert "engine.late" in run.kept
        run.look()
        run.now.passed += 2
        run.beat()
        assert "engine.late" in run.look()[1]


def test_a_step_that_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    think = loop.step
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to(MONDAY)
        # On a busy machine a step of the first day may have taken as long already.
        raised = run.look(61)[0]
        long = iter([0.3])

        def ponder(*told: object) -> object:
            sleep(next(long, 0.0))
            return think(*told)  # type: ignore[arg-type]

        monkeypatch.setattr(loop, "step", ponder)
        run.run_to("2012-01-10T15:00:00Z")
        assert "engine.slow" in raised | run.look()[0]
        assert "engine.slow" in run.look(61)[1]


def test_a_question_that_is_about_to_lapse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WatchedRun(tmp_path, monkeypatch, approve="ask") as run:
        run.clock.heed_questions(does=False)
        run.run_to("2012-01-09T15:30:00Z")
        questions = [ticket.proposal for ticket in run.desk.engine.state.tickets.values()]
        first = min(questions, key=lambda one: one.expires_at)
        assert "approval.lapsing" not in run.look()[0]
        near = first.expires_at.timestamp() - 90
        run.run_to(first.expires_at.fromtimestamp(near, first.expires_at.tzinfo).isoformat())
        assert "approval.lapsing" not in run.look()[0], "time stands still"
        run.steer(lambda: run.clock.steer(0.001))
        run.beat()
        assert "approval.lapsing" in run.look()[0]
        for one in questions:
            run.desk.engine.inbox.admit(OperatorDecided(one.id, Answer.REJECT, "Ada", "not now"))
        run.until(lambda: not run.desk.engine.state.tickets)
        assert f"approval.lapsing/{first.id}" in run.look()[1]


def test_a_book_that_differs_from_the_brokers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_cash(told: BrokerStatement) -> BrokerStatement:
        return replace(told, cash=told.cash - Money(Decimal(100)))

    with WatchedRun(tmp_path, monkeypatch) as run:
        run.broker.stated = short_of_cash
        run.run_to(MONDAY)
        assert "book.differs" in run.look()[0]
        run.broker.stated = lambda told: told
        run.run_to(TUESDAY)
        assert "book.differs" in run.look()[1]


def test_a_fall_near_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")
    narrow = tmp_path / "narrow.toml"
    narrow.write_text(
        text.replace("drawdown_max = 0.15", "drawdown_max = 0.0004").replace(
            "drawdown_max = 0.10", "drawdown_max = 0.0004"
        )
    )
    with WatchedRun(tmp_path, monkeypatch, rulebook=str(narrow)) as run:
        run.run_to(BEFORE)
        assert "limit.near" not in run.look()[0]
        for day in range(9, 20):
            run.run_to(f"2012-01-{day:02d}T23:00:00Z")
            if "limit.near" in run.look(5)[0]:
                break
        assert any(name.endswith("fall from its high") for name in run.watch._book.standing)


def test_a_vix_near_a_breaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")
    close = tmp_path / "close.toml"
    close.write_text(text.replace("hedged_above = 50", "hedged_above = 25"))
    with WatchedRun(tmp_path, monkeypatch, rulebook=str(close)) as run:
        run.run_to(TUESDAY)
        assert "limit.near" in run.look(5)[0]
        (name,) = run.watch._book.standing.keys() & {"limit.near/desk: VIX, breaker hedged"}
        assert 0.8 < run.watch._book.standing[name].value < 0.9


def test_money_taken_out_leaves_a_symbol_beyond_its_cap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to("2012-01-17T20:00:00Z")
        assert "limit.passed" not in run.look(5)[0]
        inbox, day = run.desk.engine.inbox, run.desk.engine.state.day
        inbox.admit(CapitalWithdrawn(GEN, MUCH, day))
        run.until(lambda: inbox.waiting == 0)
        run.beat()
        assert "limit.passed" in run.look(5)[0]
        assert "limit.passed/desk: issuer IBM, all families" in run.watch._book.standing
        inbox.admit(CapitalDeposited(FIRST_FAMILY, MUCH, day))
        run.until(lambda: inbox.waiting == 0)
        run.beat()
        assert "limit.passed/desk: issuer IBM, all families" in run.look(5)[1]


class PouringFeed(Door):
    """Offers 2,000 quotes a second, in batches that may each take a quarter of a second."""

    seconds_per_batch = 0.25
    every = timedelta(milliseconds=50)

    def __init__(self, behind: Any, begins: datetime) -> None:
        super().__init__(behind)
        self.due = begins

    def next_at(self) -> datetime:
        return self.due

    def pull(self, until: datetime) -> Iterator[QuoteBatch]:
        prices = np.full(100, 100.0)
        while self.due <= until:
            sleep(self.seconds_per_batch)
            yield QuoteBatch(self.due, SYMBOLS, prices - 0.01, prices + 0.01, prices, True)
            self.due += self.every


def test_a_market_that_offers_more_than_is_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WatchedRun(tmp_path, monkeypatch) as run:
        run.run_to("2012-01-10T15:30:00Z")
        feed = PouringFeed(run.desk.market.watch._feed, run.clock.now())
        run.desk.market.watch._feed = feed  # type: ignore[assignment]
        run.look()
        run.steer(lambda: run.clock.steer(1.0))
        run.until(lambda: run.desk.engine.meters.lag_seconds > 1.0)
        assert "market.behind" not in run.look()[0]
        assert "market.behind" in run.look(5)[0]
        feed.seconds_per_batch = 0.0
        run.until(lambda: run.desk.engine.meters.lag_seconds < 0.5)
        run.look()
        assert "market.behind" in run.look(10)[1]


def test_every_rule_that_ships_is_fired_and_cleared_somewhere() -> None:
    folder = Path(__file__).parent
    pages = [*folder.glob("test_*causes.py"), folder.parent / "wiring" / "test_watching.py"]
    told = "".join(page.read_text(encoding="utf-8") for page in pages)
    untried = [
        rule.id
        for rule in shipped_rules()
        if not (f'"{rule.id}" in run.look' in told or f'fires("{rule.id}"' in told)
    ]
    assert untried == []
