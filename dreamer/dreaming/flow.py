"""Optical flow: where each place of one picture lies in another, without any learnt weights.

TV-L1 by duality, coarse to fine: the difference of the pictures is weighed by its absolute value,
so that what is hidden spoils little, and the flow by its total variation, so that it may break at
the edge of a subject. The pictures' local contrast is made equal first, so that light that changes
is no motion. All of it is sums, products and gathers: a device gives the same bytes every time.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LIGHT = (0.2126, 0.7152, 0.0722)
LONGEST = 400  # pixels of the longer side that flow is found at: what it tells grows little beyond
SMALLEST = 12  # pixels of the shorter side of the coarsest pictures
WARPS = 5  # how often a level's second picture is drawn to the first
ROUNDS = 20  # of the dual iteration, after each of these
# Zach, Pock and Bischof's: how near the data is kept to, how near its copy to the flow, and the
# step of the dual, for pictures of unit contrast.
DATA, NEAR, PACE = 5.0, 0.3, 0.25
NOISE = 0.02  # contrast below which a place counts as flat
SPREAD = 1  # times that a contrast's neighbourhood is averaged over nine pixels


def flow(first: Tensor, second: Tensor, longest: int = LONGEST) -> Tensor:
    """How far each place of one picture lies from there in another: what is at x in the `first`
    is at x + u(x) in the `second`.

    TV-L1 (Zach, Pock & Bischof 2007) as Sánchez, Meinhardt-Llopis & Facciolo (IPOL 2013) have it,
    with a median between warps (Wedel et al. 2009).

    Args:
        first: `(B, 3, H, W)` in [0, 1].
        second: pictures of the same size.
        longest: what the longer side is made small to, at most, to find it.

    Returns: u, `(B, 2, H, W)` float32: pixels to the right, and down.
    """
    size = tuple(first.shape[2:])
    small = working_size((size[0], size[1]), longest)
    pyramids = [_pyramid(_shrunk(_grey(p), small)) for p in (first, second)]
    found: Tensor | None = None
    for levels in zip(*map(reversed, pyramids), strict=True):
        here, there = map(_evened, levels)
        found = _level(here, there, None if found is None else enlarged(found, here.shape[2:]))
    assert found is not None
    return enlarged(found, size)


def working_size(size: tuple[int, int], longest: int = LONGEST) -> tuple[int, int]:
    """(height, width) that flow between pictures of `size` is found at."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def enlarged(flow: Tensor, size: torch.Size | tuple[int, ...]) -> Tensor:
    """`flow` `(B, 2, h, w)` for pictures of (height, width) `size`."""
    height, width = size
    if tuple(flow.shape[2:]) == (height, width):
        return flow
    by = _filled(flow, width / flow.shape[3], height / flow.shape[2])[None, :, None, None]
    return by * F.interpolate(flow, size=(height, width), mode="bilinear", align_corners=False)


def places_of(flow: Tensor) -> Tensor:
    """What `flow` `(B, 2, H, W)` leads to, in pixels (x, y)."""
    height, width = flow.shape[2:]
    down = torch.arange(height, device=flow.device, dtype=flow.dtype)[:, None]
    across = torch.arange(width, device=flow.device, dtype=flow.dtype)[None]
    return flow + torch.stack([across.expand(height, -1), down.expand(-1, width)])


def drawn_to(picture: Tensor, flow: Tensor) -> Tensor:
    """`picture` `(B, C, H, W)` seen where `flow` `(B, 2, H, W)` leads, bilinear; its edge goes on
    for ever.
    """
    height, width = flow.shape[2:]
    by = _filled(flow, 2 / max(width - 1, 1), 2 / max(height - 1, 1))
    grid = places_of(flow).permute(0, 2, 3, 1) * by - 1
    return F.grid_sample(picture, grid, "bilinear", "border", align_corners=True)


def inside(flow: Tensor) -> Tensor:
    """Whether what `flow` `(B, 2, H, W)` leads to lies in the picture, `(B, 1, H, W)` bool."""
    x, y = places_of(flow).unbind(1)
    height, width = flow.shape[2:]
    return ((x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5))[:, None]


def _level(here: Tensor, there: Tensor, found: Tensor | None) -> Tensor:
    """The flow between two pictures `(B, 1, h, w)` of unit contrast, begun with what was `found`
    in smaller ones.
    """
    batch, _, height, width = here.shape
    u = here.new_zeros(batch, 2, height, width) if found is None else found
    dual = here.new_zeros(2, batch, 2, height, width)
    own = _slopes(here)
    most = DATA * NEAR
    for _ in range(WARPS):
        drawn = drawn_to(there, u)
        slopes = 0.5 * (own + _slopes(drawn))
        slopes = torch.where(inside(u), slopes, 0)  # nobody knows what lies beyond
        steep = slopes.square().sum(1, keepdim=True).add_(1e-4)
        rest = drawn - here - (slopes * u).sum(1, keepdim=True)
        for _ in range(ROUNDS):
            error = (slopes * u).sum(1, keepdim=True).add_(rest)
            near = error.div_(steep).neg_().clamp_(-most, most)
            u = torch.addcmul(u, near, slopes) + NEAR * _divergence(dual)
            right, below = _differences(u)
            for part, change in zip(dual, (right, below), strict=True):
                part.add_(change, alpha=PACE / NEAR)
            length = (right.square() + below.square()).sqrt_()
            dual /= 1 + PACE / NEAR * length
        u = _median(u)
    return u


def _differences(u: Tensor) -> tuple[Tensor, Tensor]:
    """Each pixel's right neighbour less itself, and its lower one; 0 at the last."""
    right, below = torch.zeros_like(u), torch.zeros_like(u)
    torch.sub(u[..., 1:], u[..., :-1], out=right[..., :-1])
    torch.sub(u[..., 1:, :], u[..., :-1, :], out=below[..., :-1, :])
    return right, below


def _divergence(dual: Tensor) -> Tensor:
    """The negative adjoint of `_differences`, whose last values are always 0."""
    across, down = dual
    found: Tensor = across + down
    found[..., 1:] -= across[..., :-1]
    found[..., 1:, :] -= down[..., :-1, :]
    return found


def _slopes(picture: Tensor) -> Tensor:
    """Central differences of `(B, 1, h, w)`, `(B, 2, h, w)`; one-sided halves at the edges."""
    wide = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    across = wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]
    down = wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]
    return 0.5 * torch.cat([across, down], 1)


def _grey(picture: Tensor) -> Tensor:
    weights = _filled(picture, *LIGHT)[None, :, None, None]
    return (picture * weights).sum(1, keepdim=True)


def _filled(like: Tensor, *numbers: float) -> Tensor:
    """`numbers` as a tensor beside `like`, filled there: a list would be copied, and waited for."""
    return torch.stack([like.new_full((), number) for number in numbers])


def _shrunk(picture: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(picture.shape[2:]) == size:
        return picture
    return F.interpolate(picture, size=size, mode="bilinear", antialias=True, align_corners=False)


def _evened(grey: Tensor) -> Tensor:
    """`grey` less what its neighbourhood has, over how much that varies: the same under any light
    that changes slowly from place to place.
    """
    grey = _smoothed(grey)
    mean, spread = grey, SPREAD
    for _ in range(spread):
        mean = _averaged(mean)
    apart = grey - mean
    varies = apart.square()
    for _ in range(spread):
        varies = _averaged(varies)
    return apart / (varies + NOISE**2).sqrt()


def _averaged(picture: Tensor) -> Tensor:
    wide = F.pad(picture, (4, 4, 4, 4), mode="replicate")
    return F.avg_pool2d(F.avg_pool2d(wide, (1, 9), 1), (9, 1), 1)


def _smoothed(picture: Tensor) -> Tensor:
    """`picture` under the binomial (1, 4, 6, 4, 1) / 16, both ways."""
    for axis in (2, 3):
        wide = F.pad(picture, (2, 2, 0, 0) if axis == 3 else (0, 0, 2, 2), mode="replicate")
        count = picture.shape[axis]
        a, b, c, d, e = (wide.narrow(axis, k, count) for k in range(5))
        picture = (6 * c + 4 * (b + d) + (a + e)) / 16
    return picture


def _pyramid(picture: Tensor) -> list[Tensor]:
    """`picture` and what it is at a half, a quarter … of its size, as long as there is something
    to see.
    """
    found = [picture]
    while min(found[-1].shape[2:]) >= 2 * SMALLEST:
        last = found[-1]
        height, width = (-(-n // 2) for n in last.shape[2:])
        found.append(_shrunk(last, (height, width)))
    return found


def _median(u: Tensor) -> Tensor:
    """The median of each pixel and its eight neighbours, by comparing pairs (Paeth 1990)."""
    wide = F.pad(u, (1, 1, 1, 1), mode="replicate")
    height, width = u.shape[2:]
    p = [wide[..., k : k + height, j : j + width] for k in range(3) for j in range(3)]
    for a, b in PAIRS:
        p[a], p[b] = torch.minimum(p[a], p[b]), torch.maximum(p[a], p[b])
    return p[4]


# What leaves the median of nine values in the middle.
PAIRS = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8)),
    *((0, 3), (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)
