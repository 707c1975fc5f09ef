"""Who empties a queue: this machine's own workers, or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dreamer.batch.runner import Ran, run_queue
from dreamer.errors import UsageError, did_you_mean

PLACES = ("here", "ray")
WITHOUT_RAY = (
    "--on ray: Ray is not installed here; `pip install 'dreamer-engine[ray]'`, on every machine of "
    "the cluster"
)


def run_by(on: str, address: str | None = None, memory: float | None = None) -> Callable[..., Ran]:
    """What runs a queue `on` this machine (here) or on Ray's cluster at `address` (ray), as
    `run_queue` does; workers may have so many GB of `memory`.

    Raises:
        UsageError: none such, or what cannot be said of it.
    """
    if on not in PLACES:
        raise UsageError(f"--on: expected here or ray, not {on}{did_you_mean(on, PLACES)}")
    if on == "here":
        if address is not None:
            raise UsageError("--address: of a cluster; say --on ray too")
        return partial(run_queue, memory=memory)
    if memory is not None:
        raise UsageError("--memory: of workers on this machine; a cluster's memory is Ray's")
    try:
        from dreamer.batch.cluster.on_ray import run_on_ray
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "ray":
            raise
        raise UsageError(WITHOUT_RAY) from error
    return partial(run_on_ray, address=address)
