"""How much of a picture networks see at once: decided by rule, from what their activations take and
how much memory the machine has in all, and kept with the render.

It does not ask what is free: the same recipe on the same machine is cut alike on every day.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import fx, nn

from dreamer.engine.execution import Execution, decide
from dreamer.engine.objective import tap_of
from dreamer.engine.perceive import outline
from dreamer.errors import NetworkError
from dreamer.networks.cards import Card
from dreamer.networks.pooling import max_pool
from dreamer.networks.reach import reaches
from dreamer.networks.shapes import shapes
from dreamer.networks.trace import LOGITS, Point
from dreamer.recipe.parts import LEAST_TILE
from dreamer.recipe.plan import Plan
from dreamer.recipe.tiling import SURELY, seen_at_once, undivided

if TYPE_CHECKING:  # which renders by what is decided here
    from dreamer.engine.ready import Ready

log = logging.getLogger("dreamer")
GIB = 2**30
TRIED = 256  # side of the picture that activations are counted for
# Of a processor's memory, and of a GPU's own: what a picture may take that is seen whole, and what
# a tile. A larger tile spares overlap; beyond a gibibyte that is little.
WHOLE = {"cpu": (0.25, 4 * GIB), "cuda": (0.6, 1024 * GIB)}
TILE = {"cpu": (1 / 16, GIB), "cuda": (1 / 8, 16 * GIB)}
BESIDE = 30  # bytes that a pixel takes of a picture whose parts are seen: itself, its slope
STEP = 64  # sides of tiles are multiples of it
FURTHEST = 256  # pixels that places may look in tiles, which overlap by much less


def decided(ready: Ready) -> Execution:
    """How `ready` would be computed on this machine.

    Raises:
        UsageError: its device is not here.
        NetworkError: a network of it cannot be had.
    """
    words = ready.recipe.words
    execution = decide(words.device, words.precision)
    return with_tiles(execution, ready)


def with_tiles(execution: Execution, ready: Ready) -> Execution:
    """`execution` with the tiles that `ready` needs under it."""
    return replace(execution, tile=_side(ready.plan, ready.gathered.cards, execution))


def told(execution: Execution, plan: Plan, cards: Mapping[str, Card]) -> str:
    """How networks see the largest picture of `plan`, and about what a step takes, in words."""
    height, width = max(plan.at(plan.start).sizes, key=math.prod)
    window = plan.ascent.window
    side = window or execution.tile or max(height, width)
    seen = (min(height, side), min(width, side))
    how = "whole"
    if max(seen) < max(height, width):
        how = f"in {'windows' if window else 'tiles'} of {seen[1]}×{seen[0]}"
    each = bytes_a_pixel(plan, cards, execution)
    takes = plan.samples * (math.prod(seen) * each + (how != "whole") * height * width * BESIDE)
    return f"seen {how}, with about {takes / 1e9:.1f} GB of memory beside the program's own"


def _side(plan: Plan, cards: Mapping[str, Card], execution: Execution) -> int:
    if plan.tiles is not None:
        if plan.tiles and (reasons := whole_because(plan, cards)):
            what = f"the whole picture is asked for {', '.join(reasons)}"
            raise NetworkError(f"tiles: there are none where {what}; say off")
        return plan.tiles
    seen = seen_at_once(plan)
    if seen <= SURELY or not plan.targets:
        return 0
    kind = execution.device.split(":")[0]
    whole, tile = (_part(of[kind], execution.device) for of in (WHOLE, TILE))
    each = bytes_a_pixel(plan, cards, execution)
    if seen * each <= whole:
        return 0
    reasons = whole_because(plan, cards)
    if reasons:
        log.warning(
            "the whole picture is asked for %s: it cannot be cut into tiles, and may take %.1f GB "
            "of memory",
            ", ".join(reasons),
            seen * each / 1e9,
        )
        return 0
    side = math.isqrt(int(tile / each / plan.samples)) // STEP * STEP
    return max(LEAST_TILE, side)


def whole_because(plan: Plan, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """What of a plan looks at the whole picture at once, in words; nothing if it may be cut."""
    found = list(undivided(plan.targets, plan.ascent, plan.seamless))
    for network, wanted in _points(plan).items():
        if cards[network].crops and Point(LOGITS) in wanted:
            found.append(f"the classes of {cards[network].name}, which sees crops")
            continue
        try:
            reach = reaches(outline(cards[network], tuple(wanted)))
        except NetworkError as error:
            found.append(f"{cards[network].name} ({error})")
            continue
        furthest = max(max(one.before, one.after) for one in reach)
        if furthest > FURTHEST:
            found.append(f"{cards[network].name}, whose places look {furthest} pixels far")
    return tuple(found)


def bytes_a_pixel(plan: Plan, cards: Mapping[str, Card], execution: Execution) -> float:
    """About what a step takes for each pixel of what networks see: their activations, which wait
    for the way back, slopes of the largest of them, and a dozen pictures.

    Measured on house and GoogLeNet, in float32 and bfloat16, it is between a tenth too little and a
    fifth too much.
    """
    total = 20 * 12.0
    for network, wanted in _points(plan).items():
        total += _activations(outline(cards[network], tuple(wanted)), execution)
    return total


def _points(plan: Plan) -> dict[str, dict[Point, None]]:
    """Where each network is looked at, in order."""
    points: dict[str, dict[Point, None]] = {}
    for target in (t for one in plan.targets for t in (one, one.other) if t is not None):
        tap = tap_of(target)
        points.setdefault(target.network, {})[Point(tap.layer, tap.before)] = None
    return points


def _activations(network: fx.GraphModule, execution: Execution) -> float:
    """Bytes a pixel of what a network keeps for the way back."""
    size, waiting, largest, indices = execution.dtype.itemsize, 0, 0, 0
    for node, shape in shapes(network, network.graph, TRIED, TRIED).items():
        numbers = math.prod(shape)
        largest = max(largest, numbers)
        if node.kwargs.get("inplace"):
            continue
        waiting += numbers
        if node.target is max_pool or isinstance(_module(node, network), nn.MaxPool2d):
            indices += numbers
    return ((waiting + 3 * largest) * size + 8 * indices) / TRIED**2


def _module(node: fx.Node, network: fx.GraphModule) -> nn.Module | None:
    return network.get_submodule(str(node.target)) if node.op == "call_module" else None


def _part(share: tuple[float, int], device: str) -> float:
    part, most = share
    return min(part * memory_of(device), most)


def memory_of(device: str) -> int:
    """The bytes of memory that `device` has in all: a GPU's own; the machine's, or what a container
    may have of it.
    """
    if device.startswith("cuda"):
        return int(torch.cuda.get_device_properties(torch.device(device)).total_memory)
    found = [16 * GIB]
    with suppress(AttributeError, OSError, ValueError):
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            found.append(int(Path(path).read_text()))
    return min(found)
