"""What motifs are drawn with: chances, places, soft edges, noises and paint, for a batch at once.

A motif is a function of a `Draw` that returns an `Ink`. Numbers that differ from picture to
picture have the shape `(N, 1, 1)`, fields `(N, H, W)`, colours `(N, 3, 1, 1)` and painted fields
`(N, 3, H, W)`. Coordinates: x to the right, y down, a motif fills about ±1.

Distance functions and their smooth coverage are as in Inigo Quilez's articles on 2D distance
functions: negative inside, zero on the edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

TAU = math.tau


class Chance:
    """All that is random in a batch of `count` pictures of `size` (height, width)."""

    def __init__(self, count: int, size: tuple[int, int], generator: torch.Generator) -> None:
        self.count, self.size, self.generator = count, size, generator
        self.device = generator.device

    def _rand(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator, device=self.device)

    def between(self, low: float, high: float) -> Tensor:
        """A number for each picture, `(N, 1, 1)`."""
        return low + (high - low) * self._rand(self.count, 1, 1)

    def whole(self, low: int, high: int) -> Tensor:
        """A whole number from `low` to `high`, both possible, `(N, 1, 1)`."""
        return (low + (high - low + 1) * self._rand(self.count, 1, 1)).floor().clamp(max=high)

    def coin(self, probability: float = 0.5) -> Tensor:
        """1 or 0, `(N, 1, 1)`."""
        return (self._rand(self.count, 1, 1) < probability).float()

    def sign(self) -> Tensor:
        """1 or −1, `(N, 1, 1)`."""
        return self.coin() * 2 - 1

    def noise(self, cells: int) -> Tensor:
        """Smooth values in [0, 1] with `cells` bumps across the longer side, `(N, H, W)`."""
        lattice = self._rand(self.count, 1, cells + 1, cells + 1)
        side = max(self.size)
        field = F.interpolate(lattice, size=(side, side), mode="bicubic", align_corners=True)
        top, left = (side - self.size[0]) // 2, (side - self.size[1]) // 2
        return field[:, 0, top : top + self.size[0], left : left + self.size[1]].clamp(0, 1)

    def clouds(self, cells: int = 3, octaves: int = 4) -> Tensor:
        """Several sizes of `noise`, each about half as strong as the one before, in [0, 1]."""
        strengths = [0.55**k for k in range(octaves)]
        fields = [s * self.noise(cells * 2**k) for k, s in enumerate(strengths)]
        return torch.stack(fields).sum(0) / sum(strengths)

    def ridge(self, cells: int, octaves: int = 4) -> Tensor:
        """A jagged line over the width, in about [0, 1], `(N, 1, W)`."""
        height = torch.zeros(self.count, 1, self.size[1], device=self.device)
        for k in range(octaves):
            knots = self._rand(self.count, 1, cells * 2**k + 1)
            line = F.interpolate(knots, size=self.size[1], mode="linear", align_corners=True)
            height = height + 0.5 * line * 0.5**k
        return height


@dataclass(frozen=True)
class Draw:
    """Where and with what one motif is drawn.

    `pixel` is the width of a pixel in the motif's own units, `colours` five colours: the main one,
    its companion, a third, an accent, a ground.
    """

    x: Tensor
    y: Tensor
    pixel: Tensor
    colours: tuple[Tensor, ...]
    chance: Chance

    @cached_property
    def r(self) -> Tensor:
        """Distance from the centre."""
        return torch.hypot(self.x, self.y)

    @cached_property
    def angle(self) -> Tensor:
        """Angle about the centre, −π to π, clockwise from the right."""
        return torch.atan2(self.y, self.x)

    def inside(self, distance: Tensor, soft: float = 1.5) -> Tensor:
        """How much of each pixel lies inside, from a distance; the edge is `soft` pixels wide."""
        return (0.5 - distance / (self.pixel * soft)).clamp(0, 1)

    def stroke(self, distance: Tensor, width: Tensor | float) -> Tensor:
        """How much of each pixel lies within `width` of the line where `distance` is zero."""
        return self.inside(distance.abs() - width)

    def ink(self) -> Ink:
        """Nothing drawn yet."""
        return Ink(self)


class Ink:
    """What has been painted: `colour` `(N, 3, H, W)` and `alpha` `(N, H, W)`."""

    def __init__(self, draw: Draw) -> None:
        self.alpha = torch.zeros_like(draw.x)
        self.colour = draw.colours[0].expand(-1, -1, *draw.x.shape[1:])

    def lay(self, colour: Tensor, cover: Tensor) -> Ink:
        """Paint over what is there."""
        self.colour = torch.lerp(self.colour, colour.expand_as(self.colour), cover[:, None])
        self.alpha = torch.maximum(self.alpha, cover)
        return self

    def wash(self, colour: Tensor, cover: Tensor) -> Ink:
        """Paint where something is painted already."""
        self.colour = torch.lerp(self.colour, colour.expand_as(self.colour), cover[:, None])
        return self

    def shade(self, light: Tensor) -> Ink:
        """Multiply by a light `(N, H, W)`."""
        self.colour = self.colour * light[:, None]
        return self


def mix(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """`a` where `t` is 0, `b` where it is 1."""
    return a + (b - a) * t


def smooth(low: float, high: float, value: Tensor) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between."""
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def wave(phase: Tensor) -> Tensor:
    """A cosine in [0, 1]."""
    return 0.5 + 0.5 * torch.cos(phase)


def line(distance: Tensor, width: float) -> Tensor:
    """A dark line's light: 0 on it, 1 away from it, soft."""
    return 1 - torch.exp(-((distance / width) ** 2))


def scatter(a: Tensor, b: Tensor | float = 0.0) -> Tensor:
    """A number in [0, 1) for each pair of whole numbers: the same for the same pair."""
    return (torch.sin(a * 12.9898 + b * 78.233) * 4375.8545) % 1


def lit(colour: Tensor, light: Tensor) -> Tensor:
    """A colour `(N, 3, …)` times a field `(N, H, W)`."""
    return colour * light[:, None]


def pale(colour: Tensor, by: float = 0.5) -> Tensor:
    """Nearer to white."""
    return colour * (1 - by) + by


def ramp(t: Tensor, colours: Sequence[Tensor]) -> Tensor:
    """Evenly placed `colours` along `t` `(N, H, W)` in [0, 1]."""
    place = t.clamp(0, 1)[:, None] * (len(colours) - 1)
    out = colours[0] + torch.zeros_like(place)
    for k, colour in enumerate(colours[1:]):
        out = mix(out, colour, (place - k).clamp(0, 1))
    return out


def sector(angle: Tensor, count: Tensor, turn: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
    """Which of `count` equal sectors an angle is in, and the angle from that sector's middle."""
    width = TAU / count
    turned = angle + turn + width / 2
    return (turned / width).floor() % count, turned % width - width / 2


def circle(x: Tensor, y: Tensor, radius: Tensor | float) -> Tensor:
    """Distance to a circle about the origin."""
    return torch.hypot(x, y) - radius


def ellipse(x: Tensor, y: Tensor, a: Tensor | float, b: Tensor | float) -> Tensor:
    """About the distance to an ellipse with half axes `a` and `b`."""
    k = torch.hypot(x / a, y / b)
    gradient = torch.hypot(x / (a * a), y / (b * b))
    return k * (k - 1) / gradient.clamp(min=1e-3)


def box(x: Tensor, y: Tensor, half_width: Tensor | float, half_height: Tensor | float) -> Tensor:
    """Distance to a rectangle (inside and along its sides exact)."""
    return torch.maximum(x.abs() - half_width, y.abs() - half_height)


def band(v: Tensor, low: float, high: float) -> Tensor:
    """Distance to where `v` lies between `low` and `high`."""
    return (v - (low + high) / 2).abs() - (high - low) / 2


def segment(
    x: Tensor,
    y: Tensor,
    start: tuple[Tensor, Tensor],
    end: tuple[Tensor, Tensor],
    thick: tuple[Tensor | float, Tensor | float],
) -> tuple[Tensor, Tensor]:
    """Distance to a limb from `start` to `end` that is `thick` at each, and how far along (0–1)."""
    px, py = x - start[0], y - start[1]
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((px * dx + py * dy) / (dx * dx + dy * dy + 1e-6)).clamp(0, 1)
    width = thick[0] + (thick[1] - thick[0]) * along
    return torch.hypot(px - dx * along, py - dy * along) - width, along


def turned(x: Tensor, y: Tensor, angle: Tensor | float) -> tuple[Tensor, Tensor]:
    """Coordinates in a frame turned by `angle`."""
    angle = torch.as_tensor(angle, device=x.device)
    c, s = torch.cos(angle), torch.sin(angle)
    return x * c + y * s, y * c - x * s


def cells(x: Tensor, y: Tensor, jitter: float = 0.8) -> tuple[Tensor, Tensor, Tensor]:
    """Worley's cells about jittered points of the unit lattice: distance to the nearest point, to
    the border, and the cell's own number in [0, 1).
    """
    column, row = x.floor(), y.floor()
    first = torch.full_like(x, 9.0)
    second = torch.full_like(x, 9.0)
    own = torch.zeros_like(x)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = column + right, row + down
            px = i + 0.5 + jitter * (scatter(i, j) - 0.5)
            py = j + 0.5 + jitter * (scatter(j + 31, i) - 0.5)
            distance = torch.hypot(px - x, py - y)
            second = torch.minimum(second, torch.maximum(first, distance))
            own = torch.where(distance < first, scatter(i + 7, j + 3), own)
            first = torch.minimum(first, distance)
    return first, (second - first) / 2, own
