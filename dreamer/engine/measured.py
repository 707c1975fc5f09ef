"""What was measured of this machine, in one file of dreamer's folder: rates, which are told, apart
from sizes of groups, which decide bytes.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from dreamer.errors import DreamerError
from dreamer.media import durable
from dreamer.media.locks import taken
from dreamer.networks.home import home

log = logging.getLogger("dreamer")
KEPT = "calibration.json"
MOST_RATES = 500  # the newest; of sizes none is ever dropped
WAITING, BETWEEN = 5.0, 0.01  # seconds for whoever writes now, and from look to look
Part = Literal["rates", "sizes"]


def read_kept(part: Part) -> dict[str, float]:
    """What of `part` was measured before; nothing where that cannot be read."""
    said = _read().get(part)
    return _numbers(said) if isinstance(said, dict) else {}


def keep(part: Part, new: Mapping[str, float]) -> None:
    """Add `new` to what is kept of `part`, whatever other processes have kept meanwhile."""
    try:
        _place().parent.mkdir(parents=True, exist_ok=True)
        with _alone():
            kept: dict[Part, dict[str, float]] = {
                "rates": read_kept("rates"),
                "sizes": read_kept("sizes"),
            }
            for key, value in new.items():
                kept[part].pop(key, None)  # so that it is among the newest
                kept[part][key] = value
            kept["rates"] = dict([*kept["rates"].items()][-MOST_RATES:])
            with durable.replacing(_place(), by_process=True) as partial:
                partial.write_text(json.dumps(kept), encoding="utf-8")
    except (DreamerError, OSError) as error:
        log.debug("what was measured is not kept: %s", error)


def _place() -> Path:
    return home() / KEPT


def _read() -> dict[str, Any]:
    try:
        said = json.loads(_place().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _numbers(said: Mapping[str, object]) -> dict[str, float]:
    found = {}
    for key, value in said.items():
        try:
            number = float(value) if isinstance(value, int | float) else 0.0
        except OverflowError:  # an integer that is longer than any number is
            continue
        if math.isfinite(number) and number > 0:
            found[key] = number
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process write what is kept while the block runs.

    Raises:
        BlockingIOError: another does so for longer than writing takes.
    """
    path = _place().with_name(f".{KEPT}.lock")
    until = time.monotonic() + WAITING
    while True:
        try:
            lock = taken(path)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(BETWEEN)
    with lock:
        yield
