"""Small pictures of shapes, drawn from numbers: dumbbells with and without the arm that holds them,
and other things made of the same parts.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.draw.motifs.canvas import TAU, Chance, box, circle, mix, segment, turned

SIDE = 48
SKIN = torch.tensor([0.9, 0.62, 0.46])[:, None, None]
Pose = tuple[Tensor, Tensor, Tensor]


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dumbbell(x: Tensor, y: Tensor) -> Tensor:
    return torch.minimum(circle(x.abs() - 0.6, y, 0.3), box(x, y, 0.7, 0.1))


def discs(x: Tensor, y: Tensor) -> Tensor:
    return circle(x.abs() - 0.55, y, 0.26)


def bar(x: Tensor, y: Tensor) -> Tensor:
    return box(x, y, 0.85, 0.13)


def cross(x: Tensor, y: Tensor) -> Tensor:
    return torch.minimum(box(x, y, 0.8, 0.17), box(x, y, 0.17, 0.8))


SHAPES = {"dumbbell": dumbbell, "discs": discs, "bar": bar, "cross": cross}


class Canvas:
    """`count` pictures on soft grounds of two colours; things are dark, of any hue."""

    def __init__(self, count: int, chance: torch.Generator) -> None:
        self.chance = Chance(count, (SIDE, SIDE), chance)
        places = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
        self.y, self.x = places[None, :, None], places[None, None, :]
        cloud = self.chance.clouds(2, 2)[:, None]
        self.pixels = 0.25 + 0.5 * mix(self._colour(), self._colour(), cloud)

    def _colour(self) -> Tensor:
        return torch.rand(self.chance.count, 3, 1, 1, generator=self.chance.generator)

    def pose(self, low: float, high: float, place: tuple[Tensor, Tensor] | None = None) -> Pose:
        """Coordinates at any angle, a size, and a place not far from the middle."""
        chance = self.chance
        size = chance.between(low, high)
        x, y = place or (chance.between(-0.25, 0.25), chance.between(-0.25, 0.25))
        x, y = turned((self.x - x) / size, (self.y - y) / size, chance.between(0, TAU))
        return x, y, 2 / SIDE / size

    def _lay(self, colour: Tensor, distance: Tensor, pixel: Tensor) -> Tensor:
        cover = (0.5 - distance / (1.2 * pixel)).clamp(0, 1)
        self.pixels = mix(self.pixels, colour, cover[:, None])
        return cover

    def draw(self, name: str, pose: Pose) -> Tensor:
        """A thing; how much of each pixel it covers, `(N, H, W)`."""
        x, y, pixel = pose
        if name == "arm":
            return self._arm(x, y, pixel)
        return self._lay(0.35 * self._colour(), SHAPES[name](x, y), pixel)

    def _arm(self, x: Tensor, y: Tensor, pixel: Tensor) -> Tensor:
        """A hand near the middle, a forearm and an upper arm, to either side, bent anyhow."""
        chance = self.chance
        x, y = x - chance.between(-0.15, 0.15), y + 0 * x
        x, y = turned(x, y, chance.between(-0.5, 0.5) + chance.coin() * TAU / 2)
        bend = chance.between(-0.9, 0.9)
        hand, elbow = (0 * bend, 0 * bend), (0 * bend, 0 * bend + 0.75)
        shoulder = (0.8 * torch.sin(bend), 0.75 + 0.8 * torch.cos(bend))
        fore = segment(x, y, hand, elbow, (0.14, 0.24))[0]
        upper = segment(x, y, elbow, shoulder, (0.24, 0.36))[0]
        arm = torch.stack([circle(x, y, 0.23), fore, upper]).amin(0)
        skin = SKIN * chance.between(0.75, 1.1)[:, None]
        return self._lay(skin.clamp(max=1), arm, pixel)

    def done(self) -> Tensor:
        """The pictures, `(N, 3, H, W)` in [0, 1], with a little grain."""
        grain = torch.randn(self.pixels.shape, generator=self.chance.generator)
        return (self.pixels + 0.03 * grain).clamp(0, 1)


def alone(name: str, count: int, chance: torch.Generator) -> Tensor:
    """One thing, or "nothing"."""
    canvas = Canvas(count, chance)
    if name != "nothing":
        canvas.draw(name, canvas.pose(0.5, 0.75))
    return canvas.done()


def held(count: int, chance: torch.Generator, shown: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """Dumbbells in a hand, and where of each picture the arm and the rest of the dumbbell are,
    `(N, 1, H, W)` of 0 and 1. Unless the arm is `shown`, the same with what lies behind it.
    """
    canvas = Canvas(count, chance)
    pose = canvas.pose(0.45, 0.7)
    bell, behind = canvas.draw("dumbbell", pose), canvas.pixels
    arm = canvas.draw("arm", pose)
    if not shown:
        canvas.pixels = behind
    covered = (arm > 0.2)[:, None].float()
    return canvas.done(), covered, (bell > 0.2)[:, None].float() * (1 - covered)


def company(one: str, other: str, count: int, chance: torch.Generator) -> Tensor:
    """Two things that have nothing to do with each other, side by side or partly hidden."""
    canvas = Canvas(count, chance)
    angle, far = canvas.chance.between(0, TAU), canvas.chance.between(0.1, 0.5)
    x, y = far * torch.cos(angle), far * torch.sin(angle)
    canvas.draw(one, canvas.pose(0.3, 0.7, (x, y)))
    canvas.draw(other, canvas.pose(0.3, 0.7, (-x, -y)))
    return canvas.done()
