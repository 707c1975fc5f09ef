"""Stills of growing sizes: python benchmarks/large.py [--sizes 512 1024 2048 4096 8192]

One octave of a few steps of house at inception_4c, in a process of its own for each size and way:
whole, and in the tiles that dreamer would choose. Seconds of the processor a megapixel-step, the
ratio to the smallest size seen whole, and the peak of the process's memory, alone and beyond what
it had when all was ready (Linux). With it, how far the tiled picture is from the whole one, where
both are made. The same convolutions alone, and plain PyTorch, are in steps.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from dreamer.dreaming.randomness import normals
from dreamer.engine.build import build
from dreamer.engine.execution import under
from dreamer.engine.preparing import checked
from dreamer.engine.shelf import Shelf
from dreamer.engine.tile_size import TILE, bytes_a_pixel, decided
from dreamer.recipe.parse import recipe_from_tree


def recipe(side: int, network: Any, preset: str, steps: int, precision: str, device: str) -> Any:
    tree = {
        "size": side,
        "network": network,
        "target": "inception_4c",
        "precision": precision,
        "device": device,
        "ascent": {"preset": preset, "octaves": 1, "steps": steps},
    }
    return recipe_from_tree(tree, name="large")


def child(said: dict[str, Any]) -> None:
    """One size, one way: prints what it took as JSON, and keeps the picture."""
    torch.set_num_threads(said["threads"])
    side, keep = said["side"], Path(said["keep"])
    words = (said["network"], said["preset"], said["steps"], said["precision"], said["device"])
    ready = checked(recipe(side, *words))
    execution = replace(decided(ready), tile=said["tile"])
    cards, frame = ready.gathered.cards, ready.plan.at(0)
    shelf = Shelf(keep.parent)
    # soft colours with grain, the same at every size for a while
    source = 0.5 + 0.15 * normals((1, 3, side, side), side, "large").clamp(-3, 3)
    source = shelf.put(source.to(execution.device))
    with under(execution), torch.no_grad():
        warm = checked(recipe(256, *words))
        made = build(warm.plan, warm.gathered.cards, 0, execution, source[..., :256, :256])
        made.dream(source[..., :256, :256].contiguous(), warm.plan.at(0), source[..., :256, :256])
        made = build(ready.plan, cards, 0, execution, source, shelf=shelf)
        base = forget_peak()
        clock, processor = time.perf_counter(), time.process_time()
        found = made.dream(source, frame, source)[0]
        if execution.device.startswith("cuda"):
            torch.cuda.synchronize()
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
    work = ready.plan.megapixel_steps()
    if side <= said["compared"]:
        torch.save((255 * found).half(), keep)
    told = {
        "clock_a_megapixel_step": clock / work,
        "processor_a_megapixel_step": processor / work,
        "memory_mib": peak() - base,
        "process_mib": peak(),
        "precision": execution.precision,
        "device": execution.device_name,
    }
    print(json.dumps(told))


def status(key: str) -> float:
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if key in line), float("nan"))


def forget_peak() -> float:
    """Begin to watch memory anew; what there is now, in MiB."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")
    return status("VmRSS")


def peak() -> float:
    return status("VmHWM")


def chosen(side: int, network: Any, preset: str, precision: str, device: str) -> tuple[int, float]:
    """The tile that dreamer would cut a picture of `side` into if it had to, and bytes a pixel."""
    ready = checked(recipe(side, network, preset, 1, precision, device))
    execution = decided(ready)
    each = bytes_a_pixel(ready.plan, ready.gathered.cards, execution)
    most = TILE[execution.device.split(":")[0]][1]
    return execution.tile or int((most / each) ** 0.5) // 64 * 64, each


def main() -> None:
    """Measure every size both ways and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", type=int, default=[512, 1024, 2048, 4096])
    parser.add_argument("--whole", type=int, default=2048, help="the largest that is seen whole")
    parser.add_argument("--network", default="house")
    parser.add_argument("--preset", default="house")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--tile", type=int, help="another side than dreamer's")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(json.loads(asked.child))
        return
    kinds = {"googlenet": {"architecture": "googlenet", "weights": "random"}}
    network = kinds.get(asked.network, asked.network)
    words = (network, asked.preset, asked.precision, asked.device)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for side in asked.sizes:
            tile, each = chosen(side, *words)
            tile = asked.tile or tile
            ways = [0] if side <= asked.whole else []
            ways += [tile] if side > tile else []
            for way in ways:
                said = {
                    "side": side,
                    "tile": way,
                    "network": network,
                    "preset": asked.preset,
                    "steps": asked.steps,
                    "precision": asked.precision,
                    "device": asked.device,
                    "threads": asked.threads,
                    "keep": f"{folder}/{side}-{bool(way)}.pt",
                    "compared": asked.whole,
                }
                command = [sys.executable, __file__, "--child", json.dumps(said)]
                made = subprocess.run(command, capture_output=True, text=True, check=False)
                if made.returncode:
                    sys.exit(made.stderr)
                told = json.loads(made.stdout.splitlines()[-1])
                rows.append({"side": side, "tile": way, "estimate_bytes_a_pixel": each, **told})
            both = [Path(folder, f"{side}-{tiled}.pt") for tiled in (False, True)]
            if all(path.exists() for path in both):
                whole, cut = (torch.load(path).float() for path in both)
                apart = (whole - cut).abs()
                rows[-1] |= {"levels_mean": apart.mean().item(), "levels_most": apart.max().item()}
    first = rows[0]["processor_a_megapixel_step"]
    for row in rows:
        row["to_the_first"] = row["processor_a_megapixel_step"] / first
    if asked.json:
        print(json.dumps({"threads": asked.threads, "rows": rows}, indent=1))
        return
    print(f"{rows[0]['device']}, {rows[0]['precision']}, {asked.threads} threads")
    print(
        "  side  tile  s of processor a Mpx·step  to the first  MiB more  MiB in all  levels apart"
    )
    for row in rows:
        known = "levels_mean" in row
        differ = f"{row['levels_mean']:.4f} ({row['levels_most']:.2f})" if known else ""
        each, memory = row["processor_a_megapixel_step"], row["memory_mib"]
        print(
            f"{row['side']:6} {row['tile'] or 'whole':>5} {each:26.2f} {row['to_the_first']:13.2f} "
            f"{memory:9.0f} {row['process_mib']:11.0f}  {differ}"
        )


if __name__ == "__main__":
    main()
