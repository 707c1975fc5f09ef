"""Megapixel-steps a second of dreamer beside plain PyTorch, in one run: python
benchmarks/steps.py [--precision …]

The standard work: 512×512, 4 octaves of ratio 1.4, 10 steps each, GoogLeNet to inception_4c, random
weights (speed does not depend on what the weights are). A megapixel-step is a million pixels of an
octave taken through one step. Plain is the same algorithm as anyone would write it: truncated at
the layer, eval mode, fp32 (no TF32), default memory layout, batch norm and ordinary autograd for
the picture's gradient alone. Left as it comes, a network also has its weights' gradients computed
(`requires_grad_(False)` is easily forgotten), which is shown beside it. All run in turn, and the
ratio of each pair is what counts: machines differ, and drift.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.engine.build import build
from dreamer.engine.execution import decide, under
from dreamer.engine.facts import gather
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.planning import plan

OCTAVES, SCALE, STEPS = 4, 1.4, 10


def plain(device: str, weight_gradients: bool) -> Callable[[Tensor], Tensor]:
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


def ours(
    size: int, device: str, precision: str
) -> tuple[Callable[[Tensor], Tensor], float, object]:
    """The same work by dreamer's own step; also its megapixel-steps."""
    tree = {
        "size": [size, size],
        "source": {"noise": "white"},
        "network": {"architecture": "googlenet", "weights": "random"},
        "target": "inception_4c",
        "ascent": {"preset": "deepdream-2015", "octaves": OCTAVES, "scale": SCALE, "steps": STEPS},
    }
    recipe = recipe_from_tree(tree, name="benchmark")
    gathered = gather(recipe)
    planned = plan(recipe, gathered.facts)
    execution = decide(device, precision)
    frame = planned.at(0)
    work = sum(h * w for h, w in frame.sizes) * STEPS / 1e6
    source = torch.zeros(1, 3, size, size, device=device)
    made = build(planned, gathered.cards, 0, execution, source)

    def dream(image: Tensor) -> Tensor:
        with under(execution):
            return made.dream(image, frame, image)[0]

    return dream, work, execution


def seconds(dream: Callable[[Tensor], Tensor], image: Tensor) -> float:
    """Wall-clock seconds of one dream, the device's work included."""
    began = time.perf_counter()
    dream(image).cpu()
    return time.perf_counter() - began


def main() -> None:
    """Run both in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", nargs="*", default=["auto", "float32"])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    device = decide(asked.device).device
    image = torch.rand(1, 3, asked.size, asked.size).to(device)
    theirs, wasteful = plain(device, False), plain(device, True)
    rows = []
    for precision in dict.fromkeys(asked.precision):
        mine, work, execution = ours(asked.size, device, precision)
        dreams = (theirs, wasteful, mine)
        for dream in dreams:
            seconds(dream, image)  # warm-up
        turns = [[seconds(dream, image) for dream in dreams] for _ in range(asked.runs)]
        plains, wastes, mines = (
            round(work / statistics.median(column), 3) for column in zip(*turns, strict=True)
        )
        ratios = [a / c for a, _, c in turns]
        rows.append(
            {
                "execution": execution.as_json(),
                "megapixel_steps": round(work, 3),
                "plain_mpx_steps_a_second": plains,
                "plain_with_weight_gradients_mpx_steps_a_second": wastes,
                "dreamer_mpx_steps_a_second": mines,
                "ratio_median": round(statistics.median(ratios), 3),
                "ratio_min": round(min(ratios), 3),
                "ratio_with_weight_gradients_median": round(
                    statistics.median(b / c for _, b, c in turns), 3
                ),
            }
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if asked.json:
        print(json.dumps({"rows": rows, "peak_memory_mib": round(peak)}, indent=1))
        return
    for row in rows:
        kind = row["execution"]
        print(
            f"{kind['device_name']}, {kind['precision']}, {kind['threads']} threads: "
            f"plain {row['plain_mpx_steps_a_second']} Mpx·steps/s "
            f"({row['plain_with_weight_gradients_mpx_steps_a_second']} with weight gradients), "
            f"dreamer {row['dreamer_mpx_steps_a_second']} Mpx·steps/s, "
            f"ratio {row['ratio_median']} (least {row['ratio_min']}; "
            f"{row['ratio_with_weight_gradients_median']} with weight gradients)"
        )
    print(f"peak memory of this process, all kept in it: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
