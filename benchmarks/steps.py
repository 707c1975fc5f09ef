"""Megapixel-steps a second of dreamer beside plain PyTorch, a bare loop and the machine's limit, in
one run: python benchmarks/steps.py [--precision …] [--network house]

The standard work: 512×512, 4 octaves of ratio 1.4, 10 steps each, GoogLeNet to inception_4c, random
weights (speed does not depend on what the weights are). A megapixel-step is a million pixels of an
octave taken through one step.

- plain: the same algorithm as anyone would write it: truncated at the layer, eval mode, fp32 (no
  TF32), default memory layout, batch norm and ordinary autograd for the picture's gradient alone.
  Left as it comes, a network also has its weights' gradients computed (`requires_grad_(False)` is
  easily forgotten): `--wasteful`. GoogLeNet only.
- bare: batch norm folded, channels last, the render's number format, and the loop alone.
- bare, arranged: the same around the network as dreamer arranges it for a processor.
- convolutions: those of the network alone, by torch, forwards and back to their inputs.
- steps: dreamer's own steps; render: all that `dreamer render` does to a still, in this process,
  from the recipe to the folder; command: `dreamer render` as a process of its own.

All run in turn, and the ratio of each pair is what counts: machines differ, and drift. On a
processor that others use too, the processor's time says more than the clock; both are told.
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
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from bare import Clock, Dream, Spent, bare, convolutions, limit
from torch import Tensor, nn

import dreamer
from dreamer.engine.build import build
from dreamer.engine.execution import Execution, decide, under
from dreamer.engine.facts import gather
from dreamer.engine.perceive import cut, kept
from dreamer.networks.trace import Point
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.planning import plan

OCTAVES, SCALE, STEPS = 4, 1.4, 10
OURS = ("steps", "render", "command")
Timed = Callable[[Tensor], Spent]


def plain(device: str, weight_gradients: bool) -> Dream:
    """The algorithm in plain PyTorch on torchvision's GoogLeNet, in fp32."""
    from torchvision.models import googlenet

    whole = googlenet(weights=None, aux_logits=False, init_weights=False, transform_input=False)
    names = list(dict(whole.named_children()))
    net = nn.Sequential(*[getattr(whole, n) for n in names[: names.index("inception4c") + 1]])
    net.eval().requires_grad_(weight_gradients).to(device)
    exact = decide(device, "float32")

    def dream(image: Tensor) -> Tensor:
        bases = [image]
        for _ in range(OCTAVES - 1):
            height, width = (round(n / SCALE) for n in bases[0].shape[2:])
            bases.insert(0, F.interpolate(bases[0], size=(height, width), mode="bilinear"))
        detail = torch.zeros_like(bases[0])
        for base in bases:
            detail = F.interpolate(detail, size=base.shape[2:], mode="bilinear")
            x = base + detail
            for _ in range(STEPS):
                dy, dx = torch.randint(-32, 33, (2,)).tolist()
                x = torch.roll(x, (dy, dx), (2, 3)).detach().requires_grad_(True)
                loss = net((x - 0.5) / 0.5).square().sum() / 2
                loss.backward()
                x = (x + 1.5 / 255 * x.grad / x.grad.abs().mean()).clamp(0, 1).detach()
                x = torch.roll(x, (-dy, -dx), (2, 3))
            detail = x - base
        return x

    def dream_in_fp32(image: Tensor) -> Tensor:
        with under(exact):
            return dream(image)

    return dream_in_fp32


def recipe_of(size: int, network: str, device: str, precision: str) -> dict[str, Any]:
    """The standard work as a recipe."""
    random = {"architecture": "googlenet", "weights": "random"}
    return {
        "size": [size, size],
        "source": {"noise": "white"},
        "network": random if network == "googlenet" else network,
        "target": "inception_4c",
        "ascent": {"preset": "deepdream-2015", "octaves": OCTAVES, "scale": SCALE, "steps": STEPS},
        "device": device,
        "precision": precision,
        "classify": "off",
    }


class Work:
    """The standard work of one number format, ready to be done in each of dreamer's ways."""

    def __init__(self, size: int, network: str, device: str, precision: str) -> None:
        self.tree = recipe_of(size, network, device, precision)
        recipe = recipe_from_tree(self.tree, name="benchmark")
        gathered = gather(recipe)
        self.plan = plan(recipe, gathered.facts)
        self.cards = gathered.cards
        self.card = next(iter(self.cards.values()))
        self.execution: Execution = decide(device, precision)
        self.frame = self.plan.at(0)
        self.sizes = self.frame.sizes
        self.megapixel_steps = sum(h * w for h, w in self.sizes) * STEPS / 1e6

    def steps(self) -> Dream:
        """By dreamer's own steps."""
        side = self.sizes[-1][0]
        source = torch.zeros(1, 3, side, side, device=self.execution.device)
        made = build(self.plan, self.cards, 0, self.execution, source)

        def dream(image: Tensor) -> Tensor:
            with under(self.execution), torch.no_grad():
                return made.dream(image, self.frame, image)[0]

        return dream

    def bare(self, arranged: bool) -> Dream:
        """By a loop and nothing else."""
        points = [Point(self.card.layer("inception_4c").name)]
        if arranged:
            network = kept(self.card, points, self.execution).plain
        else:
            network = cut(self.card, points, self.execution)
        return bare(self.card, network, self.execution, self.sizes, STEPS)

    def limit(self) -> Spent:
        """By the convolutions alone."""
        points = [Point(self.card.layer("inception_4c").name)]
        network = cut(self.card, points, self.execution)
        found = convolutions(network, self.execution, self.sizes)
        return limit(found, self.execution, STEPS)


def in_turn(dream: Dream, device: str) -> Timed:
    """`dream`, timed."""

    def timed(image: Tensor) -> Spent:
        with Clock(device) as clock:
            dream(image)
        return clock.spent

    return timed


def rendering(recipe: Path, device: str, here: Path, told: list[dict[str, Any]]) -> Timed:
    """`dreamer.render`, timed; what its reports say is put into `told`."""
    numbers = count()

    def timed(_: Tensor) -> Spent:
        out = here / f"in-process-{next(numbers)}"
        with Clock(device) as clock:
            dreamer.render(recipe, out=out)
        told.append(json.loads((out / "report.json").read_text(encoding="utf-8")))
        return clock.spent

    return timed


def commanded(recipe: Path, threads: int, here: Path) -> Timed:
    """`dreamer render` as a process of its own, timed."""
    numbers = count()

    def timed(_: Tensor) -> Spent:
        out = here / f"command-{next(numbers)}"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "dreamer", "render", str(recipe), "--out", str(out)]
        with Clock("cpu") as clock:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Spent(clock.spent.wall, processor)

    return timed


def compared(work: Work, asked: argparse.Namespace, here: Path) -> dict[str, Any]:
    """Everything in turn, and what each took over what it is compared with."""
    device, reports = work.execution.device, []
    ways: dict[str, Timed] = {}
    if asked.network == "googlenet":
        ways["plain"] = in_turn(plain(device, False), device)
        if asked.wasteful:
            ways["plain with weight gradients"] = in_turn(plain(device, True), device)
    ways["bare"] = in_turn(work.bare(False), device)
    ways["bare, arranged"] = in_turn(work.bare(True), device)
    ways["convolutions"] = lambda _: work.limit()
    ways["steps"] = in_turn(work.steps(), device)
    recipe = here / "benchmark.yaml"
    recipe.write_text(json.dumps(work.tree), encoding="utf-8")  # JSON is YAML
    ways["render"] = rendering(recipe, device, here, reports)
    if asked.command:
        ways["command"] = commanded(recipe, work.execution.threads, here)
    image = torch.rand(1, 3, *work.sizes[-1]).to(device)
    for name, way in ways.items():
        if name not in ("convolutions", "command"):
            way(image)  # warm-up
    turns = [{name: way(image) for name, way in ways.items()} for _ in range(asked.runs)]

    def speeds(clock: str) -> dict[str, float]:
        middle = {n: statistics.median(getattr(t[n], clock) for t in turns) for n in ways}
        return {name: round(work.megapixel_steps / took, 3) for name, took in middle.items()}

    def ratios(clock: str) -> dict[str, dict[str, list[float]]]:
        found: dict[str, dict[str, list[float]]] = {}
        for mine in (name for name in ("bare, arranged", *OURS) if name in ways):
            for other in (name for name in ways if name not in (*OURS, mine)):
                pairs = [getattr(t[other], clock) / getattr(t[mine], clock) for t in turns]
                both = [round(statistics.median(pairs), 3), round(min(pairs), 3)]
                found.setdefault(mine, {})[other] = both
        return found

    return {
        "execution": work.execution.as_json(),
        "network": asked.network,
        "size": asked.size,
        "megapixel_steps": round(work.megapixel_steps, 3),
        "speeds": {clock: speeds(clock) for clock in Spent._fields},
        "ratios": {clock: ratios(clock) for clock in Spent._fields},
        "waited_share": statistics.median(r["waited_share"] for r in reports),
        "loop_over_render": round(
            statistics.median(
                r["seconds"] / t["render"].wall
                for r, t in zip(reports[-len(turns) :], turns, strict=True)
            ),
            3,
        ),
    }


def told(row: Mapping[str, Any], clock: str) -> str:
    """A row as a table."""
    kind = row["execution"]
    lines = [
        f"{row['network']}, {row['size']}², {kind['device_name']}, {kind['precision']}, "
        f"{kind['threads']} threads; by {clock} time",
        "",
        "| | Mpx·steps/s | dreamer's steps over it | its render over it |",
        "| --- | --- | --- | --- |",
    ]
    ratios = row["ratios"][clock]
    for name, speed in row["speeds"][clock].items():
        cells = []
        for mine in ("steps", "render"):
            pair = ratios[mine].get(name)
            cells.append("" if pair is None else f"{pair[0]} (least {pair[1]})")
        lines.append(f"| {name} | {speed} | {cells[0]} | {cells[1]} |")
    lines += ["", f"waited for the writer: {row['waited_share']:.2%} of the loop"]
    return "\n".join(lines)


def main() -> None:
    """Run all in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--network", default="googlenet", help="googlenet or house")
    parser.add_argument("--precision", nargs="*", default=["auto", "float32"])
    parser.add_argument("--threads", type=int, help="of the processor; all unless said")
    parser.add_argument("--clock", choices=["wall", "processor"], help="of the table")
    parser.add_argument("--wasteful", action="store_true", help="plain with weight gradients too")
    parser.add_argument("--command", action="store_true", help="the command as a process too")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    device = decide(asked.device).device
    rows, done = [], set()
    with tempfile.TemporaryDirectory() as folder:
        for number, precision in enumerate(asked.precision):
            work = Work(asked.size, asked.network, device, precision)
            if work.execution.precision in done:
                continue
            done.add(work.execution.precision)
            here = Path(folder) / str(number)
            here.mkdir()
            rows.append(compared(work, asked, here))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if asked.json:
        print(json.dumps({"rows": rows, "peak_memory_mib": round(peak)}, indent=1))
        return
    clock = asked.clock or ("wall" if device.startswith("cuda") else "processor")
    for row in rows:
        print(told(row, clock), end="\n\n")
    print(f"peak memory of this process, all kept in it: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
