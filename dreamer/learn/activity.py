"""What a network's units do on a batch while it learns: how large its logits are, and which
channels never move.

A unit that gives the same for every picture passes nothing on, and where it sits on the flat side
of a ReLU no gradient comes back either: it stays so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.hooks import RemovableHandle

from dreamer.learn.history import LayerActivity

ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.CELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Softplus,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.Hardtanh,
    nn.Sigmoid,
    nn.Tanh,
)
WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
STILL = 1e-6  # of the layer's largest value: less is rounding, not movement


@dataclass(frozen=True)
class Activity:
    """What one look found: layers in the order they ran, and the largest |logit| (NaN where one is
    no number).
    """

    layers: tuple[LayerActivity, ...]
    largest_logit: float


def activity(module: nn.Module, pictures: Tensor) -> Activity:
    """How `module` answers to `pictures` `(B, …)` as it learns: without dropout and gradients, but
    with the batch's own statistics in batch norms that learn. Running means lag far behind in the
    first hundreds of steps, when logits by them are a hundred times too large.

    Layers are the activation functions that are modules, each use of one that is used several times
    on its own; where there are none (functions instead of modules), what goes into convolutions and
    linear layers that is no picture. `module` gives logits `(B, C)`. Nothing of it is changed:
    hooks are gone and every part is in the mode it was in when this ends, however it ends; no
    chance is drawn, and no running mean moves.

    64 pictures of all classes are enough: in `judge`, a unit in twelve of some layer is silent for
    16, one in thirty for 64, one in fifty for 258.

    Raises:
        ValueError: fewer than two pictures, among which nothing can move.
    """
    if len(pictures) < 2:
        raise ValueError(f"expected at least two pictures to compare, not {len(pictures)}")
    seen: list[LayerActivity] = []
    uses: dict[str, int] = {}

    def note(name: str, values: Any) -> None:
        if isinstance(values, Tensor) and values.ndim > 1:
            uses[name] = uses.get(name, 0) + 1
            told = name if uses[name] == 1 else f"{name} (use {uses[name]})"
            seen.append(_of_layer(told, values))

    modes = [(part, part.training) for part in module.modules()]
    norms = [part for part, mode in modes if mode and isinstance(part, _BatchNorm)]
    tracked = [part.track_running_stats for part in norms]
    handles: list[RemovableHandle] = []
    try:
        handles += _hung(module, note)
        module.eval()
        for norm in norms:  # so it takes the batch's statistics and keeps nothing of them
            norm.training, norm.track_running_stats = True, False
        with torch.no_grad():
            logits = module(pictures)
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes:
            part.training = mode
        for norm, track in zip(norms, tracked, strict=True):
            norm.track_running_stats = track
    return Activity(tuple(seen), _largest(logits))


def _hung(module: nn.Module, note: Callable[[str, Any], None]) -> list[RemovableHandle]:
    """Hooks that tell `note` what layers give."""
    parts = list(module.named_modules())
    acting = [(name, part) for name, part in parts if isinstance(part, ACTIVATIONS)]
    if acting:
        return [
            part.register_forward_hook(lambda _, __, out, name=name: note(name, out))
            for name, part in acting
        ]
    weighted = [(name, part) for name, part in parts if isinstance(part, WEIGHTED)]
    first = {name for name, _ in weighted[:1]}  # it sees the picture
    return [
        part.register_forward_pre_hook(lambda _, given, name=f"into {name}": note(name, given[0]))
        for name, part in weighted
        if name not in first
    ]


def _of_layer(name: str, values: Tensor) -> LayerActivity:
    """Of `(B, C, …)`; a channel is dead where its values differ by nothing but rounding."""
    flat = values.detach().float().transpose(0, 1).flatten(1)
    largest = _largest(flat)
    if not math.isfinite(largest):
        return LayerActivity(name, len(flat), 0, largest)
    moved = flat.amax(1) - flat.amin(1)
    return LayerActivity(name, len(flat), int((moved <= STILL * largest).sum()), largest)


def _largest(values: Tensor) -> float:
    """The largest |value|; NaN where one is NaN, which `amax` keeps."""
    return float(values.detach().float().abs().amax())
