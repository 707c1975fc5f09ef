"""A palette's whole distribution of colours, not just its mean and spread: histogram matching in
Oklab, channel by channel or in three dimensions.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming import oklab, randomness
from dreamer.dreaming.recolouring import recoloured

AT_MOST = 1 << 15  # pixels that a distribution is estimated from in three dimensions
LEVELS = 512  # quantiles that a map along one axis is made of
SIDE = 33  # of the lattice of colours that the map of three dimensions is kept in
UNTURNED: oklab.Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def matched_values(values: Tensor, target: Tensor) -> Tensor:
    """`values` `(N,)` moved so that they are distributed as `target` `(M,)`; their order is kept.

    The k-th smallest of N becomes `numpy.quantile(target, k / (N − 1))`; equal values stay equal
    and share the middle one of their ranks.
    """
    ordered, order = values.sort()
    count = len(values)
    places = torch.arange(count, device=values.device)
    differs = ordered[1:] != ordered[:-1]
    edge = torch.ones(1, dtype=torch.bool, device=values.device)
    first = torch.where(torch.cat([edge, differs]), places, 0).cummax(0).values
    last = torch.where(torch.cat([differs, edge]), places, count - 1).flip(0).cummin(0).values
    middle = (first + last.flip(0)).double() / 2
    found = torch.empty_like(values)
    found[order] = _at(target.sort().values, middle, count)
    return found


def _at(target: Tensor, rank: Tensor, count: int) -> Tensor:
    """Values of the sorted `target` `(M,)` at ranks in [0, count − 1], between its own ones too."""
    last = len(target) - 1
    place = rank * (last / (count - 1)) if count > 1 else torch.full_like(rank, last / 2)
    below = place.long().clamp(max=max(last - 1, 0))
    above = (below + 1).clamp(max=last)
    return torch.lerp(target[below], target[above], (place - below).to(target.dtype))


def _through(values: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """The monotone map from the sorted quantiles `source` `(N,)` to those of `target` `(M,)`, for
    any values; those beyond the ends of `source` count as its ends.
    """
    last = len(source) - 1
    first = torch.searchsorted(source, values)
    behind = torch.searchsorted(source, values, right=True)
    low = (first - 1).clamp(0, max(last - 1, 0))
    high = (low + 1).clamp(max=last)
    gap = (source[high] - source[low]).clamp(min=torch.finfo(values.dtype).tiny)
    between = low + ((values - source[low]) / gap).clamp(0, 1)
    rank = torch.where(behind > first, (first + behind - 1).to(values.dtype) / 2, between)
    return _at(target, rank, len(source))


def by_channel(image: Tensor, palette: Tensor, strength: float = 1.0) -> Tensor:
    """L, a and b of the picture, each with the palette's histogram, exactly.

    Args:
        image: `(B, 3, H, W)` in [0, 1].
        palette: `(B, 3, h, w)` or `(1, 3, h, w)` in [0, 1], of any size.
        strength: 0 leaves the picture as it is, bit for bit.

    Returns: `(B, 3, H, W)` in [0, 1].

    Raises:
        ValueError: a strength out of [0, 1].
    """
    lab, wanted = _both(image, palette)
    goal = [
        torch.stack([matched_values(x, y) for x, y in zip(*pair, strict=True)])
        for pair in zip(lab.flatten(2), wanted, strict=True)
    ]
    return recoloured(image, lab, torch.stack(goal).view_as(lab), strength).to(image)


def sliced(
    image: Tensor,
    palette: Tensor,
    strength: float = 1.0,
    rounds: int = 20,
    where: tuple[int | str, ...] = (0,),
) -> Tensor:
    """The picture with the palette's distribution in all three dimensions of Oklab at once, so
    that colours which the palette does not have do not arise from mixing its channels.

    Each round turns the space at random and matches along the turned axes (Pitié, Kokaram &
    Dahyot, *N-dimensional probability density function transfer*, 2005; Rabin et al.,
    Wasserstein barycenter and its application to texture mixing*, 2011).

    A palette of a few separate colours cuts soft shades into patches of them; half the strength,
    or `recolouring.by_covariance`, leaves them soft.

    Args:
        image: `(B, 3, H, W)` in [0, 1].
        palette: `(B, 3, h, w)` or `(1, 3, h, w)` in [0, 1], of any size.
        strength: 0 leaves the picture as it is, bit for bit.
        rounds: at least 1; the first and the last are along L, a and b themselves.
        where: decides the turns, as in `randomness`: (seed, frame, …). Films keep it the same for
            all frames, or colours flicker.

    Returns: `(B, 3, H, W)` in [0, 1].

    Raises:
        ValueError: a strength out of [0, 1].
    """
    lab, wanted = _both(image, palette)
    flat = lab.flatten(2)
    count = flat.shape[2]
    drawn = flat[..., _drawn(count, *where, "image").to(flat.device)]
    samples = wanted[..., _drawn(wanted.shape[2], *where, "palette").to(flat.device)]
    # what happens to a colour depends on nothing but it: a lattice of colours tells for all
    low, high = flat.amin(2), flat.amax(2)
    going = torch.cat([drawn, _lattice(low, high)], 2)
    for number in range(rounds):
        turn = UNTURNED if number in (0, rounds - 1) else rotation(*where, number)
        turned = oklab.mixed(turn, going)
        source = _quantiles(turned[..., : drawn.shape[2]])
        target = _quantiles(oklab.mixed(turn, samples))
        moved = [
            torch.stack([_through(*row) for row in zip(*rows, strict=True)])
            for rows in zip(turned, source, target, strict=True)
        ]
        going = oklab.mixed(tuple(zip(*turn, strict=True)), torch.stack(moved))
    lattice = going[..., drawn.shape[2] :].reshape(-1, 3, SIDE, SIDE, SIDE)
    goal = _looked_up(lattice.to(image), lab.to(image), low, high)
    return recoloured(image, lab.to(image), goal, strength)


def _lattice(low: Tensor, high: Tensor) -> Tensor:
    """`SIDE`³ colours evenly spaced from `low` to `high` `(B, 3)`, the third changing fastest;
    `(B, 3, SIDE³)`.
    """
    line = torch.linspace(0, 1, SIDE, dtype=low.dtype, device=low.device)
    cube = torch.cartesian_prod(line, line, line).T
    return low[:, :, None] + (high - low)[:, :, None] * cube


def _looked_up(lattice: Tensor, lab: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """What `lattice` `(B, 3, SIDE, SIDE, SIDE)` has for the colours `(B, 3, H, W)`, linear
    between its own.
    """
    middle, half = (low + high) / 2, ((high - low) / 2).clamp(min=1e-6)
    place = (lab - middle.to(lab)[..., None, None]) / half.to(lab)[..., None, None]
    grid = place.flip(1).movedim(1, -1)[:, None]  # the fastest axis comes first
    found: Tensor = F.grid_sample(lattice, grid, padding_mode="border", align_corners=True)
    return found[:, :, 0]


def rotation(*where: int | str) -> oklab.Matrix:
    """A rotation of space, 3 × 3, all equally likely, decided by `where` alone: a unit quaternion
    by Shoemake's way (*Graphics Gems III*, 1992).
    """
    parts = randomness.integers(3, 0, (1 << 32) - 1, *where, "rotation")
    u, v, w = (part / (1 << 32) for part in parts)
    low, high = math.sqrt(1 - u), math.sqrt(u)
    x, y = low * math.sin(math.tau * v), low * math.cos(math.tau * v)
    z, s = high * math.sin(math.tau * w), high * math.cos(math.tau * w)
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * s), 2 * (x * z + y * s)),
        (2 * (x * y + z * s), 1 - 2 * (x * x + z * z), 2 * (y * z - x * s)),
        (2 * (x * z - y * s), 2 * (y * z + x * s), 1 - 2 * (x * x + y * y)),
    )


def _both(image: Tensor, palette: Tensor) -> tuple[Tensor, Tensor]:
    """Oklab of the picture `(B, 3, H, W)` and of the palette's pixels `(B, 3, M)`, in float64 and
    in steps of 2⁻¹⁶: ranks turn on the last digit, and a grey's is of rounding errors only.
    """
    both = [
        (oklab.oklab_of_srgb(x.to(image.device).double()) * (1 << 16)).round() / (1 << 16)
        for x in (image, palette)
    ]
    return both[0], both[1].flatten(2).expand(len(image), -1, -1)


def _drawn(count: int, *where: int | str) -> Tensor:
    """Which of `count` pixels a distribution is estimated from, int64."""
    if count <= AT_MOST:
        return torch.arange(count)
    (seed,) = randomness.integers(1, 0, (1 << 62) - 1, *where)
    return torch.randint(count, (AT_MOST,), generator=torch.Generator().manual_seed(seed))


def _quantiles(samples: Tensor) -> Tensor:
    """Evenly spaced quantiles `(B, 3, LEVELS)` of `(B, 3, n)`, from the least to the largest."""
    ordered = samples.sort().values
    place = torch.linspace(0, samples.shape[2] - 1, LEVELS, dtype=torch.float64)
    below = place.floor().long()
    above = place.ceil().long()
    part = (place - below).to(samples)
    low, high = ordered[..., below.to(samples.device)], ordered[..., above.to(samples.device)]
    return low + (high - low) * part
