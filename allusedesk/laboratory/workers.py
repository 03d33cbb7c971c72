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


def spread(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    workers: Workers,
    *,
    told: Told | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> tuple[_Found, ...]:
    """What `work` finds for each thing asked, in their order, whoever worked.

    `work` is a function of a module, so that other processes find it by its name. `told` hears
    how many of how many are done. Raises WorkStopped soon after `is_stopped` says so, whatever
    was found by then being let go; WorkersMissing where there is nobody to work; and what `work`
    raises.
    """
    match workers:
        case Serial():
            return _spread_here(work, asked, told, is_stopped)
        case Processes():
            return _spread_to_processes(work, asked, workers.count, told, is_stopped)
        case Cluster():
            return _spread_to_cluster(work, asked, workers.address, told, is_stopped)


def _spread_here(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    told: Told | None,
    is_stopped: Callable[[], bool],
) -> tuple[_Found, ...]:
    found: list[_Found] = []
    for one in asked:
        _stop_if(is_stopped)
        found.append(work(one))
        _tell(told, len(found), len(asked))
    return tuple(found)


def _spread_to_processes(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    count: int,
    told: Told | None,
    is_stopped: Callable[[], bool],
) -> tuple[_Found, ...]:
    from joblib.externals.loky import get_reusable_executor

    # Processes ended while they begin are a fault to loky: what is not wanted never begins.
    _stop_if(is_stopped)
    # The warm processes stay for the next search; a stop ends them at once, amid their work.
    executor: Any = get_reusable_executor(max_workers=count, env=_ONE_THREAD)
    futures = [executor.submit(work, one) for one in asked]
    try:
        _wait_for(futures, told, is_stopped)
        return tuple(future.result() for future in futures)
    except BaseException:
        for future in futures:
            future.cancel()
        executor.shutdown(wait=True, kill_workers=True)
        raise


def _wait_for(futures: Sequence[Any], told: Told | None, is_stopped: Callable[[], bool]) -> None:
    from concurrent.futures import FIRST_EXCEPTION, wait

    left, done_before = set(futures), 0
    while left:
        _stop_if(is_stopped)
        done, left = wait(left, _LOOK_SECONDS, FIRST_EXCEPTION)
        for future in done:
            future.result()
        if len(futures) - len(left) != done_before:
            done_before = len(futures) - len(left)
            _tell(told, done_before, len(futures))


def _spread_to_cluster(
    work: Callable[[_Asked], _Found],
    asked: Sequence[_Asked],
    address: str,
    told: Told | None,
    is_stopped: Callable[[], bool],
) -> tuple[_Found, ...]:
    with _client_of(address) as client:
        if not client.scheduler_info()["workers"]:
            raise WorkersMissing(
                f"The scheduler at {address} has no workers: start some with `dask worker "
                f"{address}` on machines where this desk is installed."
            )
        futures = client.map(work, list(asked), pure=False, retries=2)
        try:
            _wait_for_cluster(futures, told, is_stopped)
            return tuple(client.gather(futures))
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


def _wait_for_cluster(
    futures: Sequence[Any], told: Told | None, is_stopped: Callable[[], bool]
) -> None:
    from time import sleep

    done_before = 0
    while done_before < len(futures):
        _stop_if(is_stopped)
        sleep(_LOOK_SECONDS)
        done = sum(future.done() for future in futures)
        if done != done_before:
            done_before = done
            _tell(told, done, len(futures))


def _stop_if(is_stopped: Callable[[], bool]) -> None:
    if is_stopped():
        raise WorkStopped("The work was stopped before it was done: nothing of it was kept.")


def _tell(told: Told | None, done: int, whole: int) -> None:
    if told is not None:
        told(done, whole)
