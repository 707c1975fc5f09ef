"""A queue spread over a cluster of Ray's. With `ray_places`, all that knows Ray."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from dreamer.batch.claims import ALL, Shard, counts_of, remaining
from dreamer.batch.cluster.away import who
from dreamer.batch.cluster.ray_places import RayCluster, first_line
from dreamer.batch.cluster.spreading import Spread
from dreamer.batch.members import joined
from dreamer.batch.outlook import threads_ahead
from dreamer.batch.parts import LEAST
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF
from dreamer.batch.runner import Ran
from dreamer.engine.stopping import listening
from dreamer.errors import DreamerError, UsageError

ANSWERS = 10.0  # seconds
CLIENT = "ray://"
TOKEN = "; one that wants a token (Ray 2.59 and later) is joined with RAY_AUTH_MODE=token"


def run_on_ray(
    path: Path,
    *,
    address: str | None = None,
    workers: int | None = None,
    devices: str = "auto",
    shard: Shard = ALL,
    stay: bool = False,
    back_off: float = BACK_OFF,
    least: float = LEAST,
    quiet: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Ran:
    """Do the jobs of the queue at `path` on a cluster until none is left that can be done there, or
    it is paused.

    Args:
        path: the queue's file, on this machine.
        address: of the cluster's head; else what RAY_ADDRESS says, a cluster that this machine is
            a node of, or one of this machine alone.
        workers: the most places there are; as many as the cluster has room for.
        devices: auto (GPUs where the cluster has any) or cpu.
        shard: which part of the queue.
        stay: wait for more when it is empty or paused.
        back_off: seconds before what can heal is tried again.
        least: megapixel-steps that make a part of a job worth a place of its own.
        quiet: say nothing of jobs.
        tick: called now and then while they work.

    Raises:
        Stopped: a signal asked for it; jobs that ran wait again, and their folders go on.
        DreamerError: the queue or the cluster cannot be used.
    """
    path = path.absolute()
    with Queue(path) as queue, connected(address), listening() as stop:
        with joined(queue, kind="runner") as me:
            cluster = RayCluster(devices, workers, threads_ahead(queue).most)
            here = who(cluster.node, cluster.device)
            spread = Spread(
                *(queue, me, cluster, here),
                shard=shard,
                stay=stay,
                back_off=back_off,
                least=least,
                quiet=quiet,
            )
            try:
                spread.work(stop, tick)
            except RayError as error:
                raise DreamerError(f"the cluster is lost: {first_line(error)}") from error
            finally:
                with suppress(RayError):
                    spread.stop()
                cluster.end()
        part, unfit = counts_of(queue, shard), _unfit(queue, cluster, shard)
        found = Ran(queue.counts(), part, queue.paused, unfit)
        stop.check("; jobs that ran wait again, and `dreamer batch run` goes on")
        return found


def _unfit(queue: Queue, cluster: RayCluster, shard: Shard) -> int:
    """How many jobs wait for a device that the cluster has none of."""
    if cluster.device == "cuda":
        return 0
    return remaining(queue, "cuda", shard)[0] - remaining(queue, "cpu", shard)[0]


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Be a driver of the cluster at `address` while the block runs.

    Raises:
        UsageError: there is none.
    """
    if address is not None and address.startswith(CLIENT):
        raise UsageError(
            f"--address: {address} is of a client, whose files no node can ask for; make this "
            "machine a node by `ray start --address=HEAD:6379`, and leave --address out"
        )
    if ray.is_initialized():
        yield
        return
    _require_answer(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        try:
            ray.init(address=address or "auto", **options)
        except ConnectionError as error:
            named = address is not None or os.environ.get("RAY_ADDRESS")
            if named or "Failed to connect" in str(error):  # to the one that is here
                raise
            ray.init(address="local", include_dashboard=False, **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        asked = address or os.environ.get("RAY_ADDRESS") or "this machine"
        token = "" if "RAY_AUTH_MODE" in os.environ else TOKEN
        raise UsageError(f"no cluster of Ray's at {asked}: {first_line(error)}{token}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_answer(address: str | None) -> None:
    """Look whether anything answers at `address`, for which Ray would wait for minutes."""
    host, _, port = (address or "").rpartition(":")
    if not host or not port.isdecimal():
        return  # words of Ray's own, such as auto
    try:
        socket.create_connection((host, int(port)), ANSWERS).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"no cluster of Ray's at {address}: {error}") from error
