"""Small networks, what they learn, and what is measured while they do."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.learn.activity import activity
from dreamer.learn.health import Finding
from dreamer.learn.history import History, Moment

CLASSES = 4
Batch = tuple[Tensor, Tensor]
# A training that goes well, measured at every tenth of its hundred steps.
MOMENTS = tuple(
    Moment(
        step,
        training_loss=2 / step**0.3,
        validation_loss=2.1 / step**0.25 if step % 10 == 0 else None,
        validation_accuracy=0.6 if step % 10 == 0 else None,
    )
    for step in range(1, 101)
)


def pictures(count: int, seed: int) -> Batch:
    """A bright corner each, of noise; which corner is the class."""
    chance = torch.Generator().manual_seed(seed)
    labels = torch.randint(CLASSES, (count,), generator=chance)
    found = 0.3 * torch.randn(count, 3, 8, 8, generator=chance)
    for k, label in enumerate(labels.tolist()):
        y, x = divmod(label, 2)
        found[k, :, 4 * y : 4 * y + 4, 4 * x : 4 * x + 4] += 1
    return found, labels


def network(act: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), act(), nn.Flatten(), nn.Linear(768, 24), act(),
        nn.Linear(24, CLASSES),
    )  # fmt: skip


def learnt(
    module: nn.Module, rate: float, steps: int = 120, batch: Callable[[int], Batch] | None = None
) -> History:
    """What is measured of `module` while it learns by plain SGD."""
    optimiser = torch.optim.SGD(module.parameters(), rate)
    held, moments = pictures(200, 999), []
    for step in range(1, steps + 1):
        x, y = batch(step) if batch else pictures(32, step)
        logits = module(x)
        loss = F.cross_entropy(logits, y)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        words = {"training_loss": loss.item(), "rate": rate}
        if step % 10 == 0 or step == 1:
            with torch.no_grad():
                answers = module(held[0])
            words |= {
                "largest_logit": activity(module, x).largest_logit,
                "training_accuracy": (logits.argmax(1) == y).float().mean().item(),
                "validation_accuracy": (answers.argmax(1) == held[1]).float().mean().item(),
                "validation_loss": F.cross_entropy(answers, held[1]).item(),
            }
        moments.append(Moment(step, **words))
        if not math.isfinite(loss.item()):
            break
    layers = activity(module, pictures(64, 5)[0]).layers
    return History(CLASSES, tuple(moments), layers, len(y), 200)


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]
