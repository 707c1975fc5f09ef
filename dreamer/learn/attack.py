"""Perturbations that a robust classifier must bear, in L2: the one-step kind to train on, PGD to
measure with.

A network trained on such pictures has gradients that look like things (Engstrom et al. 2019,
Santurkar et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Classifier = Callable[[Tensor], Tensor]


def l2(d: Tensor) -> Tensor:
    """L2 norm of each picture of `(B, C, H, W)`, as `(B, 1, 1, 1)`, never zero."""
    norm: Tensor = d.flatten(1).norm(dim=1).clamp(min=1e-12)
    return norm[:, None, None, None]


def _gradient(model: Classifier, x: Tensor, d: Tensor, y: Tensor) -> Tensor:
    d = d.detach().requires_grad_(True)
    with torch.enable_grad():  # whoever measures may have switched it off
        loss = F.cross_entropy(model((x + d).clamp(0, 1)).float(), y, reduction="sum")
        return torch.autograd.grad(loss, d)[0]


def _into_ball(d: Tensor, radius: Tensor | float) -> Tensor:
    return d * (radius / l2(d)).clamp(max=1)


def one_step(
    model: Classifier,
    x: Tensor,
    y: Tensor,
    radius: Tensor,
    alpha: float,
    generator: torch.Generator,
) -> Tensor:
    """Pictures `(B, 3, H, W)` in [0, 1] moved at most `radius` `(B, 1, 1, 1)` towards a wrong
    answer.

    Starts in a random direction at a uniform distance, then takes one step of `alpha · radius` up
    the loss (Wong et al. 2020, here in L2). Weights should not require gradients while it runs.
    """
    d = torch.randn(x.shape, generator=generator, device=x.device)
    d = d / l2(d) * radius * torch.rand((len(x), 1, 1, 1), generator=generator, device=x.device)
    g = _gradient(model, x, d, y)
    d = _into_ball(d + alpha * radius * g / l2(g), radius)
    return (x + d).clamp(0, 1).detach()


def pgd(model: Classifier, x: Tensor, y: Tensor, radius: float, steps: int = 10) -> Tensor:
    """Projected gradient descent in L2 (Madry et al. 2018) from the picture itself; step 2.5 ·
    radius / steps.
    """
    d = torch.zeros_like(x)  # with no steps, the picture itself
    for _ in range(steps):
        g = _gradient(model, x, d, y)
        d = _into_ball(d + 2.5 * radius / steps * g / l2(g), radius)
        d = (x + d).clamp(0, 1) - x
    return (x + d).detach()
