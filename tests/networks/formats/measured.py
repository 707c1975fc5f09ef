"""Reading a file in a process of its own, whose memory nothing else has ever used.

A server without threads forks for every file: a fork's high-water mark begins at what the server
holds, and the kernel counts it for whoever waits.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

UNIT = 1024 if sys.platform == "darwin" else 1  # of ru_maxrss in a KiB
ROOM = 8 << 30  # of addresses, so that a bomb kills its own process and not the machine


@dataclass(frozen=True)
class Outcome:
    """How a reading ended: what was said where it was refused, how many tensors there were, and
    what it took.
    """

    said: str
    tensors: int
    seconds: float
    kib: int


class Measured:
    """The server: `read` reads a file, `fill` takes so many MiB, to try the measure itself."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self, path: Path) -> Outcome:
        return self._asked(["read", str(path)])

    def fill(self, mib: int) -> Outcome:
        return self._asked(["fill", mib])

    def _asked(self, job: list[object]) -> Outcome:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps(job), file=self._server.stdin, flush=True)
        return Outcome(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        self._server.communicate()


def fill(mib: int) -> int:
    return len(bytearray(b"\1") * (mib << 20)) and 1


def serve() -> None:
    from dreamer.errors import NetworkError
    from dreamer.networks.formats.read import read_weights

    def work(job: list) -> tuple[str, int]:
        try:
            if job[0] == "fill":
                return "", fill(job[1])
            return "", len(read_weights(Path(job[1])).tensors)
        except NetworkError as error:
            return str(error), 0
        except BaseException as error:
            return f"CRASHED: {error!r}"[:2000], 0

    for line in sys.stdin:
        found = measured(lambda line=line: work(json.loads(line)))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def measured(work: Callable[[], tuple[str, int]]) -> dict[str, object]:
    """What `work` says and takes, in a fork."""
    ours, theirs = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(theirs, json.dumps([before, *work()]).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        told = pipe.read()
    _, status, used = os.wait4(child, 0)
    before, said, tensors = json.loads(told) if told else (0, f"CRASHED: status {status}", 0)
    seconds = time.monotonic() - begun
    kib = (used.ru_maxrss - before) // UNIT
    return {"said": said, "tensors": tensors, "seconds": seconds, "kib": kib}


if __name__ == "__main__":
    serve()
