from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from allusedesk.domain.events import Entry, OrderStatusChanged, OrderWritten
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.orders import OrderStatus
from allusedesk.monitoring.heartbeat import Heartbeat, OrderErrors, Question
from allusedesk.monitoring.process import ProcessReading, read_process
from tests.monitoring.test_machine_causes import NOON, well
from tests.trading import order


def errors(*told: tuple[str, str, int]) -> OrderErrors:
    """Orders by name, what became of them, and the minute of it."""
    found = OrderErrors()
    for number, (name, what, minute) in enumerate(told):
        at = NOON + timedelta(minutes=minute)
        if what == "sent":
            event: object = OrderWritten(order(id=OrderId(name)))
        else:
            status = OrderStatus[what]
            event = OrderStatusChanged(OrderId(name), OrderStatus.SENT, status)
        found.observe(Entry(number, at, None, event))  # type: ignore[arg-type]
    return found


def test_each_failed_order_counts_once_over_a_day() -> None:
    found = errors(
        ("A", "sent", 0),
        ("B", "sent", 1),
        ("B", "UNKNOWN", 2),
        ("B", "REJECTED", 3),
        ("C", "sent", 4),
        ("C", "FILLED", 5),
    )
    assert found.share(NOON + timedelta(minutes=5)) == pytest.approx(1 / 3)
    assert found.share(NOON + timedelta(days=1, minutes=3, seconds=1)) == 0.0
    assert found.share(NOON + timedelta(days=2)) is None


def test_an_order_that_fails_a_day_later_still_counts() -> None:
    found = errors(("A", "sent", 0), ("A", "REJECTED", 24 * 60 + 1))
    assert found.share(NOON + timedelta(days=1, minutes=2)) == 1.0


def test_rates_are_those_of_some_seconds() -> None:
    heart = Heartbeat(OrderErrors())
    shares = []
    for second in range(12):
        used = second * 0.5 if second < 6 else 3.0
        signs = replace(well(), at=float(second), process=ProcessReading(1, used))
        shares.append(heart.readings(signs).get("cpu_share", {}).get(""))
    assert shares[0] is None
    assert shares[5] == pytest.approx(0.5)
    assert shares[11] == pytest.approx(0.0)


def test_what_is_not_known_is_not_held_against_anything() -> None:
    found = Heartbeat(OrderErrors()).readings(replace(well(), is_simulated=False))
    assert "acknowledgement_p99_seconds" not in found
    assert "memory_bytes" not in found
    assert "feed_silent_seconds" not in found
    assert found["question_seconds_left"] == {}


def test_only_questions_in_the_last_part_of_their_time_are_near() -> None:
    made, now = NOON - timedelta(minutes=30), NOON
    early = Question("P1", made, now + timedelta(minutes=30))
    late = Question("P2", made, now + timedelta(minutes=1))
    heart = Heartbeat(OrderErrors())
    found = heart.readings(replace(well(), questions=(early, late)))
    assert found["question_seconds_left"] == {"P2": 60.0}
    standing = replace(well(), questions=(late,), is_standing=True)
    assert heart.readings(standing)["question_seconds_left"] == {}


def test_a_process_that_is_gone_tells_nothing() -> None:
    assert read_process(2**22 + 1) == ProcessReading(None, None)
    assert read_process().cpu_seconds is not None


def test_the_desk_measures_itself_as_the_system_does() -> None:
    reading = read_process()
    if reading.memory_bytes is not None:
        assert 20_000_000 < reading.memory_bytes < 4_000_000_000
