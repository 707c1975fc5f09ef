"""Places that a cluster of Ray's provides.

A place is an actor: Ray finds a node for it, gives it a GPU or its cores, and keeps it, with its
networks warm, from errand to errand. An errand is a call of it: if the node is lost, Ray starts the
actor on another and makes the call again. The desk is an actor on the driver's own node.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, cast

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dreamer.batch.cluster.away import Away
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Came, Errand, Who
from dreamer.errors import DreamerError, UsageError

CALLS = 16  # of the desk at once


class RayCluster:
    """Places on the nodes that the driver is connected to: one a GPU, or, where there is none, so
    many on each node that their `threads` have a core each.

    Raises:
        UsageError: devices that Ray does not give out so.
    """

    def __init__(self, devices: str, workers: int | None, threads: int) -> None:
        if devices not in ("auto", "cpu"):
            raise UsageError(f"--devices: with --on ray auto or cpu, not {devices}: Ray gives GPUs")
        if workers is not None and workers < 1:
            raise UsageError(f"--workers: expected 1 or more, not {workers}")
        self._workers = workers
        self.node = ray.get_runtime_context().get_node_id()
        gpus = devices == "auto" and any(_has(node, "GPU") >= 1 for node in _nodes())
        self.device = "cuda" if gpus else "cpu"
        # A node that is smaller than a job would like does it too, with fewer cores.
        cores = max((int(_has(node, "CPU")) for node in _nodes()), default=0)
        self._cores = max(1, min(threads, cores))
        own = NodeAffinitySchedulingStrategy(self.node, soft=False)
        # Places know it by its name, which a restarted one still has.
        self._name = f"dreamer-desk-{secrets.token_hex(8)}"
        actor = ray.remote(Desk).options(
            name=self._name, num_cpus=0, max_concurrency=CALLS, scheduling_strategy=own
        )
        self._desk = actor.remote(is_alive)
        self.desk = cast(Desk, Asking(self._desk))
        self._places: dict[int, Any] = {}
        self._coming: dict[Any, int] = {}
        self._calls: dict[Any, int] = {}
        self._on: dict[int, str] = {}
        self._count = 0

    def room(self) -> int:
        """How many places there may be now: as many as were asked for, or fit on the nodes."""
        if self._workers is not None:
            return self._workers
        if self.device == "cuda":
            return sum(int(_has(node, "GPU")) for node in _nodes())
        return sum(int(_has(node, "CPU") // self._cores) for node in _nodes())

    def open(self) -> int:
        """Ask Ray for one more place; it is there when Ray has found a node."""
        self._count += 1
        needs: dict[str, Any] = {"num_cpus": self._cores}
        if self.device == "cuda":
            needs = {"num_cpus": 0, "num_gpus": 1}
        actor = ray.remote(Place).options(max_restarts=-1, max_task_retries=-1, **needs)
        place = actor.remote(self._name, self.device)
        self._places[self._count] = place
        self._coming[place.who.options(max_task_retries=0).remote()] = self._count
        return self._count

    def opened(self) -> list[tuple[int, Who | Exception]]:
        """Places that are there since this was last asked, or cannot be had."""
        found: list[tuple[int, Who | Exception]] = []
        for ref in _ready(self._coming, 0.0):
            place = self._coming.pop(ref)
            try:
                about = Who(*ray.get(ref))
                self._on[place] = about.node
                found.append((place, about))
            except RayError as error:
                found.append((place, DreamerError(_told(error))))
        return found

    def give(self, place: int, errand: Errand) -> None:
        """Have a place do an errand, and again elsewhere if its node is lost."""
        self._calls[self._places[place].do.remote(errand)] = place

    def came(self, seconds: float) -> list[tuple[int, list[Came] | Exception]]:
        """Errands that ended, waited for so long."""
        found: list[tuple[int, list[Came] | Exception]] = []
        for ref in _ready(self._calls, seconds):
            place = self._calls.pop(ref)
            try:
                found.append((place, ray.get(ref)))
            except RayError as error:
                found.append((place, error))
        return found

    def gone(self, places: Collection[int]) -> set[int]:
        """Those of `places` whose nodes are lost."""
        alive = {node["NodeID"] for node in _nodes()}
        return {place for place in places if self._on.get(place, self.node) not in alive}

    def close(self, place: int) -> None:
        """Let go of a place, and of what it does."""
        actor = self._places.pop(place)
        self._calls = {ref: one for ref, one in self._calls.items() if one != place}
        self._coming = {ref: one for ref, one in self._coming.items() if one != place}
        with suppress(RayError):
            ray.kill(actor)

    def end(self) -> None:
        """Let go of all."""
        for place in list(self._places):
            self.close(place)
        with suppress(RayError):
            ray.kill(self._desk)


class Place:
    """`Away` as Ray's actor."""

    def __init__(self, desk: str, device: str) -> None:
        node = ray.get_runtime_context().get_node_id()
        self._away = Away(cast(Desk, Asking(ray.get_actor(desk))), node, device)

    def who(self) -> Who:
        """Which place this is."""
        return self._away.who()

    def do(self, errand: Errand) -> list[Came]:
        """Do an errand; what came of each of its jobs."""
        return self._away.do(errand)


class Asking:
    """An actor that is called as if it were here: what it raises is raised here."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._actor, name)

        def ask(*arguments: Any) -> Any:
            try:
                return ray.get(method.remote(*arguments))
            except RayTaskError as error:
                raise error.cause from None

        return ask


def is_alive(node: str) -> bool:
    """Whether the node of that name is, as far as Ray knows."""
    return any(one["NodeID"] == node for one in _nodes())


def _nodes() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _has(node: dict[str, Any], what: str) -> float:
    return float(node["Resources"].get(what, 0.0))


def _ready(refs: dict[Any, int], seconds: float) -> list[Any]:
    """Those of `refs` that are there, one of them waited for so long."""
    if not refs:
        time.sleep(seconds)
        return []
    first, others = ray.wait(list(refs), timeout=seconds, fetch_local=False)
    if not first or not others:
        return list(first)
    more, _ = ray.wait(others, num_returns=len(others), timeout=0, fetch_local=False)
    return [*first, *more]


def _told(error: RayError) -> str:
    """What Ray says of a place that cannot be had, in a line that a person can use."""
    words = str(error)
    if "No module named 'dreamer" in words:
        return "dreamer is not installed on a node of the cluster; install the same as here"
    cause = getattr(error, "cause", None)
    if isinstance(error, RayActorError) and cause is None:
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        return lines[-1] if lines else "a place was lost"
    return first_line(cause or error)


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
