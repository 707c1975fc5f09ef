"""What a device can do at most: convolutions of a film alone, recorded as its steps are."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from devices import recording, timed
from torch import Tensor, fx, nn

from dreamer.engine.execution import Execution, under
from dreamer.engine.perceive import cut
from dreamer.engine.ready import Ready
from dreamer.networks.trace import Point

Convolved = tuple[nn.Conv2d, Tensor, Tensor]


class Limit(NamedTuple):
    """Seconds of a frame's convolutions alone, and how many sums and products they are."""

    seconds: float
    flops: int


def limit(ready: Ready, layer: str, execution: Execution, runs: int) -> Limit:
    """The convolutions of a frame up to `layer` alone, forward and back to their inputs."""
    (card,) = ready.gathered.cards.values()
    recorder, seconds, flops = recording(execution), 0.0, 0
    with under(execution), torch.no_grad():
        network = cut(card, [Point(layer)], execution)
        for octave in ready.plan.at(0).octaves:
            seen = convolutions(network, octave.size, execution)
            flops += sum(4 * out.numel() * p.weight[0].numel() for p, _, out in seen) * octave.steps
            again = recorder.record(partial(there_and_back, seen))
            seconds += min(timed(again, octave.steps, execution) for _ in range(runs))
    return Limit(seconds, flops)


def convolutions(
    network: fx.GraphModule, size: tuple[int, int], execution: Execution
) -> list[Convolved]:
    """Those of a network on a picture of `size`: each, what goes into it, and a slope behind it."""
    seen: list[Convolved] = []

    def note(part: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        assert isinstance(part, nn.Conv2d)
        seen.append((part, given[0].clone(), torch.randn_like(out)))

    layout = torch.channels_last if execution.channels_last else torch.contiguous_format
    picture = torch.rand(1, 3, *size, device=execution.device)
    parts = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    hooks = [part.register_forward_hook(note) for part in parts]
    network(picture.to(dtype=execution.dtype, memory_format=layout))
    for hook in hooks:
        hook.remove()
    return seen


def there_and_back(seen: list[Convolved]) -> None:
    for part, x, slope in seen:
        part(x)
        how = part.stride, part.padding, part.dilation, False, [0, 0], part.groups
        torch.ops.aten.convolution_backward(slope, x, part.weight, None, *how, [True, False, False])
