"""A queue of small stills, made in four ways: python benchmarks/queued.py

The same stills by one worker, each by itself and in groups, and by two workers likewise; every
way begins with an empty queue, and its time is that of all of `dreamer batch run`: starting,
opening the network, rendering, scoring, saving, every commit synced. What counts are the ratios,
by the clock and of the processor, of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

STILL = """
seed: {seed}
size: {size}
target: inception_4c
ascent: {{octaves: 2, steps: 10}}
classify: {{top: 5}}
"""


class Took(NamedTuple):
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float


def dreamer(folder: Path, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "dreamer", "batch", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
    )


def took(count: int, size: int, workers: int, together: int) -> Took:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(count):
            (folder / f"s{seed:03}.yaml").write_text(STILL.format(seed=seed, size=size))
        recipes = sorted(folder.glob("*.yaml"))
        dreamer(folder, "add", *recipes, "--together", together, "--threads", 1)
        before, begun = _processor(), time.perf_counter()
        dreamer(folder, "run", "--workers", workers, "--devices", "cpu")
        return Took(time.perf_counter() - begun, _processor() - before)


def _processor() -> float:
    """Seconds that all processes took that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=64, help="stills")
    parser.add_argument("--size", type=int, default=96, help="pixels of a side")
    parser.add_argument("--together", type=int, default=8, help="stills of a group")
    options = parser.parse_args()
    found = {}
    for workers in (1, 2):
        for together in (1, options.together):
            one = took(options.count, options.size, workers, together)
            name = f"{workers} workers, {together} together"
            found[name] = one
            print(f"{name}: {one.clock:.1f} s, {one.processor:.1f} s of the processor")
    first = next(iter(found.values()))
    ratios = {
        name: [round(first.clock / one.clock, 2), round(first.processor / one.processor, 2)]
        for name, one in found.items()
    }
    print(json.dumps(ratios, indent=1))


if __name__ == "__main__":
    main()
