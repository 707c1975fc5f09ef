"""The camera: the float image zoomed, turned and moved between two frames, with something beyond
its edges.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

EDGES = ("mirror", "replicate", "wrap", "color")
POLE = math.sqrt(3) - 2  # of the recursions from pixels to the spline's coefficients
STRIDES = (1, 2, 4, 8)  # which sum them up over 16 pixels, where they are below float32's rounding
MARGIN = 20  # pixels beyond each edge that are looked at: those, and four for the kernel
PIXELS_AT_ONCE = 1 << 16  # their sixteen weights and places each stay in the cache
PIXELS_AT_ONCE_THERE = 1 << 21  # on other devices, which each operation must keep busy


def source_of(
    size: tuple[int, int],
    zoom: float,
    rotate: float,
    move: tuple[float, float],
    center: tuple[float, float],
) -> Tensor:
    """The affine map from a pixel of the new frame to its place in the old one, `(2, 3)`
    float64, in pixels (x, y).

    Args:
        size: (height, width).
        zoom: > 1 goes in; what is `zoom` times nearer to the centre comes to this place.
        rotate: degrees; positive turns the picture counter-clockwise.
        move: fractions of width and height by which the picture goes right and down.
        center: fractions of width and height that zoom and rotation leave in place.
    """
    height, width = size
    cx, cy = center[0] * width - 0.5, center[1] * height - 0.5
    angle = math.radians(rotate)
    a, b = math.cos(angle) / zoom, math.sin(angle) / zoom
    tx, ty = move[0] * width, move[1] * height
    linear = torch.tensor([[a, -b], [b, a]], dtype=torch.float64)
    fixed = torch.tensor([cx, cy], dtype=torch.float64)
    offset = fixed - linear @ (fixed + torch.tensor([tx, ty], dtype=torch.float64))
    return torch.cat([linear, offset[:, None]], 1)


def view(
    image: Tensor,
    zoom: float = 1.0,
    rotate: float = 0.0,
    move: tuple[float, float] = (0.0, 0.0),
    center: tuple[float, float] = (0.5, 0.5),
    edges: str = "mirror",
    edge_color: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Tensor:
    """The next frame's view of `image` `(B, 3, H, W)` in [0, 1]: the cubic spline through its
    pixels (Unser, Aldroubi & Eden 1993), cut to [0, 1]. Arguments as `source_of`.

    A film looks through this a thousand times over, so it must amplify no frequency, nor lose more
    than it must. At half the finest frequency a move by half a pixel leaves a spline 97 % of the
    amplitude and a Catmull-Rom kernel 88 %; Lanczos' and the usual bicubic (A = −0.75) gain 2 to
    3 % a frame, which a hundred frames blow up. Without motion the image comes back untouched;
    moves by whole pixels are exact to rounding. Every pixel is one sum in a fixed order, so that a
    device gives the same bytes every time. Differentiable use is not meant.

    Raises:
        ValueError: edges that are none of `EDGES`.
    """
    if zoom == 1.0 and rotate == 0.0 and move == (0.0, 0.0):
        return image
    size = (image.shape[2], image.shape[3])
    return through(image, source_of(size, zoom, rotate, move, center), edges, edge_color)


def through(
    image: Tensor,
    matrix: Tensor,
    edges: str = "mirror",
    edge_color: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Tensor:
    """`image` `(B, 3, H, W)` in [0, 1] seen through an affine map `(2, 3)` from each new pixel to
    its place in `image`, as `source_of` gives one; otherwise as `view`.

    Raises:
        ValueError: edges that are none of `EDGES`.
    """
    if edges not in EDGES:
        raise ValueError(f"edges must be one of {', '.join(EDGES)}, not {edges!r}")
    batch, channels, height, width = image.shape
    (a, b, across), (c, d, down) = matrix.tolist()
    # filled on the device: a list would be copied there while both wait
    color = torch.stack([image.new_full((1, 1), part) for part in edge_color], 1)[..., None]
    table = _coefficients(image - color if edges == "color" else image, edges)
    columns = torch.arange(width, dtype=torch.float64, device=image.device)
    seen = []
    for rows in torch.split(
        torch.arange(height, dtype=torch.float64, device=image.device)[:, None],
        max(1, at_once(image) // width),
    ):
        x = _folded(a * columns + (b * rows + across), width, edges).flatten()
        y = _folded(c * columns + (d * rows + down), height, edges).flatten()
        seen.append(_summed(table, x, y, width + 2 * MARGIN))
    out = torch.cat(seen).view(height, width, batch, channels).permute(2, 3, 0, 1)
    return (out + color if edges == "color" else out).clamp(0, 1).contiguous()


def seen_at(image: Tensor, places: Tensor) -> Tensor:
    """`image` `(B, C, H, W)`, of any range, seen at `places` `(B, 2, H, W)`, in pixels (x, y): by
    the kernel of `view`, uncut; the edge goes on for ever beyond the edges.

    As `view`, it is exact to rounding at whole pixels and amplifies no frequency; it is no use for
    gradients.
    """
    height, width = image.shape[2:]
    seen = []
    for one, where in zip(image, places.double(), strict=True):
        table = _coefficients(one[None], "replicate")
        x, y = (
            _folded(part, count, "replicate").flatten()
            for part, count in zip(where, (width, height), strict=True)
        )
        parts = zip(torch.split(x, at_once(x)), torch.split(y, at_once(x)), strict=True)
        seen.append(torch.cat([_summed(table, *part, width + 2 * MARGIN) for part in parts]))
    return torch.stack(seen).permute(0, 2, 1).reshape(image.shape).contiguous()


def at_once(x: Tensor) -> int:
    """Pixels that are seen at a time where `x` lies: each is a sum of its own, however many."""
    return PIXELS_AT_ONCE if x.device.type == "cpu" else PIXELS_AT_ONCE_THERE


def _summed(table: Tensor, x: Tensor, y: Tensor, line: int) -> Tensor:
    """What the spline with the coefficients `table` is at the places `x` and `y` `(N,)`, in
    float64 and folded, `(N, C)`; `line` is how many rows of `table` are one line.
    """
    near = torch.arange(4, dtype=torch.int32, device=table.device) + (MARGIN - 1)
    window = (near[:, None] * line + near).flatten()
    left, top = x.floor(), y.floor()
    weights = _spline((y - top).to(table))[:, :, None]
    weights = weights * _spline((x - left).to(table))[:, None, :]
    places = (top * line + left).int()[:, None] + window
    return F.embedding_bag(places, table, per_sample_weights=weights.flatten(1), mode="sum")


def _spline(part: Tensor) -> Tensor:
    """Weights of the four coefficients about places `part` `(N,)` in [0, 1] beyond the second,
    `(N, 4)`: the cubic B-spline, which adds up to 1.
    """
    rest = 1 - part
    first, last = rest**3 / 6, part**3 / 6
    second = 2 / 3 - part * part * (1 - part / 2)
    return torch.stack([first, second, 1 - first - second - last, last], 1)


def _coefficients(image: Tensor, edges: str) -> Tensor:
    """The spline through the pixels of `(B, C, H, W)` as its coefficients, with `MARGIN` of what
    lies beyond the edges, one after another: `((H + 2 · MARGIN) · (W + 2 · MARGIN), B · C)`.

    Sampling a cubic B-spline is (1, 4, 1) / 6 along each axis; its inverse is a recursion to either
    side, 1 / (1 − zS) with S a shift, and that is (1 + zS)(1 + z²S²)(1 + z⁴S⁴) …
    """
    found = _with_margin(image, edges)
    for axis in (0, 1):
        found = found * (-6 * POLE)
        last = found.shape[axis] - 1
        for stride in STRIDES:
            found = _with_neighbours(found, axis, slice(0, last + 1 - stride), stride, 0)
            found = _with_neighbours(found, axis, slice(stride, last + 1), 0, last)
    return found.flatten(0, 1)


def _with_neighbours(x: Tensor, axis: int, there: slice, begin: int, end: int) -> Tensor:
    """`x` with a part of its entries at `there` added to as many from `begin` on; the others, which
    have no neighbours, have that at `end`.
    """
    count = there.stop - there.start
    stride = x.shape[axis] - count
    found, part = x.clone(), POLE**stride
    found.narrow(axis, begin, count).add_(x.narrow(axis, there.start, count), alpha=part)
    rest = found.narrow(axis, 0 if begin else count, stride)
    rest.add_(x.narrow(axis, end, 1), alpha=part)
    return found


def _folded(places: Tensor, count: int, edges: str) -> Tensor:
    """Coordinates anywhere as coordinates near a line of `count` pixels where the same is seen."""
    if edges == "wrap":
        return places.remainder(count)
    if edges == "mirror":
        round_trip = (places + 0.5).remainder(2 * count)
        return torch.minimum(round_trip, 2 * count - round_trip) - 0.5
    return places.clamp(3 - MARGIN, count + MARGIN - 4)


def _with_margin(image: Tensor, edges: str) -> Tensor:
    """The pixels of `(B, C, H, W)` with what lies `MARGIN` beyond its edges,
    `(H + 2 · MARGIN, W + 2 · MARGIN, B · C)`.
    """
    pixels = image.permute(2, 3, 0, 1).flatten(2)
    if edges == "color":
        return F.pad(pixels, (0, 0, MARGIN, MARGIN, MARGIN, MARGIN))
    for axis in (0, 1):
        count = pixels.shape[axis]
        beyond = torch.arange(-MARGIN, count + MARGIN, device=image.device)
        if edges == "replicate":
            beyond = beyond.clamp(0, count - 1)
        elif edges == "wrap":
            beyond = beyond.remainder(count)
        else:
            beyond = beyond.remainder(2 * count)
            beyond = torch.minimum(beyond, 2 * count - 1 - beyond)
        pixels = pixels.index_select(axis, beyond)
    return pixels
