"""Which pictures each step sees, and how they are varied: a pure function of the course's seed and
the step's number.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.learn.augment import augmented
from dreamer.learn.course import Course
from dreamer.learn.drawings import GROUP
from dreamer.learn.squares import Squares
from dreamer.learn.variation import varied


def steps_of_a_pass(pictures: int, batch: int) -> int:
    """Steps in which so many pictures are seen once. One that would be left over alone, of which no
    batch norm could say how it varies, joins the others of the last step.
    """
    whole, rest = divmod(pictures, batch)
    return max(1, whole + (rest > 1))


class Draws:
    """The batches of a course."""

    def __init__(self, squares: Squares, course: Course) -> None:
        labels, device = squares.labels.cpu(), squares.labels.device  # on CUDA sums may vary
        count = torch.bincount(labels, minlength=len(squares.classes)).float().clamp(min=1)
        motif = torch.tensor([g == GROUP for g in squares.groups], dtype=torch.bool)[labels]
        weight = (1 / (count if course.sampling == "even" else count.sqrt()))[labels]
        share = course.share_motifs if motif.any() else 0.0
        if not (~motif).any():
            share = 1.0
        for mine, part in ((motif, share), (~motif, 1 - share)):
            weight[mine] *= part / weight[mine].sum().clamp(min=1e-12)
        self.weight, self.motif = weight.cumsum(0).double().to(device), motif.to(device)
        self.squares, self.course = squares, course
        self.loss_weight: Tensor | None = None
        if course.balance:
            self.loss_weight = (len(labels) / len(squares.classes) / count).to(device)
        self._order: tuple[int, Tensor] | None = None

    @property
    def per_epoch(self) -> int:
        """Steps in which every picture is seen once."""
        return steps_of_a_pass(len(self.squares.labels), self.course.batch)

    def seed(self, step: int) -> int:
        """What all chance of a step comes from."""
        return self.course.seed * 1_000_003 + step

    def _picked(self, step: int, generator: torch.Generator) -> Tensor:
        device = self.squares.labels.device
        if self.course.sampling == "epochs":
            epoch, place = divmod(step, self.per_epoch)
            if self._order is None or self._order[0] != epoch:
                own = torch.Generator().manual_seed(self.seed(-1 - epoch) % 2**63)
                order = torch.randperm(len(self.squares.labels), generator=own)
                self._order = epoch, order.to(device)
            end = None if place + 1 == self.per_epoch else (place + 1) * self.course.batch
            return self._order[1][place * self.course.batch : end]
        places = torch.rand(
            self.course.batch, generator=generator, device=device, dtype=torch.float64
        )
        pick = torch.searchsorted(self.weight, places * self.weight[-1])
        return pick.clamp(max=len(self.weight) - 1)

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor, torch.Generator]:
        """Pictures `(B, 3, S, S)` in [0, 1], labels `(B,)`, attack radii `(B, 1, 1, 1)` of a step,
        and the generator for the rest of its chances.
        """
        course = self.course
        generator = torch.Generator(self.squares.labels.device).manual_seed(self.seed(step))
        pick = self._picked(step, generator)
        squares, side = self.squares.pictures[pick], course.side(step)
        if course.variation is None:
            pictures = augmented(squares, side, generator)
        else:
            pictures = varied(squares, side, course.part, course.variation, generator)
        radius = torch.where(
            self.motif[pick],
            course.radius(step, course.epsilon_motifs),
            course.radius(step, course.epsilon_photographs),
        )
        return pictures, self.squares.labels[pick], radius[:, None, None, None], generator
