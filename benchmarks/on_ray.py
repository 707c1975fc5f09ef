"""A queue emptied by one process and by two places of Ray's: python benchmarks/on_ray.py

The same stills, one thread each, are rendered by one local worker, by two, and by two actors on a
cluster of this machine alone. A rate is of pictures a second, from the moment that every place has
done its first (which has read torch and the network) to the end of the last; the whole time, with
all that is begun and ended, is told beside it. All three are run by turns, several times, and what
counts is the ratio of the best of each: other work on the machine, told by its load, is in all.
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

WAYS = {
    "one process": (1, ("--devices", "cpu")),
    "two local workers": (2, ("--devices", "cpu")),
    "two places of Ray's": (2, ("--devices", "cpu", "--on", "ray")),
}


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
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    wholes: dict[str, list[float]] = {name: [] for name in WAYS}
    loads = []
    for _ in range(asked.rounds):
        for name, (places, arguments) in WAYS.items():
            loads.append(round(os.getloadavg()[0], 1))
            with tempfile.TemporaryDirectory() as folder:
                queue = filled(Path(folder, "queue"), asked.count, asked.size, asked.steps)
                rate, whole = emptied(queue, places, *arguments)
            rates[name].append(rate)
            wholes[name].append(whole)
    best = {name: max(found) for name, found in rates.items()}
    found = {
        "pictures": asked.count,
        "load before each": loads,
        "pictures a second": {n: [round(one, 2) for one in all_] for n, all_ in rates.items()},
        "best over one process": {
            n: round(one / best["one process"], 2) for n, one in best.items()
        },
        "seconds in all": {n: [round(one, 1) for one in all_] for n, all_ in wholes.items()},
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
