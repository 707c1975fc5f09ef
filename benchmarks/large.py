"""Stills of growing sizes: python benchmarks/large.py [--sizes 512 1024 2048 4096 8192]

One octave of a few steps of house at inception_4c, in a process of its own for each size and way:
whole, and in the tiles that dreamer would choose. Seconds of the processor a megapixel-step, the
ratio to the smallest size seen whole, and the peak of the process's memory, alone and beyond what
it had when all was ready (Linux). With it, how far the tiled picture is from the whole one, where
both are made. Beside them, at the smallest size: the bare loop in PyTorch around the same network
(`bare.py`), and its convolutions alone, forwards and back.
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
from bare import Clock, bare, convolutions, limit

from dreamer.dreaming.randomness import normals
from dreamer.engine.build import build
from dreamer.engine.execution import under
from dreamer.engine.heap import kept
from dreamer.engine.perceive import cut
from dreamer.engine.preparing import checked
from dreamer.engine.shelf import Shelf
from dreamer.engine.tile_size import TILE, bytes_a_pixel, decided
from dreamer.networks.trace import Point
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


def beside(said: dict[str, Any]) -> None:
    """What a step of the size takes in a bare loop, and its convolutions alone, as JSON."""
    torch.set_num_threads(said["threads"])
    words = (said["network"], said["preset"], said["steps"], said["precision"], said["device"])
    ready = checked(recipe(said["side"], *words))
    card, execution = next(iter(ready.gathered.cards.values())), decided(ready)
    network = cut(card, [Point(card.layer("inception_4c").name)], execution)
    size = (said["side"], said["side"])
    loop = bare(card, network, execution, [size], said["steps"])
    image = torch.rand(1, 3, *size).to(execution.device)
    loop(image)
    with Clock(execution.device) as taken:
        loop(image)
    alone = limit(convolutions(network, execution, [size]), execution, said["steps"])
    work = ready.plan.megapixel_steps()
    spent = {"bare": taken.spent, "convolutions": alone}
    print(json.dumps({name: one.processor / work for name, one in spent.items()}))


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
    with under(execution), kept(), torch.no_grad():
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


def told_by(said: dict[str, Any]) -> dict[str, Any]:
    """What a process of its own says of one size, one way."""
    command = [sys.executable, __file__, "--child", json.dumps(said)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(made.stderr)
    told: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return told


def measured(asked: argparse.Namespace, folder: str) -> list[dict[str, Any]]:
    """A row for each size and way."""
    kinds = {"googlenet": {"architecture": "googlenet", "weights": "random"}}
    network = kinds.get(asked.network, asked.network)
    said = {
        "network": network,
        "preset": asked.preset,
        "steps": asked.steps,
        "precision": asked.precision,
        "device": asked.device,
        "threads": asked.threads,
        "compared": asked.whole,
    }
    others = told_by(said | {"side": asked.sizes[0], "tile": None})
    rows: list[dict[str, Any]] = []
    for side in asked.sizes:
        tile, each = chosen(side, network, asked.preset, asked.precision, asked.device)
        tile = asked.tile or tile
        both = [Path(folder, f"{side}-{tiled}.pt") for tiled in (False, True)]
        for way in (0, tile):
            if side <= asked.whole if way == 0 else side > tile:
                told = told_by(said | {"side": side, "tile": way, "keep": str(both[bool(way)])})
                rows.append({"side": side, "tile": way, "estimate_bytes_a_pixel": each, **told})
        if all(path.exists() for path in both):
            whole, parts = (torch.load(path).float() for path in both)
            apart = (whole - parts).abs()
            rows[-1] |= {"levels_mean": apart.mean().item(), "levels_most": apart.max().item()}
    for row in rows:
        seconds = row["processor_a_megapixel_step"]
        row["over_the_first"] = seconds / rows[0]["processor_a_megapixel_step"]
        row |= {f"over_{name}": seconds / other for name, other in others.items()}
    return rows


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
        said = json.loads(asked.child)
        (beside if said["tile"] is None else child)(said)
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        rows = measured(asked, folder)
    if asked.json:
        print(json.dumps({"threads": asked.threads, "rows": rows}, indent=1))
        return
    print(f"{rows[0]['device']}, {rows[0]['precision']}, {asked.threads} threads; seconds of the")
    print("processor a megapixel-step, over the first row, a bare loop and convolutions alone")
    print("  side  tile  seconds  first  bare  convolutions  MiB more  in all  levels apart")
    for row in rows:
        known = "levels_mean" in row
        differ = f"{row['levels_mean']:.4f} ({row['levels_most']:.2f})" if known else ""
        over = f"{row['over_the_first']:6.2f} {row['over_bare']:5.2f}"
        print(
            f"{row['side']:6} {row['tile'] or 'whole':>5} {row['processor_a_megapixel_step']:8.2f} "
            f"{over} {row['over_convolutions']:13.2f} "
            f"{row['memory_mib']:9.0f} {row['process_mib']:7.0f}  {differ}"
        )


if __name__ == "__main__":
    main()
