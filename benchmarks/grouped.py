"""Small stills rendered one after another and as one group: python benchmarks/grouped.py

For each network and size, stills that differ in their seeds are rendered into folders of their own,
scores and all, as `dreamer render` and a queue's workers do, by themselves and in groups of each
size: two octaves of ratio 1.4 and five steps each. Networks are warm. What counts is the ratio of
seconds a picture, by the clock and of the processor (which other work on the machine hardly
changes), each the least of the runs; with it the peak of the process's memory, where the system
tells it (Linux).

Beside them: the same steps of as many pictures in a bare loop, and their convolutions alone; a
still's seconds over theirs, which has its scores and its files too.

With `--atlas` pictures of an atlas instead: channels of a layer, climbed together, a few steps of
each number. `--best` adds how many dreamer itself finds best, and what that took.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from bare import Clock, bare, convolutions, limit

from dreamer.engine.best_size import best_for_stills
from dreamer.engine.execution import decide, under
from dreamer.engine.folder import Folder
from dreamer.engine.grouped import Member, render_together
from dreamer.engine.likeness import most_together
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.perceive import cut
from dreamer.engine.portraits import by_size, channel_score, climbed
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.engine.tile_size import decided
from dreamer.networks.trace import Point
from dreamer.recipe.parse import recipe_from_tree

NETWORKS: dict[str, Any] = {
    "house": "house",
    "googlenet": {"architecture": "googlenet", "weights": "random"},
}
ALONE = 4  # pictures that are rendered one after another
STEPS = 6


class Took(NamedTuple):
    """Seconds a picture by the clock and of the processor, and the peak of memory in MiB."""

    clock: float
    processor: float
    memory: float


def stills(network: Any, size: int, count: int, device: str) -> list[Ready]:
    tree = {
        "size": size,
        "device": device,
        "network": network,
        "target": "inception_4c",
        "ascent": {"octaves": 2, "scale": 1.4, "steps": 5},
    }
    return [checked(recipe_from_tree(tree | {"seed": k}, name="still")) for k in range(count)]


def rendered(groups: list[list[Ready]]) -> Took:
    """What it took to render `groups`, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        forget_peak()
        clock, processor = time.perf_counter(), time.process_time()
        for number, group in enumerate(groups):
            places = [Folder(Path(folder, str(number), str(k))) for k in range(len(group))]
            for one in render_together([Member(p, r) for p, r in zip(places, group, strict=True)]):
                if isinstance(one, Exception):
                    raise one
        count = sum(map(len, groups))
        spent = time.perf_counter() - clock, time.process_time() - processor
        return Took(spent[0] / count, spent[1] / count, peak())


def forget_peak() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc keeps what was freed
    if trim is not None:
        trim(0)
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


def peak() -> float:
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if "VmHWM" in line), float("nan"))


def measured(
    name: str, size: int, counts: list[int], runs: int, device: str, best: bool = False
) -> list[dict[str, Any]]:
    network = NETWORKS[name]
    rendered([stills(network, size, 1, device)])  # warm-up
    found: dict[int, list[Took]] = {count: [] for count in (1, *counts)}
    for _ in range(runs):
        for count, turns in found.items():
            readies = stills(network, size, max(count, ALONE), device)
            groups = [[r] for r in readies] if count == 1 else [readies[:count]]
            turns.append(rendered(groups))
    rows = table(name, size, found)
    others = beside(name, size, counts, device)
    for row in rows:
        seconds = row["seconds_together"]
        bare_one, alone = (seconds / other for other in others[row["together"]])
        row |= {"over_bare": round(bare_one, 2), "over_convolutions": round(alone, 2)}
    if best:
        rows[-1] |= best_of(name, size, device)
    return rows


def table(name: str, size: int, found: dict[int, list[Took]]) -> list[dict[str, Any]]:
    """A row of each number, beside that of one."""
    alone = [min(column) for column in zip(*found[1], strict=True)]
    rows = []
    for count in [count for count in found if count > 1]:
        clock, processor, memory = (min(column) for column in zip(*found[count], strict=True))
        rows.append(
            {
                "network": name,
                "size": size,
                "together": count,
                "seconds_alone": round(alone[0], 3),
                "seconds_together": round(clock, 3),
                "ratio": round(alone[0] / clock, 2),
                "processor_ratio": round(alone[1] / processor, 2),
                "memory_alone_mib": round(alone[2]),
                "memory_together_mib": round(memory),
            }
        )
    return rows


def beside(name: str, size: int, counts: list[int], device: str) -> dict[int, tuple[float, float]]:
    """Seconds by the clock a picture of the same steps and nothing else, of each number of pictures
    together: in a bare loop (`bare`), and of the convolutions alone.
    """
    (ready,) = stills(NETWORKS[name], size, 1, device)
    card, execution = next(iter(ready.gathered.cards.values())), decided(ready)
    network = cut(card, [Point(card.layer("inception_4c").name)], execution)
    sizes = [octave.size for octave in ready.plan.at(0).octaves]
    steps = ready.plan.at(0).octaves[-1].steps
    loop = bare(card, network, execution, sizes, steps)
    found = {}
    for count in counts:
        images = torch.rand(count, 3, *sizes[-1]).to(execution.device)
        loop(images)
        with Clock(execution.device) as taken:
            loop(images)
        alone = limit(convolutions(network, execution, sizes, count), execution, steps)
        found[count] = (taken.spent.wall / count, alone.wall / count)
    return found


def best_of(name: str, size: int, device: str) -> dict[str, Any]:
    """What dreamer finds best itself, once for this machine and its dreamer's folder."""
    ready = stills(NETWORKS[name], size, 1, device)[0]
    most = most_together(ready)
    found = best_for_stills(ready, torch.get_num_threads(), 1000, most, 8)
    return {} if found is None else {"best": found.size, "best_how": found.as_text()}


class Enough(Exception):
    """As many steps as are measured."""


def atlas_measured(size: int, counts: list[int], runs: int, device: str) -> list[dict[str, Any]]:
    """The same of an atlas's pictures: channels of house's inception_4c, `STEPS` steps of each."""
    execution = decide(device)
    with under(execution), torch.no_grad():
        score = channel_score(card_of(ref_of("house")), Point("inception_4c"), execution)

        def rendered(count: int) -> Took:
            noted: list[Took] = []

            def on_step() -> None:
                if execution.device.startswith("cuda"):
                    torch.cuda.synchronize()
                noted.append(Took(time.perf_counter(), time.process_time(), peak()))
                if len(noted) > STEPS:
                    raise Enough

            forget_peak()
            numbers = tuple(range(count))
            with suppress(Enough):
                climbed(score, numbers, numbers, size, (0,), execution, on_step, by_size)
            first, last = noted[1], noted[-1]  # the first step makes ready for its size
            many = count * (len(noted) - 2)
            clock, processor = (last.clock - first.clock), (last.processor - first.processor)
            return Took(clock / many, processor / many, peak())

        found: dict[int, list[Took]] = {count: [] for count in (1, *counts)}
        for _ in range(runs):
            for count, turns in found.items():
                turns.append(rendered(count))
    return table("atlas", size, found)


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="*", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--sizes", nargs="*", type=int, default=[64, 128, 192, 256])
    parser.add_argument("--together", nargs="*", type=int, default=[2, 4, 8, 16])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--atlas", action="store_true")
    parser.add_argument("--best", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if not asked.json:
        head = "network     size  together  s alone  s together  ratio  processor  MiB alone  MiB"
        print(head + "  bare  convs")
    rows = []
    for name in ["atlas"] if asked.atlas else asked.networks:
        for size in asked.sizes:
            if asked.atlas:
                found = atlas_measured(size, asked.together, asked.runs, asked.device)
            else:
                found = measured(name, size, asked.together, asked.runs, asked.device, asked.best)
            rows += found
            for row in [] if asked.json else found:
                print(
                    f"{name:10} {size:5} {row['together']:9} {row['seconds_alone']:8.3f} "
                    f"{row['seconds_together']:11.3f} {row['ratio']:6.2f} "
                    f"{row['processor_ratio']:10.2f} {row['memory_alone_mib']:10} "
                    f"{row['memory_together_mib']:4}"
                    + (
                        f" {row['over_bare']:5} {row['over_convolutions']:6}"
                        if "over_bare" in row
                        else ""
                    )
                    + (f"  best: {row['best']}, {row['best_how']}" if "best" in row else ""),
                    flush=True,
                )
    if asked.json:
        print(json.dumps({"threads": asked.threads, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
