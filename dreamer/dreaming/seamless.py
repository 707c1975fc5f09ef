"""Pictures that tile: their left edge goes on from the right one, their top from the bottom.

A network pads with zeros and so sees edges where a tiled picture has none; resizing does too. Here
both see the picture wrapped. What else a dream does wraps already (`transforms.rolled`,
`priors.falloff`), or can (`camera.view` with the edges `wrap`).
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

from dreamer.dreaming.objectives import Activations, Perceive
from dreamer.dreaming.octaves import Size


def wrapped(image: Tensor, margin: int) -> Tensor:
    """`(B, C, H, W)` with `margin` pixels more on each side, taken from the opposite ones;
    `(B, C, H + 2 · margin, W + 2 · margin)`.

    The margin may be larger than the picture. Pieces are put side by side, so that the backward
    pass adds them up in the same order every time.
    """
    for axis in (2, 3):
        count = image.shape[axis]
        whole, rest = divmod(margin, count)
        before, after = image.narrow(axis, count - rest, rest), image.narrow(axis, 0, rest)
        image = torch.cat([before, *[image] * (2 * whole + 1), after], axis)
    return image


def perceiving(perceive: Perceive, margin: int) -> Perceive:
    """`perceive` as of a picture that goes on for ever.

    Args:
        perceive: sees pictures with the margin around them.
        margin: in pixels: a multiple of the deepest tap's stride, and as much as its receptive
            field needs: at 32 the house network's `inception_3b` is exact, at 64 its
            `inception_4d` to 0.03 %, at 128 all of it. Moving the picture round by a multiple of
            the stride then moves the maps round, if the picture's sides are multiples of it too.

    Returns: the callable whose maps `(B, C, h, w)` are those of the picture alone, cut out of the
    wrapped one's; what is no map is passed on.

    Raises:
        ValueError: a negative margin.
    """
    if margin < 0:
        raise ValueError(f"margin must not be negative: {margin}")

    def seen(image: Tensor) -> Activations:
        activations = perceive(wrapped(image, margin))
        return {tap: _middle(value, image, margin) for tap, value in activations.items()}

    return seen


def _middle(activation: Tensor, image: Tensor, margin: int) -> Tensor:
    """The part of a map `(B, C, h, w)` that `image` without its margin takes."""
    if activation.ndim != 4:
        return activation
    for axis in (2, 3):
        count, pixels = activation.shape[axis], image.shape[axis]
        cut = round(count * margin / (pixels + 2 * margin))
        activation = activation.narrow(axis, cut, max(1, count - 2 * cut))
    return activation


def resize_wrapped(image: Tensor, size: Size) -> Tensor:
    """Bicubic with antialiasing as `octaves.resize_smoothly`, of a picture that goes on for ever.

    Away from the edges both give the same. A picture that tiles stays one that does.

    Args:
        image: `(B, C, H, W)`.
        size: (height, width) wanted.

    Returns: `(B, C, height, width)`; may leave the image's range a little.
    """
    for axis, wanted in ((2, size[0]), (3, size[1])):
        if wanted != image.shape[axis]:
            image = _along(image, axis, wanted)
    return image


def _along(image: Tensor, axis: int, wanted: int) -> Tensor:
    """One sum in a fixed order over what each new line takes from old ones."""
    weights, lines = _taps(image.shape[axis], wanted, image.device, image.dtype)
    shape = [-1 if k == axis else 1 for k in range(4)]
    out = torch.zeros_like(image.index_select(axis, lines[0]))
    for weight, line in zip(weights, lines, strict=True):
        out += weight.view(shape) * image.index_select(axis, line)
    return out


@lru_cache(maxsize=64)  # the same in every frame; copying them to a device would be waited for
def _taps(
    count: int, wanted: int, device: torch.device, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """For each of `wanted` lines that `count` become the weights and numbers of those it takes,
    `(taps, wanted)` both.
    """
    scale = count / wanted
    wide = max(scale, 1.0)  # shrinking widens the kernel
    center = (torch.arange(wanted, dtype=torch.float64) + 0.5) * scale - 0.5
    first = (center - 2 * wide).ceil()
    taps = math.floor(4 * wide) + 1
    places = first + torch.arange(taps, dtype=torch.float64)[:, None]
    weights = _catmull_rom((places - center).abs() / wide)
    return (weights / weights.sum(0)).to(device, dtype), places.long().remainder(count).to(device)


def _catmull_rom(distance: Tensor) -> Tensor:
    """The cubic of A = −0.5 at distances ≥ 0 (Keys 1981); 0 from 2 on."""
    near = (1.5 * distance - 2.5) * distance.square() + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return torch.where(distance < 1, near, torch.where(distance < 2, far, 0.0))


def seam(image: Tensor) -> Tensor:
    """How visible the seams of a tiling are, `(B, 2)`: between bottom and top, right and left.

    The mean absolute difference across the seam, by that of neighbouring lines elsewhere. About 1
    is no seam, much less a band without detail; a photograph has about 3 to 20.
    """
    found = []
    for axis in (2, 3):
        change = (image - image.roll(1, axis)).abs().mean([1, 5 - axis])
        elsewhere = change[:, 1:].mean(1).clamp(min=1e-12)
        found.append(change[:, 0] / elsewhere)
    return torch.stack(found, 1)


def tileable(image: Tensor) -> Tensor:
    """The picture `(B, 3, H, W)` that tiles and is nearest to `image` in its gradients: its
    periodic component (Moisan, *Periodic plus smooth image decomposition*, 2011). May leave
    [0, 1] a little.

    What it takes away is a smooth shade that carries all of the jumps across the edges.
    """
    height, width = image.shape[2:]
    jumps = torch.zeros_like(image, dtype=torch.float64)
    for axis in (2, 3):
        last = image.shape[axis] - 1
        jump = (image.select(axis, 0) - image.select(axis, last)).double()
        jumps.select(axis, 0).sub_(jump)
        jumps.select(axis, last).add_(jump)
    down = torch.fft.fftfreq(height, dtype=torch.float64, device=image.device)[:, None]
    across = torch.fft.rfftfreq(width, dtype=torch.float64, device=image.device)
    laplacian = 2 * (math.tau * down).cos() + 2 * (math.tau * across).cos() - 4
    laplacian[0, 0] = 1  # the mean stays the image's
    spectrum = torch.fft.rfft2(jumps) / laplacian
    spectrum[..., 0, 0] = 0
    shade: Tensor = torch.fft.irfft2(spectrum, s=(height, width))
    return (image.double() - shade).to(image)
