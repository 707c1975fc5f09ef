"""How soon dreamer is there: python benchmarks/start.py

Every command is a process of its own: `dreamer --help`, `dreamer plan` of the demo, `dreamer
render` of it until the first frame is durable (named in the journal), and the same without steps,
for which no network is opened, and with one, which leaves the start alone. Beside them what any
program with torch pays: Python alone, `import torch`, and a plain dream in as few lines as it takes
(torchvision's GoogLeNet by chance, a forward and a backward pass at the demo's size). All are run
in turn, so that each round compares what ran at about the same time; seconds by the clock and of
the processor, which other work on the machine hardly changes, the least and the median of the
rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "recipes" / "first-dream.yaml"
DREAMER = [sys.executable, "-m", "dreamer"]
PLAIN = """
import torch
from torchvision.models import googlenet
network = googlenet(weights=None, init_weights=False, aux_logits=False).eval()
picture = torch.rand(1, 3, 256, 400, requires_grad=True)
network(picture).norm().backward()
"""
PLAIN_TORCH = "import torch"
WAIT = 0.005
PATIENCE = 300.0


class Took(NamedTuple):
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float


def whole(command: Sequence[str]) -> Took:
    """What a process takes from its start to its end."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - begun, spent)


def to_first_frame(*changes: str) -> Took:
    """What a render of the demo takes until its first frame is in the journal; then it is ended."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "out")
        sets = [word for change in changes for word in ("--set", change)]
        begun = time.perf_counter()
        with subprocess.Popen(
            [*DREAMER, "render", str(DEMO), "--out", str(out), *sets],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                journal = out / "journal.jsonl"
                while not (journal.is_file() and journal.stat().st_size):
                    if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                        raise RuntimeError("the demo's first frame did not come")
                    time.sleep(WAIT)
                return Took(time.perf_counter() - begun, spent_by(process.pid))
            finally:
                process.kill()


def spent_by(pid: int) -> float:
    """Seconds of the processor of a process that runs, where the system tells them (Linux)."""
    path = Path(f"/proc/{pid}/stat")
    if not path.exists():
        return float("nan")
    words = path.read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


WHAT = {
    "python": lambda: whole([sys.executable, "-c", "pass"]),
    "import torch": lambda: whole([sys.executable, "-c", PLAIN_TORCH]),
    "plain dream, one step": lambda: whole([sys.executable, "-c", PLAIN]),
    "dreamer --help": lambda: whole([*DREAMER, "--help"]),
    "dreamer plan": lambda: whole([*DREAMER, "plan", str(DEMO)]),
    "to a frame without steps": lambda: to_first_frame("ascent.first_steps=0"),
    "to a frame of one step": lambda: to_first_frame("ascent.first_steps=1"),
    "to the demo's first frame": lambda: to_first_frame(),
}
BESIDE = {  # what each is compared with
    "dreamer --help": "python",
    "dreamer plan": "import torch",
    "to a frame without steps": "import torch",
    "to a frame of one step": "plain dream, one step",
    "to the demo's first frame": "plain dream, one step",
}


def measured(runs: int) -> list[dict[str, Any]]:
    """A row of each thing, after one round that nobody counts."""
    rounds = [{name: act() for name, act in WHAT.items()} for _ in range(runs + 1)][1:]
    rows = []
    for name in WHAT:
        clock, processor = zip(*(one[name] for one in rounds), strict=True)
        row: dict[str, Any] = {
            "what": name,
            "clock_least": round(min(clock), 3),
            "clock_median": round(statistics.median(clock), 3),
            "processor_least": round(min(processor), 3),
            "processor_median": round(statistics.median(processor), 3),
        }
        if beside := BESIDE.get(name):
            ratios = [one[name].processor / one[beside].processor for one in rounds]
            row |= {"beside": beside, "processor_ratio": round(statistics.median(ratios), 2)}
        rows.append(row)
    return rows


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = measured(asked.runs)
    if asked.json:
        threads = os.environ.get("OMP_NUM_THREADS")
        print(json.dumps({"runs": asked.runs, "omp_num_threads": threads, "rows": rows}, indent=1))
        return
    print("                           clock, s          processor, s")
    print("                           least  median     least  median   ratio")
    for row in rows:
        ratio = f"{row['processor_ratio']:6.2f} × {row['beside']}" if "beside" in row else ""
        print(
            f"{row['what']:25} {row['clock_least']:7.2f} {row['clock_median']:7.2f}   "
            f"{row['processor_least']:7.2f} {row['processor_median']:7.2f}  {ratio}"
        )


if __name__ == "__main__":
    main()
