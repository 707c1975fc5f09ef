"""What a render is measured by: the same loop with nothing around it, and the convolutions alone.

The bare loop is the notebook's, on a network that is cut at the layer, has its batch norms folded
and lies with channels last, in the number format of the render: roll, forwards, backwards to the
picture, normalised addition, clamp. The limit is every convolution of that network at the size it
has in each octave, forwards and back to its input, one after the other and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from dreamer.engine.execution import Execution, under
from dreamer.engine.perceive import normaliser
from dreamer.networks.cards import Card

Dream = Callable[[Tensor], Tensor]
Size = tuple[int, int]


class Spent(NamedTuple):
    """Seconds on the clock, and of processors."""

    wall: float
    processor: float


class Clock:
    """Measures a `with` block: `.spent`, the device's work included."""

    def __init__(self, device: str) -> None:
        self._cuda = device.startswith("cuda")

    def __enter__(self) -> Clock:
        self._now = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        wall, processor = self._read()
        self.spent = Spent(wall - self._now[0], processor - self._now[1])

    def _read(self) -> tuple[float, float]:
        if self._cuda:
            torch.cuda.synchronize()
        return time.perf_counter(), time.process_time()


def bare(
    card: Card, network: fx.GraphModule, execution: Execution, sizes: Sequence[Size], steps: int
) -> Dream:
    """The loop around `network` and nothing else: pictures of the last of `sizes` in and out."""
    see = normaliser(card, execution)

    def dream(image: Tensor) -> Tensor:
        bases = [image]
        for size in reversed(sizes[:-1]):
            bases.insert(0, F.interpolate(bases[0], size=size, mode="bilinear"))
        detail = torch.zeros_like(bases[0])
        for base in bases:
            detail = F.interpolate(detail, size=base.shape[2:], mode="bilinear")
            x = base + detail
            for _ in range(steps):
                dy, dx = torch.randint(-32, 33, (2,)).tolist()
                x = torch.roll(x, (dy, dx), (2, 3)).requires_grad_(True)
                (seen,) = network(see(x))
                (slope,) = torch.autograd.grad(seen.float().square().sum() / 2, x)
                x = (x.detach() + 1.5 / 255 * slope / slope.abs().mean()).clamp(0, 1)
                x = torch.roll(x, (-dy, -dx), (2, 3))
            detail = x - base
        return x

    def dream_under(image: Tensor) -> Tensor:
        with under(execution):
            return dream(image)

    return dream_under


class Convolution(NamedTuple):
    """A convolution where it stands: the shape of its input, and itself."""

    shape: tuple[int, ...]
    conv: nn.Conv2d


def convolutions(
    network: fx.GraphModule, execution: Execution, sizes: Sequence[Size], pictures: int = 1
) -> list[Convolution]:
    """Those of `network` in one step of each of `sizes`, of so many pictures together."""
    found: list[Convolution] = []
    hooks = [
        m.register_forward_hook(lambda m, x, _: found.append(Convolution(tuple(x[0].shape), m)))
        for m in network.modules()
        if isinstance(m, nn.Conv2d)
    ]
    try:
        for size in sizes:
            with torch.no_grad():
                x = torch.zeros(pictures, 3, *size, device=execution.device, dtype=execution.dtype)
                network(x.contiguous(memory_format=torch.channels_last))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def limit(found: Sequence[Convolution], execution: Execution, steps: int, tried: int = 3) -> Spent:
    """What `steps` of all of `found` take, forwards and back to their inputs, by the fastest of
    `tried` of each.
    """
    wall = processor = 0.0
    with under(execution), torch.no_grad():
        for shape, conv in found:
            x = torch.randn(shape, device=execution.device).to(
                execution.dtype, memory_format=torch.channels_last
            )
            slope = torch.randn_like(conv(x))

            def once(x: Tensor = x, slope: Tensor = slope, conv: nn.Conv2d = conv) -> None:
                conv(x)
                torch.ops.aten.convolution_backward(
                    slope,
                    x,
                    conv.weight,
                    None,
                    conv.stride,
                    conv.padding,
                    conv.dilation,
                    False,
                    [0, 0],
                    conv.groups,
                    [True, False, False],
                )

            once()
            spent = []
            for _ in range(tried):
                with Clock(execution.device) as clock:
                    for _ in range(4):  # a processor's clock is coarse
                        once()
                spent.append(clock.spent)
            wall += min(s.wall for s in spent) / 4
            processor += min(s.processor for s in spent) / 4
    return Spent(wall * steps, processor * steps)
