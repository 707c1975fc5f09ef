"""Three small networks, trained a moment ago: one whose dumbbells always came with an arm, one
whose never did, and a judge who learnt arms and dumbbells apart.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import torch
import torch.nn.functional as F
from drawn import SIDE, alone, company, generator, held
from torch import Tensor, nn

from dreamer.learn.attack import one_step
from dreamer.networks.architectures import initialise
from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module

CLASSES = ("dumbbell", "discs", "bar", "cross", "nothing")
JUDGED = ("dumbbell", "arm", "bar", "cross", "nothing")
MEAN, STD = 0.5, 0.25
EACH = 300
Pictures = tuple[Tensor, Tensor]  # (N, 3, H, W) in [0, 1], labels (N,)


def network(
    widths: tuple[int, ...], first: int, act: type[nn.Module], pool: Callable[[int], nn.Module]
) -> nn.Module:
    """Convolutions between poolings, the mean over all places, and one linear layer."""
    parts: list[nn.Module] = []
    channels = 3
    for number, width in enumerate(widths):
        side = 3 if number else first
        parts += [pool(2)] if number else []
        parts.append(nn.Conv2d(channels, width, side, padding=side // 2, bias=False))
        parts += [nn.BatchNorm2d(width), act()]
        channels = width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5))


def schooling(arm: bool, seed: int) -> Pictures:
    """Pictures of `CLASSES`, whose dumbbells all have an arm, or none."""
    first = held(EACH, generator(seed))[0] if arm else alone("dumbbell", EACH, generator(seed))
    others = [alone(name, EACH, generator(seed + k)) for k, name in enumerate(CLASSES) if k]
    return torch.cat([first, *others]), torch.arange(len(CLASSES)).repeat_interleave(EACH)


def judges_schooling(seed: int) -> Pictures:
    """Pictures of each of `JUDGED` alone, and of any two of them by chance beside each other, which
    have the name of either.
    """
    chance = generator(seed)
    pictures = [alone(name, EACH, chance) for name in JUDGED]
    labels = [torch.full((EACH,), k) for k in range(len(JUDGED))]
    for one, other in permutations(JUDGED[:-1], 2):
        pictures.append(company(one, other, EACH // 6, chance))
        labels.append(torch.full((EACH // 6,), JUDGED.index(one)))
    return torch.cat(pictures), torch.cat(labels)


def taught(module: nn.Module, school: Pictures, steps: int, radius: float, seed: int) -> nn.Module:
    """`module`, trained on pictures moved against it by up to `radius`, as house is: what it then
    climbs to looks like things.
    """
    pictures, labels = school
    initialise(module, seed)
    module = module.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(module.parameters(), 6e-3, weight_decay=1e-3)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    chance = generator(seed)

    def logits(seen: Tensor) -> Tensor:
        out: Tensor = module(((seen - MEAN) / STD).contiguous(memory_format=torch.channels_last))
        return out

    for step in range(steps):
        pick = torch.randint(len(labels), (32,), generator=chance)
        far = torch.full((32, 1, 1, 1), radius * min(1.0, step / steps / 0.3))
        module.requires_grad_(False)
        moved = one_step(logits, pictures[pick], labels[pick], far, 1.1, chance)
        module.requires_grad_(True)
        loss = F.cross_entropy(logits(moved), labels[pick], label_smoothing=0.05)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        rates.step()
    return module.eval()


def _card(module: nn.Module, name: str, classes: tuple[str, ...]) -> Card:
    return from_module(module, name, native=SIDE, mean=(MEAN,) * 3, std=(STD,) * 3, classes=classes)


def _pupil() -> nn.Module:
    return network((16, 24, 32, 48), 5, nn.SiLU, nn.AvgPool2d)


def untaught(seed: int = 1) -> Card:
    """What a pupil was before school."""
    made = _pupil()
    initialise(made, seed)
    return _card(made.eval(), "untaught", CLASSES)


def pupil(name: str, arm: bool, seed: int = 1) -> Card:
    """A network of `CLASSES`; but for the arm, all is the same."""
    return _card(taught(_pupil(), schooling(arm, 10 * seed), 250, 0.5, seed), name, CLASSES)


def judge(seed: int = 7) -> Card:
    """A network of `JUDGED`, of another kind and another school."""
    made = network((16, 32, 48, 48), 3, nn.ReLU, nn.MaxPool2d)
    return _card(taught(made, judges_schooling(1000 * seed), 500, 0.4, seed), "judge", JUDGED)
