"""Who empties a queue: this machine's own workers, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
    show_token()
    try:
        from dreamer.batch.cluster.on_ray import run_on_ray
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "ray":
            raise
        raise UsageError(WITHOUT_RAY) from error
    return partial(run_on_ray, address=address)


def show_token() -> None:
    """Have Ray show its token to clusters where there is one, as `ray start` makes it: from 2.59 on
    clusters want it, and a driver does not show it unless it is told to before Ray is imported. A
    cluster that wants none does not mind.
    """
    named = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
    made = Path.home() / ".ray" / "auth_token"
    if any(os.environ.get(name) for name in named) or made.is_file():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
