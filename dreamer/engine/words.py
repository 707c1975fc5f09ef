"""Words of an ascent and the functions that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import torch
from torch import Tensor

from dreamer.dreaming import (
    colour,
    cppn,
    fourier,
    maco,
    matching,
    optimisers,
    parameterisation,
    priors,
    pyramid,
    recolouring,
)
from dreamer.dreaming.parameterisation import Parameterisation, Size
from dreamer.engine.spectrum import natural_spectrum


def way_of(name: str, device: str) -> Callable[[Size], Parameterisation] | None:
    """The parameterisation called `name`, made once for each size; None is pixels."""
    if name == "pixels":
        return None

    @lru_cache(maxsize=32)
    def made(size: Size) -> Parameterisation:
        if name == "maco":
            return maco.maco(size, natural_spectrum(), device)
        return WAYS[name](size, device)

    return made


def optimiser_of(name: str, momentum: float) -> optimisers.Optimiser:
    """The optimiser called `name`; `momentum` is what momentum keeps of the last step."""
    if name == "momentum":
        return optimisers.momentum(momentum)
    made: optimisers.Optimiser = OPTIMISERS[name]()
    return made


OPTIMISERS: Mapping[str, Callable[[], optimisers.Optimiser]] = {
    "plain": optimisers.plain,
    "adam": optimisers.adam,
    "nadam": optimisers.nadam,
}
NORMALISATIONS: Mapping[str, Callable[..., Tensor] | None] = {
    **priors.NORMALISATIONS,
    "scales": priors.by_scales,
    "none": None,
}
ADDED: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "clip": colour.add_clipped,
    "soft": colour.add_softly,
    "gamut": torch.add,
    "late": torch.add,
}
MATCHES: Mapping[str, Callable[..., Tensor]] = {
    "covariance": recolouring.by_covariance,
    "channels": matching.by_channel,
    "sliced": matching.sliced,
}
WAYS: Mapping[str, Callable[..., Parameterisation]] = {
    "logits": parameterisation.pixels,
    "pyramid": pyramid.laplacian,
    "fourier": fourier.fourier,
    "cppn": cppn.cppn,
}
