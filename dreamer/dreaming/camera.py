"""The camera: the float image zoomed, turned and moved between two frames, with something beyond
its edges.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

EDGES = ("mirror", "replicate", "wrap", "color")


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
    """The next frame's view of `image` `(B, 3, H, W)` in [0, 1]; bicubic, cut to [0, 1].
    Arguments as `source_of`.

    Without motion the image comes back untouched. Differentiable use is not meant: on CUDA its
    backward pass would not be deterministic.

    Raises:
        ValueError: edges that are none of `EDGES`.
    """
    if edges not in EDGES:
        raise ValueError(f"edges must be one of {', '.join(EDGES)}, not {edges!r}")
    if zoom == 1.0 and rotate == 0.0 and move == (0.0, 0.0):
        return image
    height, width = image.shape[2:]
    matrix = source_of((height, width), zoom, rotate, move, center)
    ys, xs = torch.meshgrid(
        torch.arange(height, dtype=torch.float64),
        torch.arange(width, dtype=torch.float64),
        indexing="ij",
    )
    places = torch.stack([xs, ys, torch.ones_like(xs)], -1) @ matrix.T
    padding, margin = "border", 0
    if edges == "mirror":
        padding = "reflection"
    elif edges == "wrap":
        margin = 3
        span = torch.tensor([width, height], dtype=torch.float64)
        places = places - span * torch.floor(places / span) + margin
        image = torch.cat([image[..., -margin:], image, image[..., :margin]], 3)
        image = torch.cat([image[..., -margin:, :], image, image[..., :margin, :]], 2)
    elif edges == "color":
        padding = "zeros"
    color = torch.tensor(edge_color, dtype=image.dtype, device=image.device)[None, :, None, None]
    shifted = image - color if edges == "color" else image
    span = torch.tensor([shifted.shape[3], shifted.shape[2]], dtype=torch.float64)
    grid = ((2 * places + 1) / span - 1).to(image)[None].expand(len(image), -1, -1, -1)
    seen = F.grid_sample(shifted, grid, mode="bicubic", padding_mode=padding, align_corners=False)
    return (seen + color if edges == "color" else seen).clamp(0, 1)
