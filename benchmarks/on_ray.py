"""A queue emptied by one process and by two places of Ray's: python benchmarks/on_ray.py

The same stills, one thread each, are rendered by one local worker, by two, and by two actors on a
cluster of this machine alone. A rate is of pictures a second, from the moment that every place has
done its first (which has read torch and the network) to the end of the last; the whole time, with
all that is begun and ended, is told beside it. What counts is the ratio, for all are of one run;
other work on the machine, which is told by its load, takes from two more than from one, and two
local workers show how much.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STILL = """
seed: {seed}
source: {{noise: plasma}}
size: [{size}, {size}]
target: inception_4c
ascent: {{octaves: 2, steps: {steps}}}
classify: off
"""


def dreamer(folder: Path, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "dreamer", "batch", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def filled(folder: Path, count: int, size: int, steps: int) -> Path:
    """A queue of so many stills, no two of them in one group."""
    folder.mkdir()
    for seed in range(count):
        text = STILL.format(seed=seed, size=size, steps=steps)
        (folder / f"s{seed:03d}.yaml").write_text(text, encoding="utf-8")
    dreamer(folder, "add", *sorted(folder.glob("*.yaml")), "--threads", 1, "--together", 1)
    return folder


def emptied(folder: Path, places: int, *arguments: object) -> tuple[float, float]:
    """Pictures a second, and all seconds that it took."""
    begun = time.perf_counter()
    dreamer(folder, "run", "--workers", places, *arguments)
    whole = time.perf_counter() - begun
    connection = sqlite3.connect(folder / "batch.sqlite")
    rows = connection.execute("SELECT worker, ended FROM runs WHERE exit = 'done'").fetchall()
    connection.close()
    first: dict[str, float] = {}
    for worker, ended in sorted(rows, key=lambda row: row[1]):
        first.setdefault(worker, ended)
    warm = max(first.values())
    later = [ended for _, ended in rows if ended > warm]
    return len(later) / (max(later) - warm), whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        queues = [
            filled(Path(name, place), asked.count, asked.size, asked.steps)
            for place in ("one", "two", "ray")
        ]
        load = os.getloadavg()[0]
        one, one_whole = emptied(queues[0], 1, "--devices", "cpu")
        two, two_whole = emptied(queues[1], 2, "--devices", "cpu")
        ray, ray_whole = emptied(queues[2], 2, "--devices", "cpu", "--on", "ray")
    rates = {"one process": one, "two local workers": two, "two places of Ray's": ray}
    wholes = {
        "one process": one_whole,
        "two local workers": two_whole,
        "two places of Ray's": ray_whole,
    }
    found = {
        "pictures": asked.count,
        "load before": round(load, 2),
        "load after": round(os.getloadavg()[0], 2),
        "pictures a second": {name: round(rate, 3) for name, rate in rates.items()},
        "over one process": {name: round(rate / one, 2) for name, rate in rates.items()},
        "seconds in all": {name: round(whole, 1) for name, whole in wholes.items()},
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
