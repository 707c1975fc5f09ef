"""The 2015 notebook's schedule as frames of a film, on a GPU: python benchmarks/gpu.py

Four octaves of ratio 1.4, ten steps each, GoogLeNet to inception_4c with random weights (speed does
not depend on what they are), 1920×1080, a little zoom between frames. One command measures all:

- the loop alone, its steps run one by one and recorded as CUDA graphs (and the network compiled by
  torch.compile, by itself and recorded), beside plain PyTorch (`steps.plain`: fp32);
- the whole program: frames encoded and durable in a folder;
- the limit: the same convolutions alone, forward and backward, in the same format, recorded;
- small pictures in batches;
- memory, and a profile of a frame: what the host says, how long the GPU has nothing to do.

A gigapixel-step is 10⁹ pixels of an octave taken through one step: 24 such frames a second are 0.95
of them. What fails is told in its row, and the others go on. It runs on a processor too (`--device
cpu --size 96x96 --frames 2`), where nothing is recorded but all of it is tried.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import steps as standard
import torch
from devices import Refusing, forget_memory, memory, recording, wait
from gpu_limit import limit
from gpu_profile import spent
from torch import Tensor, fx

from dreamer.engine import sources
from dreamer.engine.build import Dream, build
from dreamer.engine.captured import Recorder
from dreamer.engine.crossing import Fetching
from dreamer.engine.execution import Execution, decide, under
from dreamer.engine.folder import Folder
from dreamer.engine.loop import frames
from dreamer.engine.perceive import alone
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.engine.showing import always
from dreamer.recipe.parse import recipe_from_tree

PARTS = ("loop", "compile", "plain", "whole", "limit", "batches", "profile")
LAYER = "inception_4c"


def film(size: tuple[int, int], count: int, asked: argparse.Namespace) -> Ready:
    """The film of the standard work."""
    tree = {
        "size": list(size),
        "length": count,
        "fps": 24,
        "seed": 1,
        "device": asked.device,
        "precision": asked.precision,
        "source": {"noise": "plasma"},
        "network": {"architecture": "googlenet", "weights": "random"},
        "target": LAYER,
        "ascent": {
            "preset": "deepdream-2015",
            "octaves": asked.octaves,
            "scale": standard.SCALE,
            "steps": asked.steps,
        },
        "motion": {"zoom": 1.2},
        "classify": "off",
        "output": {"preset": "ultrafast"},
    }
    return checked(recipe_from_tree(tree, name="gpu"))


def made(
    ready: Ready, execution: Execution, recorder: Recorder, through: Any = alone
) -> tuple[Dream, Tensor]:
    """The functions of the film, and its first picture."""
    size = (ready.plan.height, ready.plan.width)
    source = sources.first_pictures(ready.recipe, size, None, margin=ready.plan.margin)
    source = source.to(execution.device)
    cards = ready.gathered.cards
    return build(
        ready.plan, cards, 1, execution, source, through=through, recorder=recorder
    ), source


def looped(
    ready: Ready, execution: Execution, recorder: Recorder, through: Any = alone, warm: int = 2
) -> dict[str, Any]:
    """Frames a second of the loop alone: each is fetched, as if to be written, and let go of."""
    with under(execution):
        forget_memory(execution)
        dream, source = made(ready, execution, recorder, through)
        fetching = Fetching(execution.device)
        plans = [ready.plan.at(k) for k in range(ready.plan.frames or 1)]
        waiting, seconds = [], []
        began = time.perf_counter()
        for number, done in enumerate(frames(dream, plans, always(source), None)):
            waiting.append(fetching.pixels(done.state, ready.plan.margin))
            if len(waiting) > 3:  # as many as a writer's queue lets wait
                waiting.pop(0)()
            if number + 1 == warm:
                wait(execution)
                seconds.append(time.perf_counter() - began)
                began = time.perf_counter()
        for one in waiting:
            one()
        wait(execution)
        took = time.perf_counter() - began
    told = dream.captured.told() if dream.captured is not None else {}
    return {
        **paced(ready, (len(plans) - warm) / took),
        "first_frames_seconds": round(seconds[0], 2),
        "memory_mib": memory(execution),
        "steps": told,
    }


def paced(ready: Ready, frames_a_second: float) -> dict[str, Any]:
    frame = ready.plan.at(0)
    work = sum(o.size[0] * o.size[1] * o.steps for o in frame.octaves)
    return {
        "frames_a_second": round(frames_a_second, 3),
        "gigapixel_steps_a_second": round(work * frames_a_second / 1e9, 4),
    }


def compiled() -> Callable[[fx.GraphModule, Tensor], Sequence[Tensor]]:
    """Networks that torch.compile has made, once each and anew for each size."""
    made_of: dict[int, Any] = {}

    def through(network: fx.GraphModule, pictures: Tensor) -> Sequence[Tensor]:
        if id(network) not in made_of:
            made_of[id(network)] = torch.compile(network, dynamic=False)
        found: Sequence[Tensor] = made_of[id(network)](pictures)
        return found

    return through


def plain(ready: Ready, execution: Execution, count: int) -> dict[str, Any]:
    """`steps.plain`, frames without a camera."""
    standard.OCTAVES, standard.STEPS = (
        len(ready.plan.at(0).octaves),
        ready.plan.at(0).octaves[0].steps,
    )
    dream = standard.plain(execution.device, False)
    image = torch.rand(1, 3, ready.plan.height, ready.plan.width).to(execution.device)
    forget_memory(execution)
    timed = standard.in_turn(dream, execution.device)
    timed(image)
    took = statistics.median(timed(image).wall for _ in range(count))
    return {**paced(ready, 1 / took), "memory_mib": memory(execution)}


def whole(ready: Ready, execution: Execution) -> dict[str, Any]:
    """The render into a folder, PNG files and all; the film is not made of them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place, "film"))
        prepared = prepare(folder, ready, "benchmark")
        forget_memory(execution)
        began = time.perf_counter()
        render_into(folder, prepared)
        took = time.perf_counter() - began
        seconds = [e.seconds for e in folder.journal().entries.values()]
        later = seconds[len(seconds) // 2 :]
        return {
            **paced(ready, len(later) / sum(later)),
            "all_seconds": round(took, 2),
            "memory_mib": memory(execution),
        }


def limited(ready: Ready, execution: Execution, runs: int) -> dict[str, Any]:
    found = limit(ready, LAYER, execution, runs)
    return {
        **paced(ready, 1 / found.seconds),
        "teraflops": round(found.flops / found.seconds / 1e12, 2),
    }


def batches(asked: argparse.Namespace, execution: Execution) -> list[dict[str, Any]]:
    """Pixel-steps a second of small pictures, by how many go together."""
    rows = []
    ready = film((asked.small, asked.small), 1, asked)
    frame = ready.plan.at(0)
    for count in asked.together:
        with under(execution), torch.no_grad():
            forget_memory(execution)
            dream, _ = made(ready, execution, recording(execution))
            image = torch.rand(count, 3, asked.small, asked.small).to(execution.device)
            for _ in range(2):
                dream.dream(image, frame, image)
            wait(execution)
            began = time.perf_counter()
            for _ in range(asked.runs):
                dream.dream(image, frame, image)
            wait(execution)
            a_second = asked.runs / (time.perf_counter() - began)
        found = paced(ready, count * a_second)
        rows.append({"together": count, **found, "memory_mib": memory(execution)})
    return rows


def profiled(ready: Ready, execution: Execution, recorder: Recorder) -> dict[str, Any]:
    """What the host says in one frame, and what part of it the GPU has nothing to do."""
    from torch.profiler import ProfilerActivity, profile

    cuda = execution.device.startswith("cuda")
    kinds = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if cuda else [])
    with under(execution), torch.no_grad():
        dream, source = made(ready, execution, recorder)
        going = frames(dream, [ready.plan.at(k) for k in range(4)], always(source), None)
        for _ in range(3):
            next(going)
        wait(execution)
        with profile(activities=kinds) as profiler:
            next(going)
            wait(execution)
    return spent(profiler.events() or [])


def main() -> None:
    """Measure everything, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--octaves", type=int, default=standard.OCTAVES)
    parser.add_argument("--steps", type=int, default=standard.STEPS)
    parser.add_argument("--small", type=int, default=256)
    parser.add_argument("--together", nargs="*", type=int, default=[1, 4, 16, 64])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--skip", nargs="*", choices=PARTS, default=[])
    parser.add_argument("--out", help="where the JSON goes")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    execution = decide(asked.device, asked.precision)
    asked.device, asked.precision = execution.device, execution.precision
    width, height = map(int, asked.size.split("x"))
    ready = film((width, height), asked.frames, asked)
    found: dict[str, Any] = {
        "execution": execution.as_json(),
        "python": platform.python_version(),
        "size": [width, height],
        "frames": asked.frames,
    }

    def measure(name: str, part: str, act: Callable[[], Any]) -> None:
        if part in asked.skip:
            return
        try:
            found[name] = act()
        except Exception as error:
            traceback.print_exc()
            found[name] = {"failed": f"{type(error).__name__}: {error}"[:500]}
        if not asked.json:
            print(f"{name}: {told(found[name])}", flush=True)

    tf32 = None if execution.device == "cpu" else replace(execution, precision="tf32")
    recorded = recording(execution)
    measure("one by one", "loop", lambda: looped(ready, execution, Refusing()))
    measure("recorded", "loop", lambda: looped(ready, execution, recorded))
    if tf32 is not None:
        measure("recorded, tf32", "loop", lambda: looped(ready, tf32, recording(tf32)))
    measure("compiled", "compile", lambda: looped(ready, execution, Refusing(), compiled()))
    measure(
        "compiled, recorded",
        "compile",
        lambda: looped(ready, execution, recording(execution), compiled()),
    )
    measure("plain PyTorch", "plain", lambda: plain(ready, execution, 2))
    measure("whole program", "whole", lambda: whole(ready, execution))
    measure("limit", "limit", lambda: limited(ready, execution, asked.runs))
    measure("batches", "batches", lambda: batches(asked, execution))
    measure("profile, one by one", "profile", lambda: profiled(ready, execution, Refusing()))
    measure(
        "profile, recorded", "profile", lambda: profiled(ready, execution, recording(execution))
    )
    text = json.dumps(found, indent=1)
    if asked.out:
        Path(asked.out).write_text(text + "\n")
    if asked.json:
        print(text)


def told(row: Any) -> str:
    """A row of the table."""
    if isinstance(row, list):
        return "".join(f"\n  {told(one)}" for one in row)
    if "heaviest" in row:
        lines = [f"{k} {row[k]}" for k in ("kernels", "frame_ms", "idle_share", "launches")]
        kernels = [
            f"{one['ms']:9.3f} ms {one['times']:5}× {one['kernel']}" for one in row["heaviest"]
        ]
        return "".join(f"\n  {line}" for line in lines + kernels)
    return ", ".join(f"{name} {value}" for name, value in row.items())


if __name__ == "__main__":
    main()
