from __future__ import annotations

import threading

from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry

from allusedesk.monitoring.figures import figures, rated
from allusedesk.monitoring.tallies import Level, Shelf, Span, Tally


def told(*series: Tally | Span | Level) -> dict[str, float]:
    registry, shelf = CollectorRegistry(), Shelf()
    shelf.put(*series)
    registry.register(shelf)
    return {one.key: one.value for one in figures(registry)}


def test_a_series_begins_with_its_first_count() -> None:
    fills = Tally("fills", "Executions", ("sleeve",))
    assert told(fills) == {}
    fills.add("F1.gen")
    fills.add("F1.gen", amount=2.5)
    fills.add('odd "name"\n')
    assert told(fills) == {
        'allusedesk_fills_total{sleeve="F1.gen"}': 3.5,
        'allusedesk_fills_total{sleeve="odd \\"name\\"\\n"}': 1.0,
    }


def test_labels_are_escaped_where_they_are_served() -> None:
    registry, shelf, fills = CollectorRegistry(), Shelf(), Tally("fills", "Executions", ("sleeve",))
    fills.add('odd "name"\n')
    shelf.put(fills)
    registry.register(shelf)
    assert b'{sleeve="odd \\"name\\"\\n"} 1.0' in generate_latest(registry)


def test_a_span_counts_and_adds() -> None:
    life = Span("life_seconds", "How long", ("status",))
    life.add("filled", amount=2.0)
    life.add("filled", amount=4.0)
    assert told(life) == {
        'allusedesk_life_seconds_count{status="filled"}': 2.0,
        'allusedesk_life_seconds_sum{status="filled"}': 6.0,
    }


def test_levels_that_are_gone_are_gone() -> None:
    cash = Level("cash_dollars", "Cash", ("sleeve",))
    cash.set("F1.gen", value=1.0)
    cash.set_all({("F2.gen",): 2.0})
    assert told(cash) == {'allusedesk_cash_dollars{sleeve="F2.gen"}': 2.0}


def test_reading_while_another_thread_counts_misses_nothing() -> None:
    busy, is_over = Tally("busy", "Much", ("kind",)), threading.Event()

    def count() -> None:
        for number in range(60_000):
            busy.add(str(number % 500))
        is_over.set()

    counting = threading.Thread(target=count)
    counting.start()
    while not is_over.is_set():
        told(busy)
    counting.join()
    assert sum(told(busy).values()) == 60_000


def test_rates_are_those_of_counts_alone() -> None:
    registry, shelf = CollectorRegistry(), Shelf()
    registry.register(shelf)
    fills, cash = Tally("fills", "Executions"), Level("cash_dollars", "Cash")
    shelf.put(fills, cash)
    fills.add(amount=10)
    cash.set(value=5)
    before = figures(registry)
    fills.add(amount=6)
    cash.set(value=9)
    found = {one.name: one.per_second for one in rated(figures(registry), before, 2.0)}
    assert found == {"allusedesk_fills_total": 3.0, "allusedesk_cash_dollars": None}
    assert all(one.per_second is None for one in rated(before, (), 2.0))
