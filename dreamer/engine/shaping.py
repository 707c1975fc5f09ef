"""What is done to a slope before the optimiser sees it, in a frame's words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from torch import Tensor

from dreamer.dreaming import bands, colour, priors
from dreamer.engine.ascent import Ascent, Size

# Pixels of which frequencies are shaped at once; by blocks those of larger pictures, and sooner
# those of pictures that are cut into tiles, of which memory is to be spared.
LARGEST_TRANSFORM = 4096 * 4096
LARGEST_OF_TILED = 2048 * 2048


def shaping(
    ascent: Ascent,
    falloff: Tensor | None,
    tiled: bool = False,
    overwriting: bool = False,
) -> Callable[[Tensor], Tensor]:
    """What makes of a slope `(B, 3, H, W)` what the optimiser sees, of the same shape.

    Args:
        ascent: the render's.
        falloff: of this step, `()`; None leaves frequencies as they are.
        tiled: whether the picture is cut into tiles.
        overwriting: whether the slope is needed no more and may be overwritten.
    """

    def shaped(slope: Tensor) -> Tensor:
        over = slope if overwriting else None
        if falloff is not None:
            slope = over = _fallen_off(slope, falloff, ascent.device, tiled, over)
        if ascent.axes is not None:
            along = partial(colour.along_natural_colours, axes=ascent.axes)
            slope = over = bands.each(along, slope, over=over)
        return slope if ascent.normalise is None else ascent.normalise(slope, over=over)

    return shaped


def _fallen_off(
    slope: Tensor, falloff: Tensor, device: str, tiled: bool, out: Tensor | None
) -> Tensor:
    height, width = slope.shape[2:]
    if height * width > (LARGEST_OF_TILED if tiled else LARGEST_TRANSFORM):
        waves = wavenumbers((priors.BLOCK, priors.BLOCK), device)
        return priors.falloff_by_blocks(slope, falloff, waves, out)
    return priors.falloff(slope, falloff, wavenumbers((height, width), device))


@lru_cache(maxsize=32)
def wavenumbers(size: Size, device: str) -> Tensor:
    """`priors.wavenumbers` where they are used."""
    return priors.wavenumbers(size).to(device)
