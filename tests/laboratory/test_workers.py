"""Who works makes no difference to what is found."""

from __future__ import annotations

import os
import time

import pytest

from allusedesk.laboratory.workers import (
    Cluster,
    Processes,
    Serial,
    WorkersMissing,
    WorkStopped,
    spread,
)
from tests.laboratory.arithmetic import slow_or_wrong, square_root


@pytest.mark.parametrize("workers", [Serial(), Processes(2)])
def test_what_is_found_stands_in_the_order_it_was_asked(workers: Serial | Processes) -> None:
    told: list[tuple[int, int]] = []
    found = spread(square_root, range(20), workers, told=lambda *step: told.append(step))
    assert [value for value, _ in found] == [number**0.5 for number in range(20)]
    assert told[-1] == (20, 20)
    assert told == sorted(told)
    is_here = {who for _, who in found} == {os.getpid()}
    assert is_here == (workers == Serial())


def test_nothing_asked_is_nothing_found() -> None:
    assert spread(square_root, [], Serial()) == spread(square_root, [], Processes(2)) == ()


@pytest.mark.parametrize("workers", [Serial(), Processes(2)])
def test_what_the_work_raises_is_raised(workers: Serial | Processes) -> None:
    with pytest.raises(ValueError, match="-3 is negative"):
        spread(slow_or_wrong, [1, 2, -3, 4], workers)
    assert spread(slow_or_wrong, [1, 2], workers) == (1, 2)


def test_a_stop_ends_work_in_its_midst() -> None:
    began = time.perf_counter()
    with pytest.raises(WorkStopped, match="stopped"):
        spread(
            slow_or_wrong,
            [1, 99, 98],
            Processes(2),
            is_stopped=lambda: time.perf_counter() - began > 1,
        )
    assert time.perf_counter() - began < 15
    with pytest.raises(WorkStopped):
        spread(slow_or_wrong, [1], Serial(), is_stopped=lambda: True)


def test_a_scheduler_that_does_not_answer_is_told_plainly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("allusedesk.laboratory.workers._SECONDS_TO_CONNECT", 1)
    for address in ("tcp://127.0.0.1:9", "tls://[::1]:9"):
        with pytest.raises(WorkersMissing, match="dask scheduler"):
            spread(square_root, [1], Cluster(address))


@pytest.mark.parametrize("address", ["nowhere at all", "garbage", "tcp://", "tcp://host", "\n"])
def test_what_is_no_address_is_refused_before_anybody_is_asked(address: str) -> None:
    began = time.perf_counter()
    with pytest.raises(WorkersMissing, match="is no address of a Dask scheduler"):
        spread(square_root, [1], Cluster(address))
    assert time.perf_counter() - began < 5
