"""What is done to a pixel gradient before the step: shaped like natural pictures, evened out
between scales, brought to unit size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming import bands

BLOCK = 1280  # pixels a side of what is shaped at once, where a picture is large
REACH = 128


def wavenumbers(size: tuple[int, int], longest: float = 48.0) -> Tensor:
    """The frequencies of `torch.fft.rfft2` on pictures of (height, width) `size`, as multiples of
    that of the wavelength `longest` in pixels, `(height, width // 2 + 1)`.

    Longer waves count as the longest, so that the whole picture does not turn one colour.
    """
    down, across = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])[None]
    relative: Tensor = (down.square() + across.square()).sqrt() * longest
    return relative.clamp(min=1)


def falloff(gradient: Tensor, exponent: Tensor | float, waves: Tensor) -> Tensor:
    """Weigh a gradient's frequencies by f^−exponent, as ascent in a 1/f Fourier parameterisation
    would.

    Args:
        gradient: `(B, 3, H, W)`, any range.
        exponent: 0 leaves it as it is; 1 is the amplitude spectrum of natural pictures.
        waves: `wavenumbers((H, W))`, on the gradient's device.

    Returns: `(B, 3, H, W)`; its mean is kept: at the weight of the longest wavelength, 1.
    """
    spectrum = torch.fft.rfft2(gradient) * (waves**-exponent).to(gradient.dtype)
    shaped: Tensor = torch.fft.irfft2(spectrum, s=gradient.shape[2:])
    return shaped


def falloff_by_blocks(
    gradient: Tensor, exponent: Tensor | float, waves: Tensor, out: Tensor | None = None
) -> Tensor:
    """As `falloff`, of pictures too large for one transform.

    Longer waves than 48 pixels count as that, so that a pixel is shaped by those around it: blocks
    with `REACH` pixels around them differ from the whole by 0.6 % of its deviation at most.

    Args:
        gradient: as `falloff`.
        exponent: as `falloff`.
        waves: `wavenumbers((BLOCK, BLOCK))`.
        out: where it goes, which may be `gradient`; a new picture if not given.
    """
    found = torch.empty_like(gradient) if out is None else out
    inside = BLOCK - 2 * REACH
    for rows, copy in bands.surrounded(gradient, inside, REACH):
        height = rows.stop - rows.start
        copy = F.pad(copy, (0, 0, 0, BLOCK - copy.shape[2]))
        for left in range(0, gradient.shape[3], inside):
            columns = torch.arange(left - REACH, left + inside + REACH, device=gradient.device)
            block = copy.index_select(3, columns.remainder(gradient.shape[3]))
            shaped = falloff(block, exponent, waves)
            width = min(inside, gradient.shape[3] - left)
            here = shaped[:, :, REACH : REACH + height, REACH : REACH + width]
            found[:, :, rows, left : left + width] = here
    return found


def by_mean_absolute(gradient: Tensor, over: Tensor | None = None) -> Tensor:
    """`gradient / mean|gradient|` of each picture (google/deepdream divides by the mean of the
    whole tensor), `(B, …)`. A large one may go `over` what is needed no more (`bands.each`).
    """
    if len(bands.bands(gradient)) == 1:
        size = gradient.abs().mean(_own(gradient), keepdim=True)
    else:
        size = _mean(torch.abs, gradient)
    return bands.each(lambda band: band / size.clamp(min=1e-20), gradient, over=over)


def by_deviation(gradient: Tensor, over: Tensor | None = None) -> Tensor:
    """`gradient / std(gradient)` of each picture, `(B, …)`; `over` as `by_mean_absolute`."""
    if len(bands.bands(gradient)) == 1:
        size = gradient.std(_own(gradient), keepdim=True)
    else:
        middle = _mean(lambda band: band, gradient)
        count = gradient[0].numel()
        size = _mean(lambda band: (band - middle).square() * (count / (count - 1)), gradient).sqrt()
    return bands.each(lambda band: band / size.clamp(min=1e-20), gradient, over=over)


def _mean(function: Callable[[Tensor], Tensor], gradient: Tensor) -> Tensor:
    """The mean of `function` of each picture of a batch, `(B, 1, 1, 1)`, a band at a time."""
    axes, count = _own(gradient), gradient[0].numel()
    total = bands.added(
        lambda band: function(band).sum(axes, keepdim=True, dtype=torch.float64), gradient
    )
    return (total / count).to(gradient)


def by_scales(
    gradient: Tensor, levels: int = 4, least: float = 1e-10, over: Tensor | None = None
) -> Tensor:
    """`gradient` with each level of its Laplacian pyramid brought to a root mean square of 1:
    `lap_normalize` of TensorFlow's DeepDream tutorial, for each picture of a batch by itself.

    What a network pulls at hardest is its finest grain; this lets larger shapes climb as fast.

    Args:
        gradient: `(B, C, H, W)`.
        levels: how often it is halved; what is left below counts as one more level.
        least: a level weaker than this is not raised to 1.
        over: as `by_mean_absolute`; not made use of.

    Returns: `(B, C, H, W)`, of about the root of `levels` + 1 in size.
    """
    # filled on the device, since a list would be copied there in every step
    line = torch.stack([gradient.new_full((), k / 16) for k in (1, 4, 6, 4, 1)])
    kernel = torch.outer(line, line)[None, None]
    plane = gradient.flatten(0, 1)[:, None]
    parts = []
    for _ in range(levels):
        smaller = _halved(plane, kernel)
        parts.append(plane - _doubled(smaller, kernel, plane.shape[2:]))
        plane = smaller
    parts.append(plane)
    evened = []
    for part in parts:
        whole = part.view(*gradient.shape[:2], *part.shape[2:])
        size = whole.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=least)
        evened.append((whole / size).view(part.shape))
    plane = evened.pop()
    for part in reversed(evened):
        plane = part + _doubled(plane, kernel, part.shape[2:])
    return plane.view(gradient.shape)


def _before(count: int) -> int:
    """Zeros before a line of `count` under a kernel of 5 at a stride of 2, as TensorFlow's SAME
    has them.
    """
    return 2 if count % 2 else 1


def _halved(plane: Tensor, kernel: Tensor) -> Tensor:
    """Every second pixel of `plane` `(N, 1, H, W)` under `kernel`."""
    up, left = (_before(count) for count in plane.shape[2:])
    return F.conv2d(F.pad(plane, (left, 2, up, 2)), kernel, stride=2)


def _doubled(plane: Tensor, kernel: Tensor, size: Sequence[int]) -> Tensor:
    """The transpose of `_halved` on pictures of `size`, times 4."""
    (up, left), (height, width) = (_before(count) for count in size), size
    wide = F.conv_transpose2d(plane, 4 * kernel, stride=2)
    return wide[:, :, up : up + height, left : left + width]


def _own(gradient: Tensor) -> tuple[int, ...]:
    """The axes within a picture: all but the first."""
    return tuple(range(1, gradient.dim()))


NORMALISATIONS = {"mean_abs": by_mean_absolute, "std": by_deviation}
