"""How processes ended that did not say it themselves: by their exit codes, and by what the system
tells of those that it killed.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

from dreamer.batch.rules import Ending


class Deaths:
    """Those of a runner's workers, from now on."""

    def __init__(self) -> None:
        self._kills = oom_kills()

    def ending(self, code: int) -> Ending:
        """How a worker's jobs ended whose process ended with that exit code."""
        kills, before = oom_kills(), self._kills
        self._kills = kills
        if code == -signal.SIGKILL and kills > before:
            return Ending("memory", "out of memory: the system killed its worker")
        if code < 0:
            return Ending("lost", f"its worker was killed by {_signal(-code)}")
        return Ending("lost", f"its worker ended with exit code {code}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def oom_kills() -> int:
    """How many processes the system has killed for want of memory, in our control group or at
    all; 0 where it does not tell.
    """
    with_group = Path("/sys/fs/cgroup/memory.events")
    for path in (with_group, Path("/proc/vmstat")):
        try:
            found = re.search(r"^oom_kill (\d+)$", path.read_text(), re.M)
        except OSError:
            continue
        if found:
            return int(found[1])
    return 0
