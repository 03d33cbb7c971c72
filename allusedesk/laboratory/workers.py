"""Work spread over processes here or machines elsewhere; the results are those of one process.

joblib and Dask stay behind this module and are loaded when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

_Asked = TypeVar("_Asked")
_Found = TypeVar("_Found")

_SECONDS_TO_CONNECT = 10
_LOOK_SECONDS = 0.2
_ADDRESS = re.compile(
    r"(tcp|tls|ucx|ws|wss)://[^\s/:]+:[0-9]{1,5}|(tcp|tls)://\[[0-9a-fA-F:]+\]:[0-9]{1,5}"
)
# As many processes as cores leave no core for threads within one.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class WorkStopped(Exception):
    """Somebody asked the work to end before it was done."""


class WorkersMissing(Exception):
    """Workers that cannot be reached; says what to start or install."""


@dataclass(frozen=True, slots=True)
class Serial:
    """One piece after the other, in this process."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Several processes of this machine, by joblib's loky."""

    count: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Whatever workers a Dask scheduler has, by its address such as tcp://127.0.0.1:8786."""

    address: str


Workers = Serial | Processes | Cluster
Told = Callable[[int, int], None]
# Hears the place of what was asked and what was found, as soon as it is there.
Arrived = Callable[[int, Any], None]


def spread(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    workers: Workers,
    *,
    told: Told | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
    arrived: Arrived = lambda _place, _found: None,
) -> tuple[_Found, ...]:
    """What `work` finds for each thing asked, in their order, whoever worked.

    `work` is a function of a module, so that other processes find it by its name. `told` hears
    how many of how many are done, `arrived` each result in the order they come, in this process.
    Raises WorkStopped soon after `is_stopped` says so; WorkersMissing where there is nobody to
    work; and what `work` raises.
    """
    listener = _Listener(len(asked), told, is_stopped, arrived)
    match workers:
        case Serial():
            for place, one in enumerate(asked):
                listener.stop_if_asked()
                listener.take(place, work(one))
        case Processes():
            _spread_to_processes(work, asked, workers.count, listener)
        case Cluster():
            _spread_to_cluster(work, asked, workers.address, listener)
    return tuple(listener.found[place] for place in range(len(asked)))


class _Listener:
    """Takes results as they come, and tells of them."""

    def __init__(
        self, whole: int, told: Told | None, is_stopped: Callable[[], bool], arrived: Arrived
    ) -> None:
        self.found: dict[int, Any] = {}
        self._whole, self._told = whole, told
        self._is_stopped, self._arrived = is_stopped, arrived

    def take(self, place: int, found: object) -> None:
        self.found[place] = found
        self._arrived(place, found)
        if self._told is not None:
            self._told(len(self.found), self._whole)

    def stop_if_asked(self) -> None:
        if self._is_stopped():
            raise WorkStopped(
                "The work was stopped before it was done: what was finished is kept, and the "
                "same asked again goes on from there."
            )


def _spread_to_processes(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    count: int,
    listener: _Listener,
) -> None:
    from joblib.externals.loky import get_reusable_executor

    # Processes ended while they begin are a fault to loky: what is not wanted never begins.
    listener.stop_if_asked()
    # The warm processes stay for the next search; a stop ends them at once, amid their work.
    executor: Any = get_reusable_executor(max_workers=count, env=_ONE_THREAD)
    futures = [executor.submit(work, one) for one in asked]
    try:
        _wait_for(futures, listener)
    except BaseException:
        for future in futures:
            future.cancel()
        executor.shutdown(wait=True, kill_workers=True)
        raise


def _wait_for(futures: Sequence[Any], listener: _Listener) -> None:
    from concurrent.futures import FIRST_COMPLETED, wait

    places = {future: place for place, future in enumerate(futures)}
    left = set(futures)
    while left:
        listener.stop_if_asked()
        done, left = wait(left, _LOOK_SECONDS, FIRST_COMPLETED)
        for future in sorted(done, key=places.__getitem__):
            listener.take(places[future], future.result())


def _spread_to_cluster(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    address: str,
    listener: _Listener,
) -> None:
    with _client_of(address) as client:
        if not client.scheduler_info()["workers"]:
            raise WorkersMissing(
                f"The scheduler at {address} has no workers: start some with `dask worker "
                f"{address}` on machines where this desk is installed."
            )
        futures = client.map(work, list(asked), pure=False, retries=2)
        try:
            _wait_for_cluster(futures, listener)
        except BaseException:
            client.cancel(futures, force=True)
            raise


def _client_of(address: str) -> Any:  # noqa: ANN401 - Dask is loaded here alone
    try:
        import distributed
    except ImportError as missing:
        raise WorkersMissing(
            "Dask is not installed, so no cluster can be asked: install the desk with its extra "
            "`cluster`, or use --workers."
        ) from missing
    if not _ADDRESS.fullmatch(address):
        # Dask would take it for a name to be looked up, and end in noise much later.
        raise WorkersMissing(
            f"{address!r} is no address of a Dask scheduler: write such as tcp://127.0.0.1:8786, "
            "as `dask scheduler` tells it."
        )
    client: Any = distributed.Client
    try:
        return client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as fault:
        # A certificate that was not set up is a TypeError to Dask.
        raise WorkersMissing(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, or check "
            "the address."
        ) from fault


def _wait_for_cluster(futures: Sequence[Any], listener: _Listener) -> None:
    from time import sleep

    left = dict(enumerate(futures))
    while left:
        listener.stop_if_asked()
        sleep(_LOOK_SECONDS)
        for place in [place for place, future in left.items() if future.done()]:
            listener.take(place, left.pop(place).result())
